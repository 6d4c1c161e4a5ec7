"""`manage.py simulator <platform>`: a shop to try the panel on, as a process of its own."""

from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shops.simulation import process


class Command(BaseCommand):
    help = "Run a simulated shop on loopback until it is interrupted."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("platform", help="a platform that has a simulator: shoper, woocommerce, prestashop")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
        parser.add_argument("--products", type=int, default=0, help="start with so many generated products")
        parser.add_argument("--no-limit", action="store_true", help="without the rate limit")
        parser.add_argument("--state", type=Path, default=None, help="file that the shop is loaded from and kept in")

    def handle(self, *args: Any, **options: Any) -> None:
        platform = options["platform"]
        if not platform.isidentifier():
            raise CommandError(f"No simulator for {platform!r}.")
        try:
            made = import_module(f"shops.connectors.{platform}.simulator.process").simulator
        except ModuleNotFoundError as missing:
            raise CommandError(f"No simulator for {platform!r}.") from missing
        try:
            process.run(
                made(products=options["products"], limited=not options["no_limit"], state_file=options["state"]),
                host=options["host"],
                port=options["port"],
                state_file=options["state"],
                ready=self._ready,
            )
        except OSError as refused:
            raise CommandError(f"The simulator cannot serve: {refused.strerror or refused}") from refused

    def _ready(self, address: str) -> None:
        self.stdout.write(f"Simulated shop at {address}")
        self.stdout.flush()
