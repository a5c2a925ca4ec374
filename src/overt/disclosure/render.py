"""Carries a plan out on an asset and proves it: one class, one method per kind of media.

The finished file is read again and measured before it is handed back; what does not measure up to
the plan is a `StageError` and no asset. Names go on pixels only: the evidence keeps the template.
Bytes in give bytes out, a file in gives a file out, so that long videos stay off memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from overt.beside import beside
from overt.disclosure import check
from overt.disclosure.evidence import (
    spoken_evidence,
    text_evidence,
    visible_evidence,
    worth_checking,
)
from overt.disclosure.facts import Facts, examine
from overt.disclosure.fonts import Fonts
from overt.disclosure.lettering import Lettering, Names
from overt.disclosure.planning import DisclosurePlan
from overt.disclosure.rendered import Rendered
from overt.disclosure.wording import Catalogue
from overt.models import Disclosure, Media
from overt.ports import Speaker
from overt.sniff import SUFFIXES

if TYPE_CHECKING:
    from overt.disclosure.audio import Heard
    from overt.disclosure.placing import Placed


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
        self._speaker = speaker
        self._catalogue = catalogue or Catalogue.packaged()
        fonts = fonts if isinstance(fonts, Fonts) else Fonts(fonts)
        self._lettering = Lettering(fonts, names, self._catalogue)

    @property
    def catalogue(self) -> Catalogue:
        """The wordings it draws from, for `plan`."""
        return self._catalogue

    @property
    def lettering(self) -> Lettering:
        """What writes and draws the lines of a plan, for `recheck`."""
        return self._lettering

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
        artist, corner = self._lettering.artist(plan, name), plan.profile.corner
        made = label_image(media, facts, artist, xmp, corner, look=look)
        claimed = tuple(self._seen(plan, made.placed, {}, name))
        shown = _out(media, made.data, facts, work)
        return Rendered(shown, claimed, plan, kind, made.placed, made.looks)

    def _svg(
        self, media: Media, facts: Facts, plan: DisclosurePlan, name: str | None, work: Path | None
    ) -> Rendered:
        from overt.disclosure.svg import label_svg

        if not plan.visible:
            return Rendered(media, (), plan, facts.media_type)
        said = " · ".join(line.text for line in self._lettering.lines(plan, None))
        text = media.read().decode("utf-8")
        made, placed = label_svg(text, facts, self._lettering.artist(plan, name), said)
        shown = tuple(self._seen(plan, placed, {}, name))
        return Rendered(
            _out(media, made.encode(), facts, work), shown, plan, facts.media_type, placed
        )

    def _pdf(
        self, media: Media, facts: Facts, plan: DisclosurePlan, name: str | None, work: Path | None
    ) -> Rendered:
        """The lines of text, drawn on the first page; they are measured on the finished file."""
        from overt.disclosure.pdf import label_pdf

        artist = self._lettering.artist(self._lettering.printed(plan), name)
        data, placed = label_pdf(media.read(), artist, plan.profile.corner)
        place = {"page": 1, "box": list(placed.box), "size": list(placed.size)}
        claimed = tuple(
            one.model_copy(update={"evidence": {**one.evidence, **place}})
            for one in text_evidence(plan, found=False)
        )
        made = _out(media, data, facts, work)
        return Rendered(made, claimed, plan, facts.media_type, placed)

    def _text(
        self, media: Media, facts: Facts, plan: DisclosurePlan, name: str | None, work: Path | None
    ) -> tuple[Media, list[Disclosure]]:
        from overt.disclosure.text import check_text, write_into

        lines = self._lettering.written(plan, name)
        data = write_into(media, facts, lines)
        found = check_text(data, facts.media_type, lines)
        return _out(media, data, facts, work), text_evidence(plan, found)

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
        labelled = plan.visible and facts.has_video
        artist = self._lettering.artist(plan, name) if labelled else None
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
                self._lettering.written(plan, name),
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
        placed: Placed | None,
        heard: Sequence[Heard],
        name: str | None,
    ) -> list[Disclosure]:
        """Look at and listen to a finished video."""
        from overt.disclosure import video

        said = self._lettering.written(plan, name)
        with beside(lambda: bool(said) and video.check_captions(target, facts, said)) as read:
            video.check_whole(target, facts, plan.profile)
            shown: list[Disclosure] = []
            if placed is not None:
                found = video.check_pictures(target, facts, placed, plan.profile)
                shown += self._seen(plan, placed, found, name, facts.duration_s)
            measured = {
                at: video.check_notice(target, facts, heard[at]) for at in worth_checking(heard)
            }
            shown += spoken_evidence(plan, heard, measured, "mixed")
            return [*shown, *(text_evidence(plan, read()) if plan.text else ())]

    def _seen(
        self,
        plan: DisclosurePlan,
        placed: Placed,
        found: Mapping[str, float],
        name: str | None,
        duration_s: float | None = None,
    ) -> list[Disclosure]:
        return visible_evidence(plan, placed, found, self._lettering.named(plan, name), duration_s)


def _out(media: Media, data: bytes, facts: Facts, work: Path | None) -> Media:
    if media.path is None:
        return media.model_copy(update={"data": data})
    from overt.disclosure.image import path_of

    target = path_of(work, media, SUFFIXES[facts.media_type])
    target.write_bytes(data)
    return media.model_copy(update={"path": target})
