"""The ffmpeg program, run as a separate process.

The user's own program is used, else the one in the `imageio-ffmpeg` wheel of the `[video]` extra.
Arguments are lists, never a shell line; inputs are local files only (`-protocol_whitelist`); every
run has a time limit, and one that is cancelled or fails leaves no output behind. What the program
prints may quote file names and tags, so it is looked at but never passed on.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from overt.errors import StageError
from overt.models import Media
from overt.sniff import SUFFIXES, canonical

Progress = Callable[[float], None]
"""Told the seconds of output that are done."""
_QUOTE = 4000
_ALWAYS = ("-hide_banner", "-nostdin", "-v", "error", "-y")


@dataclass(frozen=True, slots=True)
class Done:
    """A finished run: its standard output, and how it complained."""

    output: bytes
    complaint: str


@cache
def program() -> str:
    """Path of the ffmpeg program.

    Raises:
        StageError: None is installed.
    """
    own = shutil.which("ffmpeg")
    if own is not None:
        return own
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise StageError(
            "disclose",
            "disclose.no_ffmpeg",
            "video and this sound format need ffmpeg",
            "none is installed",
            "install overt[video] or an ffmpeg program",
        ) from None


def source(path: Path) -> list[str]:
    """Arguments that open a local file and nothing else."""
    return ["-protocol_whitelist", "file,pipe", "-i", f"file:{path}"]


def run(
    arguments: Sequence[str],
    *,
    target: Path | None = None,
    limit_s: float = 3600.0,
    limit_bytes: int | None = None,
    progress: Progress | None = None,
    strict: bool = True,
) -> Done:
    """Run ffmpeg with a list of arguments.

    Args:
        arguments: Everything between the program and `target`.
        target: File it writes; removed when the run fails or is cancelled.
        limit_s: Seconds before it is killed.
        limit_bytes: Size of `target` at which it is given up.
        progress: Called about twice a second.
        strict: Stop at the first damaged packet.

    Raises:
        StageError: It took too long or wrote too much.
        Failed: It ended with an error.
    """
    options = ["-xerror"] if strict else []
    if progress is not None:
        options += ["-progress", "pipe:1", "-stats_period", "0.5"]
    output_options: list[str] = []
    if target is not None:
        output_options += ["-fs", str(limit_bytes)] if limit_bytes is not None else []
        output_options += [f"file:{target}"]
    process = subprocess.Popen(  # noqa: S603  a list, no shell
        [program(), *_ALWAYS, *options, *arguments, *output_options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    complete = False
    try:
        done = _watched(process, limit_s, progress)
        written = target.stat().st_size if target is not None else 0
        if limit_bytes is not None and written >= 0.98 * limit_bytes:
            raise StageError("disclose", "disclose.size_limit", "ffmpeg wrote too much")
        complete = True
        return done
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if not complete and target is not None:
            target.unlink(missing_ok=True)


def _watched(process: subprocess.Popen[bytes], limit_s: float, progress: Progress | None) -> Done:
    """Wait for the program, and kill it when its time is over."""
    watch = threading.Timer(limit_s, process.kill)
    watch.start()
    try:
        output, complaint = _drained(process, progress)
        if not watch.is_alive():
            raise StageError(
                "disclose", "disclose.time_limit", "ffmpeg took too long", f"limit {limit_s:.0f} s"
            )
    finally:
        watch.cancel()
    if process.returncode != 0:
        raise Failed(complaint)
    return Done(output, complaint)


class Failed(Exception):  # noqa: N818  never leaves the package
    """ffmpeg ended with an error; its text is for classifying, not for showing."""


def _drained(process: subprocess.Popen[bytes], progress: Progress | None) -> tuple[bytes, str]:
    """All of standard output and the beginning of standard error, without a deadlock."""
    assert process.stdout is not None
    assert process.stderr is not None
    errors: list[bytes] = []
    stderr = process.stderr

    def read() -> None:
        kept = 0
        while piece := stderr.read(4096):
            if kept < _QUOTE:
                errors.append(piece)
                kept += len(piece)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    with process.stdout, stderr:
        if progress is None:
            output = process.stdout.read()
        else:
            output = b""
            for line in process.stdout:
                if line.startswith(b"out_time_us="):
                    with contextlib.suppress(ValueError):
                        progress(int(line[12:]) / 1e6)
        process.wait()
        reader.join()
    return output, b"".join(errors)[:_QUOTE].decode("utf-8", "replace")


@contextmanager
def as_file(media: Media) -> Iterator[Path]:
    """The asset as a file: its own, or a temporary one that is gone afterwards."""
    if media.path is not None:
        yield media.path
        return
    import tempfile

    assert media.data is not None
    with tempfile.TemporaryDirectory(prefix="overt-") as folder:
        path = Path(folder) / f"in{SUFFIXES.get(canonical(media.media_type), '.bin')}"
        path.write_bytes(media.data)
        yield path
