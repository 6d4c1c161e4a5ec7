"""The pipeline's laboratory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncjobs.models.choices import Status
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.world import ARTICLES, World, opened


@pytest.fixture
def lab(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    with memory_lab(monkeypatch) as made:
        yield made


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator[World]:
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def filled(world: World) -> World:
    """After a first run in which all went well."""
    assert world.run().status == Status.SUCCEEDED
    assert len(world.codes()) == ARTICLES
    return world
