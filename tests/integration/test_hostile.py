"""Hostile files: thousands of mutated ones. No crash, no hang, nothing changed is called valid."""

import io
import json
import random
import sys
import time

import media_samples as samples
import pytest

from overt.inspect import verify
from overt.provenance import _c2pa
from overt.provenance.isolated import IsolatedReader
from overt.provenance.verify import verify_file

KEYS = samples.keys()
LIMIT_S = 10
MAGIC = (0, 1, 0x7F, 0x80, 0xFF)


def flip(data, rng, _):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def cut(data, rng, _):
    return data[: rng.randrange(1, len(data))]


def drop(data, rng, _):
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randrange(1, 200) :]


def repeat(data, rng, _):
    at = rng.randrange(len(data))
    return data[:at] + data[at : at + rng.randrange(1, 400)] * 2 + data[at + 1 :]


def overwrite(data, rng, _):
    at = rng.randrange(len(data))
    return data[:at] + bytes(rng.choice(MAGIC) for _ in range(rng.randrange(1, 9))) + data[at + 8 :]


def lengths(data, rng, _):
    """Numbers that say how long something is become enormous or nothing."""
    at = rng.randrange(len(data) - 4)
    value = rng.choice((0, 1, 7, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF))
    return data[:at] + value.to_bytes(4, rng.choice(("big", "little"))) + data[at + 4 :]


def box_lengths(data, rng, _):
    """The same, where boxes of a manifest are."""
    places = [at for at in range(4, len(data)) if data[at : at + 4] in (b"jumb", b"jumd", b"cbor")]
    if not places:
        return lengths(data, rng, _)
    at = rng.choice(places) - 4
    value = rng.choice((0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF, rng.randrange(1 << 16)))
    return data[:at] + value.to_bytes(4, "big") + data[at + 4 :]


def splice(data, rng, other):
    at, to = rng.randrange(len(data)), rng.randrange(len(other))
    return data[:at] + other[to:]


def graft(data, rng, other):
    """A piece of another signed file in the middle of this one."""
    at, to = rng.randrange(len(data)), rng.randrange(len(other))
    return data[:at] + other[to : to + rng.randrange(1, 20_000)] + data[at:]


MUTATIONS = (flip, flip, flip, cut, drop, repeat, overwrite, lengths, box_lengths, splice, graft)


def signed():
    return {
        media_type: samples.embedder()
        .sign(samples.media(media_type), samples.manifest(media_type))
        .media.read()
        for media_type in samples.EMBEDDED
    }


def run(count, seed, folder):
    rng = random.Random(seed)
    originals = signed()
    kinds = list(originals)
    wrong, slow, outcomes = [], [], {}
    with IsolatedReader(KEYS.root, time_limit_s=LIMIT_S) as reader:
        for number in range(count):
            media_type = kinds[number % len(kinds)]
            data = originals[media_type]
            mutation = rng.choice(MUTATIONS)
            changed = mutation(data, rng, originals[rng.choice(kinds)])
            if changed == data:
                continue
            path = folder / f"asset{samples.SUFFIXES[media_type]}"
            path.write_bytes(changed)
            start = time.monotonic()
            seen = verify_file(path, reader)
            if time.monotonic() - start > LIMIT_S + 1:
                slow.append((number, mutation.__name__))
            outcomes[str(seen.integrity)] = outcomes.get(str(seen.integrity), 0) + 1
            codes = [problem.code for problem in seen.problems]
            for code in set(codes) & {"read.crash", "read.timeout"}:
                outcomes[code] = outcomes.get(code, 0) + 1
            if seen.integrity == "valid":
                wrong.append((number, media_type, mutation.__name__))
    return wrong, slow, outcomes


def test_room_that_nothing_signs_is_held_to_its_value(tmp_path):
    """Padding that the library does not look at: strict for our own files, and only for those."""
    ours = samples.embedder().sign(samples.media("image/png"), samples.manifest("image/png"))
    data = ours.media.read()
    place = data.rfind(b"cpad") + 8
    seen = verify(samples.flipped(data, place), trust=KEYS.root)
    assert "overt.padding" in [problem.code for problem in seen.problems]
    assert seen.integrity == "invalid"


def another_generators_file():
    from c2pa import Builder, C2paSignerInfo, Signer

    definition = samples.manifest("image/png").to_c2pa()
    definition["claim_generator_info"] = [{"name": "another"}]
    out = io.BytesIO()
    info = C2paSignerInfo(b"es256", KEYS.chain, KEYS.identity.key.read_bytes(), None)
    with (
        Signer.from_info(info) as signer,
        Builder(json.dumps(definition), _c2pa.context(KEYS.root)) as builder,
    ):
        builder.sign(signer, "image/png", io.BytesIO(samples.sample("image/png")), out)
    return out.getvalue()


def test_others_are_not_held_to_our_way_of_writing():
    data = another_generators_file()
    place = data.rfind(b"cpad") + 8
    assert verify(samples.flipped(data, place), trust=KEYS.root).passed


def test_a_bomb_ends_the_child_and_not_us(tmp_path):
    """More memory than the child may have, and more time."""
    path, sidecar = tmp_path / "asset.ogg", tmp_path / "asset.ogg.c2pa"
    path.write_bytes(samples.sample("audio/ogg"))
    with sidecar.open("wb") as stream:
        stream.truncate(63 << 20)
    if sys.platform == "linux":  # elsewhere the limit on address space is not kept
        with IsolatedReader(KEYS.root, memory_limit_mb=64) as reader:
            seen = verify_file(path, reader)
        assert (seen.integrity, [problem.code for problem in seen.problems]) == (
            "invalid",
            ["read.crash"],
        )
    with IsolatedReader(KEYS.root, time_limit_s=0.001) as reader:
        seen = verify_file(path, reader)
    assert (seen.integrity, [problem.code for problem in seen.problems]) == (
        "invalid",
        ["read.timeout"],
    )


def test_the_child_is_replaced_after_it_died(tmp_path):
    path = tmp_path / "asset.png"
    path.write_bytes(another_generators_file())
    with IsolatedReader(KEYS.root) as reader:
        assert verify_file(path, reader).passed
        reader._child._process.kill()
        reader._child._process.wait()
        assert verify_file(path, reader).passed


def test_a_few_hundred_mutated_files(tmp_path):
    wrong, slow, outcomes = run(440, 1, tmp_path)
    assert (wrong, slow) == ([], []), outcomes


@pytest.mark.slow
def test_five_thousand_mutated_files(tmp_path):
    wrong, slow, outcomes = run(5000, 2, tmp_path)
    assert (wrong, slow) == ([], []), outcomes
    assert sum(count for name, count in outcomes.items() if "." not in name) > 4900
