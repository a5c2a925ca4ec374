"""A PostgreSQL server of our own for tests, from Debian's binaries, as a user that is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {"fsync": "on", "max_connections": "120", "logging_collector": "off"}


def binaries() -> Path | None:
    """Folder of `initdb`, newest version first; none where PostgreSQL is not installed."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True
    )
    found = shutil.which("initdb")
    folders += [Path(found).parent] if found else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """Start a server in a temporary folder and give its URL; stop it and remove everything after.

    Raises:
        RuntimeError: PostgreSQL is not installed, or does not start.
    """
    folder = binaries()
    if folder is None:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    user = _user()
    with tempfile.TemporaryDirectory(prefix="overt-pg-") as base:
        root, port = Path(base), _free_port()
        if user is not None:
            os.chown(root, user, -1)

        def run(*command: str) -> None:
            done = subprocess.run(
                command, capture_output=True, text=True, user=user, cwd=root, timeout=120
            )
            if done.returncode:
                raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")

        run(
            f"{folder}/initdb", "-D", f"{root}/data", "-U", "overt", "-A", "trust",
            "-E", "UTF8", "--no-locale",
        )  # fmt: skip
        options = f"-p {port} -h 127.0.0.1 -k {root}"
        options += "".join(f" -c {name}={value}" for name, value in SETTINGS.items())
        log = f"{root}/log"
        run(f"{folder}/pg_ctl", "-D", f"{root}/data", "-l", log, "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://overt@127.0.0.1:{port}/postgres"
        finally:
            run(f"{folder}/pg_ctl", "-D", f"{root}/data", "-m", "immediate", "-w", "stop")


def new_database(url: str, name: str) -> str:
    """Make an empty database on the server and give its URL."""
    from sqlalchemy import create_engine, make_url

    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _user() -> int | None:
    """Somebody who is not root, for PostgreSQL refuses to run as root; none when we are not."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError("no user to run PostgreSQL as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
