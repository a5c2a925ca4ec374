"""overt: makes generation tools honest."""
