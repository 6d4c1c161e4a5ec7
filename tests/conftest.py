"""What every test starts from: keys of its own, no `.env` of the developer, no network but loopback."""

import base64
import os
import secrets

os.environ["INTEGRATOR_ENV_FILE"] = os.devnull
os.environ["DJANGO_SETTINGS_MODULE"] = "integrator.settings"
if "PYTEST_XDIST_WORKER" not in os.environ:
    # A process of a parallel run has read its settings by now, with the keys that it inherited: what it starts, such as
    # a worker of the queue, must get the same.
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
    os.environ["FIELD_ENCRYPTION_KEYS"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
os.environ["DEBUG"] = "true"
os.environ["INTEGRATOR_ALLOW_LOOPBACK"] = "true"

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest

from integrator.local.broker import NoBroker
from integrator.local.processes import Supervisor
from tests import services
from tests.proofs import not_proved, said

POSTGRESQL_MISSING = services.choose_database()

# The test runner looks for settings before this file has named them.
django.setup()

REAL_SQL_SERVER = "WAPRO on a real SQL Server (set WAPRO_TEST_DSN)"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if POSTGRESQL_MISSING:
        not_proved(f"the pipeline on PostgreSQL ({POSTGRESQL_MISSING}; set TEST_DATABASE_URL)")
        pytest.skip(POSTGRESQL_MISSING)
    if item.get_closest_marker("mssql") and not os.environ.get("WAPRO_TEST_DSN"):
        not_proved(REAL_SQL_SERVER)
        pytest.skip("WAPRO_TEST_DSN is not set")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first, in random order otherwise: of a parallel run no process is left with a long file at the end."""
    items.sort(key=lambda item: (item.get_closest_marker("processes") is None, "pipeline" not in item.path.parts))


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["not_proved"] = said()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A parallel run: what a worker process could not prove is said by the one that prints."""
    for text in getattr(node, "workeroutput", {}).get("not_proved", ()):
        not_proved(text)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    lines = [f"not proved here: {text}" for text in said()]
    collected = os.environ.get("NOT_PROVED_FILE")
    if collected:
        # `make test` runs the tests more than once and prints what was said by all of them.
        with Path(collected).open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        return
    for line in lines:
        terminalreporter.write_line(line)


def pytest_unconfigure() -> None:
    services.started.close()


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real Redis or Valkey server."""
    with Supervisor(tmp_path_factory.mktemp("broker")) as supervisor:
        try:
            yield services.redis_url(supervisor)
        except NoBroker:
            not_proved("what needs a message broker (set REDIS_URL)")
            pytest.skip("no message broker")
