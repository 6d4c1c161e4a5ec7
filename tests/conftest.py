"""What every test starts from: keys of its own, no `.env` of the developer, no network but loopback."""

import os

os.environ["INTEGRATOR_ENV_FILE"] = os.devnull
os.environ["DJANGO_SETTINGS_MODULE"] = "integrator.settings"
os.environ["SECRET_KEY"] = "tests-only-" + "k" * 50
os.environ["FIELD_ENCRYPTION_KEYS"] = "dGVzdHMtb25seS1rZXktMzItYnl0ZXMtbG9uZy0wMTI="
os.environ["DEBUG"] = "true"
os.environ["INTEGRATOR_ALLOW_LOOPBACK"] = "true"

from typing import Any

import django
import pytest

from tests.proofs import not_proved, said

# The test runner looks for settings before this file has named them.
django.setup()

REAL_SQL_SERVER = "WAPRO on a real SQL Server (set WAPRO_TEST_DSN)"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("mssql") and not os.environ.get("WAPRO_TEST_DSN"):
        not_proved(REAL_SQL_SERVER)
        pytest.skip("WAPRO_TEST_DSN is not set")


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
    for text in said():
        terminalreporter.write_line(f"not proved here: {text}")
