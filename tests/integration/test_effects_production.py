"""Cast by production and shot: the grant's binding, blackouts, and which shots a record touches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from batch_media import picture

from conftest import command
from overt.config import ConsentConfig, GuardConfig, TrustConfig
from overt.consent import Signer, draft, sign
from overt.consent.records import GrantSubject
from overt.effects.declaration import Declaration
from overt.effects.marking import mark
from overt.effects.production import uses
from overt.errors import ConsentRequired
from overt.guard import Guard
from overt.models import Act, Media, Purpose, Realism, Result, utc_now
from overt.provenance.identity import make_test_identity

CAST = "actor-7"


@dataclass
class Set:
    """A guard that trusts a registrar, and an actor who can sign."""

    guard: Guard
    signers: list[Signer]
    folder: Path

    def grant(self, **scope: Any) -> str:
        """A record for production P1, stored."""
        given: dict[str, Any] = {
            "subject": GrantSubject(id=CAST, keys=(self.signers[0].party_key,)),
            "acts": (Act.ALTER,),
            "modalities": ("face",),
            "purposes": ("film",),
            "intended_use": "Shots of the second act, as in the shooting script.",
            "not_after": utc_now() + timedelta(days=5),
            "binding": {"production": "P1"},
        }
        grant = draft(**{**given, **scope})
        parts = self.guard._parts
        parts.database.write(lambda tx: parts.consents.add(tx, sign(grant, *self.signers)))
        return grant.id

    def shoot(self, shot: str, **said: Any) -> Result:
        """Mark one shot with the actor in it."""
        declared = Declaration(
            **{
                "cast": (CAST,),
                "production": "P1",
                "shot": shot,
                "purpose": Purpose.FILM,
                "realism": Realism.PHOTOREAL,
                "country": "GB",
                "language": "en",
                **said,
            }
        )
        media = Media(media_type="image/png", data=picture(int(shot)))
        return mark(self.guard, media, declared, destination=self.folder / f"{shot}.png")


@pytest.fixture
def on_set(config: GuardConfig, tmp_path: Path) -> Iterator[Set]:
    made = [make_test_identity(tmp_path / name, name=f"TEST {name}") for name in ("cast", "union")]
    trust = TrustConfig(registrars=(f"file:{made[1].root.resolve()}",))
    consent = ConsentConfig(trust=trust, sealing_key=config.consent.sealing_key)
    with Guard.open(config.model_copy(update={"consent": consent})) as guard:
        signers = [Signer(one.key.read_bytes(), one.chain.read_bytes()) for one in made]
        yield Set(guard, signers, tmp_path)


def test_a_record_holds_for_its_production_only(on_set: Set) -> None:
    on_set.grant()
    assert on_set.shoot("10").decision.outcome.clears
    for other in ({"production": "P2"}, {"production": None}):
        with pytest.raises(ConsentRequired):
            on_set.shoot("11", **other)


def test_a_blackout_stops_it(on_set: Set) -> None:
    now = utc_now()
    window = {"start": now - timedelta(days=1), "end": now + timedelta(days=1),
              "territories": ("GB",)}  # fmt: skip
    on_set.grant(blackout=(window,))
    with pytest.raises(ConsentRequired) as stopped:
        on_set.shoot("10")
    assert [state.code for state in stopped.value.decision.consents] == ["consent.blackout"]


def test_the_report_has_blackouts_to_come(on_set: Set) -> None:
    now = utc_now()
    window = {"start": now + timedelta(days=2), "end": now + timedelta(days=3),
              "territories": ("GB",), "reason": "strike"}  # fmt: skip
    on_set.grant(blackout=(window,))
    on_set.shoot("10")
    (use,) = uses(on_set.guard, "P1")
    assert [one.reason for one in use.blackouts] == ["strike"]
    assert (use.state, use.affected) == ("given", False)
    (soon,) = uses(on_set.guard, "P1", expiring=timedelta(days=2, hours=1))
    assert (soon.state, soon.affected) == ("given", True)


def test_a_voice_is_another_use_than_a_face(on_set: Set) -> None:
    """A record for the face does not cover a replaced voice in the same shot."""
    on_set.grant()
    assert on_set.shoot("10").decision.outcome.clears
    with pytest.raises(ConsentRequired):
        on_set.shoot("11", voices=(CAST,))
    on_set.grant(modalities=("face", "voice"))
    assert on_set.shoot("12", voices=(CAST,)).decision.outcome.clears


def test_scene_and_shot_bind_too(on_set: Set) -> None:
    on_set.grant(binding={"production": "P1", "scene": "4", "shot": "10"})
    assert on_set.shoot("10", scene="4").decision.outcome.clears
    for shot, scene in (("11", "4"), ("10", "5"), ("10", None)):
        with pytest.raises(ConsentRequired):
            on_set.shoot(shot, scene=scene)


def test_the_command_says_what_a_record_is_bound_to(
    config: GuardConfig, on_set: Set, tmp_path: Path
) -> None:
    """Scene, voice, kind of content and any other key of a binding, as options."""
    on_set.grant(
        modalities=("face", "voice"),
        contexts_allowed=("drama",),
        binding={"production": "P1", "scene": "4", "episode": "3"},
    )
    toml = config.folder / "overt.toml"
    ours, theirs = ".overt/identity/root.pem", tmp_path / "union/root.pem"
    text = toml.read_text().replace(f'registrars = ["file:{ours}', f'registrars = ["file:{theirs}')
    toml.write_text(text)
    (tmp_path / "in.png").write_bytes(picture(7))
    said = {
        "--production": "P1", "--scene": "4", "--cast": CAST, "--voice": CAST, "--country": "GB",
        "--purpose": "film", "--realism": "photoreal", "--language": "en",
    }  # fmt: skip
    given = [word for pair in said.items() for word in pair]
    given += ["--context", "context=drama", "--context", "episode=3"]

    def mark_with(words: list[str]) -> int:
        made = (str(tmp_path / "in.png"), "-o", str(tmp_path / "o.png"))
        return command("mark", *made, *words, cwd=config.folder).returncode

    for missing in ("--scene", "--context"):
        at = given.index(missing)
        assert mark_with(given[:at] + given[at + 2 :]) == 4, missing
    assert mark_with(given) == 0
    assert [(one.scene, one.state) for one in uses(on_set.guard)] == [("4", "given")]


@pytest.mark.parametrize("bad", ["episode", "=3", "scene=", "scene=5"])
def test_a_context_that_is_none_is_refused(config: GuardConfig, tmp_path: Path, bad: str) -> None:
    (tmp_path / "in.png").write_bytes(picture(7))
    done = command("mark", str(tmp_path / "in.png"), "-o", str(tmp_path / "o.png"), "--scene", "4",
                   "--context", bad, cwd=config.folder)  # fmt: skip
    assert (done.returncode, "[usage.context]" in done.stderr) == (1, True), done.stderr


def test_the_report_in_words_has_blackouts(config: GuardConfig, on_set: Set) -> None:
    start = utc_now() + timedelta(days=2)
    window = {"start": start, "end": start + timedelta(days=1), "territories": ("GB", "IE"),
              "reason": "strike"}  # fmt: skip
    on_set.grant(blackout=(window,))
    on_set.shoot("10")
    done = command("effects", "people", "P1", cwd=config.folder)
    dates = f"{start:%Y-%m-%d} to {start + timedelta(days=1):%Y-%m-%d}"
    assert done.stdout.rstrip().endswith(f"; blackout {dates} in GB, IE: strike"), done.stdout


def test_revoking_on_the_command_line_lists_the_shots(
    config: GuardConfig, on_set: Set, tmp_path: Path
) -> None:
    grant = on_set.grant()
    made = [on_set.shoot(shot) for shot in ("10", "20")]
    done = command("consent", "revoke", grant, cwd=config.folder)
    assert done.returncode == 0, done.stderr
    affected = [line.split() for line in done.stdout.splitlines() if line.startswith("affected")]
    assert [line[1:] for line in affected] == [
        [f"P1/-/{shot}", "alter", one.media.digest()]
        for shot, one in zip(("10", "20"), made, strict=True)
    ]
    listed = command("effects", "people", "P1", "--affected", "--record", grant, "--json",
                     cwd=config.folder)  # fmt: skip
    assert len(listed.stdout.splitlines()) == 2


def test_who_is_depicted_under_which_record_until_when(on_set: Set) -> None:
    grant = on_set.grant()
    made = [on_set.shoot(shot) for shot in ("20", "10")]
    found = uses(on_set.guard, "P1")
    assert [(one.shot, one.subject, one.grant, one.state) for one in found] == [
        ("10", CAST, grant, "given"),
        ("20", CAST, grant, "given"),
    ]
    assert {one.asset for one in found} == {one.media.digest() for one in made}
    assert not any(one.affected for one in found)
    assert all(one.affected for one in uses(on_set.guard, "P1", expiring=timedelta(days=6)))
    assert uses(on_set.guard, "P2") == []

    parts = on_set.guard._parts
    parts.database.write(lambda tx: parts.consents.revoke(tx, grant), priority=True)
    assert {(one.shot, one.state, one.affected) for one in uses(on_set.guard)} == {
        ("10", "revoked", True),
        ("20", "revoked", True),
    }
    with pytest.raises(ConsentRequired):
        on_set.shoot("30")
