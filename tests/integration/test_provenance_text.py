"""Manifests inside plain text: on request, read by another implementation, and easy to break."""

import media_samples as samples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overt.errors import StageError
from overt.inspect import verify
from overt.provenance import annex

KEYS = samples.keys()
TEXT = "Grüße aus dem Labor.\nZweite Zeile: 🙂 und ‏עברית‎.\n"


def signed(text=TEXT, media_type="text/plain"):
    media = samples.media(media_type, text.encode())
    return samples.embedder().sign_text(media, samples.manifest(media_type)).media.read()


def test_another_implementation_agrees():
    data = signed()
    said = samples.oracle(data, "text/plain", KEYS.root)
    assert (said["integrity"], said["hard_binding"]) == ("valid", "match")
    assert said["trust"]["status"] == "valid_for_supplied_material"
    assert data.decode().startswith(TEXT)


@pytest.mark.parametrize("media_type", ["text/plain", "text/markdown"])
def test_we_read_it_without_a_sidecar(media_type, tmp_path):
    path = tmp_path / f"asset{samples.SUFFIXES[media_type]}"
    path.write_bytes(signed(media_type=media_type))
    seen = verify(path, trust=KEYS.root, require_disclosure=True)
    assert seen.passed, seen.problems
    assert (seen.integrity, seen.trust) == ("valid", "trusted")
    assert verify(path, trust=samples.strangers_keys().root).trust == "untrusted"


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"Labor", b"Lager"),
        lambda data: b" " + data,
        lambda data: data + b"\n",
        lambda data: data + "\ufe00".encode(),
        lambda data: data.replace(TEXT.encode(), b""),
        lambda data: samples.flipped(data, len(TEXT.encode()) + 300),
    ],
    ids=["word", "before", "behind", "padding", "moved", "manifest"],
)
def test_any_change_is_seen(change):
    data = signed()
    changed = change(data)
    assert changed != data
    assert verify(changed, trust=KEYS.root).integrity != "valid"


def test_text_is_put_into_normal_form():
    assert signed("e\u0301clair au caf\u00e9").decode().startswith("\u00e9clair au caf\u00e9")


def test_a_text_is_not_wrapped_twice():
    with pytest.raises(StageError) as raised:
        signed(signed().decode())
    assert raised.value.code == "sign.text"


def test_other_text_gets_a_sidecar_only():
    with pytest.raises(StageError) as raised:
        samples.embedder().sign_text(samples.media("text/html"), samples.manifest("text/html"))
    assert raised.value.code == "sign.text"


@given(st.binary(max_size=300), st.integers(0, 40))
def test_wrappers_come_back_whole_and_to_measure(store, more):
    room = annex.room_for(len(store)) + more
    wrapped = annex.wrapper(store, room)
    assert len(wrapped.encode()) == room
    assert annex.split("visible" + wrapped) == ("visible", store)
    assert annex.split("visible" + annex.wrapper(store)) == ("visible", store)


@given(st.text(alphabet=st.sampled_from("a\ufeff\ufe00\ufe0f\U000e0100\U000e01ef"), max_size=40))
def test_odd_text_never_breaks_the_reader(text):
    found = annex.split(text)
    assert found is None or text.startswith(found[0])


def test_a_store_that_does_not_fit_is_refused():
    with pytest.raises(ValueError):
        annex.wrapper(b"x" * 100, 50)
