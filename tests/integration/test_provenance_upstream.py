"""Credentials that a file came with: carried on, never dropped, never laundered; and no network."""

import contextlib
import http.server
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import media_samples as samples
import pytest

from overt.errors import StageError
from overt.inspect import verify
from overt.models import Act, Extent, Media
from overt.provenance import _c2pa
from overt.provenance.manifest import DigitalSourceType
from overt.provenance.upstream import find

OURS, THEIRS = samples.keys(), samples.strangers_keys()
MEDIA_TYPES = ("image/jpeg", "image/png", "audio/wav", "video/mp4", "application/pdf", "image/jxl")


def signed_by_them(media_type, **changes):
    result = THEIRS.embedder().sign(
        samples.media(media_type), samples.manifest(media_type, **changes)
    )
    return result.media.read()


def tampered(media_type):
    data = signed_by_them(media_type)
    return samples.flipped(data, samples.middle_of_content(data, media_type))


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_generators_credentials_become_the_parent(media_type):
    result = OURS.embedder().sign(
        samples.media(media_type, signed_by_them(media_type)), samples.manifest(media_type)
    )
    seen = verify(result.media.read(), trust=OURS.root)
    assert seen.passed
    assert [each.relationship for each in seen.ingredients] == ["parentOf"]
    assert seen.ingredients[0].integrity == "valid"
    assert [each.action for each in seen.actions][:2] == ["c2pa.opened", "c2pa.edited"]
    assert seen.digital_source_type == "trainedAlgorithmicMedia"
    said = samples.oracle(result.media.read(), media_type, OURS.root)
    assert (said["integrity"], said["hard_binding"]) == ("valid", "match")


def test_credentials_lost_in_disclosing_are_taken_from_the_original():
    original = samples.media("image/png", signed_by_them("image/png"))
    disclosed = samples.media("image/png", samples.picture("PNG", optimize=True))
    result = OURS.embedder().sign(disclosed, samples.manifest("image/png"), original=original)
    seen = verify(result.media.read(), trust=OURS.root)
    assert [each.relationship for each in seen.ingredients] == ["parentOf"]
    assert seen.passed


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_tampered_credentials_are_refused(media_type):
    with pytest.raises(StageError) as raised:
        OURS.embedder().sign(
            samples.media(media_type, tampered(media_type)), samples.manifest(media_type)
        )
    assert raised.value.code == "sign.upstream_invalid"


def test_tampered_credentials_can_be_recorded_but_not_laundered():
    result = OURS.embedder(upstream="record").sign(
        samples.media("image/jpeg", tampered("image/jpeg")), samples.manifest("image/jpeg")
    )
    seen = verify(result.media.read(), trust=OURS.root)
    assert (seen.integrity, seen.trust) == ("valid", "trusted")
    assert seen.ingredients[0].integrity == "invalid"
    assert not seen.passed
    assert "ingredient.invalid" in [problem.code for problem in seen.problems]


def test_a_second_signature_does_not_hide_a_tampered_grandparent():
    once = OURS.embedder(upstream="record").sign(
        samples.media("image/jpeg", tampered("image/jpeg")), samples.manifest("image/jpeg")
    )
    with pytest.raises(StageError) as raised:
        OURS.embedder().sign(once.media, samples.manifest("image/jpeg"))
    assert raised.value.code == "sign.upstream_invalid"


def test_untrusted_credentials_are_refused_when_asked():
    data = samples.media("image/png", signed_by_them("image/png"))
    with pytest.raises(StageError) as raised:
        OURS.embedder(upstream="strict").sign(data, samples.manifest("image/png"))
    assert raised.value.code == "sign.upstream_untrusted"
    known = OURS.embedder(upstream="strict", upstream_anchors_pem=OURS.root + THEIRS.root)
    assert known.sign(data, samples.manifest("image/png")).label


@pytest.mark.parametrize("policy", ["refuse", "strict"])
def test_a_tampered_input_is_refused_too(policy):
    plate = samples.media("image/jpeg", tampered("image/jpeg"))
    manifest = samples.manifest(
        "image/png", act=Act.ALTER, extent=Extent.SIGNIFICANT, inputs=(plate,)
    )
    with pytest.raises(StageError) as raised:
        OURS.embedder(upstream=policy).sign(samples.media("image/png"), manifest, inputs=(plate,))
    assert raised.value.code == "sign.upstream_invalid"


def test_the_ai_type_is_repeated_where_our_own_work_is_not_ai():
    plate = samples.media("image/jpeg", signed_by_them("image/jpeg"))
    manifest = samples.manifest(
        "image/jpeg", act=Act.ALTER, extent=Extent.NONE, inputs=(plate,), disclosures=()
    )
    result = OURS.embedder().sign(samples.media("image/jpeg"), manifest, inputs=(plate,))
    assert result.digital_source_type == "trainedAlgorithmicMedia"
    seen = verify(result.media.read(), trust=OURS.root)
    assert seen.digital_source_type == "trainedAlgorithmicMedia"
    assert [each.action for each in seen.actions] == ["c2pa.opened"]


def test_real_footage_that_nothing_was_done_to_is_not_called_ai():
    plate = samples.media("image/jpeg")
    manifest = samples.manifest(
        "image/jpeg", act=Act.ALTER, extent=Extent.NONE, inputs=(plate,), disclosures=()
    )
    result = OURS.embedder().sign(samples.media("image/jpeg"), manifest, inputs=(plate,))
    assert result.digital_source_type == ""
    assert verify(result.media.read(), trust=OURS.root).digital_source_type is None
    assert b"DigitalSourceType" not in result.media.read()


def test_a_file_without_credentials_starts_no_reader():
    embedder = OURS.embedder()
    embedder.sign(samples.media("image/png"), samples.manifest("image/png"))
    assert embedder._stranger._child is None


# --- no network ----------------------------------------------------------------------------------


@pytest.fixture
def server():
    hits = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/manifest.c2pa", hits
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


def with_remote_manifest(url):
    """A picture that names a manifest elsewhere and carries none."""
    from c2pa import Builder, C2paSignerInfo, Signer

    context = _c2pa.context(THEIRS.root)
    definition = json.dumps(samples.manifest("image/jpeg").to_c2pa())
    key = THEIRS.identity.key.read_bytes()
    out = io.BytesIO()
    info = C2paSignerInfo(b"es256", THEIRS.chain, key, None)
    with Signer.from_info(info) as signer, Builder(definition, context) as builder:
        builder.set_no_embed()
        builder.set_remote_url(url)
        builder.sign(signer, "image/jpeg", io.BytesIO(samples.sample("image/jpeg")), out)
    return out.getvalue()


def test_a_remote_manifest_is_never_fetched(server):
    url, hits = server
    data = with_remote_manifest(url)
    assert url.encode() in data
    seen = verify(data)
    assert seen.integrity == "absent"
    assert [problem.code for problem in seen.problems] == ["read.remote"]

    plate = samples.media("image/jpeg", data)
    manifest = samples.manifest(
        "image/jpeg", act=Act.ALTER, extent=Extent.SIGNIFICANT, inputs=(plate,)
    )
    for policy in ("refuse", "record"):
        embedder = OURS.embedder(upstream=policy)
        for act in (
            lambda embedder=embedder: embedder.sign(plate, samples.manifest("image/jpeg")),
            lambda embedder=embedder: embedder.sign(
                samples.media("image/jpeg"), manifest, inputs=(plate,)
            ),
        ):
            with contextlib.suppress(StageError):
                act()
    assert hits == []


def test_signing_and_reading_open_no_socket(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    result = OURS.embedder().sign(samples.media("image/png"), samples.manifest("image/png"))
    assert verify(result.media.read(), trust=OURS.root).passed


def test_a_stranger_is_read_in_another_process():
    media = Media(media_type="image/png", data=signed_by_them("image/png"))
    embedder = OURS.embedder()
    found = find(media, embedder._stranger)
    assert (found.state, found.source) == ("untrusted", DigitalSourceType.TRAINED_ALGORITHMIC)
    assert embedder._stranger._child.alive()
    embedder.close()
    assert embedder._stranger._child is None


FORBIDDING_SOCKETS = """
import ctypes, platform, struct, sys
call = {"x86_64": 41, "aarch64": 198}[platform.machine()]
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, call), (0x06, 0, 0, 0x80000000), (0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
"""
"""From here on the kernel ends the process, and its children, at the first socket they ask for:
also in native code, which does not care what Python's `socket` module was turned into."""

SIGN_AND_READ = """
import media_samples as samples
from overt.inspect import verify
keys = samples.keys()
done = keys.embedder().sign(samples.media("image/png"), samples.manifest("image/png"))
assert verify(done.media.read(), trust=keys.root).passed
assert verify(open(sys.argv[1], "rb").read()).problems[0].code == "read.remote"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a filter of the Linux kernel")
def test_native_code_opens_no_socket_either(tmp_path):
    remote = tmp_path / "remote.jpg"
    remote.write_bytes(with_remote_manifest("http://127.0.0.1:9/manifest.c2pa"))
    support = str(Path(samples.__file__).parent)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([support, *filter(None, sys.path)]))

    def run(code):
        command = [sys.executable, "-c", FORBIDDING_SOCKETS + code, str(remote)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    assert run("import socket; socket.socket()").returncode == -signal.SIGSYS
    done = run(SIGN_AND_READ)
    assert done.returncode == 0, done.stderr
