"""The pipeline's laboratory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncjobs.models.choices import Status
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.market import Market, two_shops
from tests.pipeline.selling import Shop, selling
from tests.pipeline.world import ARTICLES, World, opened
from wapro.sample.sqlite import build


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


@pytest.fixture(scope="session")
def sample_company(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The sample company as it is built, to be copied."""
    path = tmp_path_factory.mktemp("company") / "wapro.sqlite3"
    build(path)
    return path.read_bytes()


@pytest.fixture
def shop(sample_company: bytes, tmp_path: Path, transactional_db: None) -> Iterator[Shop]:
    company = tmp_path / "wapro.sqlite3"
    company.write_bytes(sample_company)
    with selling(company) as made:
        yield made


@pytest.fixture
def market(sample_company: bytes, tmp_path: Path, transactional_db: None) -> Iterator[Market]:
    company = tmp_path / "wapro.sqlite3"
    company.write_bytes(sample_company)
    with two_shops(company) as made:
        yield made
