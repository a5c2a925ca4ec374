"""Compares what was rendered with what was owed, and refuses what falls short.

The measurements come from the finished file, read again: contrast and likeness of the letters on
the pixels, correlation and loudness of the notice in the samples. An English overlay on Urdu speech
with nothing spoken does not pass: the language and the mode of every item of the plan must be
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from overt.disclosure.planning import DisclosurePlan
from overt.errors import StageError
from overt.models import Disclosure

CONTRAST = 7.0
"""WCAG 2.2, 1.4.6, level AAA."""
LIKENESS = 0.75
"""Least correlation of a label's pixels with the letters that were drawn."""
HEARD = {"lossless": 0.9, "lossy": 0.5, "mixed": 0.35}
"""Least correlation of a notice with the finished sound: mixed over a programme, it is lower."""


def compare(plan: DisclosurePlan, disclosures: Sequence[Disclosure]) -> None:
    """Check that every item of the plan is among the disclosures and measures well enough.

    Raises:
        StageError: `disclose.mismatch`, naming mode and language of what is missing or poor.
    """
    for line in plan.visible:
        found = _of(disclosures, "visible", line.language, line.key, line.text)
        if found is None:
            _missing("visible", line.language)
        _seen(found, plan)
    for spoken in plan.spoken:
        found = _of(disclosures, "spoken", spoken.language, spoken.key, spoken.text)
        if found is None and not spoken.exact:
            found = _stand_in(disclosures, spoken.language)
        if found is None:
            _missing("spoken", spoken.language)
        _audible(found)
    for text in plan.text:
        found = _of(disclosures, "text", text.language, text.key, text.text)
        if found is None or not found.evidence.get("found"):
            _missing("text", text.language)


def _of(
    disclosures: Sequence[Disclosure], mode: str, language: str, key: str, text: str
) -> Disclosure | None:
    for one in disclosures:
        if (one.mode, one.language, one.wording, one.text) == (mode, language, key, text):
            return one
    return None


def _stand_in(disclosures: Sequence[Disclosure], language: str) -> Disclosure | None:
    """The earcon with English that was heard because nothing speaks the language."""
    for one in disclosures:
        if one.mode == "spoken" and one.evidence.get("instead_of") == language:
            return one
    return None


def _seen(one: Disclosure, plan: DisclosurePlan) -> None:
    evidence = one.evidence
    if float(evidence.get("contrast", 0)) < CONTRAST:
        _poor("visible", one.language, "its contrast is too low")
    if float(evidence.get("match", 0)) < LIKENESS:
        _poor("visible", one.language, "it is not on the picture")
    wanted = evidence.get("ink_needed_px", 0)
    if float(evidence.get("ink_px", 0)) < float(wanted):
        _poor("visible", one.language, "its letters are too small")


def _audible(one: Disclosure) -> None:
    evidence: Any = one.evidence
    if float(evidence.get("match", 0)) < HEARD[str(evidence.get("channel", "lossless"))]:
        _poor("spoken", one.language, "it is not heard in the file")
    if not -32.0 <= float(evidence.get("lufs", -99.0)) <= -6.0:
        _poor("spoken", one.language, "it is too quiet or too loud")


def _missing(mode: str, language: str) -> NoReturn:
    raise StageError(
        "disclose",
        "disclose.mismatch",
        "the finished file does not carry its disclosure",
        f"nothing {mode} in {language}",
        "report this with `overt doctor`",
    )


def _poor(mode: str, language: str, why: str) -> NoReturn:
    raise StageError(
        "disclose",
        "disclose.mismatch",
        f"the {mode} disclosure in {language} falls short",
        why,
        "report this with `overt doctor`",
    )
