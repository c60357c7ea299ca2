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
from typing import Self

FAST = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB")


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


class Cluster:
    """A PostgreSQL cluster of its own, that can be stopped and started again."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="jfsrules-pg-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.address = f"postgresql://jfsrules@127.0.0.1:{self.port}/postgres"
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._call("initdb", "-A", "trust", "-U", "jfsrules", "-N")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} " + " ".join(
            f"-c {setting}" for setting in FAST
        )
        log = ("-l", str(self.folder / "log"))
        self._call("pg_ctl", "-w", "-t", "60", *log, "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a crash would."""
        if (self.folder / "cluster" / "postmaster.pid").exists():
            self._call("pg_ctl", "-w", "-m", "immediate", "stop")

    def _call(self, tool: str, *words: str) -> None:
        cluster = ("-D", str(self.folder / "cluster"))
        command = as_owner(postgres_tool(tool), *cluster, *words)
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)


@contextmanager
def postgres() -> Iterator[str]:
    """A cluster of its own; gives the address of an empty database."""
    with Cluster() as cluster:
        yield cluster.address
