"""Notices in videos made by ffmpeg: what is burned, heard, copied and kept, and bad input."""

import hashlib
import io
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from disclosure_media import H264, disclosed, ffmpeg, media, picture, sound, video
from PIL import Image

from overt.disclosure import Content, Renderer, examine, plan
from overt.disclosure import ffmpeg as runner
from overt.disclosure.covers import covers_of
from overt.disclosure.ffmpeg import program
from overt.disclosure.programme import sound_of
from overt.disclosure.progress import watching
from overt.disclosure.video import frame_at
from overt.errors import StageError
from overt.models import Covers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("videos")


VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")
PRORES = ("-c:v", "prores_ks", "-c:a", "pcm_s24le")
MKV = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", "-c:a", "flac")
AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p", "-c:a", "aac")


def packets(path: Path, stream: str) -> list[str]:
    """Hash of each packet of a stream."""
    done = subprocess.run(
        [
            program(),
            "-v",
            "error",
            "-i",
            path,
            "-map",
            stream,
            "-c",
            "copy",
            "-f",
            "framehash",
            "-",
        ],
        capture_output=True,
        check=True,
    )
    lines = [line for line in done.stdout.decode().splitlines() if not line.startswith("#")]
    return [line.split(",")[-1].strip() for line in lines]


def times(path: Path) -> list[int]:
    """Presentation time of each frame, in the stream's time base."""
    done = subprocess.run(
        [
            *[program(), "-v", "error", "-i", path, "-map", "0:v", "-fps_mode", "passthrough"],
            *["-enc_time_base", "1/1000", "-f", "framehash", "-"],
        ],
        capture_output=True,
        check=True,
    )
    lines = [line for line in done.stdout.decode().splitlines() if not line.startswith("#")]
    return [int(line.split(",")[2]) for line in lines]


@pytest.mark.parametrize(
    ("name", "kind", "options"),
    [
        pytest.param("a.mp4", "video/mp4", H264, id="h264-aac"),
        pytest.param("a.webm", "video/webm", VP9, id="vp9-opus"),
        pytest.param("b.mp4", "video/mp4", HEVC, id="h265-10-bit"),
        pytest.param("a.mov", "video/quicktime", PRORES, id="prores-pcm", marks=pytest.mark.slow),
        pytest.param("a.mkv", "video/x-matroska", MKV, id="mkv-444-flac", marks=pytest.mark.slow),
        pytest.param("c.mp4", "video/mp4", AV1, id="av1", marks=pytest.mark.slow),
    ],
)
def test_label_and_notice_in_every_container(
    folder: Path, name: str, kind: str, options: tuple[str, ...]
) -> None:
    asset = media(video(folder, name, *options, size="320x240", seconds=6.5), kind)
    made, shown, _, before = disclosed(asset, languages=("ur",), work=folder)
    after = examine(made, declared=kind)
    assert {one.mode for one in shown} == {"visible", "spoken", "text"}
    assert {one.language for one in shown} == {"ur"}
    for key in ("width", "height", "frames", "channels", "sample_rate"):
        assert getattr(before, key) == getattr(after, key), key
    for key in ("video_format", "audio_format", "pixel_format", "bits"):
        assert before.detail[key] == after.detail[key], key
    assert after.duration_s == pytest.approx(before.duration_s, abs=0.1)


def test_only_the_sound_changes_and_pictures_are_copied_bit_for_bit(folder: Path) -> None:
    path = video(folder, "copy.mp4", *H264)
    asset = media(path, "video/mp4")
    facts = examine(asset, declared="video/mp4")
    owed = plan(Content("video/mp4", facts), (), (), ("fr",))
    from dataclasses import replace

    sound_only = replace(owed, visible=(), text=())
    made, (one,) = Renderer().disclose(asset, sound_only, facts=facts, work=folder)
    assert made.path is not None
    assert packets(path, "0:v") == packets(made.path, "0:v")
    assert packets(path, "0:a") != packets(made.path, "0:a")
    assert one.mode == "spoken"


def test_pictures_only_leaves_the_sound_bit_for_bit(folder: Path) -> None:
    path = video(folder, "picture.mp4", *H264)
    content = Content("video/mp4", covers=Covers.IMAGE, edited_real=True)
    made, shown, _, _ = disclosed(media(path, "video/mp4"), content, ("de",), work=folder)
    assert made.path is not None
    assert packets(path, "0:a") == packets(made.path, "0:a")
    assert [(one.mode, one.wording) for one in shown] == [
        ("visible", "label_altered"),
        ("text", "label_altered"),
    ]


def test_programme_is_ducked_under_the_notice_and_back_after(folder: Path) -> None:
    asset = media(video(folder, "duck.mp4", *H264, seconds=12.0), "video/mp4")
    made, shown, _, facts = disclosed(asset, languages=("fr",), work=folder)
    assert made.path is not None
    end = next(one for one in shown if one.mode == "spoken").evidence["end_s"]
    after = sound_of(made.path, 48_000, 2, end + 1.5, 2.0)
    before = sound_of(asset.path, 48_000, 2, end + 1.5, 2.0)  # type: ignore[arg-type]
    assert np.sqrt((after**2).mean()) == pytest.approx(np.sqrt((before**2).mean()), rel=0.05)
    assert shown[1].evidence["match"] > 0.8
    assert facts.channels == 2


@pytest.mark.slow
def test_label_stays_for_the_whole_length(folder: Path) -> None:
    asset = media(video(folder, "whole.mp4", *H264, seconds=9.0), "video/mp4")
    made, shown, _, facts = disclosed(asset, languages=("en",), work=folder)
    left, top, right, bottom = next(o for o in shown if o.mode == "visible").evidence["box"]
    for at in (0.0, 4.5, 8.8):
        frame = frame_at(made.path, facts, at, (left, top, right, bottom))  # type: ignore[arg-type]
        assert np.percentile(np.asarray(frame.convert("L")), 40) < 70


@pytest.mark.slow
def test_repeats_and_end_of_a_statute(folder: Path) -> None:
    slow = ("-c:v", "libx264", "-preset", "ultrafast", "-r", "2", "-c:a", "flac")
    path = video(folder, "long.mkv", *slow, seconds=280.0, size="256x200")
    asset = media(path, "video/x-matroska")
    made, shown, _, _ = disclosed(
        asset, Content("video/x-matroska", figure=True), ("en",), work=folder
    )
    starts = next(one for one in shown if one.mode == "spoken").evidence["starts_s"]
    assert starts[:3] == [0.0, 120.0, 240.0]
    assert starts[-1] > 270
    assert made.path is not None


def test_shorter_than_the_notice(folder: Path) -> None:
    asset = media(video(folder, "short.mp4", *H264, seconds=1.0), "video/mp4")
    made, shown, _, facts = disclosed(asset, languages=("en",), work=folder)
    assert examine(made, declared="video/mp4").frames == facts.frames
    spoken = next(one for one in shown if one.mode == "spoken")
    assert spoken.evidence["match"] > 0.6, "the sentence is heard to its end"


def test_bytes_in_bytes_out(folder: Path) -> None:
    data = video(folder, "bytes.mp4", *H264, size="320x240").read_bytes()
    made, shown, _, _ = disclosed(media(data, "video/mp4"), languages=("fr",))
    assert made.data is not None
    assert made.data != data
    assert len(shown) == 3


def test_silent_video_gets_only_a_label(folder: Path) -> None:
    path = video(folder, "mute.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-an")
    made, shown, _, _ = disclosed(media(path, "video/mp4"), languages=("fr",), work=folder)
    assert [one.mode for one in shown] == ["visible", "text"]
    assert not examine(made, declared="video/mp4").has_audio


def test_m4a_is_spoken_over(folder: Path) -> None:
    path = video(folder, "a.m4a", "-vn", "-c:a", "aac", seconds=8.0)
    made, (one,), _, _ = disclosed(media(path, "audio/mp4"), languages=("fr",), work=folder)
    assert one.evidence["match"] > 0.8
    assert examine(made, declared="audio/mp4").has_audio


def test_a_cover_of_sound_is_kept(folder: Path) -> None:
    cover, song = folder / "cover.jpg", folder / "song.m4a"
    cover.write_bytes(picture(300, 300, "JPEG"))
    ffmpeg(
        *["-f", "lavfi", "-i", "sine=f=300:d=6", "-i", cover, "-map", "0", "-map", "1"],
        *[
            "-c:a",
            "aac",
            "-c:v",
            "copy",
            "-disposition:v",
            "attached_pic",
            "-metadata",
            "title=A song",
            song,
        ],
    )
    made, (one,), _, _ = disclosed(media(song, "audio/mp4"), languages=("fr",), work=folder)
    assert made.path is not None
    assert packets(song, "0:v") == packets(made.path, "0:v")
    assert b"\xa9nam" in made.path.read_bytes()
    assert one.mode == "spoken"
    facts = examine(made, declared="audio/mp4")
    assert (facts.media_type, facts.has_video) == ("audio/mp4", False)


def test_fonts_of_subtitles_are_kept(folder: Path) -> None:
    font, film = folder / "own.ttf", folder / "fonts.mkv"
    font.write_bytes(b"font" * 25)
    ffmpeg(
        *["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2", *H264[:6], "-attach", font],
        *["-metadata:s:t", "mimetype=application/x-truetype-font", film],
    )
    made, _, _, _ = disclosed(media(film, "video/x-matroska"), languages=("fr",), work=folder)
    assert made.path is not None
    out = folder / "again.ttf"
    done = [program(), "-v", "error", "-y", "-dump_attachment:t:0", out, "-i", made.path]
    subprocess.run(done, capture_output=True)
    assert out.read_bytes() == font.read_bytes()


@pytest.mark.parametrize("burned", [True, False])
def test_a_matroska_cover_is_kept_and_labelled_with_the_film(folder: Path, burned: bool) -> None:
    cover, film, font = folder / "front.jpg", folder / "covered.mkv", folder / "own2.ttf"
    cover.write_bytes(picture(600, 800, "JPEG"))
    font.write_bytes(b"font" * 25)
    ffmpeg(
        *["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=6", "-f", "lavfi", "-i", "sine=d=6"],
        *[*H264, "-attach", font, "-metadata:s:t:0", "mimetype=application/x-truetype-font"],
        *["-attach", cover, "-metadata:s:t:1", "mimetype=image/jpeg", film],
    )
    asset = media(film, "video/x-matroska")
    facts = examine(asset, declared="video/x-matroska")
    owed = plan(Content("video/x-matroska", facts), (), (), ("fr",))
    owed = owed if burned else replace(owed, visible=())
    made, _ = Renderer().disclose(asset, owed, facts=facts, work=folder)
    assert made.path is not None
    after = examine(made, declared="video/x-matroska")
    assert (after.detail["attachments"], after.detail["video_tracks"]) == (True, 1)
    (kept,) = covers_of(made.path, after)
    assert (kept == cover.read_bytes()) is not burned
    if burned:
        before, now = (
            np.asarray(Image.open(io.BytesIO(one))) for one in (cover.read_bytes(), kept)
        )
        assert before.shape == now.shape
        changed = (np.abs(before.astype(int) - now).max(axis=2) > 60).mean()
        assert 0.005 < changed < 0.2
    out = folder / "again2.ttf"
    done = [program(), "-v", "error", "-y", "-dump_attachment:t:0", out, "-i", made.path]
    subprocess.run(done, capture_output=True)
    assert out.read_bytes() == font.read_bytes()


def test_rotation_is_upright(folder: Path) -> None:
    plain = video(folder, "plain.mp4", *H264)
    path = folder / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", plain, "-c", "copy", path)
    asset = media(path, "video/mp4")
    made, shown, _, facts = disclosed(asset, languages=("en",), work=folder)
    assert (facts.width, facts.height) == (360, 640)
    after = examine(made, declared="video/mp4")
    assert (after.width, after.height) == (360, 640)
    assert next(o for o in shown if o.mode == "visible").evidence["size"] == [360, 640]


def test_variable_frame_rate_keeps_its_times(folder: Path) -> None:
    path = folder / "vfr.mkv"
    ffmpeg(
        *["-f", "lavfi", "-i", "testsrc2=s=320x240:r=30:d=4", "-vf", "select='mod(n,7)+mod(n,3)'"],
        *["-fps_mode", "vfr", "-c:v", "libx264", "-preset", "ultrafast", path],
    )
    made, _, _, _ = disclosed(media(path, "video/x-matroska"), languages=("en",), work=folder)
    assert made.path is not None
    assert times(path) == times(made.path)


@pytest.mark.slow
def test_subtitles_chapters_and_every_sound_track_are_kept(folder: Path) -> None:
    subtitle, chapters, path = folder / "s.srt", folder / "c.txt", folder / "rich.mkv"
    subtitle.write_text("1\n00:00:01,000 --> 00:00:03,000\nhello\n")
    chapters.write_text(
        ";FFMETADATA1\ntitle=A title\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=3000\ntitle=One\n"
    )
    ffmpeg(
        *["-i", video(folder, "base.mp4", *H264), "-i", subtitle, "-i", chapters],
        *["-map", "0:v", "-map", "0:a", "-map", "0:a", "-map", "1", "-map_metadata", "2"],
        *["-c:v", "copy", "-c:a", "aac", "-c:s", "srt", path],
    )
    made, _, _, facts = disclosed(media(path, "video/x-matroska"), languages=("fr",), work=folder)
    assert facts.detail["audio_tracks"] == 2
    assert made.path is not None
    done = subprocess.run([program(), "-i", made.path], capture_output=True, check=False)
    told = done.stderr.decode()
    for sign in ("Subtitle: subrip", "Chapter #0:0", "A title", "Audio: aac"):
        assert sign in told
    assert told.count("Audio:") == 2


@pytest.mark.parametrize("first", [True, False])
def test_the_index_stays_where_it_was(folder: Path, first: bool) -> None:
    flags = ("-movflags", "+faststart") if first else ()
    path = video(folder, f"index-{first}.mp4", *H264, *flags, size="320x240")
    made, _, _, _ = disclosed(media(path, "video/mp4"), work=folder)
    assert made.path is not None
    for data in (path.read_bytes(), made.path.read_bytes()):
        assert (data.index(b"moov") < data.index(b"mdat")) is first


@pytest.mark.slow
def test_colour_flags_are_kept(folder: Path) -> None:
    tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
    path = video(folder, "hdr.mp4", *HEVC, "-vf", tags, "-c:a", "aac", size="320x240")
    made, _, _, _ = disclosed(media(path, "video/mp4"), languages=("en",), work=folder)
    done = subprocess.run([program(), "-i", made.path or ""], capture_output=True, check=False)
    assert "bt2020nc/bt2020/smpte2084" in done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "options"),
    [
        ("cap.mp4", "video/mp4", H264),
        ("cap.mkv", "video/x-matroska", MKV),
        ("cap.webm", "video/webm", VP9),
    ],
)
def test_caption_track_says_it_in_the_contents_language(
    folder: Path, name: str, kind: str, options: tuple[str, ...]
) -> None:
    asset = media(video(folder, name, *options, size="320x240"), kind)
    made, _, _, _ = disclosed(asset, languages=("ur",), work=folder)
    done = subprocess.run(
        [program(), "-v", "error", "-i", made.path or "", "-map", "0:s:0", "-f", "webvtt", "-"],
        capture_output=True,
        check=True,
    )
    assert "مصنوعی ذہانت سے تیار کردہ" in done.stdout.decode()


def test_drama_gets_a_card_after_the_end_and_nothing_inside(folder: Path) -> None:
    asset = media(video(folder, "drama.mp4", *H264), "video/mp4")
    made, shown, _, facts = disclosed(
        asset, languages=("fr",), profiles=("storytelling",), work=folder
    )
    assert {one.mode for one in shown} == {"visible", "spoken"}
    assert all(one.evidence["start_s"] >= 6.9 for one in shown)
    after = examine(made, declared="video/mp4")
    assert after.duration_s >= facts.duration_s + 4
    box = next(one for one in shown if one.mode == "visible").evidence["box"]
    inside = frame_at(made.path, after, 3.0, tuple(box))  # type: ignore[arg-type]
    before = frame_at(asset.path, facts, 3.0, tuple(box))  # type: ignore[arg-type]
    difference = np.abs(np.asarray(inside, np.int16) - np.asarray(before, np.int16))
    assert difference.mean() < 6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "options"),
    [
        ("raw.aac", "audio/aac", ("-vn", "-c:a", "aac")),
        ("old.avi", "video/x-msvideo", ("-c:v", "mpeg4", "-q:v", "3", "-c:a", "libmp3lame")),
    ],
)
def test_older_containers(folder: Path, name: str, kind: str, options: tuple[str, ...]) -> None:
    asset = media(video(folder, name, *options), kind)
    _, shown, _, facts = disclosed(asset, languages=("fr",), work=folder)
    assert {one.mode for one in shown} == ({"visible", "spoken"} if facts.has_video else {"spoken"})


def test_vbr_mp3_and_gif_of_other_tools(folder: Path) -> None:
    sound, moving = folder / "vbr.mp3", folder / "a.gif"
    ffmpeg("-f", "lavfi", "-i", "sine=f=300:d=6", "-c:a", "libmp3lame", "-q:a", "4", sound)
    _, (one,), _, _ = disclosed(media(sound, "audio/mpeg"), languages=("fr",), work=folder)
    assert one.evidence["match"] > 0.9
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=8:d=2", moving)
    _, (seen,), _, facts = disclosed(media(moving, "image/gif"), languages=("ur",), work=folder)
    assert facts.frames == 16
    assert seen.evidence["contrast"] >= 7


def test_whoever_watches_is_told_and_can_cancel(folder: Path) -> None:
    asset = media(video(folder, "watched.mp4", *H264, seconds=8.0), "video/mp4")
    told: list[tuple[float, float]] = []
    with watching(lambda done, whole: told.append((done, whole))):
        disclosed(asset, languages=("en",), work=folder)
    assert told
    assert all(0 <= done <= whole for done, whole in told)
    assert told[-1][0] > 6
    before = set(folder.iterdir())

    def stop(done: float, whole: float) -> None:
        raise KeyboardInterrupt

    with watching(stop), pytest.raises(KeyboardInterrupt):
        disclosed(asset, languages=("en",), work=folder)
    assert set(folder.iterdir()) == before


# --- bad input, cancelling ---------------------------------------------------------------------


def _cut(path: Path, share: float) -> Path:
    target = path.with_name(f"cut-{path.name}")
    data = path.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


@pytest.mark.parametrize(
    ("name", "options", "kind"),
    [
        pytest.param("cut.mp4", H264, "video/mp4", id="mp4-index-last"),
        pytest.param("cutf.mp4", (*H264, "-movflags", "+faststart"), "video/mp4", id="mp4"),
        pytest.param("cut.mkv", MKV, "video/x-matroska", id="mkv"),
    ],
)
def test_a_cut_video_is_refused(
    folder: Path, name: str, options: tuple[str, ...], kind: str
) -> None:
    path = _cut(video(folder, name, *options, size="320x240"), 0.6)
    with pytest.raises(StageError) as caught:
        examine(media(path, kind), declared=kind)
    assert caught.value.stage == "tool"
    assert caught.value.code in ("output.truncated", "output.corrupt")


def test_a_file_without_streams_is_refused(folder: Path) -> None:
    path = folder / "none.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(200))
    with pytest.raises(StageError) as caught:
        examine(media(path, "video/mp4"), declared="video/mp4")
    assert caught.value.code == "output.corrupt"


def test_an_encrypted_video_is_refused(folder: Path) -> None:
    path = folder / "locked.mp4"
    key = "76a6c65c5ea762046bd749a2e632ccbb"
    ffmpeg(
        *["-i", video(folder, "open.mp4", *H264), "-c", "copy"],
        *["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key],
        *["-encryption_kid", "a7e61c373e219033c21091fa607bf3b8", path],
    )
    with pytest.raises(StageError) as caught:
        examine(media(path, "video/mp4"), declared="video/mp4")
    assert caught.value.code == "output.encrypted"


def test_output_has_a_size_limit(folder: Path) -> None:
    target = folder / "large.mkv"
    with pytest.raises(StageError) as caught:
        runner.run(
            ["-f", "lavfi", "-i", "testsrc2=s=640x360:d=20", "-c:v", "ffv1"],
            target=target,
            limit_s=60.0,
            limit_bytes=1_000_000,
        )
    assert caught.value.code == "disclose.size_limit"
    assert not target.exists()


def test_damage_in_the_middle_fails_and_leaves_nothing(folder: Path) -> None:
    path = video(folder, "damaged.mp4", *H264)
    data = bytearray(path.read_bytes())
    at = data.find(b"mdat") + 4 + len(data) // 3
    data[at : at + 4000] = hashlib.sha256(b"x").digest() * 125
    bad = folder / "bad.mp4"
    bad.write_bytes(data)
    work = folder / "work-bad"
    work.mkdir()
    with pytest.raises(StageError):
        disclosed(media(bad, "video/mp4"), languages=("en",), work=work)
    assert list(work.iterdir()) == []


def test_cancelling_leaves_nothing(folder: Path) -> None:
    asset = media(video(folder, "cancel.mp4", *H264, seconds=20.0), "video/mp4")
    work = folder / "work-cancel"
    work.mkdir()

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        disclosed(asset, languages=("en",), work=work, progress=stop)
    assert list(work.iterdir()) == []


def test_a_run_past_its_time_is_killed(folder: Path) -> None:
    target = folder / "endless.mp4"
    with pytest.raises(StageError) as caught:
        runner.run(
            ["-re", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25"], target=target, limit_s=1.0
        )
    assert caught.value.code == "disclose.time_limit"
    assert not target.exists()


def test_inputs_are_local_files_only(folder: Path) -> None:
    playlist = folder / "list.mkv"
    playlist.write_text("#EXTM3U\nhttp://127.0.0.1:9/x.ts\n")
    with pytest.raises(runner.Failed):
        runner.run([*runner.source(playlist), "-f", "null", "-"], limit_s=20.0)


def test_a_loud_programme_is_untouched_but_under_the_notice(folder: Path) -> None:
    path = folder / "loud.mkv"
    ffmpeg(
        *["-f", "lavfi", "-i", "testsrc2=s=256x200:r=10:d=9"],
        *["-f", "lavfi", "-i", "aevalsrc='0.99*sin(2*PI*300*t)':s=48000:d=9"],
        *["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "flac", path],
    )
    made, shown, _, _ = disclosed(media(path, "video/x-matroska"), languages=("fr",), work=folder)
    assert made.path is not None
    end = next(one for one in shown if one.mode == "spoken").evidence["end_s"]
    before, after = (sound_of(one, 48_000, 1, end + 1, 2) for one in (path, made.path))
    assert np.abs(before).max() > 0.98
    np.testing.assert_allclose(after, before, atol=2e-4)  # the dither of 16 bits
    assert np.abs(sound_of(made.path, 48_000, 1, 0, end)).max() < 0.95


@pytest.mark.parametrize("late_s", [0.5, 2.0, 5.0])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_sound_that_begins_late_hears_the_notice_at_the_start(
    folder: Path, late_s: float, suffix: str
) -> None:
    path = folder / f"late{late_s}.{suffix}"
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=12", "-itsoffset", str(late_s)]
    source += ["-f", "lavfi", "-i", "sine=f=300:r=48000:d=6", "-map", "0:v", "-map", "1:a"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([program(), "-v", "error", "-y", *source, *codecs, str(path)], check=True)
    kind = "video/mp4" if suffix == "mp4" else "video/x-matroska"
    made, shown, _, _ = disclosed(media(path, kind), languages=("en",), work=folder)
    one = next(each for each in shown if each.mode == "spoken")
    assert one.evidence["start_s"] == 0.0
    assert one.evidence["match"] >= 0.9
    assert made.path is not None
    begin = sound_of(made.path, 48_000, 1, 0.0, 0.6)
    assert np.abs(begin).max() > 0.01  # it is said now, not when the programme begins


@pytest.mark.parametrize("burned", [False, True])
def test_a_matroska_file_that_lost_packets_is_refused(folder: Path, burned: bool) -> None:
    path = video(folder, "whole.mkv", *H264, seconds=20.0)
    data = bytearray(path.read_bytes())
    at = int(len(data) * 0.85)
    data[at : at + 3000] = hashlib.sha512(b"noise").digest() * 47
    bad = folder / "lost.mkv"
    bad.write_bytes(data)
    work = folder / f"work-lost-{burned}"
    work.mkdir()
    asset = media(bad, "video/x-matroska")

    def speak() -> None:
        facts = examine(asset, declared=asset.media_type)
        owed = plan(Content(asset.media_type, facts), (), (), ("en",))
        owed = owed if burned else replace(owed, visible=())
        Renderer().disclose(asset, owed, facts=facts, work=work)

    with pytest.raises(StageError) as refused:
        speak()
    assert refused.value.code in ("output.corrupt", "output.truncated")
    assert list(work.iterdir()) == []


def test_a_damaged_first_picture_is_told_of_with_what_to_do(folder: Path) -> None:
    path = video(folder, "first.mp4", *H264)
    data = bytearray(path.read_bytes())
    at = data.find(b"mdat") + 200
    data[at : at + 600] = hashlib.sha256(b"y").digest() * 18 + bytes(24)
    bad = folder / "first-bad.mp4"
    bad.write_bytes(data)
    with pytest.raises(StageError) as refused:
        examine(media(bad, "video/mp4"), declared="video/mp4")
    assert refused.value.code == "output.corrupt"
    assert refused.value.todo


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        pytest.param(b"", "video/mp4", "output.empty", id="zero bytes"),
        pytest.param(picture(64, 64), "video/mp4", "output.wrong_type", id="a picture"),
        pytest.param(b"hello " * 99, "video/webm", "output.wrong_type", id="a text"),
        pytest.param(sound(), "video/x-matroska", "output.wrong_type", id="a sound"),
    ],
)
@pytest.mark.parametrize("on_disk", [False, True])
def test_what_is_no_video_is_refused_before_any_work(
    tmp_path: Path, data: bytes, kind: str, code: str, on_disk: bool
) -> None:
    path = tmp_path / "made"
    path.write_bytes(data)
    asset = media(path if on_disk else data, kind)
    with pytest.raises(StageError) as refused:
        examine(asset, declared=kind)
    assert refused.value.code == code
    assert list(tmp_path.iterdir()) == [path]


def test_a_header_that_claims_a_gigantic_video_is_refused(folder: Path) -> None:
    data = bytearray(video(folder, "gigantic.mp4", *H264).read_bytes())
    for box, at in ((b"avc1", 28), (b"tkhd", 80)):
        place = data.rfind(box) + at
        size = (50_000).to_bytes(2, "big")
        data[place : place + (4 if box == b"avc1" else 8)] = (
            size * 2 if box == b"avc1" else (size + bytes(2)) * 2
        )
    bad = folder / "gigantic-bad.mp4"
    bad.write_bytes(data)
    with pytest.raises(StageError) as refused:
        examine(media(bad, "video/mp4"), declared="video/mp4")
    assert refused.value.code == "output.too_large"
