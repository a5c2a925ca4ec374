"""The screening stage: which people and which harms a text speaks of.

`PromptScreen.bundled()` builds the screen; spaCy and the index load then, not at import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overt.screening.screen import PromptScreen

__all__ = ["PromptScreen"]


def __getattr__(name: str) -> Any:
    """Load the screen when it is first asked for."""
    if name == "PromptScreen":
        from overt.screening.screen import PromptScreen

        return PromptScreen
    raise AttributeError(name)
