"""Whether one scope of one record covers one need, at one moment."""

from __future__ import annotations

from datetime import datetime

from overt.consent.assurance import Assessment, at_least, authority_fault
from overt.consent.records import (
    ConsentGrant,
    ConsentScope,
    LikenessMatcher,
    Window,
    evidence_digest,
)
from overt.consent.refusals import VALID
from overt.models import Act, Assurance, ConsentNeed, Extent

LIKENESS = frozenset({"voice", "singing_voice", "face", "body"})
"""What of a public figure nobody may use on a self-made record (I9)."""
UNSTATED = ("voice", "face", "body", "name")
"""What a need that does not say is taken to use."""
CONTEXT_KEY = "context"
"""Where a request's context names its kind of content, words separated by spaces."""
_EXTENTS = list(Extent)


def fault(
    found: Assessment,
    need: ConsentNeed,
    at: datetime,
    *,
    grantee: str | None = None,
    matcher: LikenessMatcher | None = None,
) -> str:
    """Code of the first thing that keeps a record from covering a need, or `consent.valid`.

    Args:
        found: The record and what it is worth.
        need: What is asked.
        at: The moment that counts.
        grantee: Id of whoever relies on the record; not compared when it is not known.
        matcher: Says whether a reference is of the person; without one, digests decide.
    """
    grant = found.grant
    scope = grant.scope(need.act)
    about = concerned(grant, need)
    if not about:
        return "consent.absent"
    authority = authority_fault(grant, at)
    if authority not in (VALID, "consent.authority_expired"):
        return authority
    if not found.trusted(about) or (_figure(grant, need) and _weak(found, need, about)):
        return "consent.untrusted"
    if grantee is not None and not {grantee, "*"} & set(grant.grantees):
        return "consent.not_for_us"
    if scope is None or not _covers(scope, need):
        return "consent.out_of_scope"
    if need.references and not _bound(grant, need, matcher):
        return "consent.reference_unbound"
    own = _time_fault(scope, need, at)
    return own if own != VALID else authority


def concerned(grant: ConsentGrant, need: ConsentNeed) -> frozenset[str]:
    """Ids by which record and need speak of the same person; empty when they do not.

    A trusted key must speak for one of exactly these. Otherwise a key for one figure could vouch
    for another whose id somebody wrote beside the first.
    """
    known = {grant.subject.id, *grant.subject.figure_ids}
    if need.figure_id is not None and need.figure_id not in known:
        return frozenset()
    return frozenset(known & {need.subject_id, need.figure_id})


def _figure(grant: ConsentGrant, need: ConsentNeed) -> bool:
    return need.figure_id is not None or bool(grant.subject.figure_ids)


def _weak(found: Assessment, need: ConsentNeed, about: frozenset[str]) -> bool:
    used = set(need.modalities or UNSTATED)
    return bool(used & LIKENESS) and not at_least(found.level(about), Assurance.COUNTERSIGNED)


def _covers(scope: ConsentScope, need: ConsentNeed) -> bool:
    return (
        set(need.modalities or UNSTATED) <= set(scope.modalities)
        and need.purpose in scope.purposes
        and _EXTENTS.index(need.extent) <= _EXTENTS.index(scope.extent_max)
        and _languages(scope, need)
        and _listed(scope.territories, need.country)
        and _context(scope, need)
        and all(need.context.get(key) == value for key, value in scope.binding.items())
        and (need.act is not Act.DISTRIBUTE or _listed(scope.channels, need.channel))
    )


def _listed(allowed: tuple[str, ...], wanted: str | None) -> bool:
    """Unknown is outside, unless anything goes."""
    return "*" in allowed or (wanted is not None and wanted in allowed)


def _languages(scope: ConsentScope, need: ConsentNeed) -> bool:
    """Each language of the content is listed, or is a variety of one that is (`ur` has `ur-PK`)."""
    if "*" in scope.languages:
        return True
    allowed = tuple(language.lower() for language in scope.languages)
    return bool(need.languages) and all(
        any(tag == one or tag.startswith(one + "-") for one in allowed)
        for tag in (language.lower() for language in need.languages)
    )


def _context(scope: ConsentScope, need: ConsentNeed) -> bool:
    """Inside what is allowed, outside what is forbidden; an unknown context is neither."""
    stated = set(need.context.get(CONTEXT_KEY, "").split())
    if "*" not in scope.contexts_allowed and not (stated and stated <= set(scope.contexts_allowed)):
        return False
    return not scope.contexts_forbidden or (
        bool(stated) and not stated & set(scope.contexts_forbidden)
    )


def _bound(grant: ConsentGrant, need: ConsentNeed, matcher: LikenessMatcher | None) -> bool:
    """Every reference voice or face is among the evidence, or is recognised as the person's."""
    known = {one.digest for one in grant.evidence}
    return all(
        evidence_digest(grant.salt, reference) in known
        or (matcher is not None and matcher.matches(reference, grant.evidence))
        for reference in need.references
    )


def _time_fault(scope: ConsentScope, need: ConsentNeed, at: datetime) -> str:
    if at < scope.not_before:
        return "consent.not_yet_valid"
    if scope.not_after is not None and at >= scope.not_after:
        return "consent.expired"
    if any(_in_force(window, need, at) for window in scope.blackout):
        return "consent.blackout"
    return VALID


def _in_force(window: Window, need: ConsentNeed, at: datetime) -> bool:
    """A country that is not known may be in any window."""
    here = "*" in window.territories or need.country is None or need.country in window.territories
    return here and window.start <= at < window.end
