"""`manage.py prune`: take away history that is older than the installation keeps, or say what would go."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from syncjobs import retention, retention_rows


class Command(BaseCommand):
    help = (
        "Take away history that is older than INTEGRATOR_KEEP_..._DAYS say. The scheduler does the same by itself, a "
        "few seconds at a time; what is open, waits or can still be taken back is never touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        names = [sort.name for sort in retention_rows.SORTS]
        parser.add_argument("--dry-run", action="store_true", help="only count what would go")
        parser.add_argument("--only", nargs="+", choices=names, default=[], help="these sorts of rows")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sorts = retention_rows.named(options["only"])
            found = retention.prune(sorts, dry_run=options["dry_run"])
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        verb = "would go" if options["dry_run"] else "gone"
        for one in found:
            since = f"over before {timezone.localtime(one.before):%Y-%m-%d %H:%M}" if one.before else "kept for ever"
            self.stdout.write(f"{one.name:<10} {one.rows:>12,} {verb:<8}  {since}")
