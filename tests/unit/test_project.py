"""The project is whole: settings check, models and migrations agree, translations are compiled."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command

from wapro.errors import SYSTEM_PACKAGES

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))


def test_django_finds_nothing_wrong() -> None:
    call_command("check", fail_level="WARNING")


def test_models_and_migrations_agree(tmp_path: Path) -> None:
    """In a process of its own: mssql-django, once imported, gives every new BinaryField a length that models made
    before do not have."""
    asked = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "makemigrations", "--check", "--dry-run"],
        env=os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (asked.returncode, asked.stdout.strip()) == (0, "No changes detected"), asked.stdout + asked.stderr


@pytest.mark.parametrize("file", ["Dockerfile", "docs/production.md"])
def test_the_image_has_what_the_drivers_need(file: str) -> None:
    """Without these libraries the panel starts, and no WAPRO database can be reached."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [name for name in SYSTEM_PACKAGES.split() if name not in text] == []


def test_every_thread_sends_its_messages_to_our_broker() -> None:
    """Web servers run views in threads of their own, where Celery would fall back to a broker nobody has."""
    from syncjobs import tasks

    with ThreadPoolExecutor(1) as threads:
        broker = threads.submit(lambda: tasks.advance_shop.app.conf.broker_url).result()
    assert broker == settings.CELERY_BROKER_URL


def test_there_is_a_polish_catalogue() -> None:
    assert any("pl" in path.parts for path in CATALOGUES)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_compiled_messages_are_current(path: Path) -> None:
    """Whoever edits a .po compiles it (`make messages`): a fresh machine may have no tool for it."""
    with path.open("rb") as text, path.with_suffix(".mo").open("rb") as compiled:
        wanted, there = read_po(text), read_mo(compiled)
    spoken = {_named(m): _forms(m) for m in wanted if m.id and not m.fuzzy and all(_forms(m))}
    assert {_named(m): _forms(m) for m in there if m.id} == spoken


def _named(message: Message) -> tuple[str | None, str]:
    """The context and the singular, by which a compiled catalogue finds a text."""
    context = message.context.decode() if isinstance(message.context, bytes) else message.context
    return context, message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())
