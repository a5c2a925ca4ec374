"""The handbook: all rules as a document for policy people and reviewers, Markdown or HTML.

It is made from the rule files alone, so it cannot say anything that the policy does not do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from overt.policy.bundle import Bundle
from overt.policy.messages import choose
from overt.policy.rules import Rule
from overt.policy.schema import FIELDS, VERSION

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:.3rem .5rem;"
    "text-align:left;vertical-align:top}pre{overflow:auto;background:#f4f4f4;padding:.5rem}"
)


def markdown(bundle: Bundle, language: str = "en") -> str:
    """The handbook in Markdown."""
    lines = [
        f"# {bundle.title or 'Policy'}",
        "",
        f"Version {bundle.version}, digest `{bundle.digest}`.",
        "",
    ]
    lines += ["| rule | title | outcome | reason |", "|---|---|---|---|"]
    for rule in bundle.rules.values():
        code = f"`{rule.effect.code}`" if rule.effect.code else ""
        lines.append(f"| {rule.id} | {_cell(rule.title)} | {_outcome(rule)} | {code} |")
    for rule in bundle.rules.values():
        lines += ["", f"## {rule.id} {rule.title}", ""]
        lines += [f"* {name}: {_cell(value)}" for name, value in _facts(rule)]
        if rule.messages:
            lines += ["", f"> {choose(rule.messages, language)}"]
        lines += ["", rule.rationale, "", "### Guidance", "", rule.guidance]
        lines += ["", "### Condition", "", "```json", _condition(rule), "```"]
        if rule.references:
            lines += ["", "### References", "", *(f"* {source}" for source in rule.references)]
    lines += [
        "",
        f"## Fields (version {VERSION})",
        "",
        "| field | values | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{f.path}` | {', '.join(f.values) or f.kind} | {_cell(f.about)} |" for f in FIELDS
    ]
    return "\n".join(lines) + "\n"


def html(bundle: Bundle, language: str = "en") -> str:
    """The handbook as one HTML page without scripts or outside resources."""
    parts = [
        f"<h1>{escape(bundle.title or 'Policy')}</h1>",
        f"<p>Version {escape(bundle.version)}, digest <code>{bundle.digest}</code>.</p>",
        _table(
            ("rule", "title", "outcome", "reason"),
            (
                (f'<a href="#{escape(rule.id)}">{escape(rule.id)}</a>', escape(rule.title),
                 _outcome(rule), escape(rule.effect.code or ""))
                for rule in bundle.rules.values()
            ),
        ),
    ]  # fmt: skip
    for rule in bundle.rules.values():
        parts.append(_section(rule, language))
    rows = (
        (
            f"<code>{field.path}</code>",
            escape(", ".join(field.values) or field.kind),
            escape(field.about),
        )
        for field in FIELDS
    )
    parts += [f"<h2>Fields (version {VERSION})</h2>", _table(("field", "values", "meaning"), rows)]
    title = escape(bundle.title or "Policy")
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>"
        + "\n".join(parts)
        + "</body></html>\n"
    )


def _section(rule: Rule, language: str) -> str:
    facts = "".join(f"<li>{escape(name)}: {escape(value)}</li>" for name, value in _facts(rule))
    parts = [
        f'<h2 id="{escape(rule.id)}">{escape(rule.id)} {escape(rule.title)}</h2>',
        f"<ul>{facts}</ul>",
    ]
    if rule.messages:
        parts.append(f"<blockquote>{escape(choose(rule.messages, language))}</blockquote>")
    parts.append(f"<p>{escape(rule.rationale)}</p><h3>Guidance</h3>")
    parts += [f"<p>{escape(text)}</p>" for text in rule.guidance.split("\n\n")]
    parts.append(f"<h3>Condition</h3><pre>{escape(_condition(rule))}</pre>")
    if rule.references:
        sources = "".join(f"<li>{escape(source)}</li>" for source in rule.references)
        parts.append(f"<h3>References</h3><ul>{sources}</ul>")
    return "".join(parts)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    top = "".join(f"<th>{name}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _facts(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "status", f"{rule.status}, severity {rule.severity}, owner {rule.owner}"
    yield "looks at", " and ".join(rule.each)
    yield "outcome", _outcome(rule)
    for duty in rule.effect.obligations:
        yield "owed", " ".join(filter(None, (duty.strength.value, duty.kind, duty.wording)))
    if rule.effect.owes:
        yield "consent owed for", ", ".join(rule.effect.owes)
    if rule.relaxable:
        yield "relaxable", "yes"
    if rule.relaxes:
        yield "relaxes", f"{', '.join(rule.relaxes)} to {rule.relaxes_to.value}"
    if rule.effect.waives_consent:
        yield "a reviewer's approval", "discharges the consent"
    if rule.disarm:
        yield "DISARM", ", ".join(rule.disarm)
    if rule.dsa_category:
        yield "DSA category", rule.dsa_category


def _outcome(rule: Rule) -> str:
    if rule.effect.raises:
        pairs = (f"{low.value} to {high.value}" for low, high in rule.effect.raises.items())
        return "raises " + ", ".join(pairs)
    return rule.effect.outcome.value


def _condition(rule: Rule) -> str:
    shown: dict[str, Any] = dict(rule.when)
    if rule.when_cel:
        shown["when_cel"] = rule.when_cel
    return json.dumps(shown, indent=2, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
