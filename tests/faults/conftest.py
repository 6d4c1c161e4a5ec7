"""The worlds of the pipeline's tests, for scenarios of what goes wrong in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.market import Market, two_shops
from tests.pipeline.selling import Shop, selling
from wapro.sample.sqlite import build


@pytest.fixture
def lab(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    with memory_lab(monkeypatch, products=0) as made:
        yield made


@pytest.fixture(scope="session")
def sample_company(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("company") / "wapro.sqlite3"
    build(path)
    return path.read_bytes()


@pytest.fixture
def company(sample_company: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "wapro.sqlite3"
    path.write_bytes(sample_company)
    return path


@pytest.fixture
def shop(request: pytest.FixtureRequest, company: Path, transactional_db: None) -> Iterator[Shop]:
    """A WooCommerce that sells, or the kind of shop that the test asks for."""
    with selling(company, getattr(request, "param", Shop)) as made:
        yield made


@pytest.fixture
def market(company: Path, transactional_db: None) -> Iterator[Market]:
    with two_shops(company) as made:
        yield made
