"""`manage.py demo_seed`: makes and fills the demo's database, companies and shops. Called by `manage.py demo`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from syncjobs.demo.household import Household, NoDemo
from syncjobs.demo.seed import seed


class Command(BaseCommand):
    help = "Fill the demo's database, sample companies and shops, once; later calls only mend the shops' addresses."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            household = Household.load(Path(settings.DATA_DIR))
        except NoDemo as error:
            raise CommandError(str(error)) from error
        call_command("migrate", interactive=False, verbosity=0)
        seed(household)
