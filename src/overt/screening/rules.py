"""Rules that turn figures and concepts into harms, with reasons a person can read.

Each rule looks at one `Scene` and returns a score, or nothing. A rule asks for the real condition
of its harm: a real figure, office, election or private person where the category needs one. A
score of `CERTAIN` or more acts by itself; one between `POSSIBLE` and that is for a person to judge.

What softens: reporting, teaching and debunking, when they frame the sentence and nothing asks to
pass as real or to hide. What never softens: the words satire, education or permission beside a
request to keep people from voting, to fake a confession, or to borrow a voice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from overt.models import Intent, Modality
from overt.screening.scene import Person, Scene

SURE = 0.92
LIKELY = 0.84
UNSURE = 0.6


@dataclass(frozen=True, slots=True)
class Harm:
    """A harm a rule saw, with the concepts that led to it."""

    intent: Intent
    score: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Answers that several rules need, worked out once."""

    figure: Person | None
    political: Person | None
    official: bool
    speaks: bool
    poses: bool
    passes: bool
    made: bool
    drawn: bool
    framed: bool
    reports: bool
    """Framed, but not merely by calling something false: so do false corrections."""


Rule = Callable[[Scene, Facts], Harm | None]


def harms(scene: Scene) -> list[Harm]:
    """Harms in the scene, at most one of each category."""
    scene = scene.unclaimed()
    facts = _facts(scene)
    return [harm for rule in RULES if (harm := rule(scene, facts)) is not None]


def _facts(scene: Scene) -> Facts:
    acting = [p for p in scene.acting if p.dead_since is None or p.political]
    figure = acting[0] if acting else None
    political = next((p for p in acting if p.political), None)
    official = scene.has("AUTHORITY", "OFFICE") or political is not None
    voice = scene.has("VOICE") or scene.modality is Modality.AUDIO
    poses = scene.has("AS_PERSON") or any(
        scene.before_hit(p.hit, "AS", 2) or scene.before_hit(p.hit, "SELF_INTRO", 1)
        for p in scene.people
    )
    passes = scene.has("REAL", "CONCEAL", "LEAK")
    drawn = scene.has("STYLISED", "STAGED", "SATIRE") and not scene.has("CONCEAL")
    wants_real = scene.has("LEAK") or scene.all("REAL", "IMAGE")
    if wants_real or (scene.has("REAL") and not scene.has("STYLISED", "STAGED")):
        drawn = False  # "cartoon" behind a wish for a hidden-camera photo makes it no drawing
    text_report = scene.modality is Modality.TEXT and not poses
    return Facts(
        figure=figure,
        political=political,
        official=official,
        speaks=voice or scene.has("SAY", "CALL", "SELF_INTRO"),
        poses=poses,
        passes=passes,
        made=scene.modality is not Modality.TEXT or poses or scene.has("LEAK", "FAKE"),
        drawn=drawn,
        framed=_framed(scene, text_report) or _disowns(scene),
        reports=_framed(scene, text_report),
    )


def plainly_civic(scene: Scene) -> bool:
    """Whether it calls people to vote, tells them how, or speaks against a lie about voting.

    Nothing else in it may turn that around.
    """
    return (scene.has("CIVIC") or bool(scene.denied)) and not scene.has(
        "STAY_VOTE", "METHOD_FALSE", "DATE_SHIFT", "PLACE_CLOSED", "ELIGIBILITY", "THREAT", "FAKE",
        "CONCEAL", "LEAK", "CONFESS", "GRAVE", "RESIGN", "MONEY", "HATE", "VIOLENCE", "SCANDAL",
        "BRIBE", "RIGGING", "INTIMATE",
    )  # fmt: skip


def _framed(scene: Scene, text_report: bool) -> bool:
    """Whether reporting, teaching or debunking frames the request."""
    if scene.has("CONCEAL"):
        return False
    report = scene.first("REPORT", "DEBUNK")
    if report is None:
        return False
    if scene.has("VOICE") and scene.has("CALL") and not scene.has("DEBUNK"):
        return False
    early = report.first <= max(6, len(scene.analysis.tokens) // 3)
    return early and (not scene.has("LEAK", "AS_PERSON") or scene.has("DEBUNK"))


def _disowns(scene: Scene) -> bool:
    """Whether it says of something that goes round that it is false, wherever it says so."""
    return scene.has("DISOWN") and not scene.has("CONCEAL", "DISCREDIT")


def _harm(scene: Scene, intent: Intent, score: float, *evidence: str) -> Harm:
    told = dict.fromkeys((*evidence, "CONCEAL"))
    return Harm(intent, score, tuple(e for e in told if e.islower() or scene.has(e)))


def _suppression(scene: Scene, facts: Facts) -> Harm | None:
    if facts.reports:
        return None
    about_voting = scene.has("VOTE", "VOTER", "ELECTION", "POLLPLACE")
    if scene.has("STAY_VOTE"):
        score = LIKELY if facts.drawn and not facts.figure else SURE
        return _harm(scene, Intent.VOTER_SUPPRESSION, score, "STAY_VOTE", "VOTE", "AUTHORITY")
    if scene.has("THREAT"):
        return _harm(scene, Intent.VOTER_SUPPRESSION, SURE, "THREAT", "VOTE", "POLLPLACE")
    if scene.has("STAY") and about_voting:
        return _harm(scene, Intent.VOTER_SUPPRESSION, SURE, "STAY", "VOTE", "VOTER", "ELECTION")
    return None


def _false_info(scene: Scene, facts: Facts) -> Harm | None:
    if facts.reports:
        return None
    about_voting = scene.has("VOTE", "VOTER", "ELECTION", "POLLPLACE")
    if scene.has("METHOD_FALSE"):
        return _harm(scene, Intent.FALSE_VOTING_INFO, SURE, "METHOD_FALSE", "VOTE")
    kinds = ("DATE_SHIFT", "PLACE_CLOSED", "ELIGIBILITY")
    if not scene.has(*kinds) or not about_voting:
        return None
    if scene.has("OWN_NOTICE") and not scene.has("FAKE", "CONCEAL", "AS_PERSON"):
        return None
    deceitful = scene.has("FAKE", "CONCEAL", "CALL", "AS_PERSON", "REAL", "NEWSFORM")
    in_a_name = scene.has("AUTHORITY") or facts.figure is not None
    if deceitful or in_a_name:
        score = SURE if scene.has("CONCEAL") else LIKELY
        evidence = (*kinds, "AUTHORITY", "FAKE", "CALL", "CONCEAL")
        return _harm(scene, Intent.FALSE_VOTING_INFO, score, *evidence)
    if scene.has("ELIGIBILITY"):
        return _harm(scene, Intent.FALSE_VOTING_INFO, UNSURE, *kinds)
    return None


def _call(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or not scene.has("CALL"):
        return None
    person = facts.figure is not None
    if scene.has("REPORT", "NEWS") and not scene.has("CONCEAL", "SELF_INTRO"):
        return None  # a call is the topic, not the order
    office = scene.has("OFFICE") and (scene.has("SELF_INTRO", "AS_PERSON", "VOICE", "ELECTION"))
    if not person and not office:
        return None
    borrowed = scene.has("VOICE", "SELF_INTRO", "AS_PERSON", "FAKE") or facts.poses
    if not borrowed and scene.modality is not Modality.AUDIO:
        return None
    score = SURE if person else LIKELY if scene.has("VOTE", "ELECTION", "VOTER") else UNSURE
    return _harm(scene, Intent.IMPERSONATION_CALL, score, "CALL", "VOICE", "figure", "OFFICE")


def _statement(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or facts.figure is None or facts.drawn:
        return None
    if not scene.has("SAY", "CONFESS", "AS_PERSON") and not facts.poses:
        return None
    invented = scene.has("FAKE", "CONCEAL") or facts.passes
    if scene.has("GRAVE") and facts.made and (facts.political or invented):
        if scene.has("CAMPAIGN") and not invented:
            return None
        score = LIKELY if invented or facts.poses or scene.has("VOICE") else UNSURE + 0.1
        return _harm(scene, Intent.FABRICATED_STATEMENT, score, "GRAVE", "SAY", "REAL", "AS_PERSON")
    if invented and facts.made and (scene.has("FAKE") or scene.has("CONCEAL")):
        return _harm(scene, Intent.FABRICATED_STATEMENT, LIKELY, "FAKE", "CONCEAL", "SAY")
    if invented and facts.made and facts.political:
        return _harm(scene, Intent.FABRICATED_STATEMENT, UNSURE, "SAY", "REAL")
    return None


def _scandal(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or not scene.has("SCANDAL", "BRIBE", "RIGGING"):
        return None
    if facts.figure is None:
        if not (scene.has("OFFICE", "AUTHORITY", "CANDIDATE") or scene.has("RIGGING", "BRIBE")):
            return None
        shown = scene.has("REAL", "LEAK", "CONCEAL", "FAKE")
        about = scene.has("VOTE", "ELECTION", "POLLPLACE", "CANDIDATE", "RIGGING")
        if facts.drawn or not shown or not about or scene.has("FICTION"):
            return None
        score = LIKELY if scene.has("CONCEAL", "LEAK", "FAKE") else UNSURE + 0.1
        return _harm(scene, Intent.FABRICATED_SCANDAL, score, "RIGGING", "BRIBE", "REAL")
    if facts.drawn:
        if scene.has("STYLISED", "STAGED"):
            return None
        return _harm(scene, Intent.FABRICATED_SCANDAL, UNSURE, "BRIBE", "RIGGING", "SCANDAL")
    if facts.made or scene.has("LEAK", "FAKE", "CONFESS"):
        return _harm(
            scene, Intent.FABRICATED_SCANDAL, SURE if facts.made else LIKELY,
            "BRIBE", "RIGGING", "SCANDAL", "CONFESS", "LEAK", "REAL", "figure",
        )  # fmt: skip
    return None


def _results(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or facts.drawn or not scene.has("RESULT"):
        return None
    if scene.has("FICTION", "HISTORIC") and not scene.has("FAKE"):
        return None
    about = scene.has("ELECTION", "VOTE", "CANDIDATE", "AUTHORITY") or facts.political is not None
    forged = scene.has("FAKE", "CONCEAL", "NEWSFORM", "BEFORE_CLOSE", "RIGGING", "REAL")
    if about and forged:
        strong = scene.has("FAKE", "CONCEAL", "BEFORE_CLOSE", "RIGGING") or (
            scene.has("NEWSFORM", "REAL", "AUTHORITY") and facts.political is not None
        )
        score = LIKELY if strong else UNSURE
        return _harm(scene, Intent.FABRICATED_RESULTS, score, "RESULT", "FAKE", "NEWSFORM", "REAL")
    return None


def _exit(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or facts.drawn or not scene.has("RESIGN"):
        return None
    officials = [p for p in scene.acting if p.political]
    if officials and all(p.dead_since is not None for p in officials):
        return None  # of who has died it is told, not made up
    if facts.political is None and not (scene.has("CANDIDATE") and scene.has("FAKE", "CONCEAL")):
        return None
    formed = facts.made or scene.has("NEWSFORM", "REAL", "SAY", "TEXTMAKE", "FAKE")
    if not formed or scene.has("FICTION"):
        return None
    return _harm(scene, Intent.CANDIDATE_EXIT_LIE, LIKELY, "RESIGN", "SAY", "NEWSFORM", "figure")


def _official(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or not scene.has("AUTHORITY") or scene.has("OWN_NOTICE"):
        return None
    posing = scene.has("AS_PERSON", "FAKE") or (scene.has("CALL") and scene.has("SELF_INTRO"))
    if not posing:
        return None
    bad = scene.has(
        "FAKE", "CONCEAL", "STAY_VOTE", "DATE_SHIFT", "METHOD_FALSE", "PLACE_CLOSED", "ELIGIBILITY",
        "THREAT", "MONEY", "STAY", "RESULT",
    )  # fmt: skip
    score = LIKELY if bad else UNSURE
    return _harm(scene, Intent.OFFICIAL_IMPERSONATION, score, "AUTHORITY", "AS_PERSON", "FAKE")


def _hate(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or scene.has("HISTORIC"):
        return None
    if scene.at_once("VIOLENCE", "GROUP") and not facts.drawn and not scene.has("FICTION", "NEWS"):
        return _harm(scene, Intent.INCITEMENT_HATE, SURE, "VIOLENCE", "GROUP", "figure")
    if scene.has("HATE") and scene.has("GROUP"):
        score = LIKELY if scene.near("HATE", "GROUP", 6) else UNSURE
        return _harm(scene, Intent.INCITEMENT_HATE, score, "HATE", "GROUP", "figure")
    violent = scene.has("VIOLENCE") and (
        scene.has("GROUP", "POLLPLACE", "VOTE", "ELECTION") or facts.figure is not None
    )
    urged = facts.speaks or scene.has("GROUP")  # a leaflet against a group needs no voice
    if violent and urged and not facts.drawn and not scene.has("FICTION"):
        strong = facts.figure is not None or scene.has("AUTHORITY")
        score = LIKELY if strong and scene.has("SAY", "VOICE", "AS_PERSON") else UNSURE
        return _harm(scene, Intent.INCITEMENT_HATE, score, "VIOLENCE", "GROUP", "figure")
    return None


def _endorsement(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or facts.figure is None or not scene.has("ENDORSE"):
        return None
    if facts.drawn and not scene.has("FINANCE", "CONCEAL"):
        return None
    if scene.has("FINANCE"):
        return _harm(scene, Intent.ENDORSEMENT, SURE, "ENDORSE", "FINANCE", "figure")
    if scene.has("PRODUCT") or (scene.has("CANDIDATE", "ELECTION") and facts.speaks):
        if scene.has("CAMPAIGN") and facts.political is not None:
            return None
        return _harm(scene, Intent.ENDORSEMENT, LIKELY, "ENDORSE", "PRODUCT", "CANDIDATE", "figure")
    return None


def _fraud(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or not scene.has("MONEY"):
        return None
    someone = scene.has("FAMILY", "BOSS", "BANK", "PRIVATE", "AUTHORITY") or facts.figure
    borrowed = scene.has("VOICE", "CALL", "AS_PERSON", "SELF_INTRO", "FACESWAP") or facts.poses
    if not someone or not borrowed or scene.has("FICTION"):
        return None
    sure = scene.has("VOICE", "AS_PERSON", "CONCEAL", "FACESWAP", "FAKE") or facts.poses
    pretends = scene.has("SELF_INTRO") and (scene.has("CALL") or scene.modality is Modality.AUDIO)
    score = LIKELY if sure or pretends else UNSURE
    return _harm(
        scene, Intent.FRAUD_IMPERSONATION, score, "MONEY", "VOICE", "FAMILY", "BOSS", "CALL"
    )


def _authenticity(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or not scene.has("DISCREDIT"):
        return None
    return _harm(scene, Intent.AUTHENTICITY_ATTACK, LIKELY, "DISCREDIT", "LEAK", "figure")


def _intimate(scene: Scene, facts: Facts) -> Harm | None:
    if not scene.has("INTIMATE") or facts.framed:
        return None
    if scene.has("MINOR") and scene.near("MINOR", "INTIMATE", 10):
        return _harm(scene, Intent.INTIMATE, SURE, "INTIMATE", "MINOR")
    if facts.figure is not None:
        return _harm(scene, Intent.INTIMATE, SURE, "INTIMATE", "figure")
    if scene.has("PRIVATE", "FACESWAP"):
        return _harm(scene, Intent.INTIMATE, SURE, "INTIMATE", "PRIVATE", "FACESWAP")
    return None


def _private(scene: Scene, facts: Facts) -> Harm | None:
    if facts.framed or not scene.has("PRIVATE") or facts.figure is not None:
        return None
    copied = scene.has("FACESWAP", "VOICE", "CONCEAL") or scene.all("REAL", "SCANDAL")
    if not copied:
        return None
    harmful = scene.has("CONCEAL", "SCANDAL", "INTIMATE", "CONFESS", "MONEY", "FAKE", "FACESWAP")
    score = LIKELY if harmful or (scene.has("VOICE") and scene.has("SAY")) else UNSURE
    return _harm(scene, Intent.PRIVATE_PERSON_LIKENESS, score, "PRIVATE", "FACESWAP", "VOICE")


RULES: tuple[Rule, ...] = (
    _suppression, _false_info, _call, _statement, _scandal, _results, _exit, _official, _hate,
    _endorsement, _fraud, _authenticity, _intimate, _private,
)  # fmt: skip
