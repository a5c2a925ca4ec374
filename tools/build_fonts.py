"""Build the packaged font subsets from the Google-Fonts builds of Noto.

Run by hand, with fonttools: unpack the npm packages `@expo-google-fonts/noto-*` named in `SOURCES`
(`npm pack NAME`) into one folder and give it as the argument. Only the Google-Fonts builds will do:
others of Noto have no Latin letters, and "AI" would come out as two boxes.

Each subset holds every letter of the catalogue in its script, Latin with the letters of European
names, digits and punctuation; for alphabets that are small enough the whole block, so that people's
names render. The Han and Hangul subsets hold the catalogue only: names there need a font of the
builder's. Licence: SIL Open Font License 1.1, which the tool copies beside them.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parents[1] / "data" / "disclosure"
OUT = HERE / "fonts"
BASIC = [*range(0x20, 0x7F), 0xA0, 0xAB, 0xB7, 0xBB, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D,
         0x2026, 0x200C, 0x200D, 0x200E, 0x200F, 0x2066, 0x2067, 0x2068, 0x2069]  # fmt: skip
NAMES = [*range(0xC0, 0x180), 0x18F, 0x192, 0x198, 0x199, 0x1A0, 0x1A1, 0x1AF, 0x1B0,
         *range(0x218, 0x21C), 0x253, 0x257, 0x259,
         0x2BB, 0x2BC, 0x2BF, *range(0x1EA0, 0x1EFA)]  # fmt: skip
HAN = ("Hans", "Hant", "Jpan", "Kore")
SHARED = {"Cyrl": "Latn", "Grek": "Latn"}
# script: (npm package, weight, blocks that go in whole)
SOURCES: dict[str, tuple[str, str, list[int]]] = {
    "Latn": (  # serves Cyrillic and Greek too
        "noto-sans",
        "500Medium",
        [*NAMES, *range(0x386, 0x3CF), *range(0x400, 0x460), *range(0x490, 0x4F0)],
    ),
    "Arab": (
        "noto-naskh-arabic",
        "500Medium",
        [*range(0x60C, 0x656), *range(0x660, 0x670), 0x670, 0x679, 0x67C, 0x67E, 0x681, 0x685,
         0x686, 0x688, 0x689, 0x691, 0x693, 0x696, 0x698, 0x69A, 0x6A9, 0x6AB, 0x6AF, 0x6BA, 0x6BC,
         0x6BE, 0x6C0, 0x6C1, 0x6C2, 0x6C3, 0x6CC, 0x6CD, 0x6D0, 0x6D2, 0x6D3, 0x6D4, 0x6D5,
         *range(0x6F0, 0x6FA)],
    ),
    "Hebr": ("noto-sans-hebrew", "500Medium", [*range(0x5D0, 0x5EB)]),
    "Deva": ("noto-sans-devanagari", "500Medium", [*range(0x900, 0x970)]),
    "Beng": ("noto-sans-bengali", "500Medium", []),
    "Guru": ("noto-sans-gurmukhi", "500Medium", []),
    "Gujr": ("noto-sans-gujarati", "500Medium", []),
    "Taml": ("noto-sans-tamil", "500Medium", [*range(0xB80, 0xBE0)]),
    "Telu": ("noto-sans-telugu", "500Medium", []),
    "Knda": ("noto-sans-kannada", "500Medium", []),
    "Mlym": ("noto-sans-malayalam", "500Medium", []),
    "Sinh": ("noto-sans-sinhala", "500Medium", []),
    "Thai": ("noto-sans-thai", "500Medium", [*range(0xE01, 0xE3B), *range(0xE40, 0xE5A)]),
    "Laoo": ("noto-sans-lao", "500Medium", []),
    "Khmr": ("noto-sans-khmer", "500Medium", []),
    "Mymr": ("noto-sans-myanmar", "500Medium", []),
    "Ethi": ("noto-sans-ethiopic", "500Medium", []),
    "Geor": ("noto-sans-georgian", "500Medium", [*range(0x10D0, 0x1100)]),
    "Armn": ("noto-sans-armenian", "500Medium", [*range(0x531, 0x557), *range(0x561, 0x58A)]),
    "Hans": ("noto-sans-sc", "500Medium", []),
    "Hant": ("noto-sans-tc", "500Medium", []),
    "Jpan": ("noto-sans-jp", "500Medium", []),
    "Kore": ("noto-sans-kr", "500Medium", []),
}  # fmt: skip


def find(packages: Path, name: str, weight: str) -> tuple[Path, str]:
    """The font file, taken out of the package, and the package's name with its version."""
    archive = next(packages.glob(f"expo-google-fonts-{name}-[0-9]*.tgz"))
    with tarfile.open(archive) as tar:
        member = next(m for m in tar.getmembers() if m.name.endswith(f"_{weight}.ttf"))
        target = packages / Path(member.name).name
        if not target.exists():
            stream = tar.extractfile(member)
            assert stream is not None
            target.write_bytes(stream.read())
    return target, archive.stem.replace("expo-google-fonts-", "@expo-google-fonts/")


def needed(script: str, rows: list[dict]) -> set[int]:
    """Code points of the catalogue's rows in this script, upper and lower case."""
    text = "".join(
        part
        for row in rows
        if SHARED.get(row["script"], row["script"]) == script
        for part in row["texts"].values()
    )
    return {ord(letter) for letter in text + text.upper() + text.lower() if letter not in "{}"}


def build(script: str, packages: Path, rows: list[dict]) -> dict:
    """Write one subset and return its row."""
    name, weight, blocks = SOURCES[script]
    source, package = find(packages, name, weight)
    wanted = {*BASIC, *blocks, *needed(script, rows)}
    font = TTFont(source)
    have = set(font.getBestCmap())
    missing = needed(script, rows) - have
    if missing:
        sys.exit(f"{script}: {name} lacks {[hex(m) for m in sorted(missing)]}")
    features = ["ccmp", "locl"] if script in HAN else subset.Options._layout_features_default
    options = subset.Options(
        hinting=False, layout_features=features, name_IDs=[0, 1, 2, 4, 6, 13, 14],
        notdef_outline=True, glyph_names=False, desubroutinize=True, drop_tables=["DSIG", "MVAR"],
    )  # fmt: skip
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted & have)
    cutter.subset(font)
    target = OUT / f"{script}.ttf"
    font.save(target)
    data = target.read_bytes()
    return {
        "script": script,
        "also": [alias for alias, origin in SHARED.items() if origin == script],
        "file": target.name,
        "family": name.replace("-", " ").title(),
        "weight": 500,
        "letters": len(wanted & have),
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "source": f"npm {package}",
        "licence": "OFL-1.1",
    }


def main(packages: Path) -> None:
    """Write all subsets and their table."""
    OUT.mkdir(exist_ok=True)
    archive = next(packages.glob("expo-google-fonts-noto-sans-[0-9]*.tgz"))
    with tarfile.open(archive) as tar:
        licence = tar.extractfile("package/LICENSE_FONT")
        assert licence is not None
        (OUT / "OFL.txt").write_bytes(licence.read())
    lines = (HERE / "wording.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    built = [build(script, packages, rows) for script in SOURCES]
    (HERE / "fonts.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in built), encoding="utf-8"
    )
    for row in built:
        print(row["script"], row["letters"], row["size"])
    print("in all", sum(row["size"] for row in built))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
