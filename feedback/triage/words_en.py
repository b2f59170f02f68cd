"""English words by what they say of an experience; written for this, from everyday complaints."""

from feedback.triage.lexicon import Lexicon

_WORDS = {
    2: """
        excellent outstanding fantastic amazing awesome superb wonderful brilliant perfect
        perfectly exceptional fabulous terrific marvellous marvelous best delighted love loved
        thank_you thank_u thanks thankyou thanku thanx thankful grateful highly_recommend
        highly_recommended five_stars 5_stars great keep_it_up well_done hats_off impressed
        flawless above_and_beyond very_good very_nice super_fast goes_out_of_her_way
        went_out_of_his_way went_out_of_her_way
    """,
    1: """
        good nice fine well helpful helped polite politely kind kindly friendly patient patiently
        professional courteous respectful responsive prompt promptly quick quickly fast faster
        fastest speedy smooth smoothly efficient efficiently effective easy easily clear clearly
        happy glad pleased pleasant satisfied satisfactory satisfying satisfaction resolved solved
        fixed sorted sort_out cooperative co_operative supportive support supported knowledgeable
        understanding understood appreciate appreciated appreciation recommend recommended trust
        trusted trustworthy reliable genuine honest comfortable clean lovely beautiful cool super
        valuable useful worth affordable reasonable convenient hassle_free on_time in_time timely
        instant instantly immediate immediately correct correctly accurate improved calm calmly
        caring sincere humble decent positive enjoyed enjoy thumbs_up good_job gud gd ok_good like
        liked no_problem no_issue no_issues no_complaints right_away likable delivered_early loyal
        congratulations bravo wow rocks proper properly attentive listened listens explained
        explains successfully success completed cleared
    """,
    0.5: """
        ok okay okey alright yes refunded welcome please_continue continue able simple average_good
        new
    """,
    -2: """
        worst terrible horrible awful pathetic disgusting disgusted useless rubbish garbage trash
        crap shit bullshit hate hated scam scammed scammers fraud frauds cheat cheated cheating
        cheater cheaters thief fake disappointed disappointing disappointment disappoints
        unacceptable ridiculous rude arrogant unprofessional unhelpful incompetent nonsense waste
        waste_of_time wasted never_again never_buy never_order never_shop don't_buy dont_buy
        do_not_buy fed_up sick_of frustrated frustrating frustration angry annoyed annoying furious
        misleading misled lied liar liars lies lying dishonest shame shameful shame_on bad poor
        poorly very_bad very_poor pissed ruined nightmare not_happy not_satisfied not_resolved
        not_solved unresolved unsatisfied dissatisfied dissatisfaction unhappy third_class
        3rd_class zero_stars harassed harassment looted
    """,
    -1: """
        slow slowly late delay delayed delays delaying wait waiting waited problem problems issue
        issues error errors fault faulty defective defect defects broken damaged damage damages
        wrong wrongly mistake mistakes fail failed failing failure fails missing incomplete
        incorrect mismatch used_product old_product duplicate cancel cancelled canceled
        cancellation refuse refused refusing reject rejected denied deny ignored ignoring ignore
        excuses excuse unable unwilling can't cannot couldn't won't difficult hard hassle
        complicated complex confusing confused confusion expensive overpriced costly overcharged
        extra_charge complaint complaints complain complained pending still_waiting again_and_again
        repeatedly several_times many_times multiple_times no_response no_reply no_solution no_help
        no_update no_one nobody nothing noone none unresponsive careless carelessness lazy
        inefficient untrained clueless irresponsible negligent negligence biased unfair disconnect
        disconnected hung_up hang_up cut_the_call dirty noisy cold stale smelly uncomfortable
        inconvenience inconvenient unnecessary unnecessarily lost stuck stopped worse lack lacking
        lacks sad sorry upset worried worry hopeless doubt not_received not_delivered not_working
        not_yet not_refunded not_provided not_getting not_get not_helpful not_able doesn't_work
        don't_work didn't_work does_not_work do_not_work never_received didn't_receive
        did_not_receive false promise promised blame blaming forced force loss suffer suffered
        suffering unreliable unsafe cheap_quality low_quality low regret avoid return_rejected
        return_denied not_good mental torture
    """,
    -0.5: """
        not didn't doesn't don't dont didnt doesnt wasn't isn't haven't hasn't never no without
        unfortunately still yet why till until how_long where_is return refund days weeks month
        months hours need needs should must want asked told average only improve improvement
        improved_needed replacement nothing_special again but_still even_after despite
    """,
    0: """
        no_matter not_only no_need no_doubt no_hesitation best_regards kind_regards kind_of
        kindly_do_the_needful as_well well_as well_known thank_god thanks_for_nothing like_this
        like_that like_to looks_like look_like feel_like feels_like would_like good_luck_with
        nothing_but no_wonder can't_wait cannot_wait can't_thank cannot_thank can't_fault
        cannot_fault never_had couldn't_be_better how_well so_called at_least last_but_not_least
        hard_work hard_working hardworking new_delhi help_desk helpdesk customer_support
        support_team no_worries not_a_problem without_any_issue without_any_problem
        without_any_hassle without_any_delay refund_policy return_policy free_of_cost cost_free
        right_now fine_print
    """,
}
_PLAIN_GOOD = """
    can't_thank cannot_thank can't_fault cannot_fault couldn't_be_better not_bad hard_work
    hard_working hardworking no_worries not_a_problem without_any_issue without_any_problem
    without_any_hassle without_any_delay no_hesitation can't_complain no_complaint no_delay
    no_hassle
"""
_NEGATORS = """
    not no never didn't doesn't don't dont didnt doesnt wasn't isn't wasnt isnt haven't hasn't
    aren't weren't neither nor hardly barely without cannot can't couldn't won't wouldn't shouldn't
    lack lacking need_to needs_to could_be should_be
"""
_MORE = """
    very really so extremely too totally absolutely completely highly truly incredibly most such
    quite_a super really_very very_very especially particularly always
"""
_LESS = "slightly bit little somewhat fairly rather quite almost kinda"
_TURNS = "but however although_still yet_still except nevertheless"
_ASIDES = "although though while even_though"
_SOFT = "just_that only_that only_thing"

EN = Lexicon.of(
    _WORDS,
    good=_PLAIN_GOOD,
    negators=_NEGATORS,
    more=_MORE,
    less=_LESS,
    turns=_TURNS,
    asides=_ASIDES,
    softs=_SOFT,
    # Some three words.
    reach=18,
    spaced=True,
)
