"""Time-stamps from a local authority, and authorities that fail in every way."""

import os
import shutil
import time

import media_samples as samples
import pytest
from time_authority import authority, closed_port, silent

from overt.errors import ConfigError, StageError
from overt.inspect import verify
from overt.provenance.tsa import TimeAuthority


@pytest.fixture(scope="module")
def tsa():
    if shutil.which("openssl") is None and os.environ.get("CI") != "true":
        pytest.skip("install openssl")
    with authority() as running:
        yield running


@pytest.fixture(autouse=True)
def _good(tsa):
    tsa.mode = "good"


def sign(time_authority, **options):
    embedder = samples.keys().embedder(time_authority=time_authority, **options)
    return embedder.sign(samples.media("image/jpeg"), samples.manifest("image/jpeg"))


def test_a_time_stamp_is_in_the_manifest(tsa):
    result = sign(tsa.url)
    assert result.timestamped
    seen = verify(result.media.read(), trust=samples.keys().root + tsa.root)
    assert (seen.integrity, seen.trust) == ("valid", "trusted")
    assert seen.signer.time
    said = samples.oracle(result.media.read(), "image/jpeg", samples.keys().root)
    assert (said["integrity"], said["hard_binding"]) == ("valid", "match")


def test_one_question_before_and_one_a_signature(tsa):
    embedder = samples.keys().embedder(time_authority=tsa.url)
    before = tsa.queries
    for _ in range(3):
        embedder.sign(samples.media("image/jpeg"), samples.manifest("image/jpeg"))
    assert tsa.queries - before == 4


def test_without_an_authority_nothing_is_stamped():
    assert (
        not samples.embedder()
        .sign(samples.media("image/jpeg"), samples.manifest("image/jpeg"))
        .timestamped
    )


@pytest.mark.parametrize("mode", ["reject", "garbage", "error"])
def test_a_bad_answer_fails_or_is_done_without(tsa, mode):
    tsa.mode = mode
    with pytest.raises(StageError) as raised:
        sign(tsa.url)
    assert raised.value.code == "sign.tsa"
    result = sign(tsa.url, on_tsa_failure="sign_without")
    assert not result.timestamped
    assert verify(result.media.read(), trust=samples.keys().root).passed


def test_an_authority_that_dies_between_probe_and_signature(tsa):
    known = TimeAuthority(tsa.url)
    assert known.available()
    tsa.mode = "garbage"
    with pytest.raises(StageError) as raised:
        sign(known)
    assert raised.value.code == "sign.tsa"
    assert raised.value.__cause__ is not None

    tsa.mode = "good"
    assert known.available()
    tsa.mode = "garbage"
    assert not sign(known, on_tsa_failure="sign_without").timestamped


def test_nobody_listens():
    with pytest.raises(StageError) as raised:
        sign(closed_port())
    assert raised.value.code == "sign.tsa"


def test_a_silent_authority_costs_its_time_limit_and_not_thirty_seconds():
    with silent() as url:
        known = TimeAuthority(url, timeout_s=0.2)
        start = time.monotonic()
        with pytest.raises(StageError) as raised:
            sign(known)
        assert time.monotonic() - start < 15
    assert raised.value.code == "sign.tsa"


@pytest.mark.parametrize("url", ["ftp://example.org/", "localhost", "http://", ""])
def test_a_useless_address_is_a_configuration_error(url):
    with pytest.raises(ConfigError) as raised:
        TimeAuthority(url)
    assert raised.value.code == "tsa.url"
