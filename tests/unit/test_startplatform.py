"""The skeleton of a connector: it is found, it passes what it claims, and it overwrites nothing."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

FOUND = "import shops.connectors\n\nshops.connectors.__path__.append({folder!r})\n"


def test_the_skeleton_passes_what_it_claims(tmp_path: Path) -> None:
    call_command("startplatform", "nowy_sklep", "--label", "Nowy sklep", "--into", str(tmp_path), stdout=StringIO())
    (tmp_path / "conftest.py").write_text(FOUND.format(folder=str(tmp_path / "shops" / "connectors")))
    root = Path(settings.BASE_DIR)
    command = [sys.executable, "-m", "pytest", "-c", str(root / "pyproject.toml"), "-q", "-n", "0"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "--confcutdir", str(tmp_path), str(tmp_path / "tests")],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "DJANGO_SETTINGS_MODULE": "integrator.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Nowy sklep does not claim CREATE for product" in done.stdout
    linted = [sys.executable, "-m", "ruff", "check", "--config", str(root / "pyproject.toml"), "--ignore", "I001"]
    assert subprocess.run([*linted, str(tmp_path / "shops")], capture_output=True).returncode == 0


def test_what_is_there_stays(tmp_path: Path) -> None:
    call_command("startplatform", "sklepik", "--into", str(tmp_path), stdout=StringIO())
    kept = tmp_path / "shops" / "connectors" / "sklepik" / "mapping.py"
    kept.write_text("mine", encoding="utf-8")
    with pytest.raises(CommandError, match="already there"):
        call_command("startplatform", "sklepik", "--into", str(tmp_path), stdout=StringIO())
    assert kept.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["Sklep", "../x", "2sklep", "sklep-x", "_x", ""])
def test_a_name_must_be_one_of_a_folder_of_code(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError):
        call_command("startplatform", name, "--into", str(tmp_path), stdout=StringIO())
    assert list(tmp_path.iterdir()) == []
