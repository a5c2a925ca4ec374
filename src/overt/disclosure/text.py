"""Disclosure lines in texts, pages and captions.

Plain text and Markdown get a first line, HTML an element after `<body>`, WebVTT and SubRip a cue
for the first seconds, SVG a label drawn with the picture. Nothing else of the file changes; line
ends and a byte order mark are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from overt.disclosure.facts import Facts, fail
from overt.disclosure.planning import Line
from overt.errors import StageError
from overt.models import Media

CUE_S = 5.0
_ISOLATE = "\u2068{}\u2069"


def examine_text(media: Media, media_type: str) -> Facts:
    """Check that a text is UTF-8 and holds something.

    Raises:
        StageError: `output.empty` or `output.corrupt`.
    """
    text = _decode(media.read())
    if not text.strip("\ufeff \t\r\n"):
        fail("empty", "the text is empty", "", "check the tool")
    if media_type == "image/svg+xml":
        from overt.disclosure.svg import examine_svg

        return examine_svg(text)
    return Facts(media_type, detail={"characters": len(text)})


def write_into(media: Media, facts: Facts, lines: Sequence[Line]) -> bytes:
    """The text with its disclosure.

    Raises:
        StageError: A page has no place for it.
    """
    text = _decode(media.read())
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    end = "\r\n" if "\r\n" in body[:4096] else "\n"
    media_type = facts.media_type
    if media_type == "text/html":
        made = _into_html(body, lines)
    elif media_type == "text/vtt":
        made = _into_vtt(body, lines, end)
    elif media_type == "application/x-subrip":
        made = _into_srt(body, lines, end)
    elif media_type == "text/markdown":
        made = _into_markdown(body, lines, end)
    else:
        said = [_ISOLATE.format(line.text) for line in lines]
        made = end.join([*said, "", body])
    return (mark + made).encode("utf-8")


def check_text(data: bytes, media_type: str, lines: Sequence[Line]) -> bool:
    """Whether every line is in the finished text, before anything else that is read."""
    head = _decode(data)[:20_000] if media_type != "text/html" else _decode(data)
    wanted = [escape(line.text) if media_type == "text/html" else line.text for line in lines]
    return all(text in head for text in wanted)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        fail("corrupt", "the text is not UTF-8", "", "write UTF-8")


def _into_markdown(body: str, lines: Sequence[Line], end: str) -> str:
    """A quoted line, after front matter where there is some."""
    quoted = end.join(f"> {_ISOLATE.format(_markdown_safe(line.text))}  " for line in lines)
    front = re.match(r"---\r?\n.*?\r?\n---\r?\n", body, re.DOTALL)
    at = front.end() if front else 0
    return f"{body[:at]}{quoted}{end}{end}{body[at:]}"


def _markdown_safe(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def _into_html(body: str, lines: Sequence[Line]) -> str:
    opening = re.search(r"<body\b[^>]*>", body, re.IGNORECASE)
    if opening is None:
        opening = re.search(r"</head\s*>|<html\b[^>]*>|<!doctype[^>]*>", body, re.IGNORECASE)
    if opening is None:
        raise StageError("disclose", "disclose.no_place", "the page has no place for a disclosure")
    marks = "".join(
        f'<p class="ai-disclosure" role="note" lang="{escape(line.language)}" '
        f'dir="{line.direction}">{escape(line.text)}</p>'
        for line in lines
    )
    return body[: opening.end()] + marks + body[opening.end() :]


def _into_vtt(body: str, lines: Sequence[Line], end: str) -> str:
    head, gap, rest = _vtt_head(body, end)
    said = end.join(escape(line.text, quote=False) for line in lines)
    return f"{head}{gap}00:00:00.000 --> {_stamp(CUE_S, '.')} line:0{end}{said}{end}{end}{rest}"


def _vtt_head(body: str, end: str) -> tuple[str, str, str]:
    """The header block up to its blank line, and the rest."""
    found = re.match(r"WEBVTT[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n?", body)
    head = found.group(0).rstrip("\r\n") if found else "WEBVTT"
    return head, end + end, body[found.end() :] if found else body


def _into_srt(body: str, lines: Sequence[Line], end: str) -> str:
    said = end.join(line.text for line in lines)
    counter = iter(range(2, 10_000_000))
    renumbered = re.sub(
        r"(?m)^\d+(?=\r?\n\d\d:\d\d:\d\d,\d{3} -->)", lambda _: str(next(counter)), body
    )
    return f"1{end}00:00:00,000 --> {_stamp(CUE_S, ',')}{end}{said}{end}{end}{renumbered}"


def _stamp(seconds: float, point: str) -> str:
    whole, ms = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{point}{ms:03d}"


def captions_for(lines: Sequence[Line], duration_s: float) -> str:
    """A WebVTT file that goes with a video: the disclosure, for the first seconds."""
    end = min(CUE_S, duration_s) if duration_s else CUE_S
    said = "\n".join(escape(line.text, quote=False) for line in lines)
    return f"WEBVTT\n\n00:00:00.000 --> {_stamp(end, '.')} line:0\n{said}\n"


def write_beside(path: Path, data: bytes) -> None:
    """Write a finished text."""
    path.write_bytes(data)
