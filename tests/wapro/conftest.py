from pathlib import Path
from typing import Any

import pytest

from tests.wapro.little_company import LittleCompany


@pytest.fixture
def company(tmp_path: Path, db: None, settings: Any) -> LittleCompany:
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    return LittleCompany(tmp_path / "wapro.sqlite3")
