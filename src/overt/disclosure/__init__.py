"""Disclosures that people see, hear and read, in the language of the content.

    >>> from overt.disclosure import Content, plan
    >>> owed = plan(Content("audio/wav"), (), (), ("ur",))
    >>> [(one.kind, one.language) for one in owed.spoken]
    [('generated', 'ur')]

`examine` looks at an asset before work starts, `plan` says what is owed on it, a `Renderer` carries
that out and proves it by reading the finished file again. No codec is loaded before it is needed.
"""

from __future__ import annotations

from overt.disclosure.check import compare
from overt.disclosure.facts import Facts, Limits, examine
from overt.disclosure.planning import Content, DisclosurePlan, plan
from overt.disclosure.profiles import Profile, combined, known
from overt.disclosure.recheck import recheck
from overt.disclosure.render import Renderer
from overt.disclosure.rendered import Rendered
from overt.disclosure.wording import Catalogue

__all__ = [
    "Catalogue",
    "Content",
    "DisclosurePlan",
    "Facts",
    "Limits",
    "Profile",
    "Rendered",
    "Renderer",
    "combined",
    "compare",
    "examine",
    "known",
    "plan",
    "recheck",
]
