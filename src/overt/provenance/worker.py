"""The child process of `overt.provenance.isolated`: reads one file a line, answers one line each.

The first line sets the limits and the trust anchors. CPU time is limited for each file anew, so
that a long-lived child is not ended by honest work.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import sys
from pathlib import Path
from typing import IO, Any

from overt.provenance.carriers import holds
from overt.provenance.strict import BOXES, is_ours

_SIDECAR_LIMIT = 64 << 20


def _limit(memory_mb: int) -> None:
    import resource

    for kind, soft in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit on address space
            resource.setrlimit(kind, (soft, soft))


def _limit_cpu(seconds: int) -> None:
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(
        resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard)
    )


def _holds(stream: IO[bytes], media_type: str, raw: bytes) -> bool:
    """Whether the file holds what the library made of it, which puts a store together leniently."""
    with contextlib.closing(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)) as view:
        return holds(view, media_type, raw)


def _answer(question: dict[str, Any], pool: Any) -> dict[str, Any]:
    from c2pa import C2paError

    from overt.provenance._c2pa import read_store

    sidecar = None
    try:
        if question["sidecar"] is not None:
            with Path(question["sidecar"]).open("rb") as stream:
                sidecar = stream.read(_SIDECAR_LIMIT)
        with Path(question["path"]).open("rb") as stream:
            found = read_store(stream, question["media_type"], sidecar, pool)
            if found is None:
                return {"store": None}
            store, raw = found
            if (
                store["embedded"]
                and is_ours(store)
                and not _holds(stream, question["media_type"], raw)
            ):
                store["irregular"] = [*store["irregular"], BOXES]
            return {"store": store}
    except C2paError.NotSupported as cause:
        return {"error": "read.unsupported", "detail": str(cause)[:300]}
    except C2paError as cause:
        remote = type(cause).__name__ == "_C2paRemoteManifest" or "remote" in str(cause).lower()
        return {
            "error": "read.remote" if remote else "read.malformed",
            "detail": str(cause)[:300],
        }
    except MemoryError:
        return {"error": "read.crash"}
    except (OSError, ValueError, RecursionError) as cause:
        return {"error": "read.malformed", "detail": type(cause).__name__}


def main() -> None:
    """Serve until standard input ends."""
    from overt.provenance._c2pa import ContextPool

    hello = json.loads(sys.stdin.readline())
    anchors = hello["anchors"]
    pool = ContextPool(anchors.encode("ascii", "ignore") if anchors else None)
    _limit(hello["memory_mb"])
    for line in sys.stdin:
        _limit_cpu(hello["cpu_s"])
        sys.stdout.write(json.dumps(_answer(json.loads(line), pool)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
