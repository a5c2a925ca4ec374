"""Sound made by other tools than the library that reads it: what is kept, and what is heard."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from disclosure_media import disclosed, ffmpeg, media

from overt.disclosure.ffmpeg import program

VOICE = (
    "-f",
    "lavfi",
    "-i",
    "aevalsrc=0.3*sin(2*PI*(220+60*sin(5*t))*t)*(1+sin(7*t))/2:d=6:s=48000",
)
KINDS = [
    pytest.param("phone.wav", ("-ar", "8000", "-c:a", "pcm_s16le"), id="8 kHz"),
    pytest.param("mulaw.wav", ("-ar", "8000", "-c:a", "pcm_mulaw"), id="8 kHz mu-law"),
    pytest.param("alaw.wav", ("-ar", "8000", "-c:a", "pcm_alaw"), id="8 kHz A-law"),
    pytest.param("gsm.wav", ("-ar", "8000", "-c:a", "adpcm_ima_wav"), id="8 kHz ADPCM"),
    pytest.param(
        "deep.flac", ("-ac", "2", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"), id="24 bits"
    ),
    pytest.param("vbr.mp3", ("-c:a", "libmp3lame", "-q:a", "4"), id="VBR MP3"),
    pytest.param("low.mp3", ("-ar", "8000", "-c:a", "libmp3lame", "-q:a", "9"), id="8 kHz VBR MP3"),
]
TYPES = {".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg"}


def decoded(path: Path, rate: int) -> np.ndarray:
    """Samples of the first channel, as ffmpeg reads them."""
    command = [program(), "-v", "error", "-i", path, "-f", "f32le", "-ac", "1", "-ar", str(rate)]
    done = subprocess.run([*command, "-"], capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.float32)


def check(path: Path, folder: Path) -> None:
    kind = TYPES[path.suffix]
    made, (one,), _, _ = disclosed(media(path, kind), languages=("fr",), work=folder)
    assert made.path is not None
    before, after = soundfile.info(path), soundfile.info(made.path)
    for key in ("samplerate", "channels", "format", "subtype"):
        assert getattr(before, key) == getattr(after, key)
    assert one.evidence["match"] > 0.9
    rate = before.samplerate
    whole, source = decoded(made.path, rate), decoded(path, rate)
    added = len(whole) - len(source)
    assert added / rate == pytest.approx(one.evidence["end_s"] + 0.4, abs=0.15)
    one_, two = (np.sqrt(np.mean(x[-rate * 4 : -rate] ** 2)) for x in (whole, source))
    assert one_ == pytest.approx(two, rel=0.05)  # the programme is as loud as it was


@pytest.mark.parametrize(("name", "options"), KINDS)
def test_sound_that_ffmpeg_made(name: str, options: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / name
    ffmpeg(*VOICE, *options, path)
    if path.suffix == ".flac":
        assert soundfile.info(path).subtype == "PCM_24"
    check(path, tmp_path)


def test_24_bits_of_another_tool_are_kept_to_the_bit(tmp_path: Path) -> None:
    path = tmp_path / "deep.flac"
    ffmpeg(*VOICE, "-ac", "2", "-sample_fmt", "s32", "-bits_per_raw_sample", "24", path)
    made, _, _, _ = disclosed(media(path, "audio/flac"), languages=("fr",), work=tmp_path)
    before, _ = soundfile.read(path, dtype="int32")
    after, _ = soundfile.read(io.BytesIO(made.read()), dtype="int32")
    assert (after[-len(before) :] == before).all()
    assert (before & 0xFF00).any()  # there is something below 16 bits


@pytest.mark.skipif(shutil.which("lame") is None, reason="lame is not installed")
def test_vbr_mp3_that_lame_made(tmp_path: Path) -> None:
    plain, path = tmp_path / "plain.wav", tmp_path / "vbr.mp3"
    ffmpeg(*VOICE, "-ac", "2", "-ar", "44100", plain)
    subprocess.run(["lame", "--quiet", "-V", "5", plain, path], check=True)
    check(path, tmp_path)
