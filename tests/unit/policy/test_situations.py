"""The situation table of the shipped pack, case by case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from overt.models import (
    Act,
    Assurance,
    Finding,
    Media,
    Outcome,
    Purpose,
    Realism,
    Role,
    Strength,
    Subject,
)
from overt.policy import ActorHistory, Bundle, VoiceKind, decide
from overt.policy.elections import Calendar

from .conftest import case_of, consent, cue, evasion, figure, intent, ruling_of, signal

HARMS = (
    "voter_suppression",
    "false_voting_info",
    "fabricated_statement",
    "fabricated_scandal",
    "impersonation_call",
    "fabricated_results",
    "candidate_exit_lie",
    "official_impersonation",
    "incitement_hate",
    "fraud_impersonation",
    "authenticity_attack",
)
ALLOW, LABEL, CONSENT, REVIEW, REFUSE = Outcome


@dataclass(frozen=True)
class Situation:
    name: str
    outcome: Outcome
    findings: list[Finding] = field(default_factory=list)
    modality: str = "image"
    code: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


VOICED = figure(Role.VOICED)
DRAWN = cue("stylised", "cartoon")
PRIVATE = Subject(id="person:7", modalities=("face",))
OWN_VOICE = Subject(id="person:7", modalities=("voice",))
BODY = Subject(id="body:sk-commission")

TABLE = [
    Situation("nobody depicted", ALLOW),
    Situation("ordinary speech in a stock voice", ALLOW, [], "audio"),
    Situation("civic information", ALLOW, [signal("civic_information"), cue("election")], "text"),
    Situation("text about a figure", ALLOW, [figure(Role.TOPIC)], "text"),
    Situation("a street named after a figure", ALLOW, [figure(Role.MENTIONED)]),
    Situation("stock voice reads news about a figure", ALLOW, [figure(Role.TOPIC)], "audio"),
    Situation(
        "teaching about deepfakes",
        ALLOW,
        [figure(Role.TOPIC), intent("voter_suppression", 0.6), signal("education")],
        "text",
    ),
    Situation(
        "news about a robocall",
        ALLOW,
        [
            figure(Role.TOPIC),
            intent("voter_suppression", 0.78),
            signal("news_report"),
            cue("personal_call"),
            cue("voice"),
        ],
        "text",
    ),
    Situation(
        "news that is to look real",
        REVIEW,
        [intent("voter_suppression", 0.7), signal("news_report"), cue("realistic")],
        "text",
    ),
    Situation(
        "a lesson about deepfakes",
        ALLOW,
        [intent("voter_suppression", 0.7), signal("education"), cue("realistic")],
        "text",
    ),
    Situation(
        "a spoken lesson is heard without its frame",
        REVIEW,
        [intent("voter_suppression", 0.7), signal("education")],
        "audio",
    ),
    Situation(
        "fiction in an invented country",
        ALLOW,
        [intent("fabricated_results", 0.6), signal("fiction")],
        "text",
    ),
    Situation("public figure in a picture", LABEL, [figure()], code="likeness.public_figure"),
    Situation("a weak match alone", ALLOW, [figure(weak=True)]),
    Situation("text as if by a figure", LABEL, [figure(Role.AUTHORED)], "text"),
    Situation("dead for over 70 years", ALLOW, [figure(Role.VOICED, dead_since=1821)], "audio"),
    Situation("dead for less", CONSENT, [figure(Role.VOICED, dead_since=1997)], "audio"),
    Situation("drawn satire", LABEL, [figure(), DRAWN, signal("satire")], code="satire.announced"),
    Situation(
        "written satire",
        LABEL,
        [figure(Role.AUTHORED), signal("satire")],
        "text",
        "satire.announced",
    ),
    Situation(
        "spoken parody by an impersonator",
        LABEL,
        [VOICED, signal("satire"), cue("staged")],
        "audio",
        "satire.announced",
    ),
    Situation("realistic voice", CONSENT, [VOICED], "audio", "likeness.voice_consent"),
    Situation("realistic moving likeness", CONSENT, [figure()], "video", "likeness.voice_consent"),
    Situation("a poem in a real voice", CONSENT, [VOICED, cue("stylised", "poem")], "audio"),
    Situation("a cartoon voice", LABEL, [VOICED, cue("stylised", "cartoon")], "audio"),
    Situation(
        "a parody song in a real voice",
        REVIEW,
        [VOICED, cue("stylised", "stylised"), signal("satire")],
        "audio",
        "satire.realistic_voice",
    ),
    Situation(
        "realistic voice with a record", LABEL, [VOICED], "audio", more={"consents": [consent()]}
    ),
    Situation(
        "a public figure's record that nobody countersigned",
        CONSENT,
        [VOICED],
        "audio",
        more={"consents": [consent(assurance=Assurance.SELF_ASSERTED)]},
    ),
    Situation(
        "satire in a realistic voice",
        REVIEW,
        [VOICED, signal("satire")],
        "audio",
        "satire.realistic_voice",
    ),
    Situation(
        "parody that is to pass as real",
        REVIEW,
        [VOICED, signal("satire"), cue("staged"), cue("realistic")],
        "audio",
    ),
    Situation(
        "consent claimed in the prompt",
        CONSENT,
        [figure(), cue("claimed_consent")],
        code="consent.claimed",
    ),
    Situation(
        "campaign cartoon that claims consent",
        CONSENT,
        [figure(), DRAWN, signal("satire"), cue("campaign"), cue("claimed_consent")],
    ),
    Situation(
        "campaign purpose by the builder", CONSENT, [figure()], more={"purpose": Purpose.CAMPAIGN}
    ),
    Situation("private likeness", CONSENT, [intent("private_person_likeness")]),
    Situation("private person declared", CONSENT, more={"subjects": (PRIVATE,)}),
    Situation(
        "own voice under a self-asserted record",
        ALLOW,
        [],
        "audio",
        more={
            "subjects": (OWN_VOICE,),
            "consents": [consent("person:7", public=False, assurance=Assurance.SELF_ASSERTED)],
        },
    ),
    Situation("unknown voice", CONSENT, [], "audio", "voice.unknown", {"voice": VoiceKind.UNKNOWN}),
    Situation(
        "replica of nobody",
        REVIEW,
        [],
        "audio",
        "consent.replica_subject",
        {"references": (Media(media_type="audio/wav", data=b"x"),)},
    ),
    Situation("drawn fabrication", REVIEW, [figure(), DRAWN, intent("fabricated_scandal")]),
    Situation(
        "drawn satire of a confession",
        LABEL,
        [figure(), DRAWN, signal("satire"), intent("fabricated_scandal")],
    ),
    Situation(
        "satire that hides",
        REFUSE,
        [figure(), signal("satire"), cue("conceal"), intent("fabricated_scandal")],
    ),
    Situation(
        "satire does not relax voter suppression",
        REFUSE,
        [figure(), DRAWN, signal("satire"), intent("voter_suppression")],
    ),
    Situation("weak evasion", LABEL, [figure(), evasion(Strength.WEAK)], code="evasion.spelling"),
    Situation("strong evasion", REVIEW, [figure(), evasion(Strength.STRONG)]),
    Situation(
        "strong evasion in satire",
        REVIEW,
        [figure(), DRAWN, signal("satire"), evasion(Strength.STRONG)],
    ),
    Situation("evasion without a figure", ALLOW, [evasion(Strength.STRONG)]),
    Situation(
        "endorsement", CONSENT, [figure(), intent("endorsement")], code="endorsement.unrecorded"
    ),
    Situation("political endorsement", REFUSE, [figure(), intent("endorsement"), cue("political")]),
    Situation("financial endorsement", REFUSE, [figure(), intent("endorsement"), cue("financial")]),
    Situation(
        "endorsement under a record",
        LABEL,
        [figure(), intent("endorsement"), cue("political")],
        more={"consents": [consent()]},
    ),
    Situation(
        "endorsement under a record that nobody countersigned",
        CONSENT,
        [figure(), intent("endorsement")],
        more={"consents": [consent(assurance=Assurance.SELF_ASSERTED)]},
    ),
    Situation("intimate depiction of a figure", REFUSE, [figure(), intent("intimate")]),
    Situation(
        "intimate depiction under a record",
        REFUSE,
        [figure(), intent("intimate")],
        more={"consents": [consent()]},
    ),
    Situation("intimate depiction of a minor", REFUSE, [intent("intimate"), cue("minor")]),
    Situation("intimate depiction of nobody we know", REVIEW, [intent("intimate")]),
    Situation("perhaps intimate, nobody we know", ALLOW, [intent("intimate", 0.6)]),
    Situation("perhaps intimate", REVIEW, [figure(), intent("intimate", 0.6)]),
    Situation("voting changed, in nobody's name", REVIEW, [cue("procedure_change")], "text"),
    Situation(
        "the body's notice without a record",
        REFUSE,
        [intent("official_impersonation"), cue("procedure_change"), cue("own_notice")],
        "text",
    ),
    Situation(
        "the body's notice under a record",
        LABEL,
        [intent("official_impersonation"), cue("own_notice")],
        "text",
        "notice.recorded",
        {
            "subjects": (BODY,),
            "consents": [consent(BODY.id, public=False, purpose=Purpose.PUBLIC_NOTICE)],
        },
    ),
    Situation(
        "an authorised call",
        LABEL,
        [VOICED, intent("impersonation_call")],
        "audio",
        more={"consents": [consent(mandate=True)]},
    ),
    Situation(
        "repeated refusals", REVIEW, [figure()], more={"actor": ActorHistory(refusals="repeated")}
    ),
    Situation(
        "repeated refusals, then a kitten",
        ALLOW,
        [],
        more={"actor": ActorHistory(refusals="repeated")},
    ),
    Situation("excessive refusals", REFUSE, [], more={"actor": ActorHistory(refusals="excessive")}),
    Situation(
        "bulk calls",
        REVIEW,
        [figure(Role.TOPIC), cue("personal_call")],
        "audio",
        more={"actor": ActorHistory(calls="bulk")},
    ),
    Situation(
        "excessive calls",
        REFUSE,
        [figure(Role.TOPIC), cue("personal_call")],
        "audio",
        more={"actor": ActorHistory(calls="excessive")},
    ),
    Situation("suspended", REFUSE, more={"actor": ActorHistory(suspended=True)}),
    Situation("minor edit of a figure's picture", ALLOW, [figure()], more={"extent": "minor"}),
    Situation(
        "a voice tied to a grant that is not there",
        CONSENT,
        [],
        "audio",
        "voice.unknown",
        {"voice": VoiceKind.GRANTED},
    ),
    Situation(
        "a voice tied to a grant that holds",
        ALLOW,
        [],
        "audio",
        None,
        {
            "voice": VoiceKind.GRANTED,
            "consents": [consent("p:1", public=False, modalities=("voice",))],
        },
    ),
    Situation(
        "a voice tied to a grant that was revoked",
        CONSENT,
        [],
        "audio",
        "likeness.private_person",
        {
            "voice": VoiceKind.GRANTED,
            "consents": [consent("p:1", "consent.revoked", public=False, modalities=("voice",))],
        },
    ),
    Situation(
        "news about an endorsement", ALLOW, [figure(Role.TOPIC), intent("endorsement", 0.6)], "text"
    ),
    *(Situation(f"{harm}, certain", REFUSE, [figure(), intent(harm)], "audio") for harm in HARMS),
    *(Situation(f"{harm}, uncertain", REVIEW, [intent(harm, 0.6)], "audio") for harm in HARMS),
]


@pytest.mark.parametrize("situation", TABLE, ids=lambda situation: situation.name)
def test_table(situation: Situation) -> None:
    ruling = ruling_of(situation.findings, situation.modality, **situation.more)
    assert ruling.outcome is situation.outcome, [r.code for r in ruling.reasons]
    if situation.code is not None:
        assert situation.code in [reason.code for reason in ruling.reasons]


def wordings(ruling: Any) -> list[tuple[str | None, str]]:
    return [(o.wording, o.strength.value) for o in ruling.obligations if o.kind == "disclose"]


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("picture", {}, [("label_visual", "weak")]),
        ("speech", {"modality": "audio"}, [("label_audio_spoken", "weak")]),
        ("film", {"modality": "video"}, [("label_video", "weak")]),
        ("text", {"modality": "text"}, [("label_text", "weak")]),
        ("minor edit", {"extent": "minor"}, []),
        ("significant edit", {"extent": "significant"}, [("label_altered", "weak")]),
        ("drawing", {"realism": Realism.STYLISED}, [("label_short", "weak")]),
    ],
)
def test_disclosure_owed(name: str, fields: dict[str, Any], expected: list[Any]) -> None:
    ruling = ruling_of([], **fields)
    assert wordings(ruling) == expected
    assert "manifest" in [o.kind for o in ruling.obligations]


def test_a_missing_record_names_subject_and_act() -> None:
    ruling = ruling_of([VOICED], "audio")
    assert ruling.owed == (("q:leader", Act.GENERATE),)
    assert [(o.subject, o.act) for o in ruling.obligations if o.kind == "consent"] == [
        ("q:leader", Act.GENERATE)
    ]


def test_a_replica_is_an_act_of_its_own() -> None:
    reference = Media(media_type="audio/wav", data=b"x")
    ruling = ruling_of([VOICED], "audio", references=(reference,), consents=[consent()])
    assert ruling.outcome is Outcome.CONSENT
    assert ruling.owed == (("q:leader", Act.REPLICA_CREATE),)


# --- the three cases ---------------------------------------------------------------------------

CALENDAR = Calendar.packaged()


def test_slovak_recording_is_refused_and_the_period_named() -> None:
    election = CALENDAR.status("SK", datetime(2023, 9, 28, 12))
    ruling = ruling_of(
        [VOICED, intent("fabricated_scandal"), cue("election")], "audio", election=election
    )
    assert ruling.outcome is Outcome.REFUSE
    assert "EL-004" in ruling.rules
    told = {reason.code: reason.message for reason in ruling.reasons}
    assert "elections.fabricated_evidence" in told
    assert "181/2014" in told["elections.silence_period"]
    assert "TASR" in told["elections.silence_period"]
    assert "2023-09-28T00:00+02:00" in told["elections.silence_period"]


@pytest.mark.parametrize(
    ("name", "findings", "modality", "outcome"),
    [
        ("report", [figure(Role.TOPIC), signal("news_report")], "text", ALLOW),
        ("picture", [figure()], "image", REVIEW),
        ("uncertain harm", [figure(), intent("fabricated_statement", 0.6)], "image", REFUSE),
        ("missing consent stays owed", [VOICED], "audio", CONSENT),
        ("cartoon", [figure(), DRAWN, signal("satire")], "image", LABEL),
        ("another country's leader", [figure(country=("FR",))], "image", LABEL),
    ],
)
def test_slovak_silence(
    name: str, findings: list[Finding], modality: str, outcome: Outcome
) -> None:
    election = CALENDAR.status("SK", datetime(2023, 9, 28, 12))
    assert ruling_of(findings, modality, election=election).outcome is outcome


def test_a_record_lets_it_pass_the_silence() -> None:
    election = CALENDAR.status("SK", datetime(2023, 9, 28, 12))
    ruling = ruling_of([VOICED], "audio", election=election, consents=[consent(mandate=True)])
    assert ruling.outcome is Outcome.LABEL


def test_a_hint_of_the_country_only_warns() -> None:
    election = CALENDAR.status("SK", datetime(2023, 9, 28, 12))
    ruling = ruling_of([figure(country=()), cue("election")], election=election)
    assert ruling.outcome is Outcome.LABEL
    assert "elections.silence_notice" in [reason.code for reason in ruling.reasons]


# --- reasons -------------------------------------------------------------------------------------


def codes_of(findings: list[Finding], modality: str = "image", **fields: Any) -> list[str]:
    return [reason.code for reason in ruling_of(findings, modality, **fields).reasons]


def test_what_was_relaxed_is_no_reason() -> None:
    """A report of a possible harm is allowed, so it does not say that a person decides first."""
    ruling = ruling_of([intent("voter_suppression", 0.76), signal("news_report")], "text")
    assert ruling.outcome is ALLOW
    assert {"EL-020", "RX-002"} <= set(ruling.rules)
    assert ruling.reasons == ()


def test_a_refusal_gives_its_own_reasons_alone() -> None:
    findings = [figure(), intent("fabricated_scandal"), intent("intimate", 0.6)]
    ruling = ruling_of(findings)
    assert ruling.outcome is REFUSE
    assert {"EL-004", "IN-002", "PF-001"} <= set(ruling.rules)
    assert [reason.code for reason in ruling.reasons] == ["elections.fabricated_evidence"]


def test_what_is_held_says_why_first_and_then_what_it_would_owe() -> None:
    assert codes_of([figure(), intent("intimate", 0.6)]) == [
        "likeness.uncertain_intimate",
        "likeness.public_figure",
    ]


def test_a_silence_that_raised_the_outcome_comes_before_what_it_raised() -> None:
    election = CALENDAR.status("SK", datetime(2023, 9, 28, 12))
    assert codes_of([figure()], election=election) == [
        "elections.silence_period",
        "likeness.public_figure",
    ]
    assert codes_of([figure(), intent("fabricated_statement", 0.6)], election=election) == [
        "elections.silence_period",
        "elections.uncertain_fabrication",
    ]


def test_a_silence_that_raised_nothing_is_told_after_the_reasons_of_a_refusal() -> None:
    election = CALENDAR.status("SK", datetime(2023, 9, 28, 12))
    findings = [figure(), intent("voter_suppression"), cue("election")]
    assert codes_of(findings, election=election) == [
        "elections.voter_suppression",
        "elections.silence_period",
    ]


def test_what_was_approved_does_not_say_that_a_person_decides_first() -> None:
    case = case_of([figure(), intent("intimate", 0.6)])
    ruling = decide(case, Bundle.packaged(), approved={"IN-002"})
    assert ruling.outcome is LABEL
    assert [reason.code for reason in ruling.reasons] == ["likeness.public_figure"]


PAKISTAN = figure(Role.VOICED, id="Q155164", country=("PK",))


@pytest.mark.parametrize(
    ("name", "consents", "outcome"),
    [
        ("no record", [consent("Q155164", "consent.absent")], CONSENT),
        ("assumed", [consent("Q155164", assurance=Assurance.ASSUMED)], CONSENT),
        ("out of reach, no mandate", [consent("Q155164", unreachable=True)], CONSENT),
        ("mandate", [consent("Q155164", unreachable=True, mandate=True)], LABEL),
    ],
)
def test_pakistan_voice(name: str, consents: list[Any], outcome: Outcome) -> None:
    election = CALENDAR.status("PK", datetime(2024, 2, 8, 12))
    ruling = ruling_of([PAKISTAN], "audio", election=election, consents=consents, language="ur")
    assert ruling.outcome is outcome
    if outcome is LABEL:
        assert ("authorized_voice_label", "strong") in wordings(ruling)
        assert {o.language for o in ruling.obligations if o.kind == "disclose"} == {"ur"}


def test_pakistan_victory_speech_while_counting() -> None:
    election = CALENDAR.status("PK", datetime(2024, 2, 9, 12))
    findings = [PAKISTAN, cue("election")]
    held = ruling_of(findings, "audio", election=election)
    assert held.outcome is Outcome.REVIEW
    assert held.owed == (("Q155164", Act.GENERATE),)
    passed = ruling_of(
        findings, "audio", election=election, consents=[consent("Q155164", mandate=True)]
    )
    assert passed.outcome is Outcome.LABEL


BIDEN = figure(Role.VOICED, id="Q6279", country=("US",), kind="head_of_state")


def test_new_hampshire_call_is_refused_without_any_silence() -> None:
    election = CALENDAR.status("US", datetime(2024, 1, 21, 12))
    assert election.silence is not None
    assert not election.silence.in_force
    findings = [BIDEN, intent("impersonation_call"), intent("voter_suppression"), cue("election")]
    ruling = ruling_of(findings, "audio", election=election)
    assert ruling.outcome is Outcome.REFUSE
    assert {"EL-001", "EL-005"} <= set(ruling.rules)
    # Not even under a record: nobody may be told to stay home.
    assert (
        ruling_of(findings, "audio", election=election, consents=[consent("Q6279")]).outcome
        is Outcome.REFUSE
    )


def test_new_hampshire_reporting_passes() -> None:
    election = CALENDAR.status("US", datetime(2024, 1, 23, 12))
    findings = [
        figure(Role.TOPIC, id="Q6279", country=("US",)),
        signal("news_report"),
        cue("election"),
        intent("voter_suppression", 0.6),
    ]
    assert ruling_of(findings, "text", election=election).outcome is Outcome.ALLOW


def test_case_json_has_no_subject_and_decides_alike() -> None:
    from overt.policy import Bundle, Case, decide

    case = case_of([VOICED], "audio", consents=[consent(code="consent.absent")])
    stored = case.to_json()
    assert "q:leader" not in str(stored)
    replayed = decide(Case.from_json(stored), Bundle.packaged())
    assert replayed.outcome is Outcome.CONSENT
