"""What is urgent in English. Each rule is found as whole words; guards keep look-alikes out."""

from feedback.triage.rules import Rules

# Parts that stand in several rules.
_PARTS = {
    "<you>": r"""
        (?:you|your|u|him|her|them|this (?:guy|man|woman|idiot)|the (?:manager|driver|agent|guy|
        staff|store|shop|place))
    """,
    "<will>": r"""
        (?:i ?'?ll|i will|we ?'?ll|we will|gonna|going to|want to|wanna|swear to|
        (?:some)?one (?:should|will)|ready to|come (?:and|to)|someone ought to)
    """,
    "<many>": r"""
        (?:[2-9]|[1-9][0-9]{1,3}|two|three|four|five|six|seven|eight|nine|ten|a dozen|
        dozens?(?: of)?|several|many|multiple|countless|numerous|so many|too many|
        a hundred|hundreds? of|repeated)
    """,
    "<calls>": r"""
        (?:times?|calls?|e-?mails?|messages?|tickets?|attempts?|follow ?-?ups?|reminders?|letters?|
        days?|weeks?|months?|hours?|minutes?|requests?|complaints?)
    """,
    "<silent>": r"""
        (?:no ?(?:one|body|reply|response|answer|resolution|solution|help|action|update|call ?back|
        result|feedback)|nobody|none of|nothing|never|not (?:one|a single|been|any)|without|still|
        ignor(?:ed|es|ing)|unanswered|unresolved|hung up|hang(?:s|ing)? up|voice ?mail|busy|
        can'?t (?:get|reach)|cannot|unable|didn'?t|haven'?t|hasn'?t|don'?t|doesn'?t|isn'?t|not)
    """,
}
_RULES = {
    "self_harm": r"""
        kill(?:ing)? myself|suicid(?:e|al)(?! squad)|end(?:ing)? (?:my|it) (?:life|all)|
        take my own life|taking my own life|self ?-?harm(?:ed|ing)?|
        (?:hurt|harm|cut)(?:ting|ing)? myself|
        (?:want|wanted|wish|rather|ready) to die|wish i (?:was|were) dead|
        don'?t want to (?:live|be here|be alive)|no reason to (?:live|go on)|not worth living|
        can'?t go on(?: any ?more| like this| living)?|better off dead|overdos(?:e|ed|ing)
    """,
    "safety": r"""
        injur(?:y|ies|ed|ing)|(?:got|get|was|been|badly|is|were|be|getting|me|daughter|son|child|
        kid|mother|father|wife|husband) hurt|hurt (?:my|his|her|me|himself|herself)(?! feelings)|
        burn(?:t|ed|s)? (?:my|his|her|me|our|the child)|scald(?:ed|ing)?|
        (?:got|second degree|third degree|badly) burn(?:t|ed|s)?|bleed(?:s|ing)?|bled|blood|
        stitches|fractur(?:e|ed|es)|concussion|broke(?:n)? (?:my|his|her|an?) (?:arm|leg|wrist|
        ankle|hip|finger|nose|tooth|teeth|bone|rib)s?|
        (?:to|in|into) (?:the )?(?:hospital|emergency room|er|a&e)|hospitali[sz]ed|
        ambulance|paramedics?|emergency room|(?:see|saw|to) (?:a|the) doctor|
        food poison(?:ing|ed)|poison(?:ed|ing|ous)?|allerg(?:y|ic|ies)|anaphyla(?:xis|ctic)|
        vomit(?:ed|ing)?|threw up|throwing up|diarrh(?:o)?ea|
        got (?:really |very |so )?(?:sick|ill)|made (?:me|us|him|her) (?:sick|ill)|
        (?:we|everyone|both) (?:got|fell|were) (?:sick|ill)|chok(?:e|ed|ing)(?! point)|
        swallow(?:ed|ing)?|
        (?:caught|catch(?:es|ing)?|on|set) fire|fire hazard|flames|
        smok(?:e|ing) (?:came|coming|from|out|started|everywhere)|
        (?:started|began) (?:smoking|to smoke)|sparks?|explod(?:e|ed|es|ing)|explosion|blew up|
        electric(?:al)? shock|electrocut(?:ed|ion)|gas leak|smell of gas|carbon monoxide|
        overheat(?:ed|s|ing)?|burning smell|
        unsafe|not safe|isn'?t safe|wasn'?t safe|safety (?:hazard|issue|concern|risk|problem)s?|
        dangerous(?:ly)?|danger(?! zone)|hazard(?:ous)?|
        brakes? (?:fail(?:ed|ure|ing)?|didn'?t|don'?t|stopped|not)|
        (?:fell|slipped|tripped) (?:down|over|off|on|and|from)(?! in love)|
        knocked (?:down|over|out)|
        (?:nearly|almost|could have|could'?ve|might have|should have) (?:been )?(?:died|killed|
        crashed|hit|fell|fallen|drowned|choked|run over)|(?:someone|somebody|people|children|kids|
        child) (?:could|will|might|is going to|are going to) (?:get hurt|get killed|die|be hurt|
        be killed)|(?<!by )(?<!happy )(?:car )?accidents?|collaps(?:e|ed)|faint(?:ed|ing)|
        unconscious|passed out|
        (?:piece|pieces|shards?|bits?) of (?:glass|metal|plastic|wire)|broken glass in|
        glass in (?:my|the)|(?:metal|nail|needle|razor|blade|screw) in (?:my|the)|mou?ld(?:y)?|
        cockroach(?:es)?|rats?|maggots?|
        (?:expired|out of date) (?:food|medicine|milk|meat|product|drug|medication)s?|
        wrong (?:medicine|medication|dose|drug|prescription)|drunk driver|
        driver (?:was|is|seemed|smelled|smelt) (?:drunk|of alcohol)|
        ran (?:a|the|two|three) red light|texting while driving|trapped in
    """,
    "threat": r"""
        <will> (?:\w+ ){0,2}(?:kill|hurt|beat|shoot(?! you an| you a)|stab|punch|slap|smash|burn|
        destroy|hunt|find|bomb|attack|murder|strangle|break) (?:up )?<you>|
        burn (?:it|the (?:place|shop|store|office)|your (?:shop|store|office|place)|
        this place) (?:down|to the ground)|(?<!bath )(?<!photo )(?<!the )bomb(?!s? of flavou?r)|
        watch your back|you(?:'?ll| will| are going to| re going to) (?:regret|pay for|be sorry)|
        know where (?:you|he|she|they|your) (?:live|lives|work|works)|revenge|retaliat(?:e|ion)|
        come (?:down |over )?there (?:and|with)|blood on your hands|
        threat(?:s|en|ens|ened|ening)?|blackmail(?:ed|ing)?|extort(?:ed|ion)?|
        intimidat(?:e|ed|ing|ion)
    """,
    "discrimination": r"""
        discriminat(?:e|ed|es|ing|ion|ory)(?! (?:palate|taste|customers?|buyers?|shoppers?|
        diners?))|racis(?:t|m)|racial(?:ly)?|sexis(?:t|m)|sexual(?:ly)?|homophob(?:ic|ia)|
        transphob(?:ic|ia)|xenophob(?:ic|ia)|islamophob(?:ic|ia)|bigot(?:ed|ry)?|
        harass(?:ed|es|ing|ment)?|molest(?:ed|ing)?|grop(?:ed|ing|e)|assault(?:ed|ing)?|slurs?|
        bull(?:y|ied|ying)|stalk(?:ed|ing|er)|
        (?:swore|sworn|cursed|cursing|swearing|screamed|screaming|spat|yelled) at (?:me|us|my)|
        abus(?:ive|ed)|verbal(?:ly)? abuse|insult(?:ed|s|ing)?|humiliat(?:ed|ing|ion)|pushed me|
        hit me|slapped me|grabbed (?:me|my)|touched me|inappropriate(?:ly)?|creep(?:y|ed)|
        followed me home|flirt(?:ed|ing)? with me|
        because (?:i am|i'?m|she is|he is|of my|of her|of his|of our) (?:an? )?(?:black|asian|
        indian|muslim|jewish|gay|trans|foreign(?:er)?|disabled|deaf|blind|woman|old|fat|race|
        accent|skin|colou?r|religion|age|gender|disability|wheelchair|nationality|hijab|headscarf)|
        (?:mocked|laughed at|made fun of) (?:my|me|her|his)|
        (?:refused|denied) (?:my|a|the) (?:guide dog|wheelchair)
    """,
    "data": r"""
        data (?:breach(?:es)?|leak(?:s|ed)?|protection|privacy|theft)|
        leak(?:ed|ing) (?:my|our|customer|personal)|identity (?:theft|stolen)|(?:stole|stolen|
        hacked|cloned) (?:my )?(?:identity|card|data|details|information|account|password)?|gdpr|
        hack(?:ed|ers?)|phishing|unauthori[sz]ed|
        (?:my|our|personal|customer|private|medical|bank|card) (?:\w+ ){0,2}(?:details|data|
        information|info|number|card|address|account|records?|photos?|
        passport)[^.!?\n]{0,40}(?:leak(?:ed)?|stolen|sold|shared|exposed|posted|someone else|
        another (?:customer|person)|other people|strangers?|compromised|hacked|misused|public)|
        (?:shared|sold|gave|given|sent|posted|exposed|disclosed|misused|showed|selling|
        sharing) (?:out )?(?:my|our|someone else'?s|another customer'?s|
        other people'?s) (?:\w+ ){0,3}(?:details|data|information|info|number|address|records?|
        photos?|passport|statement)|(?:someone|somebody) else'?s (?:\w+ )?(?:details|account|data|
        information|records?|statement|address|passport|prescription)|(?:breach|invasion|violation|
        violat(?:es|ed|ing)) of (?:my )?(?:privacy|confidentiality|data)|
        (?:violated|invaded) my privacy|privacy (?:breach|violation|issue|concern)s?|
        (?:spam|scam|fraud) (?:calls?|texts?)|
        without my (?:consent|permission|authori[sz]ation|knowledge)
    """,
    "law": r"""
        (?:will|'?ll|would|could|can|should|must|might|may|gonna|going to|want to|have to|ready to|
        about to|lets?|let's|plan to|decided to|forced to|how to|consider(?:ing)? to|
        threaten(?:ed)? to|we|i) sue|sue (?:you|them|the (?:company|store|bank|airline|hell)|your|
        this (?:company|place|shop|store|bank)|over|everyone|u)|sued|suing|law ?suits?|
        legal(?:ly)? (?:action|notice|advice|proceedings?|team|steps?|route|case)|take legal|
        lawyers?|attorneys?|solicitors?|litigation|court case|small claims|
        (?:to|in|consumer|high|civil|supreme) court(?! (?:tennis|food))|court order|
        prosecut(?:e|ed|ion)|illegal(?:ly)?|unlawful(?:ly)?|crim(?:e|inal)s?|
        fraud(?:ulent|ulently|s|sters?)?|
        ombuds(?:man|person|men)|regulators?|trading standards|consumer (?:forum|court|protection|
        commission|council|affairs|rights|association|helpline|watchdog|complaints?)|watchdog|
        better business bureau|bbb|fca|ftc|cfpb|acas|attorney general|
        (?:my|local|our) (?:mp|senator|congressman|councillor)|licensing (?:board|authority)|
        health (?:department|inspector|inspection)|ministry|
        police|(?:file|filed|filing|lodge|lodged|register|registered) (?:an? )?(?:fir|case|
        complaint|report|dispute|grievance)|
        (?:to|in|with|tell|call|contact(?:ing)?) (?:the )?(?:media|press(?! (?:the|any|one|two|\d))|
        newspapers?|tv|journalists?|reporters?)|(?:to|tell|call|contact(?:ing)?) the news|
        (?:twitter|facebook|instagram|tiktok|the internet|social media)[^.!?\n]{0,20}(?:will|ll|
        should|needs? to) (?:hear|know|see)|journalists?|go(?:ing|es)? (?:viral|public)|
        (?:expose|exposing|name and shame|naming and shaming)|(?:post|posting|put|putting|share|
        sharing|tell|blast|write|tweet|complain|go|going)[^.!?\n]{0,30}(?:on|to|over|
        across) (?:social media|twitter|facebook|instagram|tiktok|youtube|linkedin|trustpilot|
        reddit|google reviews)|tweet(?:ing)? (?:about )?(?:this|you)|chargeback|charge back|
        complain(?:t|ts|ed|ing)?(?! (?:was|were|has been|got|is|been)(?: \w+){0,2} (?:resolved|
        solved|handled|dealt|sorted|fixed|addressed|closed))|escalat(?:e|ed|ing|ion)
    """,
    "unanswered": r"""
        (?:call(?:ed|ing)?|phon(?:ed|ing)|rang|rung|e-?mail(?:ed|ing|s)?|wrote|written|
        contact(?:ed|ing)?|messag(?:ed|ing)|tried|trying|ask(?:ed|ing)|chas(?:ed|ing)|request(?:ed|
        ing)|follow(?:ed|ing) up|report(?:ed|ing)|rais(?:ed|ing)|wait(?:ed|ing)|submitted|
        sent)[^.!?\n]{0,40}(?:<many> (?:\w+ )?<calls>|twice|thrice|again and again|over and over|
        repeatedly|every ?day|daily|all day|all week|for (?:days|weeks|months|hours)|
        since)[^!?\n]{0,60}?<silent>|
        <many> (?:\w+ )?<calls>[^!?\n]{0,50}?(?:no ?(?:one|body|reply|response|answer|resolution|
        solution|help|action|update|call ?back|result)|nobody|never|ignored|unanswered|still (?:no|
        not|nothing|waiting|pending)|nothing (?:happen|done|change)|hung up|voice ?mail|
        without (?:an? |any )?(?:answer|reply|response|resolution|solution|help))|
        (?:no ?one|nobody)(?: \w+){0,2} (?:ever |even |bother(?:s|ed)? to |wants? to |has |have |
        is |was |will |would |seems to |could )?(?:answer(?:s|ed|ing)?|pick(?:s|ed|ing)? up|
        repl(?:y|ies|ied|ying)|respond(?:s|ed|ing)?|call(?:s|ed|ing)?(?: me)? back|car(?:e|es|ed)|
        g(?:et|ets|ot|etting) back|help(?:s|ed|ing)?|listen(?:s|ed|ing)?|
        there to)(?! (?:questions? (?:as|so|better)|better|faster|quicker|more|as well))|
        pillar to post|(?:pass(?:ed|ing)|bounc(?:ed|ing)|transferr?(?:ed|ing)|shunt(?:ed|ing)|
        sent) (?:\w+ ){0,3}(?:from|between|around|round) [^.!?\n]{0,30}(?:to|and|departments?|
        people|agents?|person)|(?:keeps?|kept) (?:on )?(?:transferring|hanging up|ignoring|
        putting me on hold|being transferred|promising|closing my)|(?:third|fourth|fifth|sixth|
        [3-9](?:rd|th)|tenth|umpteenth|nth) (?:time|call|e-?mail|complaint|attempt|ticket|message|
        request|visit)(?![^.!?\n]{0,40}(?:happy|great|good|love|perfect|excellent|pleased))|
        (?:run|running|given the) (?:around|runaround)|
        impossible to (?:reach|contact|get (?:hold|through))|never (?:answer|pick up|reply|respond|
        call(?:ed)? back|get back|got back|replied|responded|answered|heard back)|
        (?:completely|totally|constantly) ignored|ghosted
    """,
}
# What denies an alarm when it stands right before it.
_DENIED = r"""
    (?:(?<![a-z])(?:no|not|never|without|nothing to|nothing|zero|avoid(?:ed|ing|s)?|prevent(?:ed|
    ing|s)?|cannot|nor|neither|hardly|anti|free of|dispute no)|n't|(?<![a-z])(?:dont|cant|wont|
    didnt|wasnt|isnt))(?: (?:going|want|wanted|need|have|had|to|be|been|being|any|ever|feel|felt|
    get|got|getting|intend|plan|planning|really|signs?|risk|of|more|further|single|worry|about|see|
    saw|seen|experienced?|make|made|making|raise|a|an|reason|cause|cause for|the least|in|or|think|
    consider)){0,4}[ -]$
"""

EN = Rules.of(
    _RULES,
    parts=_PARTS,
    denied=_DENIED,
    # "Did not complain" is no complaint; "nobody answers" is one.
    deniable=frozenset({"safety", "threat", "discrimination", "data", "law"}),
    spaced=True,
)
