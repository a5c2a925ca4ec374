"""Invariants of consent: narrowing never widens, more records never take away, bytes rule."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import pytest
from consents import NOW, a_grant, a_need

from overt.consent import Signer, Trust, sign
from overt.consent.assurance import Assessment, SignedBy, assess
from overt.consent.keys import new_key
from overt.consent.matching import fault
from overt.consent.parsing import parse
from overt.errors import VerificationError
from overt.models import Act, Extent, Purpose

SIGNER = Signer(new_key())
ANYBODY = (SignedBy(frozenset(), party=True), SignedBy(frozenset({"*"}), party=False))
WORDS = st.sampled_from(["voice", "face", "body", "name"])
LANGUAGES = st.sampled_from(["ur", "en", "ur-PK", "fr"])


def subsets(words: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(words, unique=True, max_size=3).map(tuple)


SCOPES = st.fixed_dictionaries(
    {
        "modalities": subsets(WORDS),
        "purposes": subsets(st.sampled_from(["film", "game", "campaign"])),
        "languages": st.one_of(st.just(("*",)), subsets(LANGUAGES)),
        "territories": st.one_of(st.just(("*",)), subsets(st.sampled_from(["FR", "PK"]))),
        "contexts_forbidden": subsets(st.sampled_from(["sexual", "war"])),
        "extent_max": st.sampled_from(list(Extent)),
        "acts": st.lists(st.sampled_from(list(Act)), unique=True, min_size=1).map(tuple),
        "channels": st.one_of(st.just(("*",)), subsets(st.sampled_from(["cinema", "social"]))),
    }
)
NEEDS = st.fixed_dictionaries(
    {
        "act": st.sampled_from(list(Act)),
        "modalities": subsets(WORDS),
        "purpose": st.sampled_from([Purpose.FILM, Purpose.GAME, Purpose.CAMPAIGN]),
        "languages": subsets(LANGUAGES),
        "country": st.sampled_from([None, "FR", "PK"]),
        "channel": st.sampled_from([None, "cinema", "social"]),
        "extent": st.sampled_from(list(Extent)),
        "context": st.sampled_from([{}, {"context": "war"}, {"context": "comedy"}]),
    }
)


def answer(scope: dict[str, Any], need: dict[str, Any]) -> str:
    return fault(Assessment(a_grant(SIGNER, **scope), ANYBODY), a_need(**need), NOW)


@given(SCOPES, NEEDS, st.sampled_from(["modalities", "purposes", "languages", "territories"]))
def test_a_narrower_record_never_covers_more(scope: dict, need: dict, field: str) -> None:
    if answer(scope, need) != "consent.valid":
        narrower = {**scope, field: scope[field][1:]}
        assert answer(narrower, need) != "consent.valid"


@given(SCOPES, NEEDS)
def test_distribute_is_never_covered_without_its_own_scope(scope: dict, need: dict) -> None:
    without = {**scope, "acts": tuple(a for a in scope["acts"] if a is not Act.DISTRIBUTE)}
    if without["acts"]:
        assert answer(without, {**need, "act": Act.DISTRIBUTE}) != "consent.valid"


@given(SCOPES, NEEDS)
def test_what_is_not_known_is_never_better_than_what_is(scope: dict, need: dict) -> None:
    for field, unknown in (("country", None), ("channel", None), ("languages", ())):
        if answer(scope, {**need, field: unknown}) == "consent.valid":
            assert answer(scope, need) == "consent.valid"


@given(SCOPES, NEEDS, st.integers(-40, 40))
def test_nothing_is_covered_outside_its_dates(scope: dict, need: dict, days: int) -> None:
    found = Assessment(a_grant(SIGNER, **scope), ANYBODY)
    code = fault(found, a_need(**need), NOW + timedelta(days=days))
    if not -10 <= days < 10:
        assert code != "consent.valid"


@given(SCOPES, NEEDS)
def test_nobody_is_trusted_by_default(scope: dict, need: dict) -> None:
    for signed_by in ((), ANYBODY[:1]):
        found = Assessment(a_grant(SIGNER, **scope), signed_by)
        assert fault(found, a_need(**need), NOW) != "consent.valid"


DATA = sign(a_grant(SIGNER), SIGNER)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_means_nothing(place: int, change: int) -> None:
    broken = DATA[:place] + bytes([DATA[place] ^ change]) + DATA[place + 1 :]
    try:
        found = assess(broken, Trust({}))
    except VerificationError:
        return
    # White space between the members is no part of what was signed.
    assert json.loads(broken) == json.loads(DATA)
    assert found.grant.id == a_grant(SIGNER, record={"id": found.grant.id}).id


@given(st.binary(max_size=400))
def test_rubbish_is_refused_with_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(VerificationError):
        assess(data, Trust({}))


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda v: st.lists(v) | st.dictionaries(st.text(max_size=3), v),
        max_leaves=20,
    )
)
def test_sound_json_is_read_as_it_is(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value
