"""A timeline through the line: every clip of an OpenTimelineIO project is delivered.

Each clip's `metadata.overt` declares it; the clip's name is its shot. A clip of frames, or one with
`delivery: master`, is signed as a master beside its files; any other becomes a labelled
deliverable, under the folder in which it lies. What is held or refused is listed.
`overt batch cut.otio --out deliverables/` does the same for long timelines.

Run it:  python examples/otio_project.py cut.otio deliverables/
"""

from __future__ import annotations

import sys
from pathlib import Path

from overt import Guard, NotCleared
from overt.asking import ingredients
from overt.batch.names import name_of
from overt.effects.declaration import declaration_of
from overt.effects.footage import is_pattern, matching
from overt.effects.marking import mark
from overt.effects.master import sign
from overt.effects.metadata import clips


def deliver(guard: Guard, timeline: Path, folder: Path) -> dict[str, dict[str, str]]:
    """Mark every clip; what each came to, by shot and file."""
    folder.mkdir(parents=True, exist_ok=True)
    outcomes: dict[str, dict[str, str]] = {}
    for file, fields in clips(timeline).items():
        declared = declaration_of(fields, "a clip")
        name = name_of(file, timeline.absolute().parent)
        files = outcomes.setdefault(str(declared.shot), {})
        try:
            if is_pattern(file) or declared.delivery == "master":
                done = sign(guard, matching(file) if is_pattern(file) else file, declared)
            else:
                (media,) = ingredients(file)
                wanted = folder / name
                wanted.parent.mkdir(parents=True, exist_ok=True)
                done = mark(guard, media, declared, destination=wanted)
        except NotCleared as answer:
            files[str(name)] = answer.decision.outcome.value
        else:
            files[str(name)] = done.decision.outcome.value
    return outcomes


if __name__ == "__main__":
    with Guard.open("overt.toml") as guard:
        for shot, files in deliver(guard, Path(sys.argv[1]), Path(sys.argv[2])).items():
            for name, outcome in files.items():
                print(shot, name, outcome)
