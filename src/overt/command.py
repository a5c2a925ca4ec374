"""Any command-line generator as a tool: `espeak-ng -w {out} -- {prompt}`.

No shell is involved. The template is split once; `{prompt}`, `{prompt_file}` and `{out}` are then
filled in, each inside the one argument it stands in, so that a prompt with quotes, newlines or
`; rm -rf` stays one argument. A template with neither `{prompt}` nor `{prompt_file}` gets the
prompt on standard input, one without `{out}` gives its output on standard output. The command runs
in the caller's folder, in its own process group, within a time and an output limit; only what it
writes to `{out}` or to standard output counts.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from overt.errors import ConfigError, StageError
from overt.models import Media, Request
from overt.sniff import SUFFIXES, canonical

_PLACEHOLDER = re.compile(r"\{(prompt|prompt_file|out)\}")
_POLL_S = 0.02


class CommandTool:
    """A tool that runs a command for each request.

    Args:
        template: The command line.
        time_limit_s: Seconds after which the whole process group is killed.
        output_limit: Bytes after which it is killed.

    Attributes:
        prompt_unread: Whether the last run was given the prompt on standard input and read none of
            it: then what was screened had no part in what was made.

    Raises:
        ConfigError: The template cannot be split, is empty, or its program is not there.
    """

    def __init__(
        self, template: str, *, time_limit_s: float = 600, output_limit: int = 1 << 32
    ) -> None:
        try:
            self._argv = shlex.split(template)
        except ValueError as error:
            raise ConfigError("tool.template", "the tool's command line", str(error)) from None
        if not self._argv:
            raise ConfigError("tool.template", "the tool's command line is empty")
        program = shutil.which(self._argv[0])
        if program is None:
            raise ConfigError(
                "tool.not_found",
                f"no program {self._argv[0]!r}",
                "it is not on PATH",
                "install it or give its path",
            )
        self._argv[0] = program
        self.name = Path(program).name
        self._names = set(_PLACEHOLDER.findall(template))
        self._time_limit_s, self._output_limit = time_limit_s, output_limit
        self.prompt_unread = False

    def __call__(self, request: Request) -> Media:
        """Run the command.

        Raises:
            StageError: It failed, hung, wrote nothing or wrote too much (`tool.*`).
        """
        with tempfile.TemporaryDirectory(prefix="overt-tool-") as name:
            folder = Path(name)
            out = folder / f"out{SUFFIXES[canonical(request.media_type)]}"
            prompt_file = folder / "prompt.txt"
            if "prompt_file" in self._names:
                prompt_file.write_text(request.prompt, encoding="utf-8")
            values = {
                "prompt": request.prompt,
                "prompt_file": str(prompt_file),
                "out": str(out),
            }
            argv = [_PLACEHOLDER.sub(lambda m: values[m[1]], part) for part in self._argv]
            self._run(argv, request.prompt, folder, out)
            return Media(media_type=request.media_type, data=self._collect(out))

    def _run(self, argv: list[str], prompt: str, folder: Path, out: Path) -> None:
        stdout = out if "out" not in self._names else folder / "stdout"
        stderr = folder / "stderr"
        with _stdin(prompt, folder, feed=not self._names & {"prompt", "prompt_file"}) as stdin:
            process = self._start(argv, stdin, stdout, stderr)
            code = self._wait(process, (out, stdout, stderr))
            # The process shares our place in the file, so that this is how far it has read.
            self.prompt_unread = not isinstance(stdin, int) and not os.lseek(
                stdin.fileno(), 0, os.SEEK_CUR
            )
        if code:
            raise StageError(
                "tool",
                "tool.failed",
                f"the tool ended with exit code {code}",
                redact(_tail(stderr), prompt),
                "run it by hand to see more",
            )

    @staticmethod
    def _start(
        argv: list[str], stdin: IO[bytes] | int, stdout: Path, stderr: Path
    ) -> subprocess.Popen[bytes]:
        try:
            with stdout.open("wb") as out, stderr.open("wb") as err:
                return subprocess.Popen(  # noqa: S603 (no shell; the builder chose the program)
                    argv, stdin=stdin, stdout=out, stderr=err, start_new_session=True
                )
        except (OSError, ValueError) as error:
            # ValueError: a NUL in the prompt. E2BIG: Linux takes 128 KiB in one argument.
            reason = error.strerror if isinstance(error, OSError) else "it holds a NUL"
            raise StageError(
                "tool",
                "tool.not_started",
                "the tool could not be started with this prompt as an argument",
                reason or "",
                "use {prompt_file} or standard input",
            ) from None

    def _wait(self, process: subprocess.Popen[bytes], outputs: tuple[Path, ...]) -> int:
        deadline = time.monotonic() + self._time_limit_s
        try:
            while True:
                if any(p.exists() and p.stat().st_size > self._output_limit for p in outputs):
                    raise StageError(
                        "tool",
                        "tool.output_too_large",
                        "the tool wrote too much",
                        f"more than {self._output_limit} bytes",
                        "raise limits.output_mb if this is meant",
                    )
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise StageError(
                        "tool",
                        "tool.timeout",
                        "the tool did not finish",
                        f"time limit of {self._time_limit_s:g} s",
                        "raise --time-limit or mend the tool",
                    )
                try:
                    return process.wait(min(_POLL_S, remaining))
                except subprocess.TimeoutExpired:
                    continue
        finally:
            _end_group(process)

    def _collect(self, out: Path) -> bytes:
        if not out.is_file() or out.is_symlink() or not out.stat().st_size:
            raise StageError(
                "tool",
                "tool.no_output",
                "the tool wrote nothing",
                "its output file is missing or empty",
                "let it write to {out} or to standard output",
            )
        return out.read_bytes()


@contextmanager
def _stdin(prompt: str, folder: Path, *, feed: bool) -> Iterator[IO[bytes] | int]:
    """The prompt from a private file, not a pipe: a tool that never reads must not hang us."""
    if not feed:
        yield subprocess.DEVNULL
        return
    path = folder / "stdin"
    path.write_text(prompt, encoding="utf-8")
    with path.open("rb") as stream:
        yield stream


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group: a tool may leave children behind that still write."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(path: Path, size: int = 600) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - size))
        return " ".join(stream.read().decode("utf-8", "replace").split())


def redact(text: str, prompt: str) -> str:
    """`text` without any word of the prompt: tools like to print it, in pieces or quoted (I4)."""
    words = {word.casefold() for word in re.findall(r"\w+", prompt)}
    return re.sub(r"\w+", lambda m: "…" if m[0].casefold() in words else m[0], text)
