"""Invariants of the decision: I5 (monotone), I7 (consents survive), order, reach, bounds."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overt.models import (
    Act,
    Assurance,
    ConsentNeed,
    ConsentState,
    Cue,
    ElectionRef,
    ElectionStatus,
    FigureRef,
    Finding,
    FindingKind,
    Intent,
    MatchKind,
    Outcome,
    Phase,
    Purpose,
    Realism,
    Request,
    Role,
    Signal,
    Silence,
    Strength,
    Subject,
)
from overt.policy import ActorHistory, Bundle, Case, VoiceKind, build_case, consent_needs, decide
from overt.policy.decide import outcome_of
from overt.policy.overrides import Override, apply
from overt.policy.schema import FIELDS, make_row

BUNDLE = Bundle.packaged()
MEDIA = ("image/png", "audio/wav", "video/mp4", "text/plain")
SOFT_CUES = {Cue.STYLISED, Cue.STAGED, Cue.OWN_NOTICE}
HARD_CUES = [cue for cue in Cue if cue not in SOFT_CUES]
SCORES = st.sampled_from((0.55, 0.7, 0.8, 0.95))

figures = st.builds(
    lambda id_, role, weak, country, kind, dead: Finding(
        kind=FindingKind.FIGURE,
        code=id_,
        score=0.9,
        strength=Strength.WEAK if weak else Strength.STRONG,
        figure=FigureRef(
            id=id_,
            name="N",
            kind=kind,
            country=(country,),
            match=MatchKind.EXACT,
            role=role,
            dead_since=dead,
        ),
    ),
    st.sampled_from(("q:1", "q:2")),
    st.sampled_from(Role),
    st.booleans(),
    st.just("SK"),
    st.just("candidate"),
    st.none(),
)
hard = st.one_of(
    figures,
    st.builds(
        lambda code, score: Finding(kind=FindingKind.INTENT, code=code, score=score),
        st.sampled_from(Intent),
        SCORES,
    ),
    st.builds(
        lambda code: Finding(kind=FindingKind.CUE, code=code, score=0.9),
        st.sampled_from(HARD_CUES),
    ),
    st.builds(
        lambda strength: Finding(
            kind=FindingKind.EVASION, code="mixed_script", score=0.9, strength=strength
        ),
        st.sampled_from(Strength),
    ),
)
soft = st.one_of(
    st.builds(
        lambda code, score: Finding(kind=FindingKind.SIGNAL, code=code, score=score),
        st.sampled_from(Signal),
        SCORES,
    ),
    st.builds(
        lambda code: Finding(kind=FindingKind.CUE, code=code, score=0.9),
        st.sampled_from(sorted(SOFT_CUES)),
    ),
)
requests = st.builds(
    lambda media, purpose, realism, satire, subjects: Request(
        prompt="…",
        media_type=media,
        purpose=purpose,
        realism=realism,
        satire=satire,
        subjects=subjects,
    ),
    st.sampled_from(MEDIA),
    st.sampled_from(Purpose),
    st.sampled_from((None, *Realism)),
    st.booleans(),
    st.sampled_from(((), (Subject(id="person:1"),), (Subject(id="q:1", figure_id="q:1"),))),
)
elections = st.one_of(
    st.none(),
    st.builds(
        lambda phase, in_force, confidence: ElectionStatus(
            country="SK",
            at=datetime(2026, 11, 21, tzinfo=UTC),
            phase=phase,
            election=ElectionRef(id="e", type="t", date=date(2026, 11, 22), days_to=1),
            silence=Silence(
                in_force=in_force, scope=("campaigning",), citation="Act", confidence=confidence
            ),
        ),
        st.sampled_from(Phase),
        st.booleans(),
        st.sampled_from(("low", "high")),
    ),
)
actors = st.builds(
    ActorHistory,
    st.sampled_from(("few", "repeated", "excessive")),
    st.sampled_from(("few", "bulk", "excessive")),
    st.booleans(),
)
voices = st.sampled_from(VoiceKind)
ASSURANCES = list(Assurance)
fast = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer(need: ConsentNeed, assurance: Assurance | None) -> ConsentState:
    if assurance is None:
        return ConsentState(need=need, code="consent.absent")
    return ConsentState(need=need, code="consent.valid", assurance=assurance, mandate=True)


def case(
    request: Request,
    findings: list[Finding],
    election: Any,
    actor: ActorHistory,
    voice: VoiceKind,
    grants: dict[tuple[str, Act], Assurance],
) -> Case:
    needs = consent_needs(request, findings, voice=voice, languages=("en",))
    states = [answer(need, grants.get((need.subject_id, need.act))) for need in needs]
    return build_case(request, findings, states, election, actor, voice=voice, language="en")


def test_work_grows_with_people_and_no_faster() -> None:
    """The slope of processor time over people on logarithmic scales: 1 is linear, 2 quadratic.

    In a silence period, where a rule of its own lifts every person's rules.
    """
    silent = ElectionStatus(
        country="SK",
        at=datetime(2026, 11, 21, tzinfo=UTC),
        phase=Phase.SILENCE,
        silence=Silence(in_force=True, scope=("media",), citation="Act", confidence="high"),
    )
    sizes = [1_000, 2_000, 4_000, 8_000]
    spent = [_least_time(size, silent) for size in sizes]
    slope = np.polyfit(np.log(sizes), np.log(spent), 1)[0]
    curve = ", ".join(f"{n}: {s * 1e3:.0f} ms" for n, s in zip(sizes, spent, strict=True))
    assert slope <= 1.35, curve


def _least_time(size: int, election: ElectionStatus) -> float:
    """Processor seconds for a case of so many people, the least of two."""
    request = Request(prompt="…", media_type="image/png")
    findings = [
        Finding(
            kind=FindingKind.FIGURE,
            code=f"q:{number}",
            score=0.9,
            figure=FigureRef(
                id=f"q:{number}",
                name="N",
                kind="candidate",
                country=("SK",),
                match=MatchKind.EXACT,
            ),
        )
        for number in range(size)
    ]
    spent = []
    for _ in range(2):
        start = time.process_time()
        made = case(request, findings, election, ActorHistory(), VoiceKind.NONE, {})
        ruling = decide(made, BUNDLE)
        spent.append(time.process_time() - start)
        assert ruling.outcome is Outcome.REVIEW
        assert len(made.rows) == size + 1
    return min(spent)


@fast
@given(
    requests,
    st.lists(hard, max_size=5),
    st.lists(soft, max_size=3),
    hard,
    elections,
    actors,
    voices,
)
def test_more_findings_never_loosen(
    request: Request,
    findings: list[Finding],
    softening: list[Finding],
    extra: Finding,
    election: Any,
    actor: ActorHistory,
    voice: VoiceKind,
) -> None:
    before = decide(case(request, [*findings, *softening], election, actor, voice, {}), BUNDLE)
    after = decide(
        case(request, [*findings, *softening, extra], election, actor, voice, {}), BUNDLE
    )
    assert after.outcome >= before.outcome, (before.rules, after.rules)


@fast
@given(
    requests,
    st.lists(st.one_of(hard, soft), max_size=6),
    elections,
    actors,
    voices,
    st.dictionaries(
        st.tuples(st.sampled_from(("q:1", "q:2", "person:1")), st.sampled_from((Act.GENERATE,))),
        st.sampled_from(ASSURANCES),
        max_size=2,
    ),
    st.sampled_from(("q:1", "q:2", "person:1", "person:unnamed", "voice:default")),
    st.sampled_from(ASSURANCES),
)
def test_more_valid_consent_never_tightens(
    request: Request,
    findings: list[Finding],
    election: Any,
    actor: ActorHistory,
    voice: VoiceKind,
    grants: dict[tuple[str, Act], Assurance],
    subject: str,
    assurance: Assurance,
) -> None:
    more = dict(grants)
    held = more.get((subject, Act.GENERATE))
    if held is None or ASSURANCES.index(held) < ASSURANCES.index(assurance):
        more[(subject, Act.GENERATE)] = assurance
    before = decide(case(request, findings, election, actor, voice, grants), BUNDLE)
    after = decide(case(request, findings, election, actor, voice, more), BUNDLE)
    assert after.outcome <= before.outcome, (before.rules, after.rules)


@fast
@given(requests, st.lists(st.one_of(hard, soft), max_size=6), elections, st.randoms())
def test_order_is_irrelevant(
    request: Request, findings: list[Finding], election: Any, random: Any
) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)
    one = case(request, findings, election, ActorHistory(), VoiceKind.NONE, {})
    other = case(request, shuffled, election, ActorHistory(), VoiceKind.NONE, {})
    assert one == other
    assert decide(one, BUNDLE) == decide(other, BUNDLE)


@fast
@given(requests, st.lists(st.one_of(hard, soft), max_size=6), elections, voices)
def test_approvals_are_bounded(
    request: Request, findings: list[Finding], election: Any, voice: VoiceKind
) -> None:
    """I7: no approval turns a refusal, nor discharges a consent that no approved rule waives."""
    held = case(request, findings, election, ActorHistory(), voice, {})
    bare = decide(held, BUNDLE)
    everything = decide(held, BUNDLE, approved=BUNDLE.rules)
    assert (everything.outcome is Outcome.REFUSE) == (bare.outcome is Outcome.REFUSE)
    assert set(everything.owed) <= set(bare.owed)
    waiving = {f.row for f in bare.firings if f.rule.effect.waives_consent}
    for subject, act in bare.owed:
        row = held.subjects.index(subject) + 1
        if row not in waiving:
            assert (subject, act) in everything.owed
            assert everything.outcome >= Outcome.CONSENT
    nothing = decide(held, BUNDLE, approved=("EL-001", "no-such-rule"))
    assert nothing.outcome is bare.outcome


@fast
@given(requests, st.lists(st.one_of(hard, soft), max_size=6), elections, voices)
def test_a_stored_case_decides_alike(
    request: Request, findings: list[Finding], election: Any, voice: VoiceKind
) -> None:
    made = case(request, findings, election, ActorHistory(), voice, {})
    stored = made.to_json()
    again = decide(Case.from_json(stored), BUNDLE)
    first = decide(made, BUNDLE)
    assert (again.outcome, again.rules) == (first.outcome, first.rules)
    assert outcome_of(made, BUNDLE) == (first.outcome, first.rules)
    assert not any(person in str(stored) for person in made.subjects)


@fast
@given(st.data())
def test_any_row_decides(data: st.DataObject) -> None:
    """Whatever a row holds, the decision is made without an error of a rule."""

    def cell(field: Any) -> Any:
        if field.kind == "bool":
            return st.booleans()
        if field.kind == "int":
            return st.one_of(st.none(), st.integers(-400, 400))
        if field.kind == "set":
            return st.sets(st.sampled_from(field.values), max_size=4)
        return st.sampled_from(field.values)

    rows = []
    for kind in ("request", "subject"):
        values = {field.path: data.draw(cell(field)) for field in FIELDS}
        rows.append(make_row({**values, "row": kind}))
    ruling = decide(Case(tuple(rows), date(2026, 11, 21), "en", ("s0",)), BUNDLE)
    assert "policy.rule_error" not in [reason.code for reason in ruling.reasons]


@pytest.mark.parametrize("rule", BUNDLE.rules.values(), ids=lambda rule: rule.id)
def test_every_rule_is_reachable(rule: Any) -> None:
    row = make_row({"row": rule.each[0], **rule.match[0]})
    rows = (row,) if rule.each[0] == "request" else (make_row({}), row)
    reached = decide(Case(rows, date(2026, 11, 21), "en", ("s0",)), BUNDLE)
    assert rule.id in reached.rules


@pytest.mark.parametrize(
    "rule", [r for r in BUNDLE.rules.values() if r.relaxes], ids=lambda rule: rule.id
)
def test_every_relaxation_is_bounded(rule: Any) -> None:
    assert rule.relaxes_to <= Outcome.LABEL
    for name in rule.relaxes:
        assert BUNDLE.rules[name].relaxable
    never = {"EL-001", "EL-002", "EL-006", "EL-008", "EL-009", "FR-001", "FR-002", "IN-001"}
    assert never.isdisjoint(rule.relaxes)
    assert not any(BUNDLE.rules[name].relaxable for name in never)


# --- overrides ---------------------------------------------------------------------------------


@fast
@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(1, 72), st.sampled_from(("EL-020", "PF-001"))),
        max_size=4,
    ),
    st.integers(-10, 300),
)
def test_overrides_count_exactly_while_they_last(
    spans: list[tuple[int, int, str]], hour: int
) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    made = [
        Override(
            id=f"o{place}",
            seq=place + 1,
            title="t",
            reason="r",
            ticket="k",
            starts_at=start + timedelta(hours=begin),
            expires_at=start + timedelta(hours=begin + length),
            add=(),
            disable=(),
            outcomes={rule: Outcome.REFUSE},
            signers=("s",),
            digest=f"d{place}",
        )
        for place, (begin, length, rule) in enumerate(spans)
    ]
    served = apply(BUNDLE, made, start + timedelta(hours=hour))
    changed = {rule for begin, length, rule in spans if begin <= hour < begin + length}
    assert (served is BUNDLE) == (not changed)
    for name in ("EL-020", "PF-001"):
        wanted = Outcome.REFUSE if name in changed else BUNDLE.rules[name].effect.outcome
        assert served.rules[name].effect.outcome is wanted
