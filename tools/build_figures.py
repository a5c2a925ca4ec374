"""Build `data/figures/` from source rows that may be packaged, and hand-kept rows.

    python tools/build_figures.py SOURCE.jsonl NICKNAMES.jsonl

SOURCE rows come from public-domain, CC0, OGL and MIT sources, see `data/figures/SOURCES.md`; rows
of other sources are left out, and names that only such a source gave are left out too. The hand
rows are `hand.tsv`, `known.tsv` for people who are widely known and were not looked up, and
`called.tsv` for what people are called besides. Rows of one person are joined, see `figures_join`;
who is in office gets the names of the office, see `figures_roles`. Writes one file a group of
people, who held which office when, and the index of all people.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from figures_join import compatriots, join_named, join_sources, keys, keys_of, read_same, rename  # noqa: E402
from figures_roles import Roles, write_terms  # noqa: E402
from overt.screening.index_write import IndexWriter  # noqa: E402
from overt.screening.namesakes import everyones  # noqa: E402
from overt.screening.registry import Figure, read_figures  # noqa: E402

FIGURES = ROOT / "data" / "figures"
ALLOWED = {
    "us_congress", "openstates", "factbook2026", "wl2022", "ep_world", "corpora_cc0", "curated",
    "uk_mp_lookup", "jp_councillors",
}  # fmt: skip
CURATED_ON = "2026-11-21"
"""Date of the hand rows, and of the registry."""
GENERAL = "general_knowledge"
"""Source of the rows of `known.tsv`."""
OTHERS = {"everypolitician2015", "giphy_celeb"}
GROUPS = ("leaders", "us_congress", "us_states", "world", "celebrities", "known")
BY_SOURCE = {
    "openstates": ("us_states", 0), "us_congress": ("us_congress", 1),
    "corpora_cc0": ("celebrities", 1),
    "ep_world": ("world", 0), "uk_mp_lookup": ("world", 1), "jp_councillors": ("world", 1),
    "factbook2026": ("leaders", 2), "wl2022": ("leaders", 2), "curated": ("leaders", 2),
}  # fmt: skip


def main(source: Path, nicknames: Path) -> None:
    """Write the rows and the index."""
    rows = {row["id"]: row for row in _allowed(source)}
    same, different = read_same(FIGURES / "same.tsv")
    same = join_named(rows, same)
    join_sources(rows, different)
    for entry in _lines(nicknames):
        if entry["id"] in rows:
            extra = {"text": entry["text"], "kind": entry["kind"]}
            rows[entry["id"]]["names"].append(extra | _optional(entry, "lang"))
    _by_hand(rows, FIGURES / "hand.tsv", "curated", "leaders")
    _by_hand(rows, FIGURES / "known.tsv", GENERAL, "known")
    _by_hand(rows, FIGURES / "called.tsv", GENERAL, "known")
    if lost := join_named(rows, same):
        raise SystemExit(f"same.tsv names ids that are not there: {lost}")
    roles = Roles(FIGURES / "roles.yaml", CURATED_ON)
    roles.add_names(rows)
    held = roles.held(rows.values())
    write_terms(FIGURES / "terms.tsv", roles.terms(rows.values()), held)
    groups: dict[str, list[dict[str, Any]]] = {group: [] for group in GROUPS}
    for row in rows.values():
        groups[row.pop("_group")].append(row)
    paths = []
    for group, members in groups.items():
        path = FIGURES / f"{group}.jsonl"
        ordered = sorted(members, key=lambda r: r["id"])
        path.write_text("".join(Figure.of(r).to_json() + "\n" for r in ordered), "utf-8")
        paths.append(path)
    writer = IndexWriter()
    for figure in read_figures(paths):
        writer.add(figure)
    writer.write(FIGURES / "registry.idx")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _optional(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {key: row[key]} if row.get(key) else {}


def _allowed(path: Path) -> Iterator[dict[str, Any]]:
    for row in _lines(path):
        sources = {row["source"], *row.get("also", ())}
        if not sources & ALLOWED:
            continue
        if row["name"].lower().startswith("the ") and row["kind"] == "celebrity":
            continue  # bands are no people, and their names are ordinary words
        if row["name"].startswith("Prime Minister of "):
            continue  # an office that a source took for a person
        usable = [s for s in (row["source"], *row.get("also", ())) if s in ALLOWED]
        mixed = bool(sources & OTHERS)
        group, prominence = BY_SOURCE[usable[0]]
        if row["kind"] in ("head_of_state", "head_of_government", "party_leader", "candidate"):
            group, prominence = "leaders", max(prominence, 2)
        if "curated" in usable:
            group, prominence = "leaders", 2
        if prominence == 1 and everyones(row["name"]):
            prominence = 0  # the sources do not say how well known; hand rows do
        names = [
            {"text": n["text"], "kind": n["kind"]} | _optional(n, "lang")
            for n in row["names"]
            if n["kind"] != "primary" and not (mixed and n.get("lang") and not n.get("check"))
        ]
        offices = [
            o for o in row["offices"] if not (mixed and re.match(r"Member, .*\(", o["title"]))
        ]
        yield {
            "id": row["id"], "name": row["name"], "names": names, "country": row["country"],
            "kind": row["kind"], "offices": offices, "active": row["active"],
            "prominence": prominence, "source": usable[0], "_group": group,
            "as_of": row["as_of"] or (CURATED_ON if usable[0] == "curated" else None),
        }  # fmt: skip


def _by_hand(rows: dict[str, dict[str, Any]], path: Path, source: str, group: str) -> None:
    """Hand rows: `id or name | country | kind | prominence | dead since | office | names; ...`.

    A name after `~` is a nickname, after `"` a catchphrase, after `^` a role. `石破+茂` tells where
    a Japanese surname ends: the surname with a title is how people write of them. `-` takes a name
    away that a source has. An office may say when: `Mayor of London (2016-05-09..)` is held now and
    stands for what the sources say of that time. A row whose first field is a known id or name adds
    to that person.
    """
    known = _Known(rows.values())
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [f.strip() for f in line.split("|")]
        if len(fields) != 7:
            raise SystemExit(f"{path.name}:{number}: {len(fields)} fields, not 7")
        who, country, kind, prominence, dead, office, names = fields
        row = rows.get(who) or known.find(who, country, kind)
        if row is None:
            row = _new_row(who, country) | {"source": source, "_group": group}
            rows[row["id"]] = row
        elif who != row["id"] and who != row["name"]:  # a name that people say instead
            rename(row, who)
        _merge(row, country, kind, prominence, dead, office, names)
        known.add(row)


class _Known:
    """People so far, by name: as it is written, else by what is equal in two spellings."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self._written: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._equal: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            self.add(row)

    def add(self, row: dict[str, Any]) -> None:
        self._written[row["name"]].append(row)
        for key in keys_of(row):
            self._equal[key].append(row)

    def find(self, who: str, country: str, kind: str) -> dict[str, Any] | None:
        """The best known bearer of the name; by another spelling only a compatriot."""
        asked = {"country": country.split(",") if country else []}
        same = [
            row
            for row in self._written[who]
            if not country or not row["country"] or compatriots(row, asked)
        ]
        same = same or [
            row for key in sorted(keys(who)) for row in self._equal[key] if compatriots(row, asked)
        ]
        found = [row for row in same if not _another_trade(row, kind)]
        return max(found, key=lambda row: row["prominence"], default=None)


def _another_trade(row: dict[str, Any], kind: str) -> bool:
    """Whether somebody known from elsewhere cannot be this member of a state's legislature."""
    return row["source"] == "openstates" and kind in ("celebrity", "journalist", "business")


def _new_row(name: str, country: str) -> dict[str, Any]:
    from overt.screening.text import words

    slug = "-".join(words(name))
    prefix = country.split(",")[0].lower() or "x"
    return {
        "id": f"x:{prefix}-{slug}", "name": name, "names": [], "country": [], "kind": "other",
        "offices": [], "active": None, "prominence": 2, "source": "curated", "as_of": CURATED_ON,
        "_group": "leaders",
    }  # fmt: skip


def _merge(
    row: dict[str, Any],
    country: str,
    kind: str,
    prominence: str,
    dead: str,
    office: str,
    names: str,
) -> None:
    if country:
        row["country"] = sorted({*row["country"], *country.split(",")})
    if kind:
        row["kind"] = kind
    if prominence:
        row["prominence"] = int(prominence)
        if int(prominence) >= 2 and row["source"] != GENERAL:
            row["_group"] = "leaders"
    if dead:
        row["dead_since"] = int(dead)
    if dated := _DATED.fullmatch(office):
        _hold(row, dated["title"], dated["since"], dated["until"])
    elif office and office not in {o["title"] for o in row["offices"]}:
        row["offices"] = [*row["offices"], {"title": office}]
    kinds = {"~": "nickname", "&": "word", '"': "catchphrase", "^": "role"}
    spelled = [e for n in names.split(";") for e in _titled(n.strip(), row["kind"])]
    for entry in filter(None, spelled):
        kind_of = kinds.get(entry[0], "alias")
        text = entry[1:].strip(' "') if entry[0] in kinds else entry
        text = text.removeprefix("-")
        row["names"] = [n for n in row["names"] if n["text"] != text]
        if entry.startswith("-"):
            continue
        row["names"].append({"text": text, "kind": kind_of})


_DATED = re.compile(r"(?P<title>.+) \((?P<since>\d{4}[-\d]*)\.\.(?P<until>\d{4}[-\d]*)?\)")


def _hold(row: dict[str, Any], title: str, since: str, until: str | None) -> None:
    """An office with dates takes the place of the same one without, or from the same year."""
    year = since[:4]
    kept = [
        o
        for o in row["offices"]
        if o["title"].lower() != title.lower() or (o.get("from") and o["from"][:4] != year)
    ]
    row["offices"] = [*kept, {"title": title, "from": since} | ({"to": until} if until else {})]
    if not until:
        row["active"] = True


_TITLES = (
    "首相 総理 大臣 知事 代表 党首 候補 議員 総裁 会長 幹事長 委員長 市長 元首相 前首相 都知事 "
    "官房長官"
)
_COMMON_SURNAMES = "鈴木 小林 山本 田村 林 木村 藤田 井上 斎藤 斉藤 片山 木原 馬場"


def _titled(entry: str, kind: str) -> Iterator[str]:
    """A Japanese name with its surname marked, and the surname with titles as nicknames."""
    family, plus, given = entry.partition("+")
    if not plus:
        yield entry
        return
    yield family + given
    titles = ["選手", "監督"] if kind == "celebrity" else _TITLES.split()
    if family not in _COMMON_SURNAMES.split():
        titles += ["さん", "氏", "先生"]
    yield from (f"~{family}{title}" for title in titles)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
