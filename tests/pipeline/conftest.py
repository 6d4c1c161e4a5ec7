"""The pipeline's laboratory."""

from collections.abc import Iterator

import pytest

from tests.pipeline.lab import Lab, memory_lab


@pytest.fixture
def lab(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    with memory_lab(monkeypatch) as made:
        yield made
