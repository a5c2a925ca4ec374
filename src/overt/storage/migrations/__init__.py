"""Packaged alembic migrations, one linear line."""
