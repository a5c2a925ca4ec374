"""The examples and the README run as they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def _run(arguments: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("image_api.py", ["'status': 200", "'status': 403"], id="image API"),
        pytest.param("tts_service.py", ["bonjour.wav", "voice:somebody-new"], id="speech service"),
        pytest.param("vfx_pipeline.py", ["compositeWithTrained"], id="effects pipeline"),
    ],
)
def test_an_example_runs(tmp_path: Path, name: str, expected: list[str]) -> None:
    done = _run([str(EXAMPLES / name)], tmp_path)
    assert done.returncode == 0, done.stderr
    for text in expected:
        assert text in done.stdout


def test_the_readmes_python_runs(tmp_path: Path) -> None:
    """The code of the README, with a real generator and a real installation."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    assert blocks
    setup = "from generators import speech\nmy_tts = lambda text, lang: speech('speech-fr.ogg')\n"
    (tmp_path / "readme.py").write_text(setup + "\n".join(blocks), encoding="utf-8")
    assert _run(["-m", "overt", "init"], tmp_path).returncode == 0
    done = _run(["readme.py"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.wav").stat().st_size > 10_000


def test_every_command_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    commands = set(re.findall(r"^\$ overt ([a-z]+)", text, re.M))
    helped = _run(["-m", "overt", "--help"], ROOT).stdout
    assert commands
    for command in commands:
        assert re.search(rf"│ {command}\b", helped), command


@dataclass(frozen=True)
class Shown:
    """What one run of the demo left behind."""

    out: Path
    page: str
    table: dict[str, list[str]]
    """The cells of each row's first line, by the row's name."""

    def card(self, title: str) -> str:
        """The page's card with this title."""
        (found,) = re.findall(rf"<article><h2>{title}</h2>.*?</article>", self.page, re.S)
        return str(found)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("demo")
    done = _run(["-m", "overt", "demo", "--out", "demo-out"], folder)
    assert done.returncode == 0, done.stderr
    lines = [line.strip("│").split("│") for line in done.stdout.splitlines() if line[:1] == "│"]
    cells = [[cell.strip() for cell in line] for line in lines]
    out = folder / "demo-out"
    page = (out / "index.html").read_text("utf-8")
    return Shown(out, page, {row[0]: row[1:] for row in cells if row[0]})


def test_the_demo_shows_every_outcome(demo: Shown) -> None:
    for outcome in ("allow", "label", "consent", "refuse", "error"):
        assert f'class="outcome {outcome}"' in demo.page
    assert "181/2014" in demo.page, "the silence period's source is named"
    assert not (demo.out / "truncated.png").exists()


def test_the_demos_files_verify_elsewhere(demo: Shown, tmp_path: Path) -> None:
    """All media verify in a verifier that shares no code with the signer; a flipped byte fails."""
    root = (demo.out / "root.pem").read_text("utf-8")
    media = [p for p in demo.out.iterdir() if p.suffix in (".png", ".jpg", ".wav", ".mp4")]
    assert len(media) >= 7
    for path in media:
        good = _verdict(_elsewhere(path, root))
        assert good == ("valid", "match", "valid_for_supplied_material"), path.name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        flipped = tmp_path / f"flipped{path.suffix}"
        flipped.write_bytes(data)
        assert _verdict(_elsewhere(flipped, root))[0] == "invalid", path.name


@pytest.mark.parametrize(
    ("name", "owed"),
    [
        pytest.param("picture-en.png", {("visible", "en", "label_short")}, id="English"),
        pytest.param("picture-hi.png", {("visible", "hi", "label_short")}, id="Hindi"),
        pytest.param("speech-fr.wav", {("spoken", "fr", "spoken_generated")}, id="French"),
        pytest.param("pakistan.wav", {("spoken", "ur", "spoken_authorised")}, id="Urdu speech"),
        pytest.param(
            "pakistan.mp4",
            {
                ("visible", "ur", "authorized_voice_label"),
                ("spoken", "ur", "spoken_authorised"),
            },
            id="Urdu video",
        ),
        pytest.param("satire.png", {("visible", "en", "satire_label")}, id="satire"),
    ],
)
def test_the_demo_discloses_in_the_language_of_the_content(
    demo: Shown, name: str, owed: set[tuple[str, str, str]]
) -> None:
    told = _verify(demo.out / name, demo.out)["disclosures"]
    assert owed <= {(one["mode"], one["language"], one["wording"]) for one in told}


@pytest.mark.parametrize(
    ("title", "said"),
    [
        pytest.param(
            "A prompt in another language",
            "<dt>visible \\(hi\\)</dt><dd[^>]*>[^<]*[\u0900-\u097f]",
            id="Hindi",
        ),
        pytest.param(
            "Speech in French", "<dt>spoken \\(fr\\)</dt><dd[^>]*>[^<]*artificielle", id="French"
        ),
        pytest.param(
            "Satire of a head of government",
            "<dt>visible \\(en\\)</dt><dd[^>]*>AI-generated satire<",
            id="satire",
        ),
    ],
)
def test_the_demos_page_says_what_was_disclosed(demo: Shown, title: str, said: str) -> None:
    assert re.search(said, demo.card(title)), title


def test_the_demos_effect_opens_and_edits_the_photo(demo: Shown) -> None:
    found = _verify(demo.out / "effect.jpg", demo.out)
    assert [one["action"] for one in found["actions"]][:2] == ["c2pa.opened", "c2pa.edited"]
    assert [one["relationship"] for one in found["ingredients"]] == ["parentOf"]

    root = (demo.out / "root.pem").read_text("utf-8")
    report = _elsewhere(demo.out / "effect.jpg", root)["manifest_report"]
    manifest = report["manifests"][report["active_manifest"]]
    stated = {one["label"]: one["data"] for one in manifest["assertions"]}
    photo = stated["c2pa.ingredient.v3"]
    assert (photo["relationship"], photo["dc:format"]) == ("parentOf", "image/jpeg")
    opened = stated["c2pa.actions.v2"]["actions"][0]
    assert opened["action"] == "c2pa.opened"
    (parent,) = opened["parameters"]["ingredients"]
    assert parent["url"].endswith("/c2pa.ingredient.v3")


def test_the_demos_page_plays_its_files_and_fetches_nothing(demo: Shown) -> None:
    """Addresses may stand in a manifest's text, where C2PA puts them, and nowhere else."""
    reader = _Links()
    reader.feed(demo.page)
    assert {"img", "audio", "video"} <= reader.tags
    assert not {"script", "link", "iframe", "object", "embed", "base"} & reader.tags
    for link in reader.links:
        assert (demo.out / link).is_file(), link
    outside = re.sub(r"<pre>.*?</pre>", "", demo.page, flags=re.S)
    assert not re.search(r"https?://|url\(|@import", outside)


@pytest.mark.parametrize("name", ["new-hampshire", "slovakia", "pakistan-no-record"])
def test_the_demo_times_what_ran_of_a_request_that_was_not_cleared(demo: Shown, name: str) -> None:
    times, guard = demo.table[name][-2:]
    screen, decide, tool, disclose, sign, record, total = times.split()
    assert [tool, disclose, sign, record] == ["–"] * 4
    assert float(screen) > 0
    assert float(decide) > 0
    assert float(total) > 0
    assert guard == "100%"


def test_the_demo_tells_how_far_a_truncated_output_came(demo: Shown) -> None:
    """Its language, its `failed` entry in the ledger, and the time up to the error."""
    language, entry, times, guard = (demo.table["truncated"][i] for i in (2, 5, 6, 7))
    screen, decide, tool, disclose, sign, record, total = times.split()
    assert all(float(one) > 0 for one in (screen, decide, tool, disclose, total))
    assert [sign, record] == ["–", "–"]
    assert 0 < int(guard.rstrip("%")) < 100

    assert language == "en"
    proved = _run(
        ["-m", "overt", "ledger", "prove", entry, "--output", "entry.tlog-proof"], demo.out
    )
    assert proved.returncode == 0, proved.stderr
    closing = json.loads((demo.out / "entry.json").read_text("utf-8"))
    assert (closing["type"], closing["code"]) == ("failed", "output.truncated")
    card = demo.card("A tool that writes half a file")
    assert '<dt>language</dt><dd dir="auto">en</dd>' in card
    assert f'<dt>ledger entry</dt><dd dir="auto">{entry}</dd>' in card


def test_the_demo_times_every_stage_of_what_was_made(demo: Shown) -> None:
    for name in ("picture-en", "speech-fr", "pakistan-speech", "effect"):
        assert all(float(one) > 0 for one in demo.table[name][-2].split()), name


class _Links(HTMLParser):
    """The tags of a page, and what their attributes point to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        pointing = ("src", "srcset", "href", "poster", "data", "action", "background")
        self.links += [value or "" for key, value in attrs if key in pointing]


def _elsewhere(path: Path, root: str) -> dict[str, Any]:
    """What another implementation reads in a file."""
    import encypher_c2pa

    found: dict[str, Any] = encypher_c2pa.verify(
        str(path), trust_pem=root, no_default_trust=True, telemetry=False
    )
    return found


def _verdict(found: dict[str, Any]) -> tuple[str, str, str]:
    return found["integrity"], found["hard_binding"], found["trust"]["status"]


def _verify(path: Path, out: Path) -> dict[str, Any]:
    done = _run(
        ["-m", "overt", "verify", str(path), "--trust", str(out / "root.pem"), "--json"], out
    )
    assert done.returncode == 0, done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found
