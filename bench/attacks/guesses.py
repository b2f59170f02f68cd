"""Guesses at links: random ones, and right ones with one character another."""

import random
import string
from collections import Counter
from datetime import timedelta

from bench.attacks.house import house
from feedback.responses.guessing import MISSES
from tests.security.test_tokens import mutated
from tests.security.zoo import post_mails

LETTERS = string.ascii_letters + string.digits + "-_."


def run(database: str, guesses: int, seed: int) -> bool:
    """Print what the guesses met; tell whether none opened anything and a colleague always did."""
    dice, held_well = random.Random(seed), True
    print(f"guesses: database={database} N={guesses} of each kind, seed={seed}")
    with house(database) as attacked:
        [letter] = post_mails(attacked.app, attacked.session, attacked.hands, 1)
        client = attacked.app.test_client()
        preferences = next(path for path in letter.paths if path.startswith("/p/"))
        for place in (letter.survey, preferences):
            where, right = place.rpartition("/")[0], place.rpartition("/")[2]
            for kind in ("random", "mutated"):
                met, colleague = Counter[int](), Counter[int]()
                for number in range(guesses):
                    guess = (
                        "".join(dice.choices(LETTERS, k=len(right)))
                        if kind == "random"
                        else mutated(right, dice)
                    )
                    met[client.get(f"{where}/{guess}").status_code] += 1
                    attacked.hands.now += timedelta(milliseconds=50)
                    if number % 100 == 0:
                        colleague[client.get(place).status_code] += 1
                print(
                    f"  {where} {kind:8s} met={dict(met)} colleague={dict(colleague)}", flush=True
                )
                held_well &= met.keys() <= {404, 429} and met[404] <= MISSES
                held_well &= colleague.keys() == {200}
    return held_well
