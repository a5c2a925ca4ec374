"""Reads manifests of files that nobody vouches for, in a process of its own.

The reader is native code that parses whatever a stranger sends. A child process does it, with a
limit on memory and on time for each file, without network, and is replaced when it dies. One child
serves many files, one after another.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Any

MEMORY_LIMIT_MB = 2048
"""Address space of the child; the interpreter and the library map about 500 MB of it."""
TIME_LIMIT_S = 10.0
FILE_LIMIT_MB = 4096


@dataclass(frozen=True, slots=True)
class Reading:
    """What the child found.

    Attributes:
        store: The manifest store as JSON values; none when there is none, or it failed.
        error: A code when it could not be read: `read.malformed`, `read.unsupported`,
            `read.remote`, `read.timeout` or `read.crash`.
        detail: The library's words about a malformed file.
    """

    store: dict[str, Any] | None = None
    error: str | None = None
    detail: str = ""


class IsolatedReader:
    """Reads manifest stores in a child process.

    Safe to share between threads: one file at a time. After a fork, the new process starts a
    child of its own.

    Args:
        anchors_pem: Roots that signers may chain to; none trusts nobody.
        time_limit_s: Wall-clock seconds for one file.
        memory_limit_mb: Address space of the child.
    """

    def __init__(
        self,
        anchors_pem: bytes | None = None,
        *,
        time_limit_s: float = TIME_LIMIT_S,
        memory_limit_mb: int = MEMORY_LIMIT_MB,
    ) -> None:
        self._anchors = anchors_pem
        self._time_limit_s, self._memory_limit_mb = time_limit_s, memory_limit_mb
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def __enter__(self) -> IsolatedReader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def read(self, path: Path, media_type: str, sidecar: Path | None = None) -> Reading:
        """Read one file. Never raises for what is in it."""
        question = {
            "path": str(path.absolute()),
            "media_type": media_type,
            "sidecar": None if sidecar is None else str(sidecar.absolute()),
        }
        with self._lock:
            child = self._started()
            answer = child.ask(question, self._time_limit_s)
            if answer is None:
                timed_out = child.alive()
                self._stop()
                return Reading(error="read.timeout" if timed_out else "read.crash")
            return Reading(answer.get("store"), answer.get("error"), answer.get("detail", ""))

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._stop()

    def _started(self) -> _Child:
        import os

        if self._child is None or self._child.owner != os.getpid() or not self._child.alive():
            self._child = _Child(self._anchors, self._memory_limit_mb, self._time_limit_s)
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None


class _Child:
    """One worker process and the thread that listens to it."""

    def __init__(
        self, anchors_pem: bytes | None, memory_limit_mb: int, time_limit_s: float
    ) -> None:
        import os

        self.owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "overt.provenance.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._answers: Queue[bytes] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        anchors = anchors_pem.decode("ascii", "replace") if anchors_pem else None
        hello = {
            "anchors": anchors,
            "memory_mb": memory_limit_mb,
            "cpu_s": int(time_limit_s) + 1,
        }
        self._send(hello)

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: dict[str, Any], time_limit_s: float) -> dict[str, Any] | None:
        """The answer; none when the child died or the time is up."""
        if not self._send(question):
            return None
        try:
            line = self._answers.get(timeout=time_limit_s)
        except Empty:
            return None
        if not line:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        if self.owner_is_us():
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def owner_is_us(self) -> bool:
        import os

        return self.owner == os.getpid()

    def _send(self, message: dict[str, Any]) -> bool:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            return False
        return True

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError, OSError):  # closed while reading
            for line in self._process.stdout:
                self._answers.put(line)
        self._answers.put(b"")

    def __del__(self) -> None:
        if self._process.poll() is None and self.owner_is_us():
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()
