"""One installation of real processes: PostgreSQL, a broker, the scheduler and Celery workers, which may be killed."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import psycopg

from integrator.local.processes import Program, Supervisor
from tests.faults.broker import Broker

ROOT = Path(__file__).resolve().parents[2]
LOOK = 0.05
"""Seconds between two looks."""


class House:
    """`environment` is what every program gets. Workers have names; PostgreSQL sees them as `application_name`."""

    def __init__(self, folder: Path, broker: Broker, database: str) -> None:
        self.folder, self.broker, self.database = folder, broker, database
        self.workers: dict[str, tuple[Supervisor, int]] = {}
        self.killed = 0
        self._beat = Supervisor(folder / "beat")

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database,
            "INTEGRATOR_DATA": str(self.folder),
            "REDIS_URL": self.broker.url,
            "TICK_SECONDS": "1",
            "SILENT_SECONDS": "3",
            "PYTHONPATH": str(ROOT),
        }

    def _program(self, name: str, *arguments: str) -> Program:
        command = [sys.executable, "-m", "celery", "-A", "integrator", *arguments, "--loglevel", "INFO"]
        given = self.environment() | {"PGAPPNAME": name}
        return Program(name=name, command=command, environment=given, grace=10, folder=ROOT)

    def schedule(self) -> None:
        """Start the scheduler."""
        self._beat.log_folder.mkdir(parents=True, exist_ok=True)
        self._beat.start(self._program("beat", "beat", "--schedule", str(self.folder / "beat" / "schedule")))

    def hire(self, name: str, concurrency: int = 1) -> int:
        """Start a worker, without waiting until it works; its process id, which is its group's too."""
        supervisor = Supervisor(self.folder / name)
        supervisor.log_folder.mkdir(parents=True, exist_ok=True)
        quiet = ("--without-mingle", "--without-gossip", "--hostname", f"{name}@%h")
        process = supervisor.start(self._program(name, "worker", "--concurrency", str(concurrency), *quiet))
        self.workers[name] = supervisor, process
        return process

    def kill(self, name: str) -> None:
        """SIGKILL to the worker and its children."""
        supervisor, process = self.workers.pop(name)
        os.killpg(process, signal.SIGKILL)
        supervisor.stop()
        self.killed += 1

    def works(self, name: str) -> bool:
        """Whether it says that it takes messages."""
        log = self.folder / name / f"{name}.log"
        return " ready." in log.read_text(encoding="utf-8", errors="replace")

    def check(self) -> None:
        """Raises ProgramFailed where a worker or the scheduler has ended by itself."""
        for supervisor, _ in self.workers.values():
            supervisor.check()
        self._beat.check()

    def close(self) -> None:
        while self.workers:
            self.workers.popitem()[1][0].stop()
        self._beat.stop()


@contextmanager
def house_in(folder: Path, broker: Broker, database: str) -> Iterator[House]:
    house = House(folder, broker, database)
    try:
        yield house
    finally:
        house.close()


def new_database(server: str) -> str:
    """An empty database on this PostgreSQL server; its address."""
    name = f"faults_{uuid4().hex[:12]}"

    def made() -> bool:
        try:
            with psycopg.connect(server, autocommit=True) as line:
                line.execute(f'CREATE DATABASE "{name}"'.encode())
        except psycopg.OperationalError:
            return False  # it listens already and is still starting
        return True

    until(made, 60, "a database on the server")
    return f"{server.rpartition('/')[0]}/{name}"


def until(what: Callable[[], bool], patience: float, about: str = "") -> None:
    """Look again and again until it is so. Raises TimeoutError."""
    deadline = monotonic() + patience
    while not what():
        if monotonic() > deadline:
            raise TimeoutError(f"not within {patience:.0f} s: {about or what}")
        sleep(LOOK)


@contextmanager
def table_closed(database: str, table: str) -> Iterator[Callable[[], str]]:
    """Nobody writes to this table meanwhile. The block is given a question: who stands before it (the name of an
    application, empty while nobody does)."""
    with psycopg.connect(database) as lock, psycopg.connect(database, autocommit=True) as look:
        lock.execute(f'LOCK TABLE "{table}" IN SHARE MODE'.encode())

        def waiting() -> str:
            sql = """SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE NOT l.granted AND l.relation = %s::regclass"""
            found = look.execute(sql, [f'"{table}"']).fetchone()
            return str(found[0]) if found else ""

        yield waiting
        lock.rollback()
