"""What effects teams know of their shots: declarations, effects, sequences, and what pixels say."""

from overt.effects.declaration import Declaration

__all__ = ["Declaration"]
