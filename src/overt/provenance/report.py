"""A page for people about what verifying came to: one file, no script, nothing from elsewhere.

Everything in it that came from a verified file is escaped: a manifest is a stranger's text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from overt.provenance.verification import Integrity, Trust, Verification

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}h1{font-size:1.5rem}section{border:1px solid #ccc;"
    "border-left-width:8px;border-radius:4px;padding:.5rem 1rem;margin:1rem 0}"
    ".ok{border-left-color:#1a7f37}.bad{border-left-color:#b3261e}h2{font-size:1.1rem;"
    "overflow-wrap:anywhere}dt{font-weight:600;margin-top:.5rem}dd{margin-left:1rem;"
    "overflow-wrap:anywhere}@media(prefers-color-scheme:dark){body{color:#eee;background:#111}}"
)
_INTEGRITY = {
    Integrity.VALID: "the bytes are the ones that were signed",
    Integrity.INVALID: "the bytes are not the ones that were signed, or cannot be read",
    Integrity.ABSENT: "there is no manifest; that says nothing about where the file comes from",
}
_TRUST = {
    Trust.TRUSTED: "the signer chains to a root that was given",
    Trust.UNTRUSTED: "the signer is not known: what follows is only the signer's word",
    Trust.ABSENT: "nobody signed it",
}


def page(results: Sequence[Verification], title: str = "Content credentials") -> str:
    """The report as one HTML page."""
    failed = sum(not result.passed for result in results)
    summary = f"{len(results)} checked, {failed} failed"
    body = "".join(_section(result) for result in results)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1><p>{summary}</p>{body}</body></html>\n"
    )


def _section(result: Verification) -> str:
    kind, word = ("ok", "passed") if result.passed else ("bad", "failed")
    rows = "".join(
        f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in _rows(result)
    )
    heading = f"{escape(result.file or 'asset')}: {word}"
    return f'<section class="{kind}"><h2>{heading}</h2><dl>{rows}</dl></section>'


def _rows(result: Verification) -> Iterator[tuple[str, str]]:
    yield f"Integrity: {result.integrity}", _INTEGRITY[result.integrity]
    yield f"Trust: {result.trust}", _TRUST[result.trust]
    if result.signer is not None and result.signer.name:
        stamped = f", time-stamped {result.signer.time}" if result.signer.time else ""
        yield "Signer", f"{result.signer.name} ({result.signer.algorithm}){stamped}"
    if result.digital_source_type:
        yield "Source type", result.digital_source_type
    for action in result.actions:
        parts = (action.action, action.agent, action.when, action.description)
        yield "Action", ", ".join(part for part in parts if part)
    for one in result.disclosures:
        yield f"Disclosure ({one.mode}, {one.language})", one.text
    for consent in result.consents:
        yield f"Consent {consent.id}", ", ".join(consent.acts)
    for ingredient in result.ingredients:
        yield f"Source ({ingredient.relationship})", str(ingredient.integrity)
    if result.record is not None:
        record = result.record
        yield "Record", f"{record.index} of {record.origin}, proof {record.proof}"
    for problem in result.problems:
        yield problem.severity.capitalize(), f"{problem.message} [{problem.code}]"
