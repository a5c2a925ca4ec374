"""Brings a database to the schema of this package, with the packaged alembic migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from overt.errors import ConfigError
from overt.storage.schema import REVISION

if TYPE_CHECKING:
    from alembic.config import Config


def current(tx: Connection) -> frozenset[str]:
    """Revisions that the database says it has; empty for a new one."""
    if not inspect(tx).has_table("alembic_version"):
        return frozenset()
    return frozenset(tx.execute(text("SELECT version_num FROM alembic_version")).scalars())


def config(tx: Connection | None = None) -> Config:
    """Alembic configuration that works on the given connection."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", "overt.storage:migrations")
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = tx
    return settings


def upgrade(tx: Connection, revision: str = "head") -> None:
    """Run what is missing, in the transaction of `tx`.

    Raises:
        ConfigError: The database has a revision that this package does not know: it is newer.
    """
    present = current(tx)
    if present == {REVISION} and revision == "head":
        return  # the usual case; alembic takes 0.2 s to load
    from alembic import command
    from alembic.script import ScriptDirectory

    settings = config(tx)
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    if not present <= known:
        raise ConfigError(
            "storage.newer",
            "the database is from a newer version of overt",
            "this version does not know its schema",
            "install the newer version",
        )
    command.upgrade(settings, revision)


def downgrade(tx: Connection, revision: str) -> None:
    """Go back to `revision`, or to nothing with `base`. What dropped tables held is lost."""
    from alembic import command

    command.downgrade(config(tx), revision)
