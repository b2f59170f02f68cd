"""Brings a text into one spelling, so that words are found however they were typed."""

import unicodedata

# Characters of the words we look for, as they are written in Taiwan and Hong Kong.
_TRADITIONAL = dict(
    zip(
        "訴師訟報監會協記體網發傷燙醫診險電爐煙觸騷擾視罵個資洩賣號盜殺輕樓結脅嚇復燒給說話沒聯繫無應還這為麼"
        "態壞錯難貴滿顧歡讚謝專業熱貼細緻簡單時間遲髒亂騙偽處決過開關門題氣憤極慘後見長點總讓實優質親務乾淨禮"
        "兩萬幾來問對嗎變餓蟲頭鐵絲釘價誤斷執須異尋舊樂樣準確達進遠運選邊當歲戶員現",
        "诉师讼报监会协记体网发伤烫医诊险电炉烟触骚扰视骂个资泄卖号盗杀轻楼结胁吓复烧给说话没联系无应还这为么"
        "态坏错难贵满顾欢赞谢专业热贴细致简单时间迟脏乱骗伪处决过开关门题气愤极惨后见长点总让实优质亲务干净礼"
        "两万几来问对吗变饿虫头铁丝钉价误断执须异寻旧乐样准确达进远运选边当岁户员现",
        strict=True,
    )
)
_PLAIN = str.maketrans(_TRADITIONAL | {"’": "'"})
# What nobody sees: format characters, marks over letters, halves of characters.
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cs", "Co", "Cn"})
_MOST_KEPT = 20_000


class _Folded(dict[int, str]):
    """The folded form of each character, worked out when it first comes up.

    Character by character, because to normalise a whole text takes time with the square of its
    length where somebody piles up accents.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if (category := unicodedata.category(character)) == "Cc":
            # A line break ends a sentence; other control characters part words.
            folded = "\n" if character in "\n\r" else " "
        elif category in _UNSEEN:
            folded = ""
        else:
            folded = character
            # What a letter is made of may want folding in its turn.
            for _step in range(3):
                plain = unicodedata.normalize("NFKD", folded.translate(_PLAIN)).casefold()
                folded = "".join(c for c in plain if unicodedata.category(c) not in _UNSEEN)
        if len(self) < _MOST_KEPT:
            self[code] = folded
        return folded


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Return the text in small letters and half width, without what cannot be seen.

    Letters lose their accents, traditional characters of the words we look for become simplified.
    The result may be longer or shorter than the text, never by more than a constant factor.
    """
    return text.translate(_FOLDED)
