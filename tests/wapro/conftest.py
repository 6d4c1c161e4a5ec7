from pathlib import Path
from typing import Any

import pytest

from tests.wapro.little_company import LittleCompany
from tests.wapro.order_stand import OrderStand, build_little


@pytest.fixture
def company(tmp_path: Path, db: None, settings: Any) -> LittleCompany:
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    return LittleCompany(tmp_path / "wapro.sqlite3")


@pytest.fixture(scope="session")
def built_for_orders(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    path = tmp_path_factory.mktemp("orders") / "wapro.sqlite3"
    with django_db_blocker.unblock():
        build_little(path)
    return path


@pytest.fixture
def stand(built_for_orders: Path, tmp_path: Path, db: None, settings: Any) -> OrderStand:
    """A small sample company that takes orders."""
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    return OrderStand(built_for_orders, tmp_path / "wapro.sqlite3")
