"""Whether platforms would see what a file is, and the page for people."""

import html.parser

import media_samples as samples
import pytest

from overt.cli import main
from overt.errors import ConfigError
from overt.inspect import verify
from overt.provenance.deliverable import deliverable, platforms, states_source_type
from overt.provenance.report import page
from overt.provenance.verification import Finding, FoundDisclosure

ROOT = samples.keys().root


def finished(tmp_path, media_type, *, metadata=True, **changes):
    path = tmp_path / f"asset{samples.SUFFIXES[media_type]}"
    done = (
        samples.keys()
        .embedder(metadata=metadata)
        .sign(samples.media(media_type), samples.manifest(media_type, **changes))
    )
    path.write_bytes(done.media.read())
    if done.sidecar:
        path.with_name(path.name + ".c2pa").write_bytes(done.sidecar)
    return path


def codes(path, platform, trust=ROOT, **options):
    found = deliverable(path, verify(path, trust=trust), platform, **options)
    return [(each.code, each.severity) for each in found]


def test_every_row_has_a_source_and_can_be_read():
    rows = platforms()
    assert {"tiktok", "instagram", "any"} <= set(rows)
    assert all(row.source and row.note for row in rows.values())


@pytest.mark.parametrize("platform", ["tiktok", "pinterest", "instagram", "any"])
def test_our_pictures_can_be_seen_by_all(tmp_path, platform):
    assert codes(finished(tmp_path, "image/jpeg"), platform) == []


CASES = {
    "no xmp": (
        lambda folder: finished(folder, "image/jpeg", metadata=False),
        "instagram",
        [("deliver.xmp", "error")],
    ),
    "no xmp, not needed": (
        lambda folder: finished(folder, "image/jpeg", metadata=False),
        "tiktok",
        [],
    ),
    "a sidecar": (
        lambda folder: finished(folder, "video/webm"),
        "tiktok",
        [("deliver.sidecar", "error")],
    ),
    "a kind it does not read": (
        lambda folder: finished(folder, "audio/wav"),
        "tiktok",
        [("deliver.media", "warning")],
    ),
    "no place for xmp": (
        lambda folder: finished(folder, "audio/flac"),
        "any",
        [("deliver.xmp", "warning")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_stands_in_the_way(tmp_path, name):
    make, platform, expected = CASES[name]
    assert codes(make(tmp_path), platform) == expected


def test_an_unsigned_file(tmp_path):
    path = tmp_path / "asset.png"
    path.write_bytes(samples.sample("image/png"))
    assert codes(path, "tiktok") == [("deliver.manifest", "error")]
    assert not states_source_type(path)


def test_an_unknown_signer_and_a_large_file_are_said(tmp_path):
    path = finished(tmp_path, "image/png")
    other = samples.strangers_keys().root
    assert codes(path, "tiktok", trust=other) == [("deliver.trust_list", "warning")]
    assert codes(path, "tiktok", max_bytes=100) == [("deliver.size", "error")]


def test_an_unknown_platform(tmp_path):
    with pytest.raises(ConfigError) as raised:
        codes(finished(tmp_path, "image/png"), "myspace")
    assert raised.value.code == "platform.unknown"


class _Strict(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def test_a_page_holds_strangers_text_as_text(tmp_path):
    attack = '<script>alert(1)</script><img src=x onerror="x">'
    seen = verify(finished(tmp_path, "image/png"), trust=ROOT)
    seen = seen.model_copy(
        update={
            "file": attack,
            "disclosures": (FoundDisclosure(mode=attack, language="en", text=attack),),
        }
    ).with_problems(Finding(code="x", message=attack))
    parsed = _Strict()
    parsed.feed(page([seen]))
    assert not {"script", "img"} & set(parsed.tags)
    assert attack in "".join(parsed.text)
    assert "1 checked, 1 failed" in "".join(parsed.text)


def test_the_command_writes_a_page_and_asks_for_a_platform(tmp_path, capsys):
    path, report = finished(tmp_path, "image/jpeg", metadata=False), tmp_path / "report.html"
    arguments = ["verify", str(path), "--platform", "instagram", "--report", str(report)]
    assert main(arguments) == 6
    assert "deliver.xmp" in capsys.readouterr().out
    assert "deliver.xmp" in report.read_text()
