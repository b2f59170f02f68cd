"""Mails with hostile names, subjects and addresses, written and read back."""

import platform
import random

from flask import Flask

from tests.security.mails import one_mail


def run(mails: int, seed: int) -> bool:
    """Print what was found; tell whether that is nothing."""
    app = Flask(__name__)
    app.extensions["mail"] = type("Settings", (), {"default_sender": None})()
    dice, wrong, refused = random.Random(seed), list[str](), 0
    with app.app_context():
        for _ in range(mails):
            said, was_refused = one_mail(dice)
            wrong += said
            refused += was_refused
    print(
        f"mail headers: Python {platform.python_version()} N={mails} seed={seed}"
        f" written={mails - refused} refused for their address={refused} wrong={len(wrong)}"
    )
    for one in wrong[:10]:
        print(f"  {one}")
    return not wrong
