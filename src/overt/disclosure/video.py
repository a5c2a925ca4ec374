"""Notices in videos and in sound files that only ffmpeg reads.

The label is drawn once and laid over the pictures; the notice is mixed over the start, the
programme ducked under it by 15 dB with ramps of 200 ms, for a notice put before would shift the
pictures. If only the sound changes, the video packets are copied bit for bit. Kept: frame count,
timestamps (variable frame rates too), sound rate and channels, every sound and subtitle track with
its fonts, covers of sound and of Matroska films, chapters, colour flags and metadata. A rotated
video is written upright.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any

from overt.disclosure import ffmpeg
from overt.disclosure.audio import Heard, correlation
from overt.disclosure.codecs import audio_options, overlay_format, streams, video_options
from overt.disclosure.covers import attach
from overt.disclosure.damage import damaged
from overt.disclosure.facts import Facts, Limits, fail
from overt.disclosure.loudness import SILENT, loudness
from overt.disclosure.mixing import HEADROOM, mix_filters, scheduled, write_wav
from overt.disclosure.placing import Artist, Placed, measure, place
from overt.disclosure.planning import CAPTIONS, Line
from overt.disclosure.profiles import Profile
from overt.disclosure.programme import sound_of
from overt.disclosure.speech import Notice, at_level
from overt.disclosure.text import captions_for
from overt.errors import StageError

MATROSKA = "video/x-matroska"
_ONSET = ("-t", "10")
"""The cue is at the beginning: a long file is not read to its end for it."""


def render_video(
    path: Path,
    target: Path,
    facts: Facts,
    rules: Profile,
    artist: Artist | None,
    notices: Sequence[Notice],
    captions: Sequence[Line] = (),
    progress: ffmpeg.Progress | None = None,
) -> tuple[Placed | None, list[Heard]]:
    """Write `target` with the label burned in, the notice mixed in and a caption cue added.

    Raises:
        StageError: The label has no room, or ffmpeg fails.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="overt-") as name:
        job = _Job(path, facts, rules, Path(name))
        heard = job.sound(notices)
        placed = job.pictures(artist)
        job.captions(captions)
        job.attachments(artist)
        limits: dict[str, Any] = {
            "limit_s": 120 + 30 * facts.duration_s,
            "limit_bytes": 256 * 1024**2 + 20 * path.stat().st_size,
        }
        try:
            done = ffmpeg.run(job.arguments(), target=target, progress=progress, **limits)
            if _told(done.complaint):
                # Packets that a damaged container lost: the rest was written without an error.
                target.unlink(missing_ok=True)
                damaged(done.complaint)
        except ffmpeg.Failed as failed:
            _refused(str(failed))
    return placed, heard


class _Job:
    """Collects the arguments of one ffmpeg run."""

    def __init__(self, path: Path, facts: Facts, rules: Profile, folder: Path) -> None:
        self.path, self.facts, self.rules, self.folder = path, facts, rules, folder
        self.inputs: list[str] = []
        self.graph: list[str] = []
        self.maps: list[str] = []
        self.files = 1
        self.card_s = rules.end_card_s

    def sound(self, notices: Sequence[Notice]) -> list[Heard]:
        """Mix the notices into every sound track, or copy them."""
        heard: list[Heard] = []
        if notices:
            schedule, heard = scheduled(self.path, self.facts, self.rules, notices)
            if self.card_s:
                self.card_s = max(self.card_s, schedule.length_s + 0.3)
            index = self._add(self.folder / "notice.wav")
            write_wav(self.folder / "notice.wav", schedule)
            tracks = int(self.facts.detail.get("audio_tracks", 1))
            self.graph += [mix_filters(track, index, schedule) for track in range(tracks)]
            for track in range(tracks):
                self.maps += ["-map", f"[a{track}]"]
            self.maps += audio_options(self.facts)
        elif self.facts.has_audio:
            self.maps += ["-map", "0:a", "-c:a", "copy"]
        return heard

    def pictures(self, artist: Artist | None) -> Placed | None:
        """Lay the label over the pictures, or copy them."""
        if artist is None:
            self.maps += ["-map", self._copied(), "-c:v", "copy"]
            return None
        placed = _placed(self.path, self.facts, self.rules, artist)
        placed.art.image.save(self.folder / "label.png", "PNG", compress_level=1)
        index = self._add(self.folder / "label.png")
        self.graph.append(_overlay(index, placed, self.facts, self.rules, self.card_s))
        self.maps += ["-map", "[v]", *video_options(self.facts)]
        return placed

    def _copied(self) -> str:
        """Pictures that are copied: those of a film, or a cover of sound where it has one."""
        if self.facts.media_type == MATROSKA:  # whose covers would become films
            return "0:V?"
        return "0:v" if self.facts.has_video else "0:v?"

    def captions(self, lines: Sequence[Line]) -> None:
        """Copy subtitle tracks, and add one with the disclosure."""
        self.maps += ["-map", "0:s?", "-c:s", "copy"]
        codec = CAPTIONS.get(self.facts.media_type)
        if not lines or codec is None:
            return
        cue = self.folder / "cue.vtt"
        cue.write_text(captions_for(lines, self.facts.duration_s), encoding="utf-8")
        index = self._add(cue)
        at = int(self.facts.detail.get("text_tracks", 0))
        self.maps += ["-map", f"{index}:s:0", f"-c:s:{at}", codec]
        self.maps += [f"-metadata:s:s:{at}", "title=AI disclosure"]

    def attachments(self, artist: Artist | None) -> None:
        """Keep fonts that the subtitles name, and covers. They go last, or muxing may fail."""
        if self.facts.media_type != MATROSKA:
            return
        self.maps += ["-map", "0:t?", "-c:t", "copy"]
        inside = None if self.card_s else artist
        self.maps += attach(self.path, self.facts, inside, self.rules.corner, self.folder)

    def arguments(self) -> list[str]:
        """All of them."""
        graph = ["-filter_complex", ";".join(self.graph)] if self.graph else []
        kept = ["-map_metadata", "0", "-map_chapters", "0", *_container(self.facts)]
        return [*ffmpeg.source(self.path), *self.inputs, *graph, *self.maps, *kept]

    def _add(self, path: Path) -> int:
        self.inputs += ffmpeg.source(path)
        self.files += 1
        return self.files - 1


def _told(complaint: str) -> bool:
    """Whether ffmpeg complains; SVT-AV1 chatters past the log level that ffmpeg was given."""
    return any(line.strip() and not line.startswith("Svt[") for line in complaint.splitlines())


def _refused(complaint: str) -> None:
    for sign in ("Invalid data", "corrupt", "Error submitting packet", "partial file"):
        if sign in complaint:
            fail("corrupt", "the video is damaged", "a frame cannot be decoded", "check the tool")
    raise StageError(
        "disclose", "disclose.encode", "the video cannot be written again", "ffmpeg failed"
    )


# --- pictures ----------------------------------------------------------------------------------


def _placed(path: Path, facts: Facts, rules: Profile, artist: Artist) -> Placed:
    """Choose the corner on a frame from inside the video, on even pixels for 4:2:0.

    On an end card the label stands in the middle.
    """
    size = (facts.width, facts.height)
    inside = min(1.0, facts.duration_s * 0.2)
    (frame,) = frames_at(path, facts, [inside], near=True)
    found = place(frame, size, 1, artist, rules.corner, strip=False)
    w, h = found.art.image.size
    x, y = found.box[:2]
    if rules.end_card_s:
        x, y = (size[0] - w) // 2, (size[1] - h) // 2
    x, y = x // 2 * 2, y // 2 * 2
    return Placed((x, y, x + w, y + h), found.size, False, found.art)


def _overlay(index: int, placed: Placed, facts: Facts, rules: Profile, card_s: float) -> str:
    x, y = placed.box[:2]
    over = f"[{index}:v]overlay={x}:{y}:format={overlay_format(facts)}"
    end = f",format={facts.detail['pixel_format']}[v]"
    if card_s:
        card = f"[0:v:0]tpad=stop_mode=add:stop_duration={card_s:.3f}:color=black[c]"
        return f"{card};[c]{over}:enable='gte(t,{facts.duration_s:.3f}-0.05)'{end}"
    until = "" if rules.visible_whole else f":enable='lt(t,{max(2.0, rules.visible_min_s):.2f})'"
    return f"[0:v:0]{over}{until}{end}"


def frames_at(
    path: Path,
    facts: Facts,
    moments: Sequence[float],
    box: tuple[int, int, int, int] | None = None,
    *,
    near: bool = False,
) -> list[Any]:
    """Frames as shown, or a region of them, as Pillow pictures; one process reads them all.

    `near` takes the keyframe at or before a moment, which spares decoding what lies between; the
    last of several moments is always exact.

    Raises:
        StageError: One cannot be decoded.
    """
    from PIL import Image

    left, top, right, bottom = box or (0, 0, facts.width, facts.height)
    w, h = right - left, bottom - top
    inputs: list[str] = []
    graph: list[str] = []
    for k, at_s in enumerate(moments):
        keyframe = near and (k < len(moments) - 1 or k == 0)
        inputs += ["-ss", f"{at_s:.3f}"] if at_s > 0 else []
        inputs += ["-noaccurate_seek", "-skip_frame", "nokey"] if keyframe else []
        inputs += ffmpeg.source(path)
        cut = f"crop={w}:{h}:{left}:{top}:exact=1," if box else ""
        graph.append(f"[{k}:v:0]trim=end_frame=1,setpts=0,{cut}format=rgb24[v{k}]")
    stack = f"vstack={len(moments)}" if len(moments) > 1 else "null"
    graph.append("".join(f"[v{k}]" for k in range(len(moments))) + f"{stack}[v]")
    arguments = [*inputs, "-filter_complex", ";".join(graph), "-map", "[v]", "-frames:v", "1"]
    arguments += ["-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"]
    try:
        done = ffmpeg.run(arguments, limit_s=120.0, strict=False)
    except ffmpeg.Failed:
        fail("corrupt", "the video is damaged", "a frame cannot be decoded")
    size = w * h * 3
    if len(done.output) != size * len(moments):
        fail("corrupt", "the video is damaged", "a frame is missing")
    return [
        Image.frombytes("RGB", (w, h), done.output[k * size : (k + 1) * size])
        for k in range(len(moments))
    ]


def frame_at(
    path: Path, facts: Facts, at_s: float, box: tuple[int, int, int, int] | None = None
) -> Any:
    """The frame that is shown at a moment, or a region of it, as a Pillow picture.

    Raises:
        StageError: It cannot be decoded.
    """
    return frames_at(path, facts, [at_s], box)[0]


# --- looking again ------------------------------------------------------------------------------


def check_pictures(path: Path, facts: Facts, placed: Placed, rules: Profile) -> dict[str, float]:
    """Look at frames at the start, about the middle and at the end."""
    last = max(0.0, facts.duration_s - max(0.5, 3.0 / float(facts.detail.get("fps") or 25)))
    until = last if rules.visible_whole else min(last, max(2.0, rules.visible_min_s) - 0.2)
    worst = {"contrast": 99.0, "match": 1.0}
    moments = {0.0, round(until / 2, 2), round(max(0.0, until), 2)}
    if rules.end_card_s:
        moments = {round(facts.duration_s + share * rules.end_card_s, 2) for share in (0.3, 0.8)}
    near = not rules.end_card_s  # before the card there is no label to be seen
    for frame in frames_at(path, facts, sorted(moments), placed.box, near=near):
        found = measure(frame, placed.art.mask)
        worst = {key: min(worst[key], found[key]) for key in worst}
    return worst


def check_notice(path: Path, facts: Facts, heard: Heard) -> dict[str, float]:
    """Listen to the finished file where the notice should be."""
    rate, channels = facts.sample_rate, max(1, facts.channels)
    slack = 0.3
    begin = max(0.0, heard.start_s - slack)
    frames = sound_of(path, rate, channels, begin, heard.end_s - heard.start_s + 2 * slack)
    if not len(frames):
        return {"match": 0.0, "lufs": SILENT}
    mono = frames[:, 2] if channels >= 5 else frames[:, 0]
    wanted = at_level(heard.notice, rate, heard.lufs, channels, HEADROOM)
    found, at = correlation(mono, wanted)
    part = frames[at : at + len(wanted)]
    return {"match": round(found, 3), "lufs": round(loudness(part, rate), 1)}


def _container(facts: Facts) -> list[str]:
    # The index stays where it was: bringing it to the front writes the whole file twice.
    first = "+faststart" if facts.detail.get("index_first") else ""
    # Without their own tags, music keeps covers and titles where its players look for them.
    tags = "+use_metadata_tags" if facts.media_type == "video/mp4" else ""
    named = facts.media_type in ("video/mp4", "audio/mp4") and (first or tags)
    return ["-movflags", first + tags] if named else []


def check_whole(path: Path, facts: Facts, rules: Profile) -> None:
    """Compare the finished file's streams with the source's: nothing may be cut off.

    Raises:
        StageError: `disclose.mismatch`; frames, length or tracks are missing.
    """
    after = streams(path, facts.media_type, Limits())
    slack = 2 if facts.media_type == "video/x-msvideo" else 0  # AVI counts empty packets as frames
    same = (
        after.has_audio == facts.has_audio
        and after.has_video == facts.has_video
        and after.duration_s >= facts.duration_s - 0.2
        and after.detail["audio_tracks"] == facts.detail["audio_tracks"]
        and (bool(rules.end_card_s) or abs(after.frames - facts.frames) <= slack)
        and (after.width, after.height) == (facts.width, facts.height)
    )
    if not same:
        raise StageError(
            "disclose",
            "disclose.mismatch",
            "the finished video is not whole",
            "something is missing",
        )


def check_captions(path: Path, facts: Facts, lines: Sequence[Line]) -> bool:
    """Whether the finished file has the cue in a text track of its own."""
    text = caption_text(path, int(facts.detail.get("text_tracks", 0)))
    return all(line.text in text for line in lines)


def caption_text(path: Path, track: int) -> str:
    """What a text track says in the first seconds, where the cue is; empty where there is none."""
    try:
        done = ffmpeg.run(
            [*_ONSET, *ffmpeg.source(path), "-map", f"0:s:{track}", "-f", "webvtt", "pipe:1"],
            limit_s=60.0,
        )
    except ffmpeg.Failed:
        return ""
    return unescape(done.output.decode("utf-8", "replace"))
