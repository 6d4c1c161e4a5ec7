"""What every test of a page starts from: an empty cache and a folder for static files."""

from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def _clean(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    cache.clear()
