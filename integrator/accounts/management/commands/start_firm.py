"""The first firm and its administrator, made on the server: there is no open registration."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from integrator.accounts import audit
from integrator.accounts.models import Firm, Membership, Role, User


class Command(BaseCommand):
    help = "Make a firm and its administrator. Prints the administrator's one-time password once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name of the firm")
        parser.add_argument("email", help="e-mail of its administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        name, email = options["name"].strip(), options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address") from error
        if not name or Firm.objects.filter(name=name).exists():
            raise CommandError("give the name of a firm that does not exist yet")
        with transaction.atomic():
            firm = Firm.objects.create(name=name)
            user, password = self._administrator(email)
            Membership.objects.create(user=user, firm=firm, role=Role.ADMINISTRATOR)
            audit.record(None, "member.add", email, firm=firm, data={"role": str(Role.ADMINISTRATOR)})
        self.stdout.write(f"firm: {name}\nlogin: {email}")
        if password:
            self.stdout.write(f"one-time password: {password}")

    def _administrator(self, email: str) -> tuple[User, str]:
        """The person with this e-mail, or a new account and its password."""
        there = User.objects.filter(email=email).first()
        if there is not None:
            return there, ""
        password = secrets.token_urlsafe(12)
        return User.objects.create_user(email, password, password_is_temporary=True), password
