"""`manage.py demo_check`: the proof behind `manage.py demo --check`, against programs that run already."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from syncjobs.demo.check import TooSlow, check
from syncjobs.demo.household import Household, NoDemo


class Command(BaseCommand):
    help = "Synchronise the running demo twice and compare everything; prints one JSON object."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = check(Household.load(Path(settings.DATA_DIR)), self.stderr.write)
        except (NoDemo, TooSlow) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        if not report["ok"]:
            raise CommandError("; ".join(report["problems"][:5]), returncode=1)
