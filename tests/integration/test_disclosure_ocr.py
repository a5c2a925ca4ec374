"""A reader that shares no code with us, Debian's tesseract, reads the labels back."""

import io
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher

import pytest
from disclosure_media import disclosed, media, picture
from PIL import Image, ImageOps

from overt.disclosure import Catalogue

READERS = {
    "en": "eng", "fr": "eng", "ru": "rus", "el": "ell", "he": "heb", "ar": "ara", "ur": "urd",
    "hi": "hin", "bn": "ben", "ta": "tam", "te": "tel", "kn": "kan", "ml": "mal", "gu": "guj",
    "pa": "pan", "th": "tha", "ka": "kat", "hy": "hye", "ko": "kor", "ja": "jpn",
    "zh-Hans": "chi_sim", "zh-Hant": "chi_tra", "am": "amh", "si": "sin", "km": "khm", "lo": "lao",
}  # fmt: skip


def letters(text: str) -> str:
    """Letters only, without marks that readers often drop."""
    flat = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in flat if unicodedata.category(c)[0] == "L")


def read(data: bytes, box: list[int], reader: str) -> Iterator[str]:
    """What tesseract sees in the label, as dark letters on white."""
    label = Image.open(io.BytesIO(data)).convert("L").crop(tuple(box))  # type: ignore[arg-type]
    large = ImageOps.invert(label).resize((label.width * 2, label.height * 2))
    buffer = io.BytesIO()
    ImageOps.expand(large, 30, 255).save(buffer, "PNG", dpi=(300, 300))
    for mode in ("6", "7", "13"):  # a block, a line, a raw line: short labels suit one or another
        for languages in (f"{reader}+eng", reader):
            done = subprocess.run(
                ["tesseract", "-", "-", "-l", languages, "--psm", mode],
                input=buffer.getvalue(),
                capture_output=True,
                check=True,
            )
            yield letters(done.stdout.decode())


@pytest.fixture(scope="module")
def readers() -> set[str]:
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed")
    done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, check=True)
    return set(done.stdout.decode().split())


@pytest.mark.parametrize("language", READERS)
def test_label_is_read_back(language: str, readers: set[str]) -> None:
    if READERS[language] not in readers:
        pytest.skip(f"no reader for {language}")
    asset = media(picture(1280, 720, "JPEG", quality=90), "image/jpeg")
    made, (one,), _, _ = disclosed(asset, languages=(language,))
    wanted = letters(Catalogue.packaged().label("label_short", language).text)
    seen = read(made.read(), one.evidence["box"], READERS[language])
    assert any(SequenceMatcher(None, wanted, text).ratio() >= 0.75 for text in seen), wanted


def test_enough_scripts_have_a_reader() -> None:
    catalogue = Catalogue.packaged()
    assert len({catalogue.label("label_short", tag).script for tag in READERS}) >= 12
