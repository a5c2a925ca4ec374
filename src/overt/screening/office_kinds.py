"""What kind of person the title of an office makes, read from the words of the title.

Titles of lists are in many languages. What none of the words below tells counts as a seat in a
parliament, for that is what such lists mostly hold. Mayors, governors, judges and envoys are
`other`, as in the packaged rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOT_HEAD = (
    r"vice|minister|deput|assistant|speaker|senate|chamber|parliament|assembl|congress|committee|court|"
    r"council|commission|party|board|bank|university|region|provinc|comunidad|generalitat|junta|"
    r"xunta|prezident miasta|ayuntamiento|diputaci|cabildo|comune|بلدية|حزب|"
    r"s[eé]nat|assembl[eé]|parlament|kammer|cour |tribunal|conseil|consejo|partido|parti |partei|"
    r"bundestag|landtag|cámara|câmara|camera|rady|sejm|snem|sněmovn|strany|вице|заместител|"
    r"парламент|сейм|верховн|партии|совета|думы|мэр|副|議会|议会|国会|의회|مجلس|نائب"
)
_SORTS: tuple[tuple[str, str, str | None], ...] = (
    ("election_official", r"election (commission|officer|official)|electoral (commission|officer)|"
     r"wahlleiter|returning officer|избирательн\w+ комисси", None),
    ("head_of_government", r"\bprime minister|\bpremier\b|chancellor of (germany|austria)|"
     r"\bbundeskanzler|taoiseach|premi[eè]re? ministre|primer ministr|presidente del gobierno|"
     r"president of the council of ministers|председатель правительства|"
     r"primeiro[- ]ministro|primeira[- ]ministra|ministerpräsident|"
     r"presidente del consiglio(?! (regionale|comunale|provinciale))|"
     r"premierminister|minister[- ]president|prezes rady ministrów|předsed\w+ vlády|"
     r"predsed\w+ vlády|miniszterelnök|prim[- ]?ministru|премьер|прем.єр|başbakan|statsminister|"
     r"head of government|رئيس (مجلس )?(الوزراء|الحكومة)|وزیر اعظم|وزیراعظم|प्रधान ?मंत्री|"
     r"প্রধানমন্ত্রী|perdana menteri|总理|總理|総理|首相|국무총리|총리",
     r"deputy|vice|assistant|former deputy|заместител|副|podpredsed|místopředsed|wicepremier|"
     r"of (bavaria|saxony|hesse|flanders|wallonia|ontario|qu[eé]bec|alberta|manitoba|"
     r"british columbia|saskatchewan|nova scotia|new south|new brunswick|newfoundland|"
     r"prince edward|victoria|queensland|tasmania|south australia|western australia)|"
     r"of the (state|province)"),
    ("head_of_state", r"\bpresident\b|head of state|bundespräsident|"
     r"pr[eé]sident(e)?\b|prezident|presidente\b|președinte|президент|köztársasági elnök|"
     r"cumhurbaşkanı|رئيس الجمهورية|^رئيس |"
     r"prezydent (rp|rzeczypospolitej|polski|stan[oó]w|francji|ukrainy)|"
     r"صدر (پاکستان|مملکت)|صدرِ|राष्ट्रपति|রাষ্ট্রপতি|总统|總統|国家主席|大統領|대통령", _NOT_HEAD),
    ("party_leader", r"(leader|chair\w*|president|secretary|head) of (the )?.*\bpart(y|ei)\b|"
     r"party (leader|chair)|party secretary|parteivorsitz|partido.*(líder|president)|"
     r"(líder|lider|president\w*) (del|de|do) .*partido|président\w* (du|de la) parti|"
     r"segretari\w+ del partito|predsed\w+ strany|předsed\w+ strany|przewodnicząc\w+ partii|"
     r"лидер партии|председатель партии|党首|党総裁|党主席|당 ?대표|genel başkanı|pártelnök|"
     r"leader of the opposition", r"deputy|vice|youth"),
    ("minister", r"\bminist(er|re|ro|ra|ru|rul|ry)\b|\bminister\w*|\bministr\w*|minist[eé]ri|"
     r"secretary of (state|defen[cs]e|the treasury|education|labor|commerce|health|energy)|"
     r"attorney general|chancellor of the exchequer|foreign secretary|home secretary|"
     r"министр|міністр|bakanı|وزير|وزیر|मंत्री|মন্ত্রী|menteri|部长|部長|大臣|장관", None),
    ("other", r"vice[- ]?president|viceprezident|вице-президент|副总统|european commission|"
     r"commissioner|\bmayor\b|\bgovernor\b|bürgermeister|\bmaire\b|alcald|prefeit|sindaco|primár|"
     r"starost|primátor|burmistrz|prezydent miasta|polgármester|primar\b|мэр\b|губернатор|"
     r"belediye başkanı|vali\b|gobernador|governador|governatore|gouverneur|gubern|ambassador|"
     r"botschafter|judge|justice|prosecutor|市长|市長|州长|知事|시장|도지사|rechter|soud", None),
)  # fmt: skip
_LONGEST = 200
"""Letters of a title that are read: a list may hold anything."""
_KINDS = tuple(
    (kind, re.compile(words, re.IGNORECASE), re.compile(but, re.IGNORECASE) if but else None)
    for kind, words, but in _SORTS
)
_RANK = (
    "royal", "head_of_state", "head_of_government", "party_leader", "minister", "election_official",
    "legislator", "other",
)  # fmt: skip
_ROYAL = re.compile(
    r"\b(monarch|sovereign|king|queen|emperor|empress|sultan|emir|grand duke|prince|princess) of\b|"
    r"^(monarch|king|queen|emperor)$|crown prince|kronprinz|infanta|\bkönig(in)?\b|\brey de\b|"
    r"\breina de\b|\br(oi|eine) d|天皇|国王|ملك |국왕",
    re.IGNORECASE,
)


def kind_of_title(title: str) -> str:
    """One of `registry.KINDS` for the title of an office, in any of our languages."""
    title = title[:_LONGEST]
    if _ROYAL.search(title):
        return "royal"
    for kind, words, but in _KINDS:
        if words.search(title) and not (but and but.search(title)):
            return kind
    return "legislator"


def kind_of(offices: Iterable[tuple[str, str | None, str | None]], as_of: str) -> str:
    """What a person with these offices is: by the highest held then, else by the highest ever."""
    held = list(offices)
    now = [one for one in held if not one[2] or one[2] > as_of] or held
    kinds = {kind_of_title(title) for title, _, _ in now}
    return min(kinds, key=lambda kind: _RANK.index(kind), default="other")
