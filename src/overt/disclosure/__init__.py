"""The disclosure stage."""
