"""`manage.py stop`: the switch that stops all writing, for emergencies in which nobody reaches the panel."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q, QuerySet

from integrator.accounts.models import Client, Firm
from shops.models import ShopConnection
from syncjobs import stops


class Command(BaseCommand):
    help = "Stop all writing (and with --reads all reading) of a shop, a client, a firm or everything; or release it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        scope = parser.add_mutually_exclusive_group(required=True)
        scope.add_argument("--client", help="number or name of a client")
        scope.add_argument("--shop", help="number or name of a shop connection")
        scope.add_argument("--firm", help="number or name of a firm")
        scope.add_argument("--all", action="store_true", help="every firm of this installation")
        parser.add_argument("--reads", action="store_true", help="stop reading too: no call to any shop or database")
        parser.add_argument("--reason", default="", help="shown on every page")
        parser.add_argument("--release", action="store_true", help="let writing go on instead")

    def handle(self, *args: Any, **options: Any) -> None:
        for scope in self._scopes(options):
            if not options["release"]:
                stops.press(scope, None, reason=options["reason"], reads=options["reads"])
                self.stdout.write(f"stopped: {scope}")
            elif stops.release(scope, None):
                self.stdout.write(f"released: {scope}")
            else:
                self.stdout.write(f"was not stopped: {scope}")

    def _scopes(self, options: dict[str, Any]) -> list[stops.Scope]:
        if options["all"]:
            return list(Firm.objects.order_by("id"))
        if options["firm"]:
            return [self._one(Firm.objects.all(), options["firm"])]
        if options["client"]:
            return [self._one(Client.objects.select_related("firm"), options["client"])]
        return [self._one(ShopConnection.objects.select_related("client__firm"), options["shop"])]

    def _one(self, rows: QuerySet[Any], word: str) -> Any:
        named = Q(pk=int(word)) if word.isdigit() else Q(name__iexact=word)
        found = list(rows.filter(named).order_by("id")[:6])
        if len(found) == 1:
            return found[0]
        if not found:
            raise CommandError(f"Nothing is called {word}: give the number or the whole name. Nothing was stopped.")
        numbers = ", ".join(f"{one.pk} ({getattr(one, 'client', None) or one.name})" for one in found)
        raise CommandError(f"Several are called {word}: give the number ({numbers}). Nothing was stopped.")
