"""Whatever happens while signing: the final path is absent or valid, the source untouched."""

import errno
import hashlib
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import media_samples as samples
import pytest
from time_authority import closed_port

from overt.errors import StageError
from overt.inspect import verify
from overt.models import Media
from overt.provenance.embed import Embedder
from overt.provenance.signers import CallbackSigner
from overt.provenance.target import Target

KEYS = samples.keys()
TYPES = ("image/jpeg", "video/mp4", "audio/ogg")


def source_in(folder, media_type):
    path = folder / f"source{samples.SUFFIXES[media_type]}"
    path.write_bytes(samples.sample(media_type))
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def failing(exception, after=1):
    """A signer that works `after` times (the embedder's probe is the first), and then raises."""
    good = KEYS.signer()
    calls = []

    def sign(data):
        calls.append(data)
        if len(calls) > after:
            raise exception
        return good.sign(data)

    return CallbackSigner(sign, KEYS.chain)


class KeyServiceDownError(Exception):
    """What a key service's client raises."""


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize(
    "exception", [KeyServiceDownError("secret host"), ConnectionResetError("x"), ValueError("x")]
)
def test_a_failing_signer_leaves_nothing_and_is_named(media_type, exception, tmp_path, caplog):
    path = source_in(tmp_path, media_type)
    embedder = Embedder(failing(exception), KEYS.root)
    with pytest.raises(StageError) as raised:
        embedder.sign(Media(media_type=media_type, path=path), samples.manifest(media_type))
    assert raised.value.code == "sign.signer"
    assert raised.value.__cause__ is exception
    assert "secret" not in str(raised.value)
    assert "secret" not in caplog.text
    assert names(tmp_path) == [path.name]
    assert path.read_bytes() == samples.sample(media_type)


@pytest.mark.parametrize("answer", [b"", b"\x00" * 64, b"x" * 500])
def test_a_wrong_signature_never_gets_out(answer, tmp_path):
    good, calls = KEYS.signer(), []

    def sign(data):
        calls.append(data)
        return good.sign(data) if len(calls) == 1 else answer

    path = source_in(tmp_path, "image/jpeg")
    embedder = Embedder(CallbackSigner(sign, KEYS.chain), KEYS.root)
    with pytest.raises(StageError) as raised:
        embedder.sign(Media(media_type="image/jpeg", path=path), samples.manifest("image/jpeg"))
    assert raised.value.code in {"sign.readback", "sign.failed"}
    assert names(tmp_path) == [path.name]


def test_an_interrupt_in_the_signer_is_passed_on(tmp_path):
    path = source_in(tmp_path, "image/jpeg")
    embedder = Embedder(failing(KeyboardInterrupt()), KEYS.root)
    with pytest.raises(KeyboardInterrupt):
        embedder.sign(Media(media_type="image/jpeg", path=path), samples.manifest("image/jpeg"))
    assert names(tmp_path) == [path.name]


def test_a_dead_time_authority_leaves_nothing(tmp_path):
    path = source_in(tmp_path, "image/jpeg")
    with pytest.raises(StageError):
        KEYS.embedder(time_authority=closed_port()).sign(
            Media(media_type="image/jpeg", path=path), samples.manifest("image/jpeg")
        )
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("step", ["copy", "sync", "reopened", "digest", "shown"])
@pytest.mark.parametrize("media_type", TYPES)
def test_a_full_disk_at_any_step_leaves_nothing(step, media_type, tmp_path, monkeypatch):
    if step == "copy" and media_type in samples.EMBEDDED:
        pytest.skip("only sidecars copy")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Target, step, full)
    path = source_in(tmp_path, media_type)
    with pytest.raises(StageError) as raised:
        KEYS.embedder().sign(Media(media_type=media_type, path=path), samples.manifest(media_type))
    assert raised.value.code == "sign.io"
    assert "No space left" in raised.value.why
    assert names(tmp_path) == [path.name]
    assert path.read_bytes() == samples.sample(media_type)


def test_a_really_full_disk(tmp_path):
    """A file size limit stands in for a full disk: it needs no rights, and writes fail the same."""
    path = source_in(tmp_path, "video/mp4")
    program = textwrap.dedent(
        """
        import resource, signal, sys
        sys.path.insert(0, sys.argv[2])
        import media_samples as samples
        from overt.errors import StageError
        from overt.models import Media
        embedder = samples.keys().embedder()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
        media = Media(media_type="video/mp4", path=sys.argv[1])
        try:
            embedder.sign(media, samples.manifest("video/mp4"))
        except StageError as error:
            print(error.code)
        """
    )
    support = str(Path(samples.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), support], capture_output=True, text=True
    )
    assert done.stdout.strip() == "sign.io", done.stderr
    assert names(tmp_path) == [path.name]


def test_a_folder_that_cannot_be_written(tmp_path):
    path = source_in(tmp_path, "image/jpeg")
    with pytest.raises(StageError) as raised:
        KEYS.embedder().sign(
            Media(media_type="image/jpeg", path=path),
            samples.manifest("image/jpeg"),
            destination=tmp_path / "nowhere" / "out.jpg",
        )
    assert raised.value.code == "sign.io"


def test_source_equal_to_destination(tmp_path):
    path = source_in(tmp_path, "image/png")
    done = KEYS.embedder().sign(
        Media(media_type="image/png", path=path),
        samples.manifest("image/png"),
        destination=path,
    )
    assert path.read_bytes() == samples.sample("image/png")
    done.media.path.replace(path)
    assert names(tmp_path) == [path.name]
    assert verify(path, trust=KEYS.root).passed


VICTIM = textwrap.dedent(
    """
    import sys
    sys.path.insert(0, sys.argv[3])
    from pathlib import Path
    from overt.models import Media
    from overt.provenance.embed import Embedder
    from overt.provenance.signers import PemSigner
    import media_samples as samples
    folder, media_type, _, identity = Path(sys.argv[1]), *sys.argv[2:5]
    identity = Path(identity)
    signer = PemSigner.load(identity / "chain.pem", identity / "key.pem")
    embedder = Embedder(signer, (identity / "root.pem").read_bytes())
    source = next(folder.glob("source.*"))
    final = folder / ("final" + source.suffix)
    print("ready", flush=True)
    while True:
        done = embedder.sign(
            Media(media_type=media_type, path=source),
            samples.manifest(media_type),
            destination=final,
        )
        if done.sidecar:
            beside = folder / (final.name + ".c2pa")
            new = folder / ".sidecar.tmp"
            new.write_bytes(done.sidecar)
            new.replace(beside)
        done.media.path.replace(final)
    """
)


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path):
    """300 runs of kill -9 while files are signed over and over into one place."""
    rng = random.Random(7)
    support = str(Path(samples.__file__).parent)
    identity = str(KEYS.identity.root.parent)
    outcomes = {"absent": 0, "valid": 0}
    digests = {t: hashlib.sha256(samples.sample(t)).hexdigest() for t in TYPES}
    for run in range(300):
        media_type = ("image/jpeg", "video/mp4")[run % 2]
        folder = tmp_path / f"run{run}"
        folder.mkdir()
        source = source_in(folder, media_type)
        child = subprocess.Popen(
            [sys.executable, "-c", VICTIM, str(folder), media_type, support, identity],
            stdout=subprocess.PIPE,
        )
        assert child.stdout.readline() == b"ready\n"
        time.sleep(rng.random() * 0.05)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        final = folder / f"final{source.suffix}"
        assert hashlib.sha256(source.read_bytes()).hexdigest() == digests[media_type]
        if final.exists():
            said = samples.oracle(final.read_bytes(), media_type, KEYS.root)
            assert (said["integrity"], said["hard_binding"]) == ("valid", "match")
            outcomes["valid"] += 1
        else:
            outcomes["absent"] += 1
        for left in folder.iterdir():
            assert left in (source, final) or left.name.startswith(".")
            left.unlink()
    assert all(outcomes.values()), outcomes


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("on_disk", [True, False])
def test_the_finished_asset_can_be_looked_at_before_it_counts(media_type, on_disk, tmp_path):
    source = source_in(tmp_path, media_type)
    media = Media(
        media_type=media_type,
        data=None if on_disk else source.read_bytes(),
        path=source if on_disk else None,
    )
    with KEYS.embedder().signing(media, samples.manifest(media_type)) as done:
        assert done.media.digest() == done.digest
    assert done.media.digest() == done.digest
    assert len(names(tmp_path)) == 1 + on_disk


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("raised", [StageError("disclose", "x", "y", "", ""), KeyboardInterrupt()])
def test_what_the_caller_raises_in_the_end_leaves_nothing(media_type, raised, tmp_path):
    source = source_in(tmp_path, media_type)
    media = Media(media_type=media_type, path=source)

    def sign():
        with KEYS.embedder().signing(media, samples.manifest(media_type)) as done:
            assert done.media.path.exists()
            raise raised

    with pytest.raises(type(raised)) as caught:
        sign()
    assert caught.value is raised
    assert names(tmp_path) == [source.name]
