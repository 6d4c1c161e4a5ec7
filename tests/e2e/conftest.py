"""The whole demo as a user starts it, and a browser to look at it."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from integrator.local.processes import Program, Supervisor, answers_http, free_port
from syncjobs.demo.household import Household, kept_login
from tests.proofs import not_proved

# The browser's driver keeps an event loop in this thread, and Django refuses its database beside one. Nothing here is
# asynchronous, and the tests that follow in the same process need theirs.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The browser of this machine: nothing is downloaded."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        not_proved("the panel in a browser (no Chromium on PATH)")
        pytest.skip("no Chromium on PATH")
    return {**browser_type_launch_args, "executable_path": found, "args": ["--no-sandbox"]}


def demo_command(folder: Path, *options: str) -> list[str]:
    """As a user starts it: without the settings of the tests, keys and data in a folder of its own."""
    ours = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "DEBUG", "INTEGRATOR_ALLOW_LOOPBACK", "DATABASE_URL", "REDIS_URL")
    forgotten = [part for name in ours for part in ("-u", name)]
    own = [f"INTEGRATOR_ENV_FILE={folder / '.env'}", f"INTEGRATOR_DATA={folder / 'var'}"]
    return ["env", *forgotten, *own, sys.executable, str(ROOT / "manage.py"), "demo", *options]


@dataclass(frozen=True, slots=True)
class RunningDemo:
    url: str
    email: str
    password: str
    household: Household


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """`manage.py demo`, started afresh for each file of this folder and ended like by Ctrl-C."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    url = f"http://127.0.0.1:{port}/"
    program = Program(
        name="demo",
        command=demo_command(folder, "--no-browser", "--no-limit", "--no-sales", "--port", str(port)),
        folder=folder,  # somebody may start it from anywhere
        ready=lambda: answers_http(url),
        polite=signal.SIGINT,
        grace=60,
    )
    with Supervisor(folder) as supervisor:
        supervisor.start(program, timeout=240)
        household = Household.load(folder / "var" / "demo")
        login = kept_login(household.login_file) or {}
        yield RunningDemo(url, login["email"], login["password"], household)


@pytest.fixture
def signed_in(demo: RunningDemo, page: Page) -> Iterator[Page]:
    """The panel as the firm's administrator sees it, home page open. A failed test shows the worker's errors."""
    page.goto(demo.url)
    page.fill("input[name=email]", demo.email)
    page.fill("input[name=password]", demo.password)
    page.click("form.door-form button")
    yield page
    log = (demo.household.logs / "worker.log").read_text(encoding="utf-8", errors="replace")
    print("\n".join(line for line in log.splitlines() if '"level": "error"' in line or "Traceback" in line))


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "pl-PL", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(20_000)
    return context
