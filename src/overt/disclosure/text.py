"""Disclosure lines in texts, pages and captions.

Plain text and Markdown get a first line, HTML an element before all else, WebVTT and SubRip a cue
for the first seconds, SVG a label drawn with the picture. Nothing else of the file changes; line
ends and a byte order mark are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from overt.disclosure.facts import Facts, fail
from overt.disclosure.pages import MARK, disclosures_of, place_in
from overt.disclosure.planning import Line
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
    """The text with its disclosure."""
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
    return all(says(data, media_type, line.text) for line in lines)


def says(data: bytes, media_type: str, text: str) -> bool:
    """Whether a finished text discloses `text`, as its format writes it."""
    whole = _decode(data)
    if media_type == "text/html":
        return text in disclosures_of(whole)
    written = {"text/markdown": _markdown_safe, "text/vtt": _vtt_safe}.get(media_type, str)(text)
    return written in whole[:20_000]


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        fail("corrupt", "the text is not UTF-8", "", "write UTF-8")


def _into_markdown(body: str, lines: Sequence[Line], end: str) -> str:
    """A quoted line, after front matter where there is some."""
    quoted = end.join(f"> {_ISOLATE.format(_markdown_safe(line.text))}  " for line in lines)
    front = re.match(r"(---|\+\+\+)\r?\n.*?\r?\n\1\r?\n", body, re.DOTALL)
    at = front.end() if front else 0
    return f"{body[:at]}{quoted}{end}{end}{body[at:]}"


def _markdown_safe(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def _into_html(body: str, lines: Sequence[Line]) -> str:
    marks = "".join(
        f'<p class="{MARK}" role="note" lang="{escape(line.language)}" '
        f'dir="{line.direction}">{escape(line.text)}</p>'
        for line in lines
    )
    at = place_in(body)
    return body[:at] + marks + body[at:]


def _into_vtt(body: str, lines: Sequence[Line], end: str) -> str:
    head, rest = _vtt_head(body)
    said = end.join(_vtt_safe(line.text) for line in lines)
    stamp = _stamp(CUE_S, ".")
    return f"{head}{end}{end}00:00:00.000 --> {stamp} line:0{end}{said}{end}{end}{rest}"


def _vtt_safe(text: str) -> str:
    return escape(text, quote=False)


def _vtt_head(body: str) -> tuple[str, str]:
    """The header with its styles and regions, which count before the first cue only, and the rest.

    Comments between them go with it.
    """
    found = re.match(r"WEBVTT[^\n]*\n(?:[^\r\n]+\r?\n)*(?:\r?\n)*", body)
    if found is None:
        return "WEBVTT", body.removeprefix("WEBVTT")
    end = found.end()
    for block in re.finditer(r"(?:[^\r\n]+(?:\r?\n|$))+(?:\r?\n)*", body[end:]):
        if "-->" in block.group(0):
            break
        if re.match(r"(STYLE|REGION)[ \t]*\r?\n", block.group(0)):
            end = found.end() + block.end()
    return body[:end].rstrip("\r\n"), body[end:]


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
    said = "\n".join(_vtt_safe(line.text) for line in lines)
    return f"WEBVTT\n\n00:00:00.000 --> {_stamp(end, '.')} line:0\n{said}\n"
