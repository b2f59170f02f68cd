"""Calls and answers as the OpenAPI document shows them; each can be sent as it stands."""

REPORT = {
    "source": "crm",
    "external_id": "GD-1042",
    "kind": "call",
    "channel": "phone",
    "closed_at": "2026-09-01T14:11:00+08:00",
    "subject": "空调清洗预约",
    "customer": {
        "external_id": "c-77",
        "name": "王伟",
        "gender": "male",
        "email": "wangwei@example.cn",
        "locale": "zh-Hans-CN",
    },
    "staff": {"external_id": "e-1001", "name": "李静", "email": "lijing@example.cn"},
    "team": "客服一组",
}
FLAT = {
    "source": "crm",
    "external_id": "GD-1043",
    "channel": "chat",
    "closed_at": "2026-09-01 15:40",
    "customer_email": "lifang@example.cn",
    "staff_external_id": "e-1002",
}
RETURNED = {
    "events": [
        {
            "kind": "hard",
            "message_id": "<invitation.4711@example.cn>",
            "recipient": "lifang@example.cn",
            "status": "5.1.1",
            "words": "550 5.1.1 no such user",
        }
    ]
}
SCORES = {
    "metric": "nps",
    "definition": "nps/1",
    "date_basis": "interaction",
    "level": 0.95,
    "from": "2026-07-01",
    "to": "2026-09-30",
    "wave": 1,
    "asked": 812,
    "answered": 171,
    "response_rate": 0.210591,
    "groups": [
        {
            "key": {"staff": "e-1007"},
            "label": "李静",
            "points": [
                {
                    "period": "2026-07",
                    "n": 36,
                    "counts": {"0": 1, "6": 7, "7": 13, "9": 10, "10": 5},
                    "value": 0.194444,
                    "low": -0.067697,
                    "high": 0.42867,
                    "status": "ok",
                    "provisional": False,
                    "asked": 173,
                    "answered": 38,
                    "response_rate": 0.219653,
                    "change": None,
                }
            ],
        }
    ],
}
