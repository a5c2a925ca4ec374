"""ffmpeg with a guard behind it: the same arguments, and a signed, labelled file at the end.

    python examples/ffmpeg_wrapper.py --extent minor -- -i plate.mp4 -vf eq=brightness=0.02 out.mp4

The first input is the plate, and the last argument the output; ffmpeg writes it into a hidden
folder. Where the extent says `minor`, the picture is compared with the plate.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from overt import Guard, Result
from overt.asking import media_type_of_name
from overt.disclosure import ffmpeg
from overt.effects.declaration import declaration_of
from overt.effects.marking import mark
from overt.effects.metadata import declared_for
from overt.models import Media


def convert(guard: Guard, arguments: Sequence[str], **said: str) -> Result:
    """Run ffmpeg and release what it made.

    Args:
        guard: Whose line it goes through.
        arguments: ffmpeg's own, the output last.
        said: Fields of the declaration, over those of `overt.yaml` beside the output.
    """
    *front, last = arguments
    wanted = Path(last)
    plate = Path(front[front.index("-i") + 1])
    with tempfile.TemporaryDirectory(prefix=".overt-", dir=wanted.parent) as folder:
        made = Path(folder) / wanted.name
        command = [ffmpeg.program(), "-v", "error", "-nostdin", "-y", *front, str(made)]
        subprocess.run(command, check=True, timeout=3600)
        fields = {"plate": plate, **declared_for(wanted, said)}
        media = Media(media_type=media_type_of_name(made), path=made)
        return mark(guard, media, declaration_of(fields, "the call"), destination=wanted)


def main(argv: Sequence[str]) -> None:
    """`--field value` pairs, `--`, and ffmpeg's arguments."""
    split = list(argv).index("--")
    pairs = list(argv[:split])
    said = {pairs[at].removeprefix("--"): pairs[at + 1] for at in range(0, len(pairs), 2)}
    with Guard.open("overt.toml") as guard:
        result = convert(guard, argv[split + 1 :], **said)
        print(result.media.path, result.decision.outcome.value, result.record.index)


if __name__ == "__main__":
    main(sys.argv[1:])
