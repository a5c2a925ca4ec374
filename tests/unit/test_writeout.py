"""Writing to the disk begins early, and costs nothing but time where it cannot."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from overt import writeout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a call of Linux")
def test_linux_takes_the_call(tmp_path: Path) -> None:
    call = writeout._call()
    assert call is not None
    with (tmp_path / "a").open("wb") as stream:
        stream.write(b"a" * 5000)
        stream.flush()
        assert call(stream.fileno(), 0, 0, writeout._WRITE) == 0
    assert (tmp_path / "a").read_bytes() == b"a" * 5000


def test_what_cannot_be_written_out_is_no_error() -> None:
    reading, writing = os.pipe()
    try:
        writeout.begin(writing)
    finally:
        os.close(reading)
        os.close(writing)


def test_a_system_without_the_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    writeout._call.cache_clear()
    monkeypatch.setattr(writeout.sys, "platform", "darwin")
    assert writeout._call() is None
    with (tmp_path / "a").open("wb") as stream:
        stream.write(b"a")
        stream.flush()
        writeout.begin(stream.fileno())
    assert (tmp_path / "a").read_bytes() == b"a"
    writeout._call.cache_clear()
