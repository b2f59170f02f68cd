"""The story is the layout: later may import earlier, never the reverse; pure files stay pure."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "feedback"

# From the ground up. A module may import its own floor's package and every floor below.
FLOORS = (
    (
        "addresses",
        "chosen",
        "clock",
        "clock_watch",
        "config",
        "database",
        "hanging",
        "links",
        "languages",
        "organisation",
        "milestones",
        "pauses",
        "headers",
        "problems",
        "logs",
        "shedding",
        "setting_kinds",
        "secret_file",
        "mail_settings",
        "retention_settings",
        "sign_in_settings",
    ),
    ("surveys",),
    ("interactions",),
    ("brands",),
    ("accounts",),
    ("touchpoints",),
    ("outbox",),
    ("bounces",),
    ("invitations",),
    ("responses",),
    ("editing",),
    ("triage",),
    ("measures",),
    ("reports",),
    ("integrations",),
    ("retention",),
    ("customers",),
    ("demo",),
    (
        "tables",
        "keep",
        "kept_wishes",
        "put_back",
        "forgetting",
        "work",
        "health",
        "operating",
        "errors",
    ),
    ("commands",),
    ("cli", "translations"),
    ("__init__",),
)
LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names}

PURE = {
    "clock": set(),
    "config": {
        "feedback.setting_kinds",
        "feedback.secret_file",
        "feedback.mail_settings",
        "feedback.retention_settings",
        "feedback.sign_in_settings",
    },
    "mail_settings": {"feedback.setting_kinds"},
    "retention_settings": {"feedback.setting_kinds"},
    "retention/periods/lengths": set(),
    "sign_in_settings": {"feedback.setting_kinds"},
    "secret_file": set(),
    "shedding": {"socket", "struct", "contextlib", "threading"},
    "setting_kinds": set(),
    "accounts/sight": set(),
    "accounts/two_step/totp": {"base64", "hashlib", "hmac"},
    "surveys/scales": set(),
    "surveys/content": {"feedback.surveys.scales"},
    "surveys/compare": {"feedback.surveys.content"},
    "surveys/length": set(),
    "surveys/gaps": {"feedback.surveys.content", "feedback.surveys.length"},
    "outbox/pace": set(),
    "outbox/salutation": {"feedback.outbox.tidy"},
    "outbox/tidy": set(),
    "interactions/formula_guard": set(),
    "brands/colour": set(),
    "brands/notice_texts": set(),
    "invitations/eligibility": {"feedback.config"},
    "invitations/calendar": {"chinese_calendar", "holidays"},
    "triage/fold": set(),
    "triage/lexicon": set(),
    "triage/words_zh": {"feedback.triage"},
    "triage/words_en": {"feedback.triage"},
    "triage/rules": set(),
    "triage/alarms_zh": {"feedback.triage"},
    "triage/alarms_en": {"feedback.triage"},
    "triage/tone": {"feedback.triage"},
    "triage/urgent": {"feedback.triage"},
    "triage/read_text": {"feedback.triage"},
    "reports/periods": set(),
    "reports/hidden/veil": {"feedback.reports.periods"},
    "reports/chart_points": set(),
    "reports/trends/baselines": {"feedback.measures"},
    "demo/cast": set(),
    "demo/voices": set(),
    "demo/world": {"feedback.demo"},
}
STANDARD = {
    "__future__", "bisect", "calendar", "collections", "dataclasses", "datetime", "enum",
    "functools", "itertools", "math", "operator", "os", "pathlib", "random", "re", "secrets",
    "statistics", "string", "typing", "types", "unicodedata", "urllib", "warnings", "zoneinfo",
    "decimal",
}  # fmt: skip


def modules() -> Iterator[Path]:
    return (path for path in PACKAGE.rglob("*.py") if "fonts" not in path.parts)


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the full names imported anywhere in the file, and where."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            if node.module == "feedback":
                yield from ((f"feedback.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module or "", node.lineno


def floor_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    here = floor_of(path)
    assert here in LEVEL or here == "translations", f"{here} has no floor"
    for name, line in imported(path):
        parts = name.split(".")
        if parts[0] == "feedback" and len(parts) > 1 and parts[1] in LEVEL:
            assert LEVEL[parts[1]] <= LEVEL[here], f"{path}:{line} imports {name} from above"


@pytest.mark.parametrize("name", list(PURE))
def test_a_pure_file_knows_no_flask_and_no_sql(name: str) -> None:
    allowed = PURE[name]
    for module, line in imported(PACKAGE / f"{name}.py"):
        top = module.split(".")[0]
        fine = top in STANDARD or top in allowed or any(module.startswith(a) for a in allowed)
        assert fine, f"{name}.py:{line} imports {module}"


def test_measures_are_pure() -> None:
    for path in (PACKAGE / "measures").glob("*.py"):
        for module, line in imported(path):
            top = module.split(".")[0]
            fine = top in STANDARD | {"numpy"} or module.startswith(
                ("feedback.measures", "feedback.surveys.scales")
            )
            assert fine, f"{path.name}:{line} imports {module}"


def test_charts_know_only_how_to_draw() -> None:
    own = ("matplotlib", "feedback.reports.charts", "feedback.reports.chart_points")
    for path in (PACKAGE / "reports" / "charts").glob("*.py"):
        for module, line in imported(path):
            fine = module.split(".")[0] in STANDARD | {"io", "threading"} or module.startswith(own)
            assert fine, f"{path.name}:{line} imports {module}"
            # pyplot keeps every figure for ever, in one place for all threads.
            assert "pyplot" not in module, f"{path.name}:{line} imports {module}"
        # Settings changed for one drawing change for all threads: 1 of 90 pictures differed.
        assert "rc_context" not in path.read_text(encoding="utf-8")


def test_nothing_is_imported_inside_functions_but_the_charts() -> None:
    for path in modules():
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = {alias.name for alias in node.names} | {getattr(node, "module", "")}
                    # matplotlib costs half a second and 44 MB; only drawing pays for it.
                    assert any("charts" in (name or "") for name in names), f"{path}:{node.lineno}"


def test_no_file_is_a_drawer() -> None:
    drawers = {"utils", "helpers", "common", "misc", "manager", "base", "service"}
    assert not [path for path in modules() if path.stem in drawers]
    for path in modules():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 300, f"{path.relative_to(ROOT)} has {lines} lines; is it two files?"
