"""`manage.py configuration`: export a connection's configuration, show what one would change, take it over."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from integrator.accounts.models import User
from shops.models import ShopConnection
from syncjobs.configuration import sources
from syncjobs.configuration.compare import Section, seal
from syncjobs.configuration.document import Document, DocumentRefused, as_text, of_data, parse
from syncjobs.configuration.schema import SAFE_OFF, SECTIONS
from syncjobs.configuration.writing import NotTaken, Stale, comparison, take_over
from syncjobs.views import configuration_words as words


class Command(BaseCommand):
    help = "Configuration of a shop connection: export, diff, import. Secrets are never part of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["export", "diff", "import"])
        parser.add_argument("shop", type=int, help="id of the shop connection")
        parser.add_argument("file", nargs="?", default="-", help="the document; -: standard input or output")
        parser.add_argument("--from", dest="source", type=int, help="id of another connection of the same firm")
        parser.add_argument("--sections", help="import only these, parted by commas (kinds.product,data,...)")
        parser.add_argument("--switches", action="store_true", help="import the switches of the flows and webhooks too")
        parser.add_argument("--user", help="e-mail of the person whose decision this is (for the record)")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            self._handle(options)

    def _handle(self, options: dict[str, Any]) -> None:
        shop = self._shop(options["shop"])
        if options["action"] == "export":
            self._export(shop, options["file"])
            return
        document, label = self._document(shop, options)
        found = comparison(shop, document)
        self._show(found, document)
        if options["action"] == "import":
            ticked = self._ticked(found, options)
            self._import(shop, document, ticked, found, self._user(options["user"]), label)

    def _shop(self, number: int) -> ShopConnection:
        found = ShopConnection.objects.select_related("client__firm").filter(pk=number).first()
        if found is None:
            raise CommandError(f"There is no shop connection with the id {number}.", returncode=2)
        return found

    def _export(self, shop: ShopConnection, file: str) -> None:
        text = as_text(sources.export(shop))
        if file == "-":
            self.stdout.write(text, ending="")
        else:
            Path(file).write_text(text, encoding="utf-8")

    def _document(self, shop: ShopConnection, options: dict[str, Any]) -> tuple[Document, str]:
        try:
            if options["source"] is not None:
                other = self._shop(options["source"])
                if other.client.firm_id != shop.client.firm_id:
                    raise CommandError("The two connections belong to different firms.", returncode=2)
                return of_data(sources.export(other)), str(other)
            text = sys.stdin.buffer.read() if options["file"] == "-" else Path(options["file"]).read_bytes()
            return parse(text), options["file"]
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.", returncode=2) from None
        except DocumentRefused as refused:
            raise CommandError(words.bad(refused), returncode=2) from None

    def _show(self, found: tuple[Section, ...], document: Document) -> None:
        for section in found:
            if section.problem:
                self.stdout.write(f"{section.name}: {words.why(section.problem)}")
            for row in section.rows:
                old, new = (words.shown(section.name, row.path, value) or "-" for value in (row.old, row.new))
                why = f"   ({words.why(row.problem)})" if row.problem else ""
                self.stdout.write(f"{section.name}: {words.label(section.name, row)}: {old} -> {new}{why}")
        for name in document.unknown:
            self.stdout.write(f"not understood, left out: {name}")
        self.stdout.write(f"{sum(len(one.changes) for one in found)} can be taken over")

    def _ticked(self, found: tuple[Section, ...], options: dict[str, Any]) -> list[str]:
        if options["sections"]:
            chosen = [name.strip() for name in options["sections"].split(",")]
            strange = [name for name in chosen if name not in SECTIONS]
            if strange:
                raise CommandError(f"There is no section {', '.join(strange)}.", returncode=2)
        else:
            chosen = [one.name for one in found if one.name not in SAFE_OFF]
        return [*chosen, *SAFE_OFF] if options["switches"] else chosen

    def _user(self, email: str | None) -> User | None:
        if email is None:
            return None
        found = User.objects.filter(email=email.strip().lower()).first()
        if found is None:
            raise CommandError(f"Nobody has the e-mail {email}.", returncode=2)
        return found

    def _import(
        self,
        shop: ShopConnection,
        document: Document,
        ticked: list[str],
        found: tuple[Section, ...],
        user: User | None,
        label: str,
    ) -> None:
        try:
            taken = take_over(shop, document, ticked, seal(found), user, label)
        except Stale:
            raise CommandError("Something changed meanwhile: nothing was taken over.", returncode=1) from None
        except NotTaken as refused:
            raise CommandError(" ".join(refused.messages), returncode=1) from None
        self.stdout.write(f"{taken.entries} taken over: {', '.join(taken.sections) or '-'}")
        if taken.unapproved:
            self.stdout.write(f"the next plan waits for approval: {words.again(taken.unapproved)}")
