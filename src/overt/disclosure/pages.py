"""Where a disclosure goes in an HTML page, and what the disclosures of a page say.

A page is read as its tags come, so that a `<body>` in a comment or a script is none. The place is
before anything that is shown: after the body's own tag, else before the first thing that belongs
to a body.
"""

from __future__ import annotations

from html.parser import HTMLParser

MARK = "ai-disclosure"
_HEAD = frozenset(
    {"html", "head", "meta", "title", "link", "base", "script", "style", "noscript", "template"}
)
_SILENT = frozenset({"title", "script", "style", "noscript", "template"})


def place_in(page: str) -> int:
    """Offset in `page` at which a disclosure is the first thing that is read."""
    found = _read(page).place
    return len(page) if found is None else found


def disclosures_of(page: str) -> tuple[str, ...]:
    """Texts of the disclosures that stand before anything else that is read."""
    return tuple(_read(page).notes)


class _Page(HTMLParser):
    """Notes the first place of the body, and the disclosures that begin it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.place: int | None = None
        self.notes: list[str] = []
        self._silent: list[str] = []
        self._writing = False
        self._over = False
        self._lines = [0]
        for line in page.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body" and self.place is None:
            self.place = self._at() + len(self.get_starttag_text() or "")
        elif tag in _HEAD:
            if tag in _SILENT:
                self._silent.append(tag)
        elif not self._silent:
            self._shown()
            self._writing = tag == "p" and dict(attrs).get("class") == MARK
            if self._writing and not self._over:
                self.notes.append("")
            self._over = self._over or not self._writing

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        elif tag == "p":
            self._writing = False

    def handle_data(self, data: str) -> None:
        if self._silent or not data.strip():
            return
        self._shown()
        if not self._writing:
            self._over = True
        elif not self._over:
            self.notes[-1] += data

    def _shown(self) -> None:
        if self.place is None:
            self.place = self._at()


def _read(page: str) -> _Page:
    reader = _Page(page)
    reader.feed(page)
    reader.close()
    return reader
