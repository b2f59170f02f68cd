"""What no page would send, to every page: addresses, queries and forms."""

import random
from collections import Counter

from sqlalchemy import select

from bench.attacks.house import house
from feedback.accounts.models import User
from tests.browser.test_pages import PAGES, places
from tests.security.fuzz import VALUES, addresses, as_somebody, body, forms, queries


def run(database: str, each: int, seed: int) -> bool:
    """Print how many of what were answered how; tell whether none made a page fail."""
    dice, met, failed = random.Random(seed), Counter[str](), list[str]()
    with house(database, PRESS_AFTER_SECONDS=0) as attacked:
        app, session = attacked.app, attacked.session
        app.config["WTF_CSRF_ENABLED"] = app.config["PROPAGATE_EXCEPTIONS"] = False
        app.testing = False
        known = places._get_wrapped_function()(app, session)
        admin = session.scalars(select(User).where(User.role == "admin")).one()

        def note(kind: str, what: str, status: int) -> None:
            met[f"{kind} {status // 100}xx"] += 1
            if status >= 500 and not what.startswith("GET /readyz"):
                failed.append(what)
                print(f"  {what[:150]}: {status}", flush=True)

        client = as_somebody(app, session, admin)
        for path in addresses(app):
            for method in ("GET", "POST"):
                status = client.open(path, method=method).status_code
                note("address", f"{method} {path}", status)
        for path in queries(known, dice, each):
            note("query", f"GET {path}", client.get(path).status_code)
        pages = [path.format(**known) for who in PAGES for path in PAGES[who]]
        for action, fields in list(forms(client, pages)):
            if action.startswith(("/sign-out", "/account/sign-ins")):
                continue
            for name in fields:
                for value in dice.sample(VALUES, each):
                    answer = as_somebody(app, session, admin).post(
                        action,
                        data=body(fields, name, value),
                        content_type="application/x-www-form-urlencoded",
                    )
                    note("form", f"POST {action} {name}={value}", answer.status_code)
    said = dict(sorted(met.items()))
    print(f"inputs: database={database} N={sum(met.values())} seed={seed} {said}")
    return not failed
