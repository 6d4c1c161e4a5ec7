"""`manage.py platform_table`: writes docs/platforms.md from what the connectors declare; a test holds it current."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from shops.platform_table import page


class Command(BaseCommand):
    help = "Write docs/platforms.md: what each platform can do, as its connector declares it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.BASE_DIR) / "docs" / "platforms.md"
        text = page()
        if target.exists() and target.read_text(encoding="utf-8") == text:
            self.stdout.write(f"{target.name} is current.")
            return
        if options["check"]:
            self.stderr.write(f"{target.name} is out of date: run manage.py platform_table.")
            raise SystemExit(1)
        target.write_text(text, encoding="utf-8")
        self.stdout.write(f"{target.name} is written.")
