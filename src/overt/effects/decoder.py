"""The child process of `overt.effects.apart`: one question on standard input, one answer.

It sets its limits before it opens the file. What it starts itself, such as ffmpeg, inherits them.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from overt.errors import OvertError, StageError
from overt.models import Media

_OPEN_FILES = 256


def limit(memory_mb: int, cpu_s: int | None = None) -> None:
    """Bound this process and those that it starts from now on.

    Args:
        memory_mb: Address space beyond what is taken now; a system without such a limit goes
            without.
        cpu_s: Processor seconds; none sets no bound, for a process that does many things.
    """
    import resource

    memory = _taken() + (memory_mb << 20)
    bounds = [(resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)]
    if cpu_s is not None:
        bounds += [(resource.RLIMIT_CPU, cpu_s), (resource.RLIMIT_NOFILE, _OPEN_FILES)]
    for kind, value in bounds:
        _, hard = resource.getrlimit(kind)
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit on address space
            resource.setrlimit(kind, (wanted, hard))


def _taken() -> int:
    """Bytes of address space that this process has, as far as the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    import resource

    return pages * resource.getpagesize()


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Decode the asset whole, and compare it with its plate.

    Returns:
        `changed`, a share or none; or a fault's `stage`, `code`, `what`, `why` and `todo`.
    """
    from overt.disclosure import examine
    from overt.effects.change import changed_share
    from overt.effects.footage import footage

    try:
        media = Media(media_type=question["media_type"], path=Path(question["asset"]))
        examine(media, declared=media.media_type)
        if question["plate"] is None:
            return {"changed": None}
        return {"changed": changed_share(footage(Path(question["plate"])), media)}
    except OvertError as error:
        stage = error.stage if isinstance(error, StageError) else "tool"
        return {
            "stage": stage,
            "code": error.code,
            "what": error.what,
            "why": error.why,
            "todo": error.todo,
        }
    except MemoryError:
        return {
            "stage": "tool",
            "code": "output.too_large",
            "what": "the asset was not decoded",
            "why": "it takes too much memory",
            "todo": "see the file",
        }


def main() -> None:
    """Answer one question."""
    question = json.load(sys.stdin)
    limit(question["memory_mb"], question["cpu_s"])
    json.dump(answer(question), sys.stdout)


if __name__ == "__main__":
    main()
