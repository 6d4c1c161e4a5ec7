"""For the day when the last administrator has lost phone and recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrator.accounts import second_factor
from integrator.accounts.models import User


class Command(BaseCommand):
    help = "Switch a person's second factor off and end their sessions. Written into the record, told by e-mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="e-mail of the person")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"nobody has an account with the e-mail {email}")
        if second_factor.reset(user, None):
            self.stdout.write(f"{email}: second factor switched off, sessions ended; the password is enough now")
        else:
            self.stdout.write(f"{email}: there was no second factor; sessions ended")
