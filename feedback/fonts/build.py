"""Makes the charts' font: `python feedback/fonts/build.py NotoSansCJK-Regular.ttc`.

Run once by hand, never at run time. A server has no Chinese font and a chart's words are drawn as
outlines, so the outlines must be here: the simplified Chinese face of Noto Sans CJK, cut down to
what our charts write and what people are called. Debian's `fonts-noto-cjk` holds the whole.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

FACE = "Noto Sans CJK SC"
FAMILY = "Afterword Charts"
FONT = Path(__file__).parent / "AfterwordCharts-Regular.otf"

# Everything in GB 2312 but line noise; kana, Greek and Cyrillic come with it.
GB2312 = ("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))
# The frequent half of Big5, for colleagues who write 張 and 陳.
BIG5_FREQUENT = ("big5", range(0xA4, 0xC7), range(0x40, 0xFF))

RANGES = (
    (0x0020, 0x024F),  # Latin, with the pinyin vowels
    (0x1E00, 0x1EFF),  # Latin as Vietnamese needs it
    (0x2010, 0x205E),  # dashes, quotation marks, thin spaces
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x214F),  # № ℃ ™
    (0x2190, 0x2199),  # arrows
    (0x2212, 0x2265),  # − ≈ ≤ ≥
    (0x2460, 0x24FF),  # ① Ⓐ
    (0x25A0, 0x25FF),  # □, the sign for a character one does not have
    (0x3000, 0x30FF),  # Chinese punctuation, kana
    (0xFF01, 0xFFE5),  # full-width forms
)

# Characters of people's and places' names that neither standard has. 〇 is in the ranges.
NAMES = """
䶮㛃㑇㕮㙍㙘㛚㛹㟃㠓㧑㫰㬊㬎㬚㭎㮾㳇㳚㳘㴔㵐㶲㸌㺄㻬㽏䂮䃅䃎䅟䌹䎃䎖䓖䓛䓨䓫䗖䜣䝙䢺䢼䲟䴖䴙
喆堃镕珺祎赟頔喆犇昇昉昳昽昪昫昺晅晊晙晞晢晫晪晔晖晟暅暄暐暕暠暲暶暵暿曈曌曦曚旻旼旸旵昊旴
玕玘玙玚玞玟玢玠玡玤玥玦玧玱玹玶玿珅珆珇珈珋珌珒珖珛珝珣珦珧珪珫珮珵珸珹珽琀琄琇琊琎琏琔琚琟琡琤
琦琨琪琬琭琯琰琲琳琹琼瑀瑂瑃瑄瑅瑆瑑瑒瑔瑖瑗瑝瑞瑢瑧瑨瑬瑭瑮瑱瑷瑸璁璆璇璈璐璒璘璙璟璠璥璧璨璩璪
璬璮璱璲璎璿瓀瓅瓒瓖瓘瓛俍俫倓倞倢倧偓偲僖儁儇冏冔勍勖劼卲厍叡叆叇咏哿啟啓喦嘏嘉嘒噙囧圣垚垲垕埇
埏埗埼堉堎堏堐堠墉墚墡墨壎壵奂奭妘妧妤妭姈姞姤姮姯姵姽娀娍娫娴娸婍婕婧婳婷媃媄媖媛媞嫄嫕嫣嫚嬅嬛嬿
孖孜孺宥宬宸寁寔寗寕寳尧屾岽岚岫峂峃峄峘峣崀崟崚崧崴嵇嵋嵘嵚嵩嶒嶟巍帡幪庥庱廙弢弨弸彀彣彧彟徛徽
忞忻怊怡恂恺恽悆悊悦悰惇惔惟愔愫愭慜慥慬憙懋懔扆扬抃拊挺捷掞揆揚摛撝擎擷攸敉敔敩敫斌斐斓於旂旃旎
朏朗杕杙杬杼枘枧枏枬枻柃柊柷栐栩栢栻桄桉桓桢梀梓梣梽棂棣棨棪棫棽椀椋椐楀楗楚楝楠楙楪楫榃榕榘榞槚槿樘
樾橒橦檀欢欣歆毓毵氤氲汋汧汭沄沅沇沣沚沛沨沺泂泓泖泚泠泱泾洄洙洵洸洹洺浍浔浛浡浥浬涄涍涔涘涟涣
涵淇淏淑淓淙淜淞淦淳淼渊渌渟渼湉湑湓湜湝湛湲溁溆溍溦溶滉滢滪漈漪漷潇潆潋潏潞潟潼潾澂澄澈澍澎澔澜
澪澴濂濋濛濮瀅瀚瀛瀞瀧灏灵炅炆炌炘炜炟炣炤炫炯炷烜烝烨烱烶烺焃焌焓焘焜焱焴煁煃煊煋煌煐煒煓煕煜煟
煦煴煻熇熙熠熤熳熹熺燊燏燚燧燿爔爚爟爰牂犍犨猷獬獻甡甦甪甫畇畋畎畑畖畯畹疁皎皓皕皖皛皜皞皦皪盈盦
盼眘眙眭睎睿瞳瞻矅矞砚砺硕硙硚碁碃碏碧碹磊磐磻礼祁祉祐祓祕祚祜祺祾禃禄禅禋禔禕禘禛禤禧禹秀秋秬稂
稑稙稹穆穟穸窅竑竞竣竫笃笙笪筀筠筱筼筿箐箓箖箴篁篪簃簌簠籁粲粼絜絪綝綦綮綸緁緃緈緔緖縕縝縯纮纻绂绋绎
绖绣绤绮绰绲绶缊缋缌缐缞罡罴羑羕羖羡羲羽羿翀翂翃翊翎翙翚翛翡翥翦翮翯翰翱翷翾耀耔耘耜聃聆聍聿肜胤
胲脩脞臻舁舜舠舢舣舫舲舸艅艎芃芄芊芏芗芙芝芣芩芪芫芮芳芷芸芾苋苒苕苡苣苷苾茈茉茗茛茜茝茞茨茯茳茵
荃荇荍荑荔荙荟荠荥荦荪荭荻莀莅莎莘莙莛莜莞莩莳莹莺菀菁菂菉菏菓菡菥菫菲菶萁萃萌萏萩萱萳葆葑葭葳葹蒂
蒇蒗蒨蒴蓁蓂蓉蓓蓥蔌蔚蔺蔻蕊蕗蕙蕤蕴薇薏薛薳薷薿藁藜藟藿蘅蘧蘩虓虔虢虬蛟蜎蜺蝶螣衍衎衜袆袗袁裎裒裔裛
裬褀褆褚褧襄襕觉觎觐觞訇訚訢訾詠詟誉誌諃諲謇讱讷诂诃诇诗诚诜诠诣诩诫诰诲诺谊谌谏谔谖谞谟谡谧谨谫谯
谿豫貆賨贇贤贽赉赑赓赒赪趯趵跂跃踔踺蹊轩轫轺轾辀辉辕辚辰迅迎迓迪迦适逄逑逖逯逴逸遄遆遐遨遘遥遵遹邈
邑邕邗邘邡邦邨邯邰邱邳邴邵邸邹邺郁郃郄郅郇郈郐郓郗郚郛郜郝郡郢郦郧郪郫郭郯郴郸郾鄀鄂鄄鄅鄋鄏鄑鄘
鄚鄞鄠鄢鄣鄫鄯鄱鄹酂酆酎酝酲酺醇醴釗釪釿鈊鈞鈺鉎鉞鉦鉴銎銓銘銳鋆鋕鋭錀錤錡鍀鎏鎛鏊鏐鏖鏸鐢鑅鑫钊钐钘
钖钛钜钡钤钥钧钭钰钺铄铉铌铎铏铖铙铚铠铤铧铨铭铮铱铷铹铽锃锆锊锌锍锏锐锓锖锘锜锟锠锡锦锫锬锳锴锵锶
锷锺锽锾锿镁镂镃镄镆镇镈镋镌镎镏镐镒镓镔镕镗镘镛镝镞镠镡镤镥镨镫镭镮镱镳閎閏闇闫闰闳闵闶闻闼闿阃阆阇
阊阎阐阒阗阙阚阜陂陇陉陑陔陟陞隃隆隗隰雎雍雩雯雱霁霂霄霅霆霈霏霓霖霙霞霭霱靓靖靚靬靰鞅鞒鞮韡韨韩韪
韫韬韵韶韹頣頫頲顒顗顥顼颀颁颂颃颇颉颋颍颎颐颔颖颙颛颢颥飏飐飒飔飖飗飙飬饴馗馞馡馥馧馨駉駪駰驊驍驎
驭驰驲驵驷驹驺骁骃骄骅骉骊骋骍骎骏骐骒骓骔骕骖骙骝骞骠骢骥髙髢鬯魁魋鯤鲃鲉鲕鲖鲟鲧鲲鲸鳌鳐鳕鳞鳯鴒鴻
鵬鶚鷟鸑鸢鸣鸥鸧鸰鸳鸷鸸鸹鸺鸻鸾鸿鹀鹂鹄鹇鹉鹍鹏鹓鹔鹖鹗鹙鹛鹞鹠鹡鹢鹣鹤鹭鹮鹯鹰麀麇麑麒麓麟麴麹黉
黇黎黟黼鼎鼐鼒齊齐齡龁龄龑龒龔龚龠龢龘尛劉亖亗
"""
# Names beyond the first plane: 𠮷野家, and characters the registers took up late.
RARE_NAMES = """
𠮷𠅤𡎚𡐓𤧛𤩽𤫉𦈡𦙶𦝼𦰡𦭜𧿹𨐈𨚕𨟠𨭉𨱇𨱏𨱑𨱔𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶
𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𫫇𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫
𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍
𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓
"""


def of_codec(codec: str, leads: range, trails: range) -> Iterator[str]:
    """Yield what a two-byte code table holds within the given bytes."""
    for lead in leads:
        for trail in trails:
            # Bytes that mean nothing decode to nothing.
            yield from bytes((lead, trail)).decode(codec, errors="ignore")


def wanted() -> set[int]:
    """Return the code points the charts' font holds, where the whole font has them."""
    characters = {*of_codec(*GB2312), *of_codec(*BIG5_FREQUENT), *NAMES, *RARE_NAMES}
    points = {ord(character) for character in characters if not character.isspace()}
    for first, last in RANGES:
        points.update(range(first, last + 1))
    return points


def cut(font: TTFont) -> None:
    """Drop all characters but the wanted ones, and everything that only a screen needs."""
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    # Kerning only: a chart sets short words in one line, and ligatures have no place in names.
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted())
    cutter.subset(font)


def rename(font: TTFont) -> None:
    """Give the cut font a name of its own: it is not Noto any more, and says what it is from."""
    postscript = FONT.stem
    names = font["name"]
    names.names = [n for n in names.names if n.nameID in (0, 5, 7, 8, 9, 13, 14)]
    for number, text in {
        1: FAMILY,
        2: "Regular",
        3: f"{postscript};subset of {FACE} 2.004",
        4: FAMILY,
        6: postscript,
        10: f"A subset of {FACE}, made by feedback/fonts/build.py.",
    }.items():
        names.setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [postscript]
    top[0].FullName = top[0].FamilyName = FAMILY


def main(collection: str) -> None:
    """Write the font beside this file."""
    font = next(f for f in TTCollection(collection, lazy=True) if f["name"].getDebugName(4) == FACE)
    # The moment of making is not part of the font: the same source gives the same bytes.
    font.recalcTimestamp = False
    cut(font)
    rename(font)
    font.save(FONT)


if __name__ == "__main__":
    main(sys.argv[1])
