"""The linter's verdict on a chain equals the signing library's, and comes with a reason."""

import io
import json

import media_samples as samples
import pytest
from certificate_rows import ROWS, build
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from overt.errors import ConfigError
from overt.provenance import _c2pa
from overt.provenance.certificates import lint
from overt.provenance.embed import Embedder
from overt.provenance.signers import PemSigner

PICTURE = samples.sample("image/jpeg")


def library_trusts(root, chain, key, algorithm):
    """Whether c2pa-python, left to itself, signs with a key and then trusts the result."""
    from c2pa import Builder, C2paError, C2paSignerInfo, Reader, Signer

    context = _c2pa.context(root)
    definition = json.dumps(samples.manifest("image/jpeg").to_c2pa())
    signed = io.BytesIO()
    try:
        info = C2paSignerInfo(algorithm.encode(), chain, key, None)
        with Signer.from_info(info) as signer, Builder(definition, context) as builder:
            builder.sign(signer, "image/jpeg", io.BytesIO(PICTURE), signed)
        signed.seek(0)
        with Reader("image/jpeg", signed, context=context) as reader:
            return reader.get_validation_state() == "Trusted"
    except C2paError:
        return False


@pytest.mark.parametrize("name", ROWS)
def test_our_verdict_is_the_librarys(name):
    leaf, code = ROWS[name]
    root, chain, key = build(leaf)
    problems = lint(chain, load_pem_private_key(key, None), anchors=root)
    errors = [problem.code for problem in problems if problem.severity == "error"]
    assert library_trusts(root, chain, key, leaf.algorithm) == (not errors), errors
    assert (code in errors) if code else not errors
    assert all(problem.message for problem in problems)


@pytest.mark.parametrize("name", ROWS)
def test_an_embedder_is_made_of_good_keys_only(name):
    leaf, code = ROWS[name]
    root, chain, key = build(leaf)
    if code is None:
        Embedder(PemSigner(chain, key), root)
        return
    with pytest.raises(ConfigError) as raised:
        Embedder(PemSigner(chain, key), root)
    # Without its root the linter cannot see that an intermediate is missing; the probe does.
    assert raised.value.code == ("keys.untrusted" if code == "cert.no_path" else code)
    assert raised.value.todo


def test_an_expiry_that_is_near_is_a_warning():
    _, chain, key = build(ROWS["expires soon"][0])
    (warning,) = PemSigner(chain, key).warnings
    assert (warning.code, warning.severity) == ("cert.expires_soon", "warning")
    assert "2 days" in warning.message


def test_an_expiry_that_is_near_is_logged_when_signing_begins(caplog):
    root, chain, key = build(ROWS["expires soon"][0])
    Embedder(PemSigner(chain, key), root)
    assert "keys.warning code=cert.expires_soon" in caplog.text


@pytest.mark.parametrize("algorithm", ["es256", "es384", "es512", "ps256", "ed25519"])
@pytest.mark.parametrize("media_type", ["image/jpeg", "video/mp4", "audio/ogg"])
def test_every_algorithm_is_accepted_elsewhere(algorithm, media_type):
    keys = samples.keys(algorithm)
    result = keys.embedder().sign(samples.media(media_type), samples.manifest(media_type))
    said = samples.oracle(result.media.read(), media_type, keys.root, result.sidecar)
    assert (said["integrity"], said["hard_binding"]) == ("valid", "match")
    assert said["trust"]["status"] == "valid_for_supplied_material"


def test_another_roots_anchors_are_refused():
    with pytest.raises(ConfigError) as raised:
        Embedder(samples.keys().signer(), samples.strangers_keys().root)
    assert raised.value.code == "keys.untrusted"


@pytest.mark.parametrize("anchors", [b"", b"nonsense", b"\xff\xfe"])
def test_useless_anchors_are_refused(anchors):
    with pytest.raises(ConfigError) as raised:
        Embedder(samples.keys().signer(), anchors)
    assert raised.value.code in {"keys.anchors", "keys.untrusted"}
