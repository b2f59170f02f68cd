"""What the demo's customers write, by language and by how it went."""

LOW, MIDDLE, HIGH = "low", "middle", "high"

OPENINGS: dict[tuple[str, str], tuple[str, ...]] = {
    ("zh-Hans", HIGH): (
        "接电话很快，解释得也清楚。",
        "师傅准时上门，干活利索，走之前还把地拖了。",
        "一次就解决了，省心。",
        "客服很有耐心，反复确认我的需求。",
        "门店的人态度特别好，下次还来。",
        "回复比我想象的快多了👍",
        "说到做到，点赞。",
        "专业，问什么都答得上来。",
        "老人用不来手机，你们的人一步一步教，谢谢。",
        "流程简单，十分钟就办好了。",
    ),
    ("zh-Hans", MIDDLE): (
        "事情是办成了，就是等得有点久。",
        "态度可以，但同样的问题我说了三遍。",
        "一般吧，没有特别的感觉。",
        "价格比上次高了，希望能提前说明。",
        "结果还行，中间转了两次人。",
    ),
    ("zh-Hans", LOW): (
        "等了四十分钟没人接，最后还是自己解决的。",
        "说好上午来，下午三点才到，也没有电话通知。",
        "问题根本没解决，过两天又坏了。",
        "一直让我重新提交资料，流程太复杂。",
        "客服口气很不耐烦。",
        "退款拖了三周，每次问都说在处理。",
        "转来转去没有人负责。",
        "答非所问，感觉是在念稿子。",
    ),
    ("en", HIGH): (
        "Quick, friendly and fixed the first time.",
        "The engineer arrived on time and explained everything.",
        "Very patient with my questions, thank you.",
        "Better than I expected for a phone line.",
        "Sorted in ten minutes. Great.",
    ),
    ("en", MIDDLE): (
        "Got there in the end, but I had to explain it twice.",
        "Fine. A bit slow.",
        "Polite, though the price was not clear beforehand.",
    ),
    ("en", LOW): (
        "Waited forty minutes and nobody picked up.",
        "The problem came back two days later.",
        "I was passed around three times.",
        "Nobody told me the visit had been moved.",
    ),
}

ADDITIONS: dict[str, tuple[str, ...]] = {
    "zh-Hans": (
        "希望以后可以提前一天发短信提醒。",
        "整体来说对得起这个价格。",
        "已经推荐给邻居了。",
        "建议增加周末的时间段。",
        "另外，发票能不能直接发邮箱？",
        "小区停车不方便，下次请提前联系。",
    ),
    "en": (
        "A text message the day before would help.",
        "Weekend slots would be welcome.",
        "Please send the invoice by e-mail.",
    ),
}

AFTERWARDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("zh-Hans", HIGH): (
        "一个月了，一直很正常。",
        "到现在没再出问题。",
        "后来还回访过，挺用心。",
    ),
    ("zh-Hans", MIDDLE): ("基本正常，偶尔有点小毛病。", "还可以，再观察观察。"),
    ("zh-Hans", LOW): (
        "上个月修的，这周又坏了。",
        "当时说好的退款到现在没到账。",
        "后来再打电话就没人管了。",
    ),
    ("en", HIGH): ("Still working fine a month later.", "No trouble since."),
    ("en", MIDDLE): ("Mostly fine, with a small hiccup.",),
    ("en", LOW): ("It broke again after three weeks.", "Still waiting for the refund."),
}

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀英", "霞", "平", "刚", "桂英", "文博", "子涵", "雨欣", "浩然", "欣怡", "志远", "建华",
)  # fmt: skip
ENGLISH = (
    "James Carter",
    "Emily Wong",
    "Oliver Smith",
    "Sophie Brown",
    "Daniel Kim",
    "Laura Rossi",
)

REASONS = {
    LOW: ("slow", "attitude", "knowledge", "unsolved", "waiting", "process", "price", "product"),
    HIGH: ("fast", "friendly", "expert", "first_time", "surroundings"),
}
