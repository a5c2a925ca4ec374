"""The consent stage."""
