"""Carries a plan out on an asset and proves it: one class, one method per kind of media.

The finished file is read again and measured before it is handed back; what does not measure up to
the plan is a `StageError` and no asset. Names go on pixels only: the evidence keeps the template.
Bytes in give bytes out, a file in gives a file out, so that long videos stay off memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from overt.beside import beside
from overt.disclosure import check
from overt.disclosure.evidence import spoken_evidence, worth_checking
from overt.disclosure.facts import Facts, examine
from overt.disclosure.fonts import Fonts
from overt.disclosure.label import LabelArt, LabelLine, draw, safe_name, script_of, without_name
from overt.disclosure.planning import STANDARD_STRONG_INK, DisclosurePlan, Line, Visible
from overt.disclosure.rendered import Rendered
from overt.disclosure.wording import Catalogue
from overt.errors import StageError
from overt.models import Disclosure, Media
from overt.ports import Speaker
from overt.sniff import SUFFIXES

Names = Callable[[str, str], str | None]
"""A person's name and a language to the name as it is written in that language, or none."""
_FLOOR_INK = 11


class Renderer:
    """Renders disclosures. Holds fonts and a speaker, keeps no state between assets.

    Args:
        fonts: A builder's font files by ISO 15924 code, laid over the packaged ones.
        speaker: A voice of the builder's own; it speaks before any clip does.
        names: Writes a name in another language's script.
        catalogue: A builder's wordings.
    """

    def __init__(
        self,
        fonts: Mapping[str, Path] | Fonts | None = None,
        speaker: Speaker | None = None,
        names: Names | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        self._fonts = fonts if isinstance(fonts, Fonts) else Fonts(fonts)
        self._speaker = speaker
        self._names = names
        self._catalogue = catalogue or Catalogue.packaged()

    @property
    def catalogue(self) -> Catalogue:
        """The wordings it draws from, for `plan`."""
        return self._catalogue

    @property
    def speaks(self) -> tuple[str, ...]:
        """Languages of the builder's own voice, for `plan`."""
        return tuple(self._speaker.languages()) if self._speaker is not None else ()

    def disclose(
        self,
        media: Media,
        plan: DisclosurePlan,
        name: str | None = None,
        *,
        facts: Facts | None = None,
        xmp: bytes | None = None,
        work: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Media, tuple[Disclosure, ...]]:
        """Put what the plan says on the asset, and prove it.

        Args: As of `render`.

        Raises:
            StageError: The plan cannot be carried out, or the finished file does not show it.
        """
        made = self.render(media, plan, name, facts=facts, xmp=xmp, work=work, progress=progress)
        return made.media, made.prove(made.media)

    def render(
        self,
        media: Media,
        plan: DisclosurePlan,
        name: str | None = None,
        *,
        facts: Facts | None = None,
        xmp: bytes | None = None,
        work: Path | None = None,
        progress: Callable[[float], None] | None = None,
        look: bool = False,
    ) -> Rendered:
        """Put what the plan says on the asset; `Rendered.prove` has to follow.

        Args:
            media: The asset, as it came from the tool.
            plan: What is owed on it.
            name: The depicted figure, for the pixels of a label that has a place for it.
            facts: What `examine` found, when it was called before.
            xmp: A metadata packet to be written with a picture.
            work: Folder for the new file when `media` is one; its owner removes it.
            progress: Told the seconds of a video that are done; else see `progress.watching`.
            look: Also keep what a picture looks like, for its fingerprint.

        Raises:
            StageError: The plan cannot be carried out.
        """
        facts = facts or examine(media, declared=media.media_type)
        if not plan.owed and not (xmp and facts.media_type.startswith("image/")):
            return Rendered(media, (), plan, facts.media_type)
        if facts.media_type == "image/svg+xml":
            return self._svg(media, facts, plan, name, work)
        if facts.media_type == "application/pdf":
            return self._pdf(media, facts, plan, name, work)
        if facts.media_type.startswith("image/"):
            return self._image(media, facts, plan, name, xmp, work, look)
        if facts.media_type.startswith("text/") or "subrip" in facts.media_type:
            made, shown = self._text(media, facts, plan, name, work)
        elif facts.has_audio and not facts.has_video and "format" in facts.detail:
            made, shown = self._audio(media, facts, plan, work)
        else:
            made, shown = self._video(media, facts, plan, name, work, progress)
        return Rendered(made, tuple(shown), plan, facts.media_type)

    # --- one kind each -------------------------------------------------------------------------

    def _image(
        self,
        media: Media,
        facts: Facts,
        plan: DisclosurePlan,
        name: str | None,
        xmp: bytes | None,
        work: Path | None,
        look: bool,
    ) -> Rendered:
        from overt.disclosure.image import label_image, rewrite

        kind = facts.media_type
        if not plan.visible:
            return Rendered(_out(media, rewrite(media, facts, xmp), facts, work), (), plan, kind)
        artist, corner = self.artist(plan, name), plan.profile.corner
        made = label_image(media, facts, artist, xmp, corner, look=look)
        claimed = tuple(self._shown(plan, made.placed, {}, name))
        shown = _out(media, made.data, facts, work)
        return Rendered(shown, claimed, plan, kind, made.placed, made.looks)

    def _svg(
        self, media: Media, facts: Facts, plan: DisclosurePlan, name: str | None, work: Path | None
    ) -> Rendered:
        from overt.disclosure.svg import label_svg

        if not plan.visible:
            return Rendered(media, (), plan, facts.media_type)
        said = " · ".join(line.text for line in self._filled(plan, None))
        text = media.read().decode("utf-8")
        made, placed = label_svg(text, facts, self.artist(plan, name), said)
        shown = tuple(self._shown(plan, placed, {}, name))
        return Rendered(
            _out(media, made.encode(), facts, work), shown, plan, facts.media_type, placed
        )

    def _pdf(
        self, media: Media, facts: Facts, plan: DisclosurePlan, name: str | None, work: Path | None
    ) -> Rendered:
        """The lines of text, drawn on the first page; they are measured on the finished file."""
        from overt.disclosure.pdf import label_pdf

        drawn = replace(plan, visible=tuple(self._as_drawn(line) for line in plan.text))
        data, placed = label_pdf(media.read(), self.artist(drawn, name), plan.profile.corner)
        place = {"page": 1, "box": list(placed.box), "size": list(placed.size)}
        claimed = tuple(
            one.model_copy(update={"evidence": {**one.evidence, **place}})
            for one in _written(plan, found=False)
        )
        made = _out(media, data, facts, work)
        return Rendered(made, claimed, plan, facts.media_type, placed)

    def _as_drawn(self, line: Line) -> Visible:
        word = self._catalogue.label(line.key, line.language)
        return Visible(line.key, line.language, line.text, word.script, line.direction, line.review)

    def _text(
        self, media: Media, facts: Facts, plan: DisclosurePlan, name: str | None, work: Path | None
    ) -> tuple[Media, list[Disclosure]]:
        from overt.disclosure.text import check_text, write_into

        lines = self._said(plan, name)
        data = write_into(media, facts, lines)
        found = check_text(data, facts.media_type, lines)
        return _out(media, data, facts, work), _written(plan, found)

    def _audio(
        self, media: Media, facts: Facts, plan: DisclosurePlan, work: Path | None
    ) -> tuple[Media, list[Disclosure]]:
        from overt.disclosure.audio import check_sound, speak_into
        from overt.disclosure.image import path_of
        from overt.disclosure.speech import notice_for

        notices = [notice_for(spoken, self._speaker) for spoken in plan.spoken]
        target = None
        if media.path is not None:
            target = path_of(work, media, SUFFIXES[facts.media_type])
        made, heard = speak_into(media, notices, plan.profile, target)
        lossy = facts.detail["format"] in ("OGG", "MP3")
        measured = {at: check_sound(made, heard[at]) for at in worth_checking(heard)}
        return made, spoken_evidence(plan, heard, measured, "lossy" if lossy else "lossless")

    def _video(
        self,
        media: Media,
        facts: Facts,
        plan: DisclosurePlan,
        name: str | None,
        work: Path | None,
        progress: Callable[[float], None] | None,
    ) -> tuple[Media, list[Disclosure]]:
        from overt.disclosure import ffmpeg
        from overt.disclosure.image import path_of
        from overt.disclosure.progress import reporter
        from overt.disclosure.speech import notice_for
        from overt.disclosure.video import render_video

        notices = [notice_for(spoken, self._speaker) for spoken in plan.spoken]
        artist = self.artist(plan, name) if plan.visible and facts.has_video else None
        with tempfile.TemporaryDirectory(prefix="overt-") as folder, ffmpeg.as_file(media) as path:
            suffix = SUFFIXES[facts.media_type]
            kept = work or Path(folder)
            target = path_of(kept if media.path is None or work else None, media, suffix)
            placed, heard = render_video(
                path,
                target,
                facts,
                plan.profile,
                artist,
                notices,
                self._said(plan, name),
                progress or reporter(facts.duration_s),
            )
            try:
                shown = self._proved(target, facts, plan, placed, heard, name)
                check.compare(plan, shown)
            except BaseException:
                target.unlink(missing_ok=True)
                raise
            if media.path is not None:
                return media.model_copy(update={"path": target}), shown
            return media.model_copy(update={"data": target.read_bytes()}), shown

    def _proved(
        self,
        target: Path,
        facts: Facts,
        plan: DisclosurePlan,
        placed: Any,
        heard: Sequence[Any],
        name: str | None,
    ) -> list[Disclosure]:
        """Look at and listen to a finished video."""
        from overt.disclosure import video

        said = self._said(plan, name)
        with beside(lambda: bool(said) and video.check_captions(target, facts, said)) as read:
            video.check_whole(target, facts, plan.profile)
            shown: list[Disclosure] = []
            if placed is not None:
                found = video.check_pictures(target, facts, placed, plan.profile)
                shown += self._shown(plan, placed, found, name, facts.duration_s)
            measured = {
                at: video.check_notice(target, facts, heard[at]) for at in worth_checking(heard)
            }
            shown += spoken_evidence(plan, heard, measured, "mixed")
            return [*shown, *(_written(plan, read()) if plan.text else ())]

    # --- labels --------------------------------------------------------------------------------

    def _filled(self, plan: DisclosurePlan, name: str | None) -> list[LabelLine]:
        """The lines as they are drawn: names in, or a wording without one where they cannot be."""
        lines = [self._line(line, name) for line in plan.visible]
        return list(dict.fromkeys(lines))

    def _said(self, plan: DisclosurePlan, name: str | None) -> list[Line]:
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

    def _line(self, line: Visible, name: str | None) -> LabelLine:
        text = line.text
        if "{name}" in text:
            written = self._written(name, line)
            if written is None:
                text = self._catalogue.label(_NAMELESS[line.key], line.language).text
            else:
                text = text.replace("{name}", safe_name(written))
        return LabelLine(text, line.script, line.direction, line.language)

    def _written(self, name: str | None, line: Visible) -> str | None:
        """The name as the line's font can draw it, or none."""
        if not name:
            return None
        candidates = [self._names(name, line.language)] if self._names is not None else []
        for candidate in (*candidates, name):
            if candidate and self._drawable(line.script, candidate):
                return candidate
        return None

    def _drawable(self, script: str, name: str) -> bool:
        return any(self._fonts.covers(one, name) for one in (script, script_of(name)))

    def artist(
        self, plan: DisclosurePlan, name: str | None
    ) -> Callable[[tuple[int, int], tuple[int, int]], LabelArt | None]:
        """Draws the plan's label; see `overt.disclosure.placing`.

        Raises:
            StageError: The font lacks letters, or no shaping engine is there.
        """
        lines = self._filled(plan, name)
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
                floor_px=_needed(plan, size),
                mark=plan.profile.mark,
            )

        return paint

    def _shown(
        self,
        plan: DisclosurePlan,
        placed: Any,
        found: Mapping[str, float],
        name: str | None,
        duration_s: float | None = None,
    ) -> list[Disclosure]:
        art = placed.art
        evidence: dict[str, Any] = {
            "box": list(placed.box),
            "size": list(placed.size),
            "ink_px": art.ink_px,
            "ink_needed_px": 0 if placed.strip else _needed(plan, placed.size),
            "fonts": list(art.fonts),
            "strip": placed.strip,
            **({"picture": list(placed.picture)} if placed.picture else {}),
            **found,
        }
        if duration_s is not None:
            evidence["start_s"], evidence["end_s"] = _span(plan, duration_s)
        return [
            Disclosure(
                mode="visible",
                language=line.language,
                wording=line.key,
                text=line.text,
                covers=plan.covers,
                evidence={
                    **evidence,
                    "review": line.review,
                    **(
                        {"named": self._written(name, line) is not None}
                        if "{name}" in line.text
                        else {}
                    ),
                },
            )
            for line in plan.visible
        ]


def _span(plan: DisclosurePlan, duration_s: float) -> tuple[float, float]:
    """When the label is seen: all the time, the first seconds, or on the card after the end."""
    rules = plan.profile
    if rules.end_card_s:
        return round(duration_s, 3), round(duration_s + rules.end_card_s, 3)
    shown = duration_s if rules.visible_whole else min(duration_s, max(2.0, rules.visible_min_s))
    return 0.0, round(shown, 3)


_NAMELESS = {"public_figure_label": "label_short", "authorized_voice_label": "label_voice"}


def _needed(plan: DisclosurePlan, size: tuple[int, int]) -> int:
    """Ink height below which the label does not count: a law's figure, else a readable minimum."""
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


def _written(plan: DisclosurePlan, found: bool) -> list[Disclosure]:
    return [
        Disclosure(
            mode="text",
            language=line.language,
            wording=line.key,
            text=line.text,
            covers=plan.covers,
            evidence={"found": found, "review": line.review},
        )
        for line in plan.text
    ]


def _out(media: Media, data: bytes, facts: Facts, work: Path | None) -> Media:
    if media.path is None:
        return media.model_copy(update={"data": data})
    from overt.disclosure.image import path_of

    target = path_of(work, media, SUFFIXES[facts.media_type])
    target.write_bytes(data)
    return media.model_copy(update={"path": target})
