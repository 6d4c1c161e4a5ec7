"""`manage.py support_bundle FILE.zip`: what may be sent to whoever helps, without anybody's data."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from syncjobs.operations import support


class Command(BaseCommand):
    help = (
        "Write versions, checks, numbers and states of this installation into a zip file. Shops and clients are "
        "numbers in it; credentials, names, addresses and articles are left out. Read it before you send it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("xb") as out:
                parts = support.write(out)
        except OSError as error:
            raise CommandError(
                f"{path} cannot be written: {error.strerror}. Name a file that is not there yet."
            ) from error
        self.stdout.write(f"{path}: {', '.join(parts)}")
