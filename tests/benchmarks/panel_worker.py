# ruff: noqa: E402 (Django is set up before anything of the project is imported)
"""`python -m tests.benchmarks.panel_worker`: asks every page of the panel, through WSGI, as the firm's administrator.

Run by `panel.py` with the environment of a filled database; prints one JSON object.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time, time
from typing import Any
from urllib.parse import quote, urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from integrator.accounts.models import User
from integrator.accounts.sessions import CONFIRMED
from integrator.wsgi import application
from syncjobs.demo.load.seeding import ADMINISTRATOR
from tests.benchmarks.panel_pages import pages

HOPELESS = 5.0
"""Seconds after which a page is only asked twice more."""


class Queries:
    """Counts what a request asks of the database."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0
        self.slowest: tuple[float, str] = (0.0, "")

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent = perf_counter() - began
            self.count, self.seconds = self.count + 1, self.seconds + spent
            self.slowest = max(self.slowest, (spent, sql))


def session() -> str:
    """Cookie of a session of the administrator."""
    user = User.objects.get(email=ADMINISTRATOR)
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store[CONFIRMED] = time() + 24 * 3600  # however long the measurement takes
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def ask(address: str, cookie: str) -> tuple[int, int, str]:
    """One GET by WSGI: status, bytes of the body as sent, where it redirects to."""
    parts = urlsplit(address)
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": quote(parts.query, safe="=&%+"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "HTTP_COOKIE": cookie,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    told: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        told["status"], told["headers"] = int(status.split()[0]), dict(headers)

    body = application(environ, start)
    try:
        size = sum(len(part) for part in body)
    finally:
        getattr(body, "close", lambda: None)()
    return told["status"], size, told["headers"].get("Location", "")


def measured(address: str, cookie: str, times: int) -> dict[str, Any]:
    """So many requests of one page after three that warm up."""
    for _warming in range(3):
        began = perf_counter()
        status, _size, location = ask(address, cookie)
        if perf_counter() - began > HOPELESS:
            times = min(times, 2)
            break
        if status != 200:
            return {"address": address, "status": status, "location": location}
    seconds, database, cpu, queries = [], [], [], Queries()
    size = 0
    for _request in range(times):
        queries = Queries()
        began, worked = perf_counter(), process_time() + server_cpu()
        with connection.execute_wrapper(queries):
            _status, size, _location = ask(address, cookie)
        seconds.append(perf_counter() - began)
        cpu.append(process_time() + server_cpu() - worked)
        database.append(queries.seconds)
    return {
        "address": address,
        "status": 200,
        "p50_ms": share(seconds, 0.5) * 1000,
        "p95_ms": share(seconds, 0.95) * 1000,
        "cpu_p50_ms": share(cpu, 0.5) * 1000,
        "cpu_p95_ms": share(cpu, 0.95) * 1000,
        "queries": queries.count,
        "database_ms": share(database, 0.5) * 1000,
        "bytes": size,
        "slowest": {"ms": queries.slowest[0] * 1000, "sql": queries.slowest[1]},
    }


def server_cpu() -> float:
    """Seconds of CPU that PostgreSQL has spent on our connection, where it runs on this machine; else 0. With our own
    they say what a page costs however busy the machine is."""
    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    try:
        told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(told.split()[0]) / 1e9


def share(values: list[float], part: float) -> float:
    """The value that this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(part * len(ordered) + 0.5) - 1)]


def rows_of(cookie: str, times: int, wanted: str) -> Iterator[dict[str, Any]]:
    for label, address in pages():
        if wanted in label:
            row = {"page": label} | (measured(address, cookie, times) if address else {"status": 0})
            print(label, row.get("p95_ms", row["status"]), file=sys.stderr)
            yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=30)
    parser.add_argument("--only", default="", help="pages whose label holds this")
    given = parser.parse_args()
    cookie = session()
    floor = measured("/login/", "", given.requests)
    rows = list(rows_of(cookie, given.requests, given.only))
    print(json.dumps({"floor": floor, "rows": rows, "sizes": sizes()}))


def sizes() -> dict[str, int]:
    from syncjobs.models import Change, Link, SnapshotItem

    return {model.__name__: model._default_manager.count() for model in (Link, Change, SnapshotItem)}


if __name__ == "__main__":
    main()
