"""Looks at a stranger's file in a process of its own, before this process decodes it (I10).

Footage that we did not make may be made to crash, hang or swell whatever decodes it. A child
process does so first, with limits on memory, processor time and files, and without this process's
key: a file that ends the child is refused, and nothing of it was decoded here. It is a fence
against broken and greedy files, not a sandbox: a file that gets past it is decoded here again.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from overt.errors import StageError
from overt.models import Media

MEMORY_MB = 6144
"""Address space of the child and of each ffmpeg that it starts."""
TIME_LIMIT_S = 1800.0
_STAGES = ("tool", "screen", "disclose")


def look(
    media: Media,
    plate: Path | None = None,
    *,
    memory_mb: int = MEMORY_MB,
    time_limit_s: float = TIME_LIMIT_S,
) -> float | None:
    """Decode an asset whole, and compare it with its plate where it has one.

    Args:
        media: The asset.
        plate: See `overt.effects.footage.footage`.
        memory_mb: Address space.
        time_limit_s: Seconds, of the clock and of the processor.

    Returns:
        The share of the picture that changed; none where there is nothing to compare.

    Raises:
        StageError: The asset is not what it says or damaged; `output.crash` or
            `output.timeout` when it ended whoever decoded it.
    """
    from overt.disclosure import ffmpeg

    with ffmpeg.as_file(media) as path:
        question = {
            "asset": str(path.absolute()),
            "media_type": media.media_type,
            "plate": None if plate is None else str(plate.absolute()),
            "memory_mb": memory_mb,
            "cpu_s": int(time_limit_s) + 1,
        }
        answer = _asked(question, time_limit_s)
    if "code" in answer:
        stage = answer["stage"] if answer["stage"] in _STAGES else "tool"
        raise StageError(stage, answer["code"], answer["what"], answer["why"], answer["todo"])
    changed = answer["changed"]
    return None if changed is None else min(1.0, max(0.0, float(changed)))


def _asked(question: dict[str, Any], time_limit_s: float) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "overt.effects.decoder"]
    process = subprocess.Popen(  # noqa: S603  a list, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = process.communicate(json.dumps(question).encode(), timeout=time_limit_s)
        return _answer(said)
    except subprocess.TimeoutExpired:
        raise _ended("timeout", "it takes too long to decode") from None
    finally:
        _end(process)


def _answer(said: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError, TypeError):
        answer = json.loads(said)
        if isinstance(answer, dict) and ("changed" in answer or "code" in answer):
            return answer
    raise _ended("crash", "it ended the process that decoded it")


def _ended(how: str, why: str) -> StageError:
    return StageError("tool", f"output.{how}", "the asset was not decoded", why, "see the file")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child and what it started: its whole session."""
    import os
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
