"""Spoken notices in sound: every format and shape, what is kept, loudness, speakers, bad input."""

import io
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest
import soundfile
from disclosure_media import disclosed, media, samples, sound

from overt.disclosure import Content, Renderer, compare, examine, plan
from overt.disclosure.audio import correlation
from overt.disclosure.clips import clip_for, clip_languages
from overt.disclosure.clips import samples as clip_samples
from overt.disclosure.loudness import loudness, resampled
from overt.disclosure.planning import Spoken
from overt.disclosure.speech import at_level, notice_for, target_lufs
from overt.errors import StageError
from overt.models import Extent
from overt.ports import Speech

SHAPES = [
    pytest.param((24_000, 1, 3.0, "WAV", "PCM_16"), "audio/wav", id="wav"),
    pytest.param((48_000, 2, 3.0, "WAV", "PCM_24"), "audio/wav", id="wav-stereo-24"),
    pytest.param((44_100, 2, 3.0, "WAV", "FLOAT"), "audio/wav", id="wav-float"),
    pytest.param((8_000, 1, 3.0, "WAV", "ULAW"), "audio/wav", id="telephone"),
    pytest.param((8_000, 1, 3.0, "WAV", "GSM610"), "audio/wav", id="telephone-gsm"),
    pytest.param((8_000, 1, 3.0, "WAV", "IMA_ADPCM"), "audio/wav", id="telephone-adpcm"),
    pytest.param((8_000, 1, 3.0, "WAV", "G721_32"), "audio/wav", id="telephone-g721"),
    pytest.param((48_000, 6, 2.0, "WAV", "PCM_16"), "audio/wav", id="surround"),
    pytest.param((16_000, 1, 0.2, "WAV", "PCM_16"), "audio/wav", id="a-fifth-of-a-second"),
    pytest.param((22_050, 1, 3.0, "AIFF", "PCM_16"), "audio/aiff", id="aiff"),
    pytest.param((44_100, 2, 3.0, "FLAC", "PCM_24"), "audio/flac", id="flac-24"),
    pytest.param((44_100, 2, 3.0, "OGG", "VORBIS"), "audio/ogg", id="vorbis"),
    pytest.param((48_000, 1, 3.0, "OGG", "OPUS"), "audio/ogg", id="opus"),
    pytest.param((44_100, 2, 3.0, "MP3", None), "audio/mpeg", id="mp3"),
    pytest.param((16_000, 1, 3.0, "MP3", None), "audio/mpeg", id="mp3-16k"),
]


@pytest.mark.parametrize(("shape", "kind"), SHAPES)
def test_notice_is_heard_and_the_form_is_kept(
    shape: tuple[int, int, float, str, str | None], kind: str
) -> None:
    asset = media(sound(*shape), kind)
    made, (one,), _, _ = disclosed(asset, languages=("fr",))
    before, after = (soundfile.info(io.BytesIO(a.read())) for a in (asset, made))
    for key in ("samplerate", "channels", "format", "subtype", "endian"):
        assert getattr(before, key) == getattr(after, key)
    assert after.duration == pytest.approx(before.duration + one.evidence["end_s"] + 0.4, abs=0.15)
    assert one.language == "fr"
    assert one.evidence["match"] > 0.9
    assert -24 <= one.evidence["lufs"] <= -12


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW"])
def test_programme_is_untouched_to_the_bit(subtype: str) -> None:
    asset = media(sound(48_000, 2, 2.0, "WAV", subtype), "audio/wav")
    made, _, _, _ = disclosed(asset)
    before, _ = samples(asset)
    after, _ = samples(made)
    assert (after[-len(before) :] == before).all()


def test_nothing_clips() -> None:
    asset = media(sound(gain=0.99), "audio/wav")
    made, _, _, _ = disclosed(asset)
    after, _ = samples(made)
    assert np.abs(after[: 5 * 24_000]).max() <= 0.9


def test_silence_gets_a_notice_at_the_reference_level() -> None:
    asset = media(sound(gain=0.0), "audio/wav")
    _, (one,), _, _ = disclosed(asset)
    assert one.evidence["programme_lufs"] is None
    assert one.evidence["lufs"] == pytest.approx(-18, abs=1)


@pytest.mark.parametrize("gain", [0.02, 0.1, 0.5])
def test_loudness_follows_the_programme(gain: float) -> None:
    asset = media(sound(gain=gain, seconds=5), "audio/wav")
    _, (one,), _, _ = disclosed(asset)
    assert one.evidence["lufs"] == pytest.approx(
        target_lufs(one.evidence["programme_lufs"]), abs=1.2
    )


def test_surround_speaks_from_the_centre() -> None:
    asset = media(sound(48_000, 6, 2.0), "audio/wav")
    made, (one,), _, _ = disclosed(asset)
    after, rate = samples(made)
    notice = after[: int(one.evidence["end_s"] * rate)]
    assert np.abs(notice[:, 2]).max() > 0.1
    assert np.abs(np.delete(notice, 2, axis=1)).max() == 0


def test_figures_voice_at_start_end_and_every_two_minutes() -> None:
    asset = media(sound(8_000, 1, 300.0), "audio/wav")
    made, (one,), _, _ = disclosed(asset, Content("audio/wav", figure=True))
    assert len(one.evidence["starts_s"]) == 4
    after, rate = samples(made)
    clip, clip_rate = clip_samples("en.generated.opus")
    wanted = np.asarray(resampled(clip, clip_rate, rate), np.float32)
    for start in one.evidence["starts_s"]:
        at = int(start * rate)
        found, _ = correlation(after[at : at + len(wanted) + 50, 0].astype(np.float32), wanted)
        assert found > 0.95


def test_montana_wants_eight_seconds() -> None:
    asset = media(sound(), "audio/wav")
    made, _, _, _ = disclosed(asset, profiles=("us-mt-sb25",))
    after, rate = samples(made)
    before, _ = samples(asset)
    assert (len(after) - len(before)) / rate >= 8


def test_washingtons_sentence_is_spoken_word_for_word() -> None:
    asset = media(sound(), "audio/wav")
    _, shown, _, _ = disclosed(asset, languages=("es",), profiles=("us-wa-synthetic",))
    assert [(one.language, one.wording) for one in shown] == [
        ("es", "spoken_generated"),
        ("en", "statutory"),
    ]
    assert shown[1].text == "This audio has been manipulated"
    assert len(shown[1].evidence["starts_s"]) == 2


def test_edit_and_satire_are_said_as_such() -> None:
    edit = Content("audio/wav", extent=Extent.SIGNIFICANT, edited_real=True)
    for content, kind in ((edit, "altered"), (Content("audio/wav", satire=True), "satire")):
        _, (one,), _, _ = disclosed(media(sound(), "audio/wav"), content)
        assert one.wording == f"spoken_{kind}"


def test_text_tags_are_kept() -> None:
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", 24_000, 1, format="FLAC", subtype="PCM_16") as out:
        out.title, out.artist = "A title", "An artist"
        out.write(np.zeros(24_000, "float32") + 0.01)
    made, _, _, _ = disclosed(media(buffer.getvalue(), "audio/flac"))
    with soundfile.SoundFile(io.BytesIO(made.read())) as after:
        assert (after.title, after.artist) == ("A title", "An artist")


def test_a_file_gives_a_file(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(sound())
    made, _, _, _ = disclosed(media(source, "audio/wav"), work=tmp_path)
    assert made.path is not None
    assert made.path.suffix == ".wav"


# --- who speaks --------------------------------------------------------------------------------


class Voice:
    """A speaker that hums."""

    def __init__(self, tags: Collection[str], seconds: float = 2.0) -> None:
        self._tags, self._seconds = tags, seconds

    def languages(self) -> Collection[str]:
        return self._tags

    def speak(self, text: str, language: str) -> Speech | None:
        t = np.arange(int(22_050 * self._seconds)) / 22_050
        hum = 0.3 * np.sin(2 * np.pi * (180 + 40 * np.sin(5 * t)) * t)
        return Speech(hum.astype(np.float32), 22_050, "hum", "low", "ours")


def test_builders_own_voice_speaks_first() -> None:
    renderer = Renderer(speaker=Voice({"ur", "am"}))
    for language in ("ur", "am"):
        owed = plan(Content("audio/wav"), (), (), (language,), speaks=renderer.speaks)
        asset = media(sound(), "audio/wav")
        _, (one,) = renderer.disclose(asset, owed)
        assert (one.evidence["engine"], one.language) == ("hum", language)


def test_a_speaker_that_returns_nothing_usable_is_an_error() -> None:
    renderer = Renderer(speaker=Voice({"en"}, 0.01))
    owed = plan(Content("audio/wav"), (), (), ("en",))
    with pytest.raises(StageError) as caught:
        renderer.disclose(media(sound(), "audio/wav"), owed)
    assert caught.value.code == "disclose.speaker_failed"


def test_a_language_nobody_speaks_gets_the_rhythm_and_english() -> None:
    asset = media(sound(), "audio/wav")
    _, shown, owed, _ = disclosed(asset, languages=("am",))
    assert shown[0].language == "en"
    assert shown[0].evidence["instead_of"] == "am"
    assert shown[0].evidence["engine"].startswith("earcon")
    compare(owed, shown)


def test_a_profile_that_wants_the_language_is_not_satisfied_with_english() -> None:
    with pytest.raises(StageError) as caught:
        disclosed(media(sound(), "audio/wav"), languages=("am",), profiles=("us-co-hb1147",))
    assert caught.value.code == "disclose.no_voice"


def test_a_rewritten_sentence_is_not_spoken_by_the_old_clip() -> None:
    spoken = Spoken("spoken_generated", "generated", "ur", "کچھ اور", "reviewed")
    assert "kokoro" not in notice_for(spoken, None).engine or notice_for(spoken, None).earcon


@pytest.mark.parametrize("program", ["fails", "says nothing", "missing"])
def test_an_engine_that_fails_falls_back(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if program != "missing":
        engine = tmp_path / "espeak-ng"
        engine.write_text("#!/bin/sh\nexit 2\n" if program == "fails" else "#!/bin/sh\nexit 0\n")
        engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    spoken = Spoken("spoken_generated", "generated", "it", "Una frase nuova.", "reviewed")
    assert notice_for(spoken, None).earcon


# --- the clip pack -----------------------------------------------------------------------------


def test_the_pack_speaks_enough_languages_well() -> None:
    good = [
        tag
        for tag in clip_languages()
        if (clip := clip_for(tag, "generated")) is not None and not clip.weak
    ]
    assert len(good) >= 25
    common = "en es fr de it pt-BR pl sk cs hu ro uk ru tr ar ur hi bn id ja ko zh-Hans"
    wanted = common.split()
    assert set(wanted) <= set(clip_languages())
    assert {"en", "fr", "ur", "sk", "es"} <= set(good)


@pytest.mark.parametrize("language", clip_languages())
@pytest.mark.parametrize("kind", ["generated", "altered", "satire"])
def test_each_clip_plays_and_says_the_catalogues_sentence(language: str, kind: str) -> None:
    from overt.disclosure import Catalogue

    clip = clip_for(language, kind)
    assert clip is not None
    origin = {"ur-Latn": "ur", "hi-Latn": "hi", "sr-Cyrl": "sr-Latn"}.get(language, language)
    word = Catalogue.packaged().spoken(kind, origin)
    assert word is not None
    assert clip.text == word.text
    assert clip.weak == (clip.cer > 0.25)
    data, rate = clip_samples(clip.file)
    assert len(data) / rate == pytest.approx(clip.duration_s, abs=0.1)
    assert 1.0 < len(data) / rate < 12.0
    assert -26 < loudness(data, rate) < -14
    assert np.abs(data).max() < 1.0
    assert "Apache-2.0" in clip.licence


def test_the_pack_is_small() -> None:
    from overt.tables import data_path

    clips = list(data_path("disclosure", "clips").iterdir())
    every = ("generated", "altered", "satire")
    assert sum(one.stat().st_size for one in clips if one.suffixes[0][1:] in every) < 1_000_000
    assert sum(one.stat().st_size for one in clips) < 1_700_000  # with three kinds of voices


# --- loudness ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_loudness_agrees_with_pyloudnorm(rate: int, channels: int) -> None:
    pyloudnorm = pytest.importorskip("pyloudnorm")
    speech, clip_rate = clip_samples("en.generated.opus")
    noise = np.random.default_rng(3).normal(0, 0.1, rate * 4)
    voice = np.asarray(resampled(speech, clip_rate, rate), np.float64)
    for signal in (noise, voice, voice * 0.05):
        many = np.repeat(signal[:, None], channels, axis=1)
        expected = pyloudnorm.Meter(rate).integrated_loudness(many)
        assert loudness(many, rate) == pytest.approx(expected, abs=0.3 if rate > 8_000 else 0.5)


def test_loudness_of_nothing() -> None:
    assert loudness(np.zeros(0), 48_000) == -np.inf
    assert loudness(np.zeros(48_000), 48_000) == -np.inf


def test_resampling_keeps_a_tone_and_its_level() -> None:
    t = np.arange(24_000) / 24_000
    tone = np.sin(2 * np.pi * 440 * t).astype(np.float32)
    for target in (8_000, 44_100, 48_000):
        out = resampled(tone, 24_000, target)
        assert len(out) == pytest.approx(target, abs=2)
        middle = out[target // 4 : 3 * target // 4]
        assert np.sqrt((middle**2).mean()) == pytest.approx(2**-0.5, rel=0.01)
        spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
        assert spectrum.argmax() * target / len(middle) == pytest.approx(440, abs=4)


def test_level_counts_both_channels() -> None:
    spoken = Spoken("spoken_generated", "generated", "en", _english(), "")
    notice = notice_for(spoken, None)
    stereo = np.repeat(at_level(notice, 48_000, -18.0, 2)[:, None], 2, axis=1)
    assert loudness(stereo, 48_000) == pytest.approx(-18, abs=0.5)


def _english() -> str:
    clip = clip_for("en", "generated")
    assert clip is not None
    return clip.text


# --- the checker and bad input -----------------------------------------------------------------


def test_urdu_speech_with_nothing_spoken_fails() -> None:
    asset = media(sound(), "audio/wav")
    _, english, _, _ = disclosed(asset, languages=("en",))
    owed = plan(Content("audio/wav"), (), (), ("ur",))
    for shown in ((), english):
        with pytest.raises(StageError, match="nothing spoken in ur"):
            compare(owed, shown)


def test_a_notice_that_is_not_in_the_file_is_found_out() -> None:
    from overt.disclosure.audio import Heard, check_sound

    spoken = Spoken("spoken_generated", "generated", "en", _english(), "")
    heard = Heard(notice_for(spoken, None), 0.0, 4.0, -18.0, -20.0)
    assert check_sound(media(sound(seconds=8), "audio/wav"), heard)["match"] < 0.3


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        pytest.param(b"", "audio/wav", "output.empty", id="empty"),
        pytest.param(sound(form="FLAC"), "audio/wav", "output.wrong_type", id="mislabelled"),
        pytest.param(sound()[:-20_000], "audio/wav", "output.truncated", id="cut-wav"),
        pytest.param(sound(form="FLAC")[:-9_000], "audio/flac", "output.corrupt", id="cut-flac"),
        pytest.param(b"RIFF\0\0\0\0WAVE" + b"\1" * 60, "audio/wav", "output.corrupt", id="junk"),
        pytest.param(sound(seconds=0.0), "audio/wav", "output.empty", id="no-samples"),
        pytest.param(b"OggS" + b"\0" * 200, "audio/ogg", "output.corrupt", id="ogg-junk"),
    ],
)
def test_bad_sound_is_refused_before_work_starts(data: bytes, kind: str, code: str) -> None:
    with pytest.raises(StageError) as caught:
        examine(media(data, kind), declared=kind)
    assert (caught.value.stage, caught.value.code) == ("tool", code)
