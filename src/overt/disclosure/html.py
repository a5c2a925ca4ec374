"""Disclosures on web pages: an accessible element that opens on a tap, and plain HTML beside it.

`element` is readable with no script at all: it is a native `<details>`. `<ai-disclosure>` wraps the
same markup for pages that build it in the browser; its script sets text through `textContent` only,
takes https links only, needs no `eval` and no inline style, so a strict content security policy
holds. Language and direction are set on the text itself: right-to-left reads right inside a
left-to-right page.

Nothing here decides what is owed; it shows a plan's lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

from overt.disclosure.wording import Catalogue

STYLESHEET = """\
.ai-disclosure{display:inline-block;font:600 1rem/1.4 system-ui,sans-serif;color:#fff;
background:#111;border-radius:.6em;padding:.2em .7em;max-width:100%}
.ai-disclosure>summary{cursor:pointer;min-height:24px;min-width:24px;list-style-position:inside}
.ai-disclosure>summary:focus-visible{outline:3px solid #fff;outline-offset:2px}
.ai-disclosure p{margin:.3em 0;font-weight:400}
.ai-disclosure a{color:#fff}
@media (forced-colors:active){.ai-disclosure{border:2px solid CanvasText}}
"""
"""Style for `element` and `<ai-disclosure>`: 14:1 contrast, focus ring, 24 px target."""

COMPONENT = """\
class AiDisclosure extends HTMLElement {
  static observedAttributes = ["label", "lang", "dir", "detail", "more-label", "href"];
  connectedCallback() { this.render(); }
  attributeChangedCallback() { if (this.isConnected) this.render(); }
  line(tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    made.lang = this.getAttribute("lang") || "";
    made.dir = this.getAttribute("dir") === "rtl" ? "rtl" : "ltr";
    return made;
  }
  render() {
    const label = this.getAttribute("label") || "AI-generated";
    const box = document.createElement("details");
    box.className = "ai-disclosure";
    box.append(this.line("summary", label));
    const detail = this.getAttribute("detail");
    if (detail) box.append(this.line("p", detail));
    let target = null;
    try { target = new URL(this.getAttribute("href") || ""); } catch { target = null; }
    if (target && target.protocol === "https:") {
      const link = this.line("a", this.getAttribute("more-label") || target.hostname);
      link.href = target.href;
      link.rel = "noopener";
      box.append(link);
    }
    this.setAttribute("role", "note");
    this.replaceChildren(box);
  }
}
customElements.define("ai-disclosure", AiDisclosure);
"""
"""The web component, as a module script to be served from the page's own origin."""


class Shown(Protocol):
    """A line of a plan."""

    @property
    def language(self) -> str:
        """BCP 47."""
        ...

    @property
    def text(self) -> str:
        """The sentence."""
        ...

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        ...


def element(
    lines: Sequence[Shown], *, detail: str = "", href: str | None = None, open_: bool = False
) -> str:
    """A `<details>` with the label as its summary; it reads without any script.

    Args:
        lines: Lines of a plan, the content's language first.
        detail: What a reader learns on tapping, in the first line's language.
        href: An https page to learn more; others are left out.
        open_: Shown opened.
    """
    first = lines[0]
    more = Catalogue.packaged().label("learn_more", first.language)
    labels = " · ".join(_span(line) for line in lines)
    body = _paragraph(detail, first) if detail else ""
    if href is not None and href.startswith("https://"):
        body += (
            f'<p><a href="{escape(href)}" rel="noopener" lang="{escape(more.language)}" '
            f'dir="{more.direction}">{escape(more.text)}</a></p>'
        )
    state = " open" if open_ else ""
    summary = f"<summary>{labels}</summary>"
    return f'<details class="ai-disclosure" role="note"{state}>{summary}{body}</details>'


def component(line: Shown, *, detail: str = "", href: str | None = None) -> str:
    """The `<ai-disclosure>` element, with `element` inside for browsers that run no script."""
    more = Catalogue.packaged().label("learn_more", line.language)
    attributes = {
        "label": line.text,
        "lang": line.language,
        "dir": line.direction,
        "detail": detail,
        "more-label": more.text,
        "href": href if href is not None and href.startswith("https://") else "",
    }
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items() if value)
    inside = element([line], detail=detail, href=href)
    return f"<ai-disclosure{written}>{inside}</ai-disclosure>"


def alt_text(alt: str, line: Shown) -> str:
    """Alternative text with the disclosure after it: a screen reader hears both."""
    plain = alt.strip().rstrip(".")
    return f"{plain} ({line.text})" if plain else line.text


def _span(line: Shown) -> str:
    return f'<span lang="{escape(line.language)}" dir="{line.direction}">{escape(line.text)}</span>'


def _paragraph(text: str, line: Shown) -> str:
    return f'<p lang="{escape(line.language)}" dir="{line.direction}">{escape(text)}</p>'
