"""How a run ends: its clearance is used up once, and the ledger gets one closing entry.

What is released, quarantined or failed is said in the transaction that uses the clearance up and
looks at the consents, so that nothing leaves on a consent that no longer holds (I6).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from overt import recording
from overt.clearance import Clearance
from overt.errors import NotCleared, OvertError, StageError
from overt.measured import as_word
from overt.models import Media, Record, Result

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from overt.parts import Parts
    from overt.signing import Signed


@dataclass(frozen=True, slots=True)
class Claim:
    """What the closing transaction needs to use a clearance up."""

    digest: str
    checkpoint: str | None
    """The newest signed checkpoint of the ledger, for the manifest."""


def look_again(parts: Parts, clearance: Clearance) -> Claim:
    """See that the clearance counts and its consents hold, before any work is done (I6).

    This is for telling early. What decides is `record()`, which uses the clearance up and looks at
    the consents in the very transaction of the closing entry.

    Raises:
        StageError: It was used, changed, is unknown or too old; or a consent was revoked, which
            closes the run as `quarantined`.
    """
    from overt.storage import clearances

    digest = clearance.digest()

    def look(tx: Connection) -> str | None:
        clearances.check(tx, clearance.id, digest, parts.now())
        return parts.ledger.latest(tx)

    checkpoint = parts.database.read(look)
    if any(state.valid for state in clearance.decision.consents) and parts.database.write(
        lambda tx: _quarantined(parts, tx, clearance)
    ):
        raise _withdrawn()
    return Claim(digest, checkpoint)


def record(
    parts: Parts,
    clearance: Clearance,
    claim: Claim,
    signed: Sequence[Signed],
    found: Collection[str] = (),
) -> Record:
    """Use the clearance up and write the closing entry; only after it the outputs may leave.

    Args:
        parts: Of the guard.
        clearance: As `prepare()` gave it.
        claim: From `look_again()`.
        signed: The outputs.
        found: Ids of the rules that fired on them; the entry says which the request did not fire.

    Raises:
        StageError: The clearance was used meanwhile, a consent was revoked (the run is then
            quarantined), or the ledger failed.
    """
    from overt.storage import clearances

    def work(tx: Connection) -> Record | None:
        clearances.claim(tx, clearance.id, claim.digest, parts.now())
        if _quarantined(parts, tx, clearance):
            return None
        added = sorted(set(found) - set(clearance.decision.rules))
        entry = _append_closing(parts, tx, clearance, "released", signed=signed, rules=added)
        for one in signed:
            recording.remember_asset(tx, clearance, one, entry, parts.now())
        return entry

    entry = parts.database.write(work)
    if entry is None:
        raise _withdrawn()
    return entry


def close(parts: Parts, clearance: Clearance, state: str, code: str) -> None:
    """Add the one closing entry of a run that released nothing, unless it has one already."""
    with suppress(StageError):  # it ended already, or the store is down and the run will lapse
        parts.database.write(lambda tx: _append_closing(parts, tx, clearance, state, code=code))


@contextmanager
def failing_closed(parts: Parts, clearance: Clearance) -> Iterator[None]:
    """Whatever goes wrong inside, the run gets its closing entry and nothing is released."""
    try:
        yield
    except NotCleared as error:
        close(parts, clearance, "quarantined", error.code)
        raise
    except OvertError as error:
        close(parts, clearance, "failed", error.code)
        raise
    except OSError as error:
        close(parts, clearance, "failed", "output.io")
        raise StageError(
            "sign",
            "output.io",
            "the output could not be written",
            error.strerror or "",
            "free space",
        ) from error
    except BaseException:
        close(parts, clearance, "failed", "stage.crashed")
        raise


def result(
    clearance: Clearance, signed: Signed, media: Media, record: Record, elapsed: dict[str, float]
) -> Result:
    """What the caller gets."""
    return Result(
        media=media,
        decision=clearance.decision,
        disclosures=signed.disclosures,
        manifest=signed.manifest,
        record=record,
        sidecar=signed.sidecar,
        elapsed_ms={key: round(value, 3) for key, value in elapsed.items()},
    )


def _quarantined(parts: Parts, tx: Connection, clearance: Clearance) -> str | None:
    """Close as quarantined when a consent that was relied on no longer holds; its code."""
    lost = parts.consents.release(tx, clearance.decision.id, parts.now())
    if not lost:
        return None
    _append_closing(parts, tx, clearance, "quarantined", code=lost[0].code)
    return str(lost[0].code)


def _withdrawn() -> StageError:
    return StageError(
        "consent",
        "consent.withdrawn",
        "the output is quarantined",
        "a consent it relied on no longer holds",
        "ask the subject again",
    )


def _append_closing(
    parts: Parts,
    tx: Connection,
    clearance: Clearance,
    state: str,
    *,
    code: str | None = None,
    signed: Sequence[Signed] = (),
    rules: Sequence[str] = (),
) -> Record:
    from overt.storage import clearances

    clearances.close(tx, clearance.id, state, parts.now())  # first: it may have lapsed
    entry: dict[str, Any] = {
        "type": state,
        "id": clearance.id,
        "decision": clearance.decision.id,
        "at": parts.now().isoformat(),
    }
    if code:
        entry["code"] = code
    if rules:
        entry["rules"] = list(rules)  # of the outputs' own words
    if signed:
        entry["assets"] = [one.digest for one in signed]
        entry["disclosures"] = [as_word(shown) for one in signed for shown in one.disclosures]
    return parts.ledger.append(tx, entry)
