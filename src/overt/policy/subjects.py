"""Who a request is about: one `Person` for each real person it depicts, voices or names.

People come from four places: figures that a screen found, subjects that the builder declares,
the person behind a granted or unknown voice, and a private likeness that a screen found without a
name. The builder's word resolves who is meant where several figures share a name; an end user's
words never take anybody away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from overt.models import (
    POSSIBLE,
    ConsentState,
    Finding,
    FindingKind,
    Intent,
    Modality,
    Request,
    Role,
    Strength,
    Subject,
)
from overt.policy.schema import FIGURE_KINDS

UNNAMED = "person:unnamed"
"""Subject id of a private person whom a prompt speaks of and nobody has identified."""
_ORDER = (Role.MENTIONED, Role.TOPIC, Role.AUTHORED, Role.DEPICTED, Role.VOICED)
SHOWN = (Role.DEPICTED, Role.VOICED)
"""Roles that use somebody's likeness."""


class VoiceKind(StrEnum):
    """Whose voice a tool speaks with."""

    NONE = "none"
    """Not a voice tool, or the voice says nothing of a person."""
    STOCK = "stock"
    """The builder vouches that it is nobody's."""
    GRANTED = "granted"
    """The configuration ties it to a grant, so to a subject."""
    UNKNOWN = "unknown"
    """In no table: somebody's, until a record says otherwise."""


@dataclass(frozen=True, slots=True)
class Person:
    """One real person in a request.

    Args:
        id: Registry id, the builder's opaque id, `voice:<id>` or `person:unnamed`.
        kind: `public`, `private`, `voice` (nobody knows whose) or `body` (an organisation).
        office: Kind of figure, `none` for others.
        countries: ISO codes where the registry has them.
        weak: The evidence alone does not tell that this person is meant.
        declared: The builder named this person.
        dead_since: Year of death.
    """

    id: str
    kind: str
    role: Role
    office: str = "none"
    countries: tuple[str, ...] = ()
    weak: bool = False
    declared: bool = False
    dead_since: int | None = None
    figure_id: str | None = None

    @property
    def shown(self) -> bool:
        """Whether the person's likeness is used."""
        return self.role in SHOWN


def people(
    request: Request,
    findings: Sequence[Finding],
    *,
    voice: VoiceKind,
    consents: Sequence[ConsentState] = (),
) -> tuple[Person, ...]:
    """Everybody the request is about, by id; the order of findings does not matter."""
    found = _from_findings(request, findings)
    for subject in request.subjects:
        person = _declared(subject, request.modality)
        key = next((k for k in (subject.figure_id, subject.id) if k in found), None)
        found[person.id] = _merged(found.pop(key), person) if key is not None else person
    for state in consents:
        known = state.need.subject_id in found or state.need.figure_id in found
        if not known:
            found[state.need.subject_id] = _from_need(state, request.modality)
    # A voice tied to a grant that nobody can find is as unknown as one in no table.
    somebodys = voice in (VoiceKind.UNKNOWN, VoiceKind.GRANTED)
    if somebodys and not any(
        person.declared and person.role is Role.VOICED for person in found.values()
    ):
        unknown = f"voice:{request.voice or 'default'}"
        found.setdefault(unknown, Person(unknown, "voice", Role.VOICED))
    if _private_likeness(findings) and not any(p.kind == "private" for p in found.values()):
        role = in_medium(Role.DEPICTED, request.modality)
        found.setdefault(UNNAMED, Person(UNNAMED, "private", role))
    return tuple(found[key] for key in sorted(found))


def in_medium(role: Role, modality: Modality) -> Role:
    """What a role comes to in a medium: sound shows nobody, and a still has no voice.

    Words that a recording speaks as if they were somebody's own are that person's voice.
    """
    if modality is Modality.AUDIO and role in (Role.DEPICTED, Role.AUTHORED):
        return Role.VOICED
    if modality is Modality.VIDEO and role is Role.AUTHORED:
        return Role.VOICED
    if modality is Modality.IMAGE and role is Role.VOICED:
        return Role.DEPICTED
    return role


def _from_findings(request: Request, findings: Iterable[Finding]) -> dict[str, Person]:
    found: dict[str, Person] = {}
    meant = _resolved_spans(request, findings)
    for finding in findings:
        figure = finding.figure
        if finding.kind is not FindingKind.FIGURE or figure is None:
            continue
        if finding.span in meant and figure.id not in meant[finding.span]:
            continue  # the builder says which of the namesakes it is
        person = Person(
            id=figure.id,
            kind="public",
            role=in_medium(figure.role, request.modality),
            office=figure.kind if figure.kind in FIGURE_KINDS else "other",
            countries=tuple(sorted(figure.country)),
            weak=finding.strength is Strength.WEAK,
            dead_since=figure.dead_since,
            figure_id=figure.id,
        )
        before = found.get(figure.id)
        found[figure.id] = person if before is None else _stronger(before, person)
    return found


def _resolved_spans(
    request: Request, findings: Iterable[Finding]
) -> dict[tuple[int, int] | None, set[str]]:
    declared = {s.figure_id for s in request.subjects if s.figure_id is not None}
    meant: dict[tuple[int, int] | None, set[str]] = {}
    for finding in findings:
        if finding.figure is not None and finding.span and finding.figure.id in declared:
            meant.setdefault(finding.span, set()).add(finding.figure.id)
    return meant


def _stronger(one: Person, other: Person) -> Person:
    role = max(one.role, other.role, key=_ORDER.index)
    return replace(one, role=role, weak=one.weak and other.weak)


def _declared(subject: Subject, modality: Modality) -> Person:
    voiced = modality is Modality.AUDIO or subject.modalities == ("voice",)
    role = in_medium(Role.VOICED if voiced else Role.DEPICTED, modality)
    if subject.id.startswith("body:"):
        return Person(subject.id, "body", Role.AUTHORED, declared=True)
    if subject.figure_id is None:
        return Person(subject.id, "private", role, declared=True)
    return Person(
        subject.id, "public", role, office="other", declared=True, figure_id=subject.figure_id
    )


def _merged(found: Person, declared: Person) -> Person:
    """The builder's id for a figure that a screen found too: the screen knows the country."""
    role = max(found.role, declared.role, key=_ORDER.index)
    return replace(found, id=declared.id, role=role, weak=False, declared=True)


def _from_need(state: ConsentState, modality: Modality) -> Person:
    need = state.need
    if need.subject_id.startswith("voice:"):
        return Person(need.subject_id, "voice", Role.VOICED)
    voiced = "voice" in need.modalities
    role = in_medium(Role.VOICED if voiced else Role.DEPICTED, modality)
    if need.figure_id is None:
        return Person(need.subject_id, "private", role, declared=need.subject_id != UNNAMED)
    return Person(
        need.subject_id,
        "public",
        role,
        office="other",
        declared=True,
        figure_id=need.figure_id,
    )


def _private_likeness(findings: Iterable[Finding]) -> bool:
    return any(
        finding.kind is FindingKind.INTENT
        and finding.code == Intent.PRIVATE_PERSON_LIKENESS
        and finding.score >= POSSIBLE
        for finding in findings
    )
