"""Run once after the panel's database was restored from a backup, before worker and scheduler are started again."""

from typing import Any

from django.core.management.base import BaseCommand

from syncjobs.operations.restoring import restored


class Command(BaseCommand):
    help = (
        "After a restored backup: end what was under way in it, read both sides anew, and have a person look at the "
        "first plan of each kind. Stop the workers first. May be run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = restored()
        self.stdout.write(
            f"{found.steps} steps under way ended, {found.fetches} fetches given up, {found.pages} pages will be read "
            f"anew, the first plans of {found.kinds} kinds at {found.connections} connections wait for a person.\n"
            "Start the workers and the scheduler, then look at what waits."
        )
