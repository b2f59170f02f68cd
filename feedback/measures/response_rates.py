"""Response rates by their standard names, so that 52 % means one thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dispositions:
    """What became of every invitation, in the terms of AAPOR.

    `complete` and `partial` answers, `refused` (opened and left, or said no), `no_contact`
    (delivered, no reaction), `other`; `unknown` and `unknown_other` are those of whom it is not
    known whether they could be reached at all, such as bounced mail.
    """

    complete: int
    partial: int = 0
    refused: int = 0
    no_contact: int = 0
    other: int = 0
    unknown: int = 0
    unknown_other: int = 0


@dataclass(frozen=True)
class ResponseRates:
    """AAPOR's six response rates in 0 … 1; None where the denominator is empty.

    RR2, which counts partial answers, is the headline; RR6 is of those delivered.
    """

    rr1: float | None
    rr2: float | None
    rr3: float | None
    rr4: float | None
    rr5: float | None
    rr6: float | None


def response_rates(given: Dispositions, eligible_share: float = 1.0) -> ResponseRates:
    """Return the rates; `eligible_share` is e, the share of the unknown taken to be eligible.

    RR1 = I/(I+P+R+NC+O+UH+UO), RR2 with P above, RR3 and RR4 with e·(UH+UO) below, RR5 and RR6
    without the unknown. Source: AAPOR, Standard Definitions, 10th ed. (2023).
    """
    answered = given.complete + given.partial
    reached = answered + given.refused + given.no_contact + given.other
    unknown = given.unknown + given.unknown_other

    def rates(below: float) -> tuple[float | None, float | None]:
        return (given.complete / below, answered / below) if below > 0 else (None, None)

    return ResponseRates(
        *rates(reached + unknown), *rates(reached + eligible_share * unknown), *rates(reached)
    )
