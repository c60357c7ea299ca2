"""Real servers for tests, each on a port of its own on 127.0.0.1, gone when the tests end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB")


def postgres_tool(name: str) -> str:
    """The path of a program that comes with PostgreSQL's server."""
    found = shutil.which(name)
    if found:
        return found
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert installed, f"no `{name}` here: install the package postgresql"
    return str(installed[-1])


def as_owner(*command: str) -> list[str]:
    """A command run by an ordinary user: the server refuses to be run by root."""
    if os.geteuid() == 0:
        return ["runuser", "-u", "postgres", "--", *command]
    return list(command)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL cluster of its own; gives the address of an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="jfsrules-pg-", dir="/tmp"))
    folder.chmod(0o755)
    cluster, port = folder / "cluster", free_port()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    make = (postgres_tool("initdb"), "-D", str(cluster), "-A", "trust", "-U", "jfsrules", "-N")
    subprocess.run(as_owner(*make), check=True, capture_output=True, cwd="/")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} " + " ".join(
        f"-c {setting}" for setting in FAST
    )
    control = (postgres_tool("pg_ctl"), "-D", str(cluster), "-w", "-t", "60")
    log = ("-l", str(folder / "log"))
    subprocess.run(
        as_owner(*control, *log, "-o", options, "start"),
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"postgresql://jfsrules@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            as_owner(*control, "-m", "immediate", "stop"), check=False, capture_output=True, cwd="/"
        )
        shutil.rmtree(folder, ignore_errors=True)
