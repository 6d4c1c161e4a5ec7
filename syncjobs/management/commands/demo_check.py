"""`manage.py demo_check`: the proof behind `manage.py demo --check`, against programs that run already."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from syncjobs.demo.check import check
from syncjobs.demo.household import Household, NoDemo
from syncjobs.demo.rounds import TooSlow
from syncjobs.demo.tables import tables


class Command(BaseCommand):
    help = "Synchronise the running demo twice and compare everything; prints one JSON object, and a table per shop."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = check(Household.load(Path(settings.DATA_DIR)), self.stderr.write)
        except (NoDemo, TooSlow) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        for line in tables(report):
            self.stderr.write(line)
        if not report["ok"]:
            wrong = [name for name, shop in report["shops"].items() if not shop["ok"]]
            raise CommandError(f"Not as planned: {', '.join(wrong)}", returncode=1)
