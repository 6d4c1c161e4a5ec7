"""`manage.py demo`: everything on this machine, from an empty folder to a panel one can log in to."""

import os
import shutil
import signal
import subprocess
import sys
import webbrowser
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrator.local.broker import NoBroker, answers_ping
from integrator.local.processes import ProgramFailed, Supervisor, free_port, listens
from shops.registry import platform
from syncjobs.demo.household import (
    EnvFileIncomplete,
    Household,
    Ports,
    ensure_env_file,
    given_redis,
    kept_login,
)
from syncjobs.demo.storefronts import EMPTY, STOREFRONTS

_SALES = (
    "A shop that has been synchronised sells: somebody buys every half a minute, and the warehouse sends "
    "(--no-sales: nobody)."
)


class Command(BaseCommand):
    help = (
        "Start the demo: a firm with its clients, the sample company, shops on three platforms with planted "
        "differences, broker, worker and panel. Prints address and login; Ctrl-C ends it."
    )
    requires_system_checks: list[str] = []  # there may be no keys yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the panel (8000)")
        parser.add_argument("--reset", action="store_true", help="forget what earlier demos left behind")
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
        parser.add_argument("--no-limit", action="store_true", help="shops that let any number of requests through")
        parser.add_argument("--no-sales", action="store_true", help="nobody buys in the shops by himself")
        parser.add_argument(
            "--check",
            action="store_true",
            help="start the same on free ports and a fresh folder, synchronise twice through the worker, compare "
            "everything, print one JSON object and a table per shop; the exit code is 0 only if every planted "
            "difference ended as expected",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, _interrupt)
        household = self._household(options)
        if options["reset"] or options["check"]:
            shutil.rmtree(household.folder, ignore_errors=True)
        household.save()
        try:
            with Supervisor(household.logs) as supervisor:
                self._start(household, supervisor)
                if options["check"]:
                    self._check(household)
                else:
                    if not options["no_sales"]:
                        supervisor.start(household.trade())
                    self._serve(household, supervisor, options)
        except (NoBroker, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("Stopped.")

    def _household(self, options: dict[str, Any]) -> Household:
        check, port = options["check"], options["port"]
        root = Path(settings.BASE_DIR)
        env_file = Path(os.environ.get("INTEGRATOR_ENV_FILE", root / ".env"))
        try:
            if ensure_env_file(env_file):
                self._say(f"Wrote fresh keys to {env_file}")
        except EnvFileIncomplete as error:
            raise CommandError(str(error)) from error
        if not check and listens(port):
            raise CommandError(f"Port {port} is in use. Choose another one: manage.py demo --port {port + 1}")
        ports = Ports(
            web=free_port() if check else port,
            broker=free_port(),
            shoper=free_port(),
            woocommerce=free_port(),
            prestashop=free_port(),
            empty_shop=free_port(),
        )
        folder = Path(settings.DATA_DIR) / ("demo-check" if check else "demo")
        return Household(
            root=root,
            folder=folder,
            env_file=env_file,
            ports=ports,
            rate_limit=not (check or options["no_limit"]),
            given_redis=given_redis(env_file),
        )

    def _start(self, household: Household, supervisor: Supervisor) -> None:
        if household.given_redis:
            self._expect_redis(household.given_redis)
        else:
            self._say("Starting the broker")
            supervisor.start(household.broker())
        self._say("Preparing the database, the sample company and the shops")
        with ThreadPoolExecutor() as pool:  # the two have nothing to do with each other, and a core each
            static = pool.submit(self._run, household, "collectstatic", "--no-input", "--verbosity", "0")
            self._run(household, "demo_seed")
            static.result()
        self._say("Starting the simulators of the shops, the worker and the panel")
        supervisor.start_all([*household.simulators(), household.worker(), household.web()], timeout=120)

    def _expect_redis(self, url: str) -> None:
        address = urlsplit(url)
        if address.hostname in ("localhost", "127.0.0.1") and not answers_ping(address.port or 6379):
            raise CommandError(f"REDIS_URL names {address.hostname}:{address.port or 6379} and nothing answers there")

    def _run(self, household: Household, *arguments: str) -> int:
        environment = {**os.environ, **household.environment()}
        done = subprocess.run(household.manage(*arguments), env=environment, stdin=subprocess.DEVNULL, check=False)
        if done.returncode and arguments[0] != "demo_check":
            raise CommandError(f"manage.py {arguments[0]} failed: see above")
        return done.returncode

    def _check(self, household: Household) -> None:
        if self._run(household, "demo_check"):
            raise CommandError("The check failed: the JSON above says where.", returncode=1)

    def _serve(self, household: Household, supervisor: Supervisor, options: dict[str, Any]) -> None:
        login = kept_login(household.login_file) or {}
        sales = "" if options["no_sales"] else f"\n  {_SALES}\n"
        self.stdout.write(
            f"\n  {household.url}\n\n  e-mail    {login.get('email')}\n  password  {login.get('password')}\n\n"
            f"{_shops()}\n{sales}"
            f"\n  Logs are in {household.logs}. Ctrl-C ends the demo.\n"
        )
        self.stdout.flush()  # written to a file, it would wait for the end of the demo
        screen = sys.platform.startswith("darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if screen and not options["no_browser"]:
            webbrowser.open(household.url)
        supervisor.watch()

    def _say(self, text: str) -> None:
        self.stderr.write(text)


def _shops() -> str:
    """Who has which shop."""
    shops = (*STOREFRONTS, EMPTY)
    return "\n".join(f"  {shop.client:<20}{shop.name}, {platform(shop.platform).label}" for shop in shops)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
