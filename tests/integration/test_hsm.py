"""A key on a PKCS#11 token: SoftHSM2, which behaves like a hardware module."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import media_samples as samples
import pytest
from certificate_rows import Leaf, build
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from overt import Guard, Request, verify
from overt.cli import main
from overt.errors import ConfigError
from overt.provenance.embed import Embedder
from overt.provenance.signers import Pkcs11Signer

LIBRARY = next(
    (
        str(path)
        for folder in ("/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/local/lib")
        for path in Path(folder).glob("**/libsofthsm2.so")
    ),
    None,
)
pytestmark = pytest.mark.skipif(
    (LIBRARY is None or shutil.which("softhsm2-util") is None) and os.environ.get("CI") != "true",
    reason="install softhsm2",
)
KEYS = {
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ps256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A token with one key of each kind: (root, chain) by algorithm."""
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(config)
    os.environ["OVERT_TEST_PIN"] = "1234"
    run = ["softhsm2-util", "--init-token", "--free", "--label", "overt"]
    subprocess.run([*run, "--pin", "1234", "--so-pin", "5678"], check=True, capture_output=True)
    chains = {}
    for number, (algorithm, key) in enumerate(KEYS.items()):
        root, chain, private = build(Leaf(key=key, algorithm=algorithm))
        file = folder / f"{algorithm}.pem"
        file.write_bytes(private)
        subprocess.run(
            [
                *("softhsm2-util", "--import", str(file), "--token", "overt", "--label", algorithm),
                *("--id", f"a{number}", "--pin", "1234"),
            ],
            check=True,
            capture_output=True,
        )
        chains[algorithm] = (root, chain)
    return chains


def signer(chains, algorithm="es256", **changes):
    values = {
        "library": LIBRARY,
        "token": "overt",
        "key": algorithm,
        "pin": "env:OVERT_TEST_PIN",
        "chain_pem": chains[algorithm][1],
    }
    return Pkcs11Signer(**(values | changes))


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_token_signs(token, algorithm):
    root = token[algorithm][0]
    embedder = Embedder(signer(token, algorithm), root)
    for media_type in ("image/jpeg", "audio/ogg"):
        result = embedder.sign(samples.media(media_type), samples.manifest(media_type))
        said = samples.oracle(result.media.read(), media_type, root, result.sidecar)
        assert (said["integrity"], said["hard_binding"]) == ("valid", "match")
        assert said["trust"]["status"] == "valid_for_supplied_material"


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "another"},
        {"key": "another"},
        {"library": "/nonexistent.so"},
    ],
)
def test_what_is_not_there_is_a_configuration_error(token, changes):
    with pytest.raises(ConfigError) as raised:
        signer(token, **changes)
    assert raised.value.code == "keys.token"


def test_a_wrong_pin_is_not_repeated(token, tmp_path):
    # In a process of its own: one good login opens the token for the whole process.
    chain = tmp_path / "chain.pem"
    chain.write_bytes(token["es256"][1])
    program = (
        "import sys; from overt.provenance.signers import Pkcs11Signer\n"
        f"chain = open({str(chain)!r}, 'rb').read()\n"
        f"Pkcs11Signer(library={LIBRARY!r}, token='overt', key='es256', "
        "pin='env:OVERT_TEST_PIN', chain_pem=chain)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"OVERT_TEST_PIN": "9999"},
        capture_output=True,
        text=True,
    )
    assert "[keys.token]" in done.stderr
    assert "PinIncorrect" in done.stderr
    assert "9999" not in done.stderr


def test_another_certificate_is_refused(token):
    root, chain, _ = build(Leaf())
    with pytest.raises(ConfigError) as raised:
        Embedder(signer(token, chain_pem=chain), root)
    assert raised.value.code == "keys.untrusted"


def test_a_fork_can_sign(token):
    root = token["es256"][0]
    embedder = Embedder(signer(token), root)
    embedder.sign(samples.media("image/png"), samples.manifest("image/png"))
    child = os.fork()
    if child == 0:
        try:
            result = embedder.sign(samples.media("image/png"), samples.manifest("image/png"))
            os._exit(0 if result.label else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def house(token, tmp_path):
    """An installation whose `overt.toml` names the token; `house(key="…")` changes the section."""
    from overt.setup import initialise

    initialise(tmp_path)
    root, chain = token["es256"]
    keys = tmp_path / ".overt" / "identity"
    (keys / "root.pem").write_bytes(root)
    (keys / "chain.pem").write_bytes(chain)
    (keys / "key.pem").unlink()
    (tmp_path / "pin").write_text("1234\n")
    plain = (tmp_path / "overt.toml").read_text()

    def configured(**changes):
        values = {"module": LIBRARY, "token": "overt", "key": "es256", "pin": "file:pin"} | changes
        section = "\n".join(f'{name} = "{value}"' for name, value in values.items())
        text = plain.replace('key = "file:.overt/identity/key.pem"\n', "", 1)
        assert text != plain
        (tmp_path / "overt.toml").write_text(f"{text}\n[identity.hsm]\n{section}\n")
        return tmp_path / "overt.toml"

    return configured


@pytest.mark.parametrize("pin", ["file:pin", "env:OVERT_TEST_PIN"])
def test_overt_toml_names_a_token(house, token, tmp_path, pin):
    request = Request(prompt="a lighthouse at dusk", media_type="image/png")
    with Guard.open(house(pin=pin)) as guard:
        made = guard.run(request, lambda _: samples.media("image/png"))
        marked = made.media.read()
    seen = verify(marked, trust=token["es256"][0])
    assert (seen.integrity, seen.trust) == ("valid", "trusted")


def test_mark_and_doctor_use_the_token(house, token, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(house().parent)
    (tmp_path / "in.png").write_bytes(samples.picture("PNG"))
    assert main(["mark", "in.png", "-o", "out.png"]) == 0
    (tmp_path / "root.pem").write_bytes(token["es256"][0])
    assert main(["verify", "out.png", "--trust", "root.pem"]) == 0
    capsys.readouterr()
    assert main(["doctor", "--json"]) == 0
    checks = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    states = {check["name"]: check["state"] for check in checks}
    assert states["signing identity"] == states["python-pkcs11"] == "ok"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "another"}, "keys.token"),
        ({"key": "another"}, "keys.token"),
        ({"module": "nonexistent.so"}, "keys.token"),
        ({"pin": "env:OVERT_NO_SUCH_PIN"}, "keys.env_missing"),
        ({"pin": "file:no-such-pin"}, "keys.file_missing"),
        ({"pin": "1234"}, "config.invalid"),
        ({"slot": "0"}, "config.unknown_key"),
    ],
)
def test_a_wrong_section_is_told_without_the_pin(house, changes, code):
    with pytest.raises(ConfigError) as raised:
        Guard.open(house(**changes))
    assert raised.value.code == code
    assert "1234" not in str(raised.value)


def test_a_key_file_beside_a_token_is_a_mistake(house):
    path = house()
    text = path.read_text().replace("[identity]", '[identity]\nkey = "file:key.pem"\n#', 1)
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        Guard.open(path)
    assert raised.value.code == "config.invalid"
    assert "identity" in str(raised.value)


def test_countersigning_with_a_token_says_what_is_needed(house):
    from overt.cli.stores import opened

    with opened(house()) as stores, pytest.raises(ConfigError) as raised:
        stores.identity()
    assert raised.value.code == "keys.token_only"
