"""What is said of a file that ffmpeg cannot read to its end."""

from __future__ import annotations

from typing import NoReturn

from overt.disclosure.facts import fail


def damaged(complaint: str) -> NoReturn:
    """Refuse a file that ffmpeg complains about.

    Raises:
        StageError: `truncated` where it says that the file ends too early, else `corrupt`.
    """
    lower = complaint.lower()
    signs = ("partial file", "moov atom not found", "ended prematurely", "end of file", "truncated")
    if any(sign in lower for sign in signs):
        cut_off()
    fail("corrupt", "the file is damaged", "it cannot be decoded", "check the tool")


def cut_off() -> NoReturn:
    """Refuse a file that ends too early.

    Raises:
        StageError: `truncated`.
    """
    fail("truncated", "the file is cut off", "", "check that the tool wrote all of it")
