"""`manage.py startplatform <name>`: a folder that already passes what it claims, to grow a connector from."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

SKELETON = Path(__file__).parents[1] / "skeleton"


class Command(BaseCommand):
    help = (
        "Write the skeleton of a connector: shops/connectors/<name>/ with a simulator, and its test. It reads products "
        "and writes stock of an invented shop; replace that piece by piece, keeping the conformance suite green."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the folder, lower case: baselinker")
        parser.add_argument("--label", help="name as people write it (default: the name with a capital)")
        parser.add_argument("--into", type=Path, default=Path(settings.BASE_DIR), help="another root folder")

    def handle(self, *args: Any, **options: Any) -> None:
        name: str = options["name"]
        if not name.isidentifier() or name != name.lower() or name.startswith("_"):
            raise CommandError(f"{name!r} cannot be a folder of Python code: small letters, digits and _ only.")
        label = options["label"] or name.replace("_", " ").capitalize()
        words = {
            "__NAME__": name,
            "__CLASS__": "".join(part.capitalize() for part in name.split("_")),
            "__LABEL__": label,
        }
        files = dict(_files(options["into"], name))
        taken = [target for target in files if target.exists()]
        if taken:
            raise CommandError(f"Nothing was written: {taken[0]} is already there.")
        for target, text in files.items():
            for mark, word in words.items():
                text = text.replace(mark, word)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            self.stdout.write(f"{target.relative_to(options['into'])}")
        self.stdout.write(f"Now: pytest tests/connectors/test_{name}.py; then CONTRIBUTING.md, “Add a platform”.")


def _files(root: Path, name: str) -> list[tuple[Path, str]]:
    folder = root / "shops" / "connectors" / name
    found = [(folder / "__init__.py", "")]
    for source in sorted(SKELETON.rglob("*.txt")):
        place = source.relative_to(SKELETON).with_suffix("")
        target = root / "tests" / "connectors" / f"test_{name}.py" if place.name == "test.py" else folder / place
        found.append((target, source.read_text(encoding="utf-8")))
    return found
