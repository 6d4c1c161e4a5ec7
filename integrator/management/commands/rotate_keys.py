"""Write every stored secret anew with the first key of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrator.rotation import rotate


class Command(BaseCommand):
    help = (
        "Write every stored secret anew with the first key of FIELD_ENCRYPTION_KEYS, so that the others can go. "
        "May be stopped, repeated, and run while the panel works. Exit code 1 while a key is still needed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what the older keys are still needed for")

    def handle(self, *args: Any, **options: Any) -> None:
        left = lost = 0
        for found in rotate(write=not options["check"]):
            word = "waiting" if options["check"] else "renewed"
            self.stdout.write(f"{found.column}: {found.renewed} {word}, {found.newest} up to date already")
            if found.unreadable:
                self.stdout.write(f"{found.column}: {found.unreadable} that no key of FIELD_ENCRYPTION_KEYS reads")
            left, lost = left + (found.renewed if options["check"] else 0), lost + found.unreadable
        if lost:
            raise CommandError(
                f"{lost} secrets can be read with none of the keys. Put the key that they were written with back into "
                "FIELD_ENCRYPTION_KEYS, after the first, and run this again; or enter these logins anew in the panel."
            )
        if left:
            raise CommandError(f"{left} secrets still need an older key. Run: manage.py rotate_keys")
        if len(settings.FIELD_ENCRYPTION_KEYS) > 1:
            self.stdout.write("All secrets are written with the first key: an hour from now the others can go.")
