"""What a measurement stands on: the shop as a process of its own, the matching company, the panel's database."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql

from integrator.canonical.kinds import Kind

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Stand:
    """One size of a platform's shop with its company, and the worker's environment."""

    platform: str
    products: int
    folder: Path
    shop: str
    environment: dict[str, str]
    profiles: Path | None = None
    started: list[str] = field(default_factory=list)

    @property
    def company(self) -> Path:
        return self.folder / "wapro.sqlite3"

    def prepare(self) -> None:
        given = ["--platform", self.platform, "--shop", self.shop, "--company", str(self.company)]
        self._run("tests.benchmarks.worker", "prepare", *given)

    def sync(self, name: str, *kinds: Kind) -> dict[str, Any]:
        """One synchronisation of these kinds (none: all) by a fresh worker, with what it asked of the shop and what
        that cost the shop."""
        self.control("POST", "reset_stats")
        asked = ["--kinds", *kinds] if kinds else []
        if self.profiles:
            asked += ["--profile", str(self.profiles / f"{self.platform}-{name}-{self.products}.prof")]
        found: dict[str, Any] = json.loads(self._run("tests.benchmarks.worker", "sync", *asked))
        return found | {"shop": self.control("GET", "stats")}

    def floor(self) -> dict[str, Any]:
        self.control("POST", "reset_stats")
        told = self._run("tests.benchmarks.floor", self.shop, str(self.company), str(self.products))
        found: dict[str, Any] = json.loads(told)
        return found | {"simulator_cpu": self.control("GET", "stats")["cpu_seconds"]}

    def control(self, method: str, verb: str, given: Any = None) -> dict[str, Any]:
        body = None if given is None else json.dumps(given).encode()
        asked = urllib.request.Request(f"{self.shop}/_control/{verb}", body, method=method)
        with urllib.request.urlopen(asked, timeout=600) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def _run(self, module: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return done.stdout


@contextmanager
def running_shop(platform: str, products: int = 0, *, limited: bool = False) -> Iterator[str]:
    """Address of a simulated shop of so many products; with its rate limit only when asked for."""
    command = [sys.executable, "manage.py", "simulator", platform, "--products", str(products)]
    command += [] if limited else ["--no-limit"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(30)


def environment(**more: str) -> dict[str, str]:
    """As in production, but that a shop on loopback may be called."""
    return {
        **os.environ,
        "INTEGRATOR_ENV_FILE": os.devnull,
        "SECRET_KEY": "benchmark-" + "k" * 50,
        "FIELD_ENCRYPTION_KEYS": _KEY,
        "DEBUG": "false",
        "LOG_LEVEL": "ERROR",
        "REDIS_URL": "",
        "INTEGRATOR_ALLOW_LOOPBACK": "true",
        **more,
    }


_KEY = os.environ.get("FIELD_ENCRYPTION_KEYS") or Fernet.generate_key().decode()
"""The environment's where it has one: a database that was filled before holds secrets under it."""


@contextmanager
def database(given: str, folder: Path) -> Iterator[str]:
    """Address of an empty database: a file in the folder, or one made for this on the server that `given` names."""
    if not given:
        yield f"sqlite:///{folder / 'panel.sqlite3'}"
        return
    name = f"integrator_bench_{uuid4().hex[:8]}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
