"""Who plays in the demo: an invented household-services company, its channels, teams and people."""

from dataclasses import dataclass

NAME_EN, NAME_ZH = "Cloudrest Home Services", "云栖生活服务"
CONTACT = "care@example.com"
PASSWORD = "afterword-demo"  # noqa: S105 — the demo's sign-ins are printed for everybody to use.
SEED = 20260


@dataclass(frozen=True)
class Channel:
    """A channel and its satisfaction, as log-odds, 24 months ago and today."""

    code: str
    name_en: str
    name_zh: str
    then: float
    today: float


CHANNELS = (
    Channel("phone", "Phone", "电话", 1.60, 1.65),
    Channel("email", "E-mail", "邮件", 1.25, 1.20),
    # The channel that got better: two of three satisfied until last year, nine of ten by now.
    Channel("chat", "Chat", "在线客服", 0.55, 2.35),
    Channel("store", "Store", "门店", 1.95, 1.90),
    Channel("visit", "Home visit", "上门", 1.70, 1.75),
    Channel("web", "Web form", "网页留言", 1.05, 1.10),
)

TEAMS: dict[str, dict[str, float]] = {
    "客服一组": {"phone": 0.42, "email": 0.34, "web": 0.24},
    "客服二组": {"chat": 0.55, "web": 0.28, "email": 0.17},
    "门店组": {"store": 0.88, "phone": 0.12},
    "上门服务组": {"visit": 0.84, "phone": 0.16},
}


@dataclass(frozen=True)
class Person:
    """Somebody who serves: their own part in log-odds, and how much they work (1 is usual)."""

    external_id: str
    name: str
    team: str
    skill: float
    load: float = 1.0
    # Counted back from the Monday of this week, as the whole story is.
    joined_days_ago: int | None = None


STRUGGLING, ONLY_LOOKS_SO = "e-1011", "e-1018"

PEOPLE = (
    Person("e-1001", "李静", "客服一组", 0.35),
    Person("e-1002", "王海涛", "客服一组", 0.05),
    Person("e-1003", "陈思远", "客服一组", -0.10),
    Person("e-1004", "刘敏", "客服一组", 0.20, 0.8),
    Person("e-1005", "欧阳雪", "客服一组", 0.00),
    Person("e-1006", "Grace Miller", "客服一组", 0.10, 0.7),
    Person("e-1007", "张晓彤", "客服二组", 0.25),
    Person("e-1008", "赵鹏", "客服二组", -0.15),
    Person("e-1009", "黄丽娟", "客服二组", 0.10),
    Person("e-1010", "吴俊杰", "客服二组", 0.00, 1.2),
    # The one who is truly struggling: many answers, and far below the others.
    Person("e-1011", "周浩", "客服二组", -1.20, 1.2),
    Person("e-1012", "徐佳怡", "客服二组", 0.30, 0.9),
    Person("e-1013", "孙建国", "门店组", 0.15),
    Person("e-1014", "马丽", "门店组", -0.20),
    Person("e-1015", "朱婷婷", "门店组", 0.10, 0.8),
    Person("e-1016", "胡志强", "门店组", 0.00),
    Person("e-1017", "郭芳", "门店组", 0.40),
    # The one who only looks so: as good as the others, two months here, eleven answers.
    Person("e-1018", "林悦", "门店组", 0.10, 0.4, 60),
    Person("e-1019", "何建平", "上门服务组", 0.20),
    Person("e-1020", "高磊", "上门服务组", 0.00, 1.1),
    Person("e-1021", "罗红梅", "上门服务组", -0.10),
    Person("e-1022", "买买提·艾力", "上门服务组", 0.15),
    Person("e-1023", "郑凯", "上门服务组", 0.05, 0.9),
    Person("e-1024", "谢雨桐", "上门服务组", -0.05),
)

# What the newcomer's first customers happened to answer: 6 of 11 satisfied, and that says little.
FIRST_SCORES = (5, 2, 4, 1, 5, 3, 5, 2, 4, 1, 5)

# (e-mail, role, staff record)
USERS = (
    ("admin@example.com", "admin", None),
    ("manager@example.com", "manager", None),
    ("analyst@example.com", "analyst", None),
    ("lead@example.com", "lead", "e-1007"),
    ("staff@example.com", "staff", "e-1009"),
    ("struggling@example.com", "staff", STRUGGLING),
    ("newcomer@example.com", "staff", ONLY_LOOKS_SO),
)

KINDS = {
    "phone": "call",
    "email": "case",
    "chat": "conversation",
    "store": "visit",
    "visit": "job",
    "web": "case",
}
# What contacts are about, in the language the customer writes.
SUBJECTS = {
    "zh-Hans": (
        "空调清洗预约",
        "热水器维修",
        "保洁改期",
        "发票补寄",
        "会员续费",
        "洗衣机安装",
        "退款咨询",
        "家电延保",
    ),
    "en": (
        "Boiler service",
        "Deep clean booking",
        "Invoice by post",
        "Washing machine fitting",
        "Extended warranty",
    ),
}
