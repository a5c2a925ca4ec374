"""A bundle: a folder of rule files, checked as a whole, compiled once, named by its digest.

The digest covers every rule file's path and bytes, so two bundles with one digest decide alike.
`bundle.yaml` beside the rules may state `version` and `title`, and that the bundle extends the
packaged one. A bundle that does not load leaves
nothing behind: there is no partly loaded policy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from overt.errors import ConfigError
from overt.models import Outcome
from overt.policy.reading import MAX_FILES, line_of, read_rule_file
from overt.policy.rules import Rule, parse_rule
from overt.tables import data_path

MANIFEST = "bundle.yaml"
Groups: TypeAlias = "tuple[tuple[int | None, tuple[Rule, ...]], ...]"
"""Rules by the field that has to differ from its default before any of them can fire."""
Plan: TypeAlias = Mapping[str, Groups]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `bundle.yaml` says: a bundle may build on the packaged one and change parts of it.

    Args:
        extends: Whether the packaged rules belong to the bundle; a rule of the folder with the
            same id takes the place of a packaged one.
        disable: Ids of packaged rules that do not.
        outcomes: Other outcomes for packaged rules, by id.
    """

    version: str = "0"
    title: str = ""
    extends: bool = False
    disable: tuple[str, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True)
class Bundle:
    """All rules of a policy.

    Attributes:
        rules: By id, in the order of ids; drafts and retired rules included.
        digest: SHA-256 over paths and bytes of the files, in hexadecimal.
        version: What `bundle.yaml` says, `0` without one.
    """

    rules: Mapping[str, Rule]
    digest: str
    version: str = "0"
    title: str = ""
    source: str = field(default="", compare=False)
    plans: dict[date, Plan] = field(default_factory=dict, compare=False, repr=False)
    """Rules in force by day and row kind: a cache that `decide()` fills."""

    @classmethod
    def packaged(cls) -> Bundle:
        """The bundle that ships with overt."""
        return _load_once(str(data_path("policy")))

    @classmethod
    def load(cls, path: Path) -> Bundle:
        """A bundle from a folder; every `.yaml` below it is a rule.

        Raises:
            ConfigError: Anything is wrong with any file; the message names file and line.
        """
        if not path.is_dir():
            raise ConfigError("policy.missing", f"there is no policy folder {path}")
        files = sorted(p for p in path.rglob("*.yaml") if not p.name.startswith("."))
        if not files or len(files) > MAX_FILES:
            raise ConfigError("policy.empty", f"{path} holds no rule, or over {MAX_FILES} files")
        digest = hashlib.sha256()
        rules: list[Rule] = []
        about = Manifest()
        for file in files:
            name = file.relative_to(path).as_posix()
            data, raw = read_rule_file(file, name)
            digest.update(len(name.encode()).to_bytes(4, "big") + name.encode())
            digest.update(len(raw).to_bytes(4, "big") + raw)
            if name == MANIFEST:
                about = _manifest(data)
            else:
                rules.append(_parsed(data, raw, name))
        if about.extends:
            base = cls.packaged()
            digest.update(base.digest.encode())
            rules = _extended(base.rules, rules, about)
        return cls(_related(rules), digest.hexdigest(), about.version, about.title, str(path))

    @classmethod
    def of(cls, rules: Iterable[Rule], digest: str, version: str = "0") -> Bundle:
        """A bundle of rules that are already parsed: an override's, or a test's."""
        return cls(_related(list(rules)), digest, version)


@lru_cache(maxsize=4)
def _load_once(path: str) -> Bundle:
    return Bundle.load(Path(path))


def _manifest(data: object) -> Manifest:
    known = {"version", "title", "extends", "disable", "set"}
    if not isinstance(data, Mapping) or not data.keys() <= known:
        raise ConfigError("policy.manifest", f"{MANIFEST} takes {', '.join(sorted(known))}")
    changes, disable = data.get("set", {}), data.get("disable", [])
    extends = data.get("extends")
    if extends not in (None, "packaged") or (extends is None and (changes or disable)):
        raise ConfigError("policy.manifest", f"{MANIFEST}: only the packaged bundle is extended")
    try:
        outcomes = {str(name): Outcome(word) for name, word in changes.items()}
        disabled = tuple(str(name) for name in disable)
    except (AttributeError, TypeError, ValueError):
        raise ConfigError(
            "policy.manifest", f"{MANIFEST}: disable is a list of ids, set maps ids to outcomes"
        ) from None
    return Manifest(
        str(data.get("version", "0")), str(data.get("title", "")), bool(extends), disabled, outcomes
    )


def _extended(base: Mapping[str, Rule], own: Iterable[Rule], about: Manifest) -> list[Rule]:
    unknown = [name for name in (*about.disable, *about.outcomes) if name not in base]
    if unknown:
        raise ConfigError("policy.manifest", f"the packaged bundle has no rule {unknown[0][:40]!r}")
    own = list(own)
    gone = {*about.disable, *(rule.id for rule in own)}
    kept = [rule for rule in base.values() if rule.id not in gone]
    kept = [
        with_outcome(rule, about.outcomes[rule.id]) if rule.id in about.outcomes else rule
        for rule in kept
    ]
    there = {rule.id for rule in (*kept, *own)}
    return [*(without_relaxing(rule, there) for rule in kept), *own]


def with_outcome(rule: Rule, outcome: Outcome) -> Rule:
    """The rule with another outcome; what only fits the old one is left out."""
    effect = rule.effect
    owes = effect.owes if outcome >= Outcome.CONSENT else ()
    waives = effect.waives_consent and outcome is Outcome.REVIEW
    changed = replace(effect, outcome=outcome, owes=owes, waives_consent=waives)
    return replace(rule, effect=changed)


def without_relaxing(rule: Rule, there: Collection[str]) -> Rule:
    """The rule, relaxing no rule that is not there."""
    if all(name in there for name in rule.relaxes):
        return rule
    return replace(rule, relaxes=tuple(name for name in rule.relaxes if name in there))


def _parsed(data: object, raw: bytes, name: str) -> Rule:
    try:
        return parse_rule(data)
    except ConfigError as error:
        # What a fault is about stands in the file as a key: `policy.effect` under `effect`.
        word = getattr(error, "word", "") or _section(error.code)
        line = line_of(raw, word)
        raise ConfigError(
            error.code, f"{name}, line {line}: {error.what}", todo=error.todo
        ) from None


def _section(code: str) -> str:
    part = code.removeprefix("policy.")
    if part.startswith(("example", "input")):
        return "examples:"
    return {"condition": "when:", "cel": "when_cel:"}.get(part, f"{part}:")


def _related(rules: list[Rule]) -> Mapping[str, Rule]:
    """Rules by id, when no two share one and every relaxation is bounded and free of cycles."""
    by_id: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        if rule.id in by_id:
            raise ConfigError("policy.duplicate_rule", f"two rules have the id {rule.id!r}")
        by_id[rule.id] = rule
    for rule in by_id.values():
        for name in rule.relaxes:
            _bounded(rule, by_id.get(name), name)
    for rule in by_id.values():
        _acyclic(rule, by_id, ())
    return by_id


def _bounded(rule: Rule, relaxed: Rule | None, name: str) -> None:
    if relaxed is None:
        raise ConfigError("policy.relaxes_unknown", f"{rule.id} relaxes {name!r}: no such rule")
    if not relaxed.relaxable:
        raise ConfigError(
            "policy.not_relaxable", f"{rule.id} relaxes {name}, which is not marked relaxable"
        )


def _acyclic(rule: Rule, rules: Mapping[str, Rule], above: tuple[str, ...]) -> None:
    if rule.id in above:
        chain = " > ".join((*above, rule.id))
        raise ConfigError("policy.relaxation_cycle", f"relaxations form a cycle: {chain}")
    for name in rule.relaxes:
        _acyclic(rules[name], rules, (*above, rule.id))
