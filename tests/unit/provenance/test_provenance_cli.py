"""`overt keys`, `overt verify` and `overt lookup`: exit codes, JSON, one line on standard error."""

import json

import media_samples as samples
import pytest
from certificate_rows import ROWS, build

from overt.cli import main
from overt.provenance.certificates import certificates


def run(capsys, *arguments):
    code = main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def signed(tmp_path):
    path = tmp_path / "asset.png"
    done = samples.embedder().sign(samples.media("image/png"), samples.manifest("image/png"))
    path.write_bytes(done.media.read())
    return path


@pytest.fixture
def root(tmp_path):
    path = tmp_path / "root.pem"
    path.write_bytes(samples.keys().root)
    return path


def test_a_test_identity_is_three_files_and_is_not_overwritten(capsys, tmp_path):
    folder = tmp_path / "identity"
    code, out, _ = run(capsys, "keys", "test-identity", folder)
    assert code == 0
    assert [line.rsplit("/", 1)[-1] for line in out.split()] == [
        "root.pem",
        "chain.pem",
        "key.pem",
    ]
    assert (folder / "key.pem").stat().st_mode & 0o077 == 0
    leaf = certificates((folder / "chain.pem").read_bytes())[0]
    assert "not trusted" in leaf.subject.rfc4514_string()
    code, _, err = run(capsys, "keys", "test-identity", folder)
    assert code == 1
    assert "[keys.exists]" in err


def test_lint_of_a_good_chain(capsys):
    identity = samples.keys().identity
    code, out, _ = run(
        capsys,
        *("keys", "lint", identity.chain, "--key", identity.key, "--root", identity.root),
        "--json",
    )
    assert (code, json.loads(out)) == (0, {"problems": []})


def test_lint_names_the_fault(capsys, tmp_path):
    _, chain, _ = build(ROWS["any purpose"][0])
    path = tmp_path / "chain.pem"
    path.write_bytes(chain)
    code, out, _ = run(capsys, "keys", "lint", path)
    assert code == 1
    assert "cert.forbidden_purpose" in out


def test_lint_of_nothing(capsys, tmp_path):
    code, _, err = run(capsys, "keys", "lint", tmp_path / "absent.pem")
    assert code == 1
    assert "[keys.file_missing]" in err


@pytest.mark.parametrize("algorithm", ["es256", "ps256", "ed25519"])
def test_a_request_for_a_real_certificate(capsys, tmp_path, algorithm):
    from cryptography import x509

    key, out = tmp_path / "key.pem", tmp_path / "request.pem"
    arguments = ("keys", "csr", "--common-name", "Product", "--organisation", "Company", "--key")
    code, _, _ = run(capsys, *arguments, key, "-o", out, "--algorithm", algorithm)
    assert code == 0
    request = x509.load_pem_x509_csr(out.read_bytes())
    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == "O=Company,CN=Product"
    purposes = request.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert "1.3.6.1.4.1.62558.2.1" in {each.dotted_string for each in purposes}
    before = key.read_bytes()
    code, _, _ = run(capsys, *arguments, key, "-o", tmp_path / "again.pem")
    assert code == 0
    assert key.read_bytes() == before


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_a_request_with_a_useless_name(capsys, tmp_path, name):
    arguments = ("keys", "csr", "--common-name", name, "--organisation", "Company")
    code, _, err = run(capsys, *arguments, "--key", tmp_path / "k.pem", "-o", tmp_path / "r.pem")
    assert code == 1
    assert "[keys.csr_name]" in err
    assert not (tmp_path / "r.pem").exists()


CONTRACT = (
    "integrity",
    "trust",
    "digital_source_type",
    "actions",
    "disclosures",
    "consents",
    "ingredients",
    "record",
    "problems",
)


def test_verify_says_everything_in_json(capsys, signed, root):
    code, out, _ = run(capsys, "verify", signed, "--trust", root, "--require-disclosure", "--json")
    result = json.loads(out)
    assert code == 0
    assert set(CONTRACT) <= set(result)
    assert (result["integrity"], result["trust"]) == ("valid", "trusted")
    assert result["disclosures"][0] | {"covers": None, "wording": None} == {
        "mode": "visible",
        "language": "ur",
        "text": "AI {name}",
        "covers": None,
        "wording": None,
    }
    assert result["record"]["index"] == 7
    assert result["problems"] == []


def test_verify_for_people(capsys, signed, root):
    code, out, _ = run(capsys, "verify", signed, "--trust", root)
    assert code == 0
    for part in ("ok", "integrity valid", "c2pa.created", "disclosed, visible, ur", "record 7"):
        assert part in out


@pytest.mark.parametrize(
    ("change", "integrity", "code"),
    [
        (lambda data: samples.flipped(data, -100), "invalid", "assertion.dataHash.mismatch"),
        (lambda _: samples.sample("image/png"), "absent", "manifest.absent"),
        (lambda _: b"what is this\x00", "absent", "file.unknown"),
        (lambda _: b"", "absent", "file.unknown"),
        (lambda data: data[:3000], "invalid", "read.malformed"),
    ],
)
def test_verify_fails_with_six(capsys, signed, root, change, integrity, code):
    signed.write_bytes(change(signed.read_bytes()))
    exit_code, out, _ = run(capsys, "verify", signed, "--trust", root, "--json")
    result = json.loads(out)
    assert exit_code == 6
    assert result["integrity"] == integrity
    assert code in [problem["code"] for problem in result["problems"]]


def test_an_unknown_signer_fails_only_where_roots_were_given(capsys, signed, tmp_path):
    other = tmp_path / "other.pem"
    other.write_bytes(samples.strangers_keys().root)
    assert run(capsys, "verify", signed)[0] == 0
    code, out, _ = run(capsys, "verify", signed, "--trust", other, "--json")
    assert code == 6
    assert [problem["code"] for problem in json.loads(out)["problems"]] == ["trust.untrusted"]


def test_a_missing_disclosure_fails_only_where_it_is_required(capsys, tmp_path):
    done = samples.embedder().sign(
        samples.media("image/png"), samples.manifest("image/png", disclosures=())
    )
    path = tmp_path / "asset.png"
    path.write_bytes(done.media.read())
    assert run(capsys, "verify", path)[0] == 0
    code, out, _ = run(capsys, "verify", path, "--require-disclosure", "--json")
    assert code == 6
    assert [p["code"] for p in json.loads(out)["problems"]] == ["disclosure.missing"]


def test_a_folder_at_once(capsys, tmp_path, root):
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    for name, media_type in (("a.png", "image/png"), ("below/b.ogg", "audio/ogg")):
        done = samples.embedder().sign(samples.media(media_type), samples.manifest(media_type))
        (folder / name).write_bytes(done.media.read())
        if done.sidecar:
            (folder / (name + ".c2pa")).write_bytes(done.sidecar)
    code, out, _ = run(capsys, "verify", folder, "--trust", root, "--json")
    results = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [each["file"] for each in results] == ["a.png", "below/b.ogg"]
    (folder / "c.txt").write_text("unsigned text")
    assert run(capsys, "verify", folder, "--trust", root)[0] == 6


def test_a_sidecar_of_another_place_and_name(capsys, tmp_path, root):
    done = samples.embedder().sign(samples.media("audio/ogg"), samples.manifest("audio/ogg"))
    asset, sidecar = tmp_path / "a.ogg", tmp_path / "elsewhere.bin"
    asset.write_bytes(done.media.read())
    sidecar.write_bytes(done.sidecar)
    arguments = ("verify", asset, "--trust", root, "--sidecar")
    assert run(capsys, *arguments, sidecar)[0] == 0
    code, _, err = run(capsys, *arguments, tmp_path / "absent")
    assert code == 6
    assert "[verify.sidecar]" in err


def test_a_file_that_is_not_there(capsys, tmp_path):
    code, _, err = run(capsys, "verify", tmp_path / "absent.png")
    assert code == 6
    assert "[verify.unreadable]" in err


def test_lookup_without_a_ledger(capsys, signed, tmp_path):
    code, _, err = run(capsys, "lookup", signed, "--config", tmp_path / "overt.toml")
    assert code == 1
    assert "[config.missing]" in err


def test_roots_that_are_none_are_not_blamed_on_the_file(capsys, signed, tmp_path):
    roots = tmp_path / "notes.pem"
    roots.write_text("no certificate")
    code, out, err = run(capsys, "verify", signed, "--trust", roots)
    assert (code, out) == (1, "")
    assert "[verify.trust]" in err
    code, _, err = run(capsys, "verify", tmp_path, "--trust", roots)
    assert code == 1


def test_an_empty_folder_has_not_passed(capsys, tmp_path):
    code, out, err = run(capsys, "verify", tmp_path, "--require-disclosure")
    assert (code, out) == (1, "")
    assert "[verify.empty]" in err


def test_recovering_leaves_a_sidecar_that_is_there(capsys, monkeypatch, tmp_path):
    import io

    from PIL import Image

    from overt.guard import Guard
    from overt.models import Media, Request
    from overt.setup import initialise

    monkeypatch.chdir(tmp_path)
    initialise(tmp_path)
    stream = io.BytesIO()
    samples.noise(320, 240, seed=4).save(stream, "PNG")
    with Guard.open("overt.toml") as guard:
        guard.run(
            Request(prompt="hills", media_type="image/png"),
            lambda _: Media(media_type="image/png", data=stream.getvalue()),
            destination="made.png",
        )
    with Image.open("made.png") as made:
        made.convert("RGB").save("copy.jpg", quality=80)
    code, out, err = run(capsys, "lookup", "copy.jpg", "--recover")
    assert (code, out.startswith("fingerprint match")) == (0, True)
    assert "does not verify" in err
    (tmp_path / "copy.jpg.c2pa").write_bytes(b"mine")
    _, _, err = run(capsys, "lookup", "copy.jpg", "--recover")
    assert (tmp_path / "copy.jpg.c2pa").read_bytes() == b"mine"
    assert "left as it is" in err
