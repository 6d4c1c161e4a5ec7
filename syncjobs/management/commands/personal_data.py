"""`manage.py personal_data`: what is kept of one person, handed over or taken away. For requests by the GDPR."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrator.accounts.leaving import forget_user
from integrator.accounts.models import Client, User
from integrator.accounts.people import is_last_administrator
from syncjobs.orders import forgetting
from syncjobs.orders.personal import Wanted


class Command(BaseCommand):
    help = (
        "Say what is kept of a buyer at one client (--client with --email, --phone or --tax-number) or of somebody who "
        "used the panel (--user), and with --forget take it away. Without --forget nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--client", help="id or name of the client whose shops the buyer bought in")
        parser.add_argument("--email", default="")
        parser.add_argument("--phone", default="")
        parser.add_argument("--tax-number", default="")
        parser.add_argument("--user", help="e-mail of somebody who used the panel")
        parser.add_argument("--forget", action="store_true", help="take it away")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["user"]:
            self._user(options["user"], forget=options["forget"])
            return
        wanted = Wanted(email=options["email"], phone=options["phone"], tax_number=options["tax_number"])
        if not options["client"] or wanted.nobody:
            raise CommandError("give --client and one of --email, --phone (nine digits) and --tax-number; or --user")
        client = _client(options["client"])
        if not options["forget"]:
            rows = forgetting.of_person(client, wanted)
            told = [{"shop": row.connection.name, "order": str(row), "status": row.status} for row in rows]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        gone, left = forgetting.forget_person(client, wanted)
        self.stdout.write(f"taken out of {gone} orders")
        if left:
            raise CommandError(f"still open, run this again when they are finished: {', '.join(map(str, left))}")

    def _user(self, email: str, *, forget: bool) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"nobody signs in as {email}")
        if not forget:
            places = [str(one.client or one.firm) for one in user.memberships.select_related("firm", "client")]
            self.stdout.write(json.dumps({"name": user.name, "email": user.email, "member_of": places}, indent=2))
            return
        for one in user.memberships.select_related("firm"):
            if is_last_administrator(one):
                raise CommandError(f"{email} is the last administrator of {one.firm}: make somebody else one first")
        forget_user(user)
        self.stdout.write("the account cannot be used any more and names nobody; its decisions stay in the record")


def _client(named: str) -> Client:
    found = Client.objects.filter(pk=int(named)) if named.isdigit() else Client.objects.filter(name=named)
    if len(found) != 1:
        raise CommandError(f"{len(found)} clients are named {named}: give the id")
    return found[0]
