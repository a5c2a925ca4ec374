"""Coverage-guided fuzzing of the prompt screen with atheris.

    pip install atheris
    python tests/fuzz/screen.py -max_total_time=300 [CORPUS_DIR]

Any bytes become code points, lone surrogates and all. A finding is an exception that is not
overt's, a span outside the text, or a text that takes longer than its length allows.
"""

from __future__ import annotations

import sys
import time

import atheris

with atheris.instrument_imports(include=["overt.screening"]):
    from overt.models import Modality, ScreenContext
    from overt.screening.screen import PromptScreen

from overt.errors import OvertError

SCREEN = PromptScreen.bundled(intent_model=False)
CONTEXTS = [ScreenContext(modality=modality) for modality in Modality]
SECONDS, SECONDS_A_CHARACTER = 1.0, 0.002


def one(data: bytes) -> None:
    """Screen one made-up text and hold the answer against what is promised."""
    provider = atheris.FuzzedDataProvider(data)
    context = CONTEXTS[provider.ConsumeIntInRange(0, len(CONTEXTS) - 1)]
    text = provider.ConsumeUnicode(4000)
    begun = time.process_time()
    try:
        findings = SCREEN.screen(text, context)
    except OvertError:
        return
    spent = time.process_time() - begun
    if spent > SECONDS + SECONDS_A_CHARACTER * len(text):
        raise AssertionError(f"{len(text)} characters took {spent:.1f} s")
    for finding in findings:
        if finding.span is not None and not 0 <= finding.span[0] < finding.span[1] <= len(text):
            raise AssertionError(f"{finding.kind.value} at {finding.span} of {len(text)}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
