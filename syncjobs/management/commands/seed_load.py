"""`manage.py seed_load`: a database as full as it gets, to see how fast the panel stays (docs/benchmarks.md)."""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from syncjobs.demo.load.seeding import ADMINISTRATOR, Size, occupied, seed


class Command(BaseCommand):
    help = (
        "Fill an empty database with made-up clients, links, runs and orders, to measure pages. Always the same rows."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--links", type=int, default=1_000_000)
        parser.add_argument("--changes", type=int, default=5_000_000, help="rows of the history of changes")
        parser.add_argument("--orders", type=int, default=100_000)
        parser.add_argument("--decisions", type=int, default=200_000, help="rows of the record of decisions")
        parser.add_argument(
            "--beside-real-data", action="store_true", help="even though the database holds a firm already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if occupied() and not options["beside_real_data"]:
            raise CommandError("This database holds a firm already. Nothing was written.")
        size = Size(options["links"], options["changes"], options["orders"], options["decisions"])
        began = monotonic()
        seed(size, lambda text: self.stdout.write(f"{monotonic() - began:7.1f} s  {text}"))
        self.stdout.write(f"{monotonic() - began:7.1f} s  done. Administrator: {ADMINISTRATOR}, without a password.")
