"""The lines of a plan as they are written and drawn, with a figure's name where one can stand.

A name is put in where it can be read: in the script of its line, or as it is given. Where there is
none, or no font has its letters, a wording that needs no name stands instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from overt.disclosure.fonts import Fonts
from overt.disclosure.label import LabelArt, LabelLine, draw, safe_name, script_of, without_name
from overt.disclosure.planning import STANDARD_STRONG_INK, DisclosurePlan, Line, Visible
from overt.disclosure.wording import Catalogue
from overt.errors import StageError

if TYPE_CHECKING:
    from overt.disclosure.placing import Artist

Names = Callable[[str, str], str | None]
"""A person's name and a language to the name as it is written in that language, or none."""
_NAMELESS = {"public_figure_label": "label_short", "authorized_voice_label": "label_voice"}
_FLOOR_INK = 11


class Lettering:
    """Writes and draws the lines of plans.

    Args:
        fonts: What labels are drawn with.
        names: Writes a name in another language's script.
        catalogue: The wordings.
    """

    def __init__(self, fonts: Fonts, names: Names | None, catalogue: Catalogue) -> None:
        self._fonts, self._names, self._catalogue = fonts, names, catalogue

    # --- text ----------------------------------------------------------------------------------

    def written(self, plan: DisclosurePlan, name: str | None) -> list[Line]:
        """Lines of text as they are written."""
        return [
            replace(line, text=self.filled(line.key, line.language, line.text, name))
            for line in plan.text
        ]

    def filled(self, key: str, language: str, text: str, name: str | None) -> str:
        """A line of text as it is written: with the name, or a wording that needs none."""
        if "{name}" not in text:
            return text
        if not name:
            return self._catalogue.label(_NAMELESS[key], language).text
        written = self._names(name, language) if self._names is not None else None
        return text.replace("{name}", safe_name(written or name))

    # --- labels --------------------------------------------------------------------------------

    def printed(self, plan: DisclosurePlan) -> DisclosurePlan:
        """The plan with its lines of text as a label, for what text is drawn on."""
        return replace(plan, visible=tuple(self._as_drawn(line) for line in plan.text))

    def lines(self, plan: DisclosurePlan, name: str | None) -> list[LabelLine]:
        """The lines as they are drawn: names in, or a wording without one where they cannot be."""
        lines = [self._line(line, name) for line in plan.visible]
        return list(dict.fromkeys(lines))

    def named(self, plan: DisclosurePlan, name: str | None) -> frozenset[Visible]:
        """The lines with a place for the name that it is drawn in."""
        return frozenset(
            line
            for line in plan.visible
            if "{name}" in line.text and self._drawable(name, line) is not None
        )

    def artist(self, plan: DisclosurePlan, name: str | None) -> Artist:
        """Draws the plan's label; see `overt.disclosure.placing`.

        Raises:
            StageError: The font lacks letters, or no shaping engine is there.
        """
        lines = self.lines(plan, name)
        for line in lines:
            if not self._fonts.covers(line.script, without_name(line.text)):
                raise StageError(
                    "disclose",
                    "disclose.no_glyph",
                    f"the font for {line.script} lacks letters",
                    "",
                    "give the renderer a font",
                )

        def paint(size: tuple[int, int], room: tuple[int, int]) -> LabelArt | None:
            wanted = _ink(plan, size)
            return draw(
                lines,
                self._fonts,
                wanted,
                room,
                floor_px=needed_ink(plan, size),
                mark=plan.profile.mark,
            )

        return paint

    def _as_drawn(self, line: Line) -> Visible:
        word = self._catalogue.label(line.key, line.language)
        return Visible(line.key, line.language, line.text, word.script, line.direction, line.review)

    def _line(self, line: Visible, name: str | None) -> LabelLine:
        text = line.text
        if "{name}" in text:
            drawable = self._drawable(name, line)
            if drawable is None:
                text = self._catalogue.label(_NAMELESS[line.key], line.language).text
            else:
                text = text.replace("{name}", safe_name(drawable))
        return LabelLine(text, line.script, line.direction, line.language)

    def _drawable(self, name: str | None, line: Visible) -> str | None:
        """The name as the line's font can draw it, or none."""
        if not name:
            return None
        candidates = [self._names(name, line.language)] if self._names is not None else []
        for candidate in (*candidates, name):
            if candidate and self._has_letters(line.script, candidate):
                return candidate
        return None

    def _has_letters(self, script: str, name: str) -> bool:
        return any(self._fonts.covers(one, name) for one in (script, script_of(name)))


def needed_ink(plan: DisclosurePlan, size: tuple[int, int]) -> int:
    """Ink height in pixels below which the label does not count on a picture of this size.

    It is a law's figure, else a readable minimum.
    """
    laws = replace(plan.profile, ink_short_side=0.0) if _own_size(plan) else plan.profile
    return max(_FLOOR_INK, laws.ink_px(*size))


def _own_size(plan: DisclosurePlan) -> bool:
    """Whether only our default set the relative size, which may give way."""
    return plan.profile.ink_short_side <= 0.03


def _ink(plan: DisclosurePlan, size: tuple[int, int]) -> int:
    wanted = plan.profile.ink_px(*size)
    if plan.strong:
        wanted = max(wanted, round(STANDARD_STRONG_INK * min(size)))
    return max(_FLOOR_INK, wanted)
