"""The demo's keys, folder and environment: written once, never over somebody's own."""

import stat
from pathlib import Path

import pytest

from syncjobs.demo.household import (
    EnvFileIncomplete,
    Household,
    NoDemo,
    Ports,
    ensure_env_file,
    given_redis,
    keep_login,
    kept_login,
)


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("FIELD_ENCRYPTION_KEYS", raising=False)


def household(folder: Path, **more: str) -> Household:
    ports = Ports(web=8001, broker=8004, shoper=8002, woocommerce=8003, prestashop=8005, empty_shop=8006)
    return Household(root=folder, folder=folder / "demo", env_file=folder / ".env", ports=ports, **more)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_fresh_keys_are_written_for_the_owner_alone_and_differ_each_time(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert ensure_env_file(one)
    assert ensure_env_file(other)
    assert mode(one) == 0o600
    assert one.read_text() != other.read_text()


@pytest.mark.usefixtures("no_keys")
def test_an_existing_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("export SECRET_KEY='mine'\nFIELD_ENCRYPTION_KEYS=too\n")
    assert not ensure_env_file(path)
    assert path.read_text() == "export SECRET_KEY='mine'\nFIELD_ENCRYPTION_KEYS=too\n"


@pytest.mark.usefixtures("no_keys")
def test_a_file_without_keys_is_explained_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("SECRET_KEY=mine\nFIELD_ENCRYPTION_KEYS=\n")
    with pytest.raises(EnvFileIncomplete, match="has no FIELD_ENCRYPTION_KEYS"):
        ensure_env_file(path)
    assert path.read_text() == "SECRET_KEY=mine\nFIELD_ENCRYPTION_KEYS=\n"


def test_the_demo_never_uses_a_database_or_broker_that_the_env_file_names(tmp_path: Path) -> None:
    environment = household(tmp_path).environment()
    assert environment["DATABASE_URL"] == f"sqlite:///{tmp_path}/demo/integrator.sqlite3"
    assert environment["REDIS_URL"] == "redis://127.0.0.1:8004/0"


def test_a_broker_named_by_the_environment_is_used(tmp_path: Path) -> None:
    environment = household(tmp_path, given_redis="redis://redis.example:6379/3").environment()
    assert environment["REDIS_URL"] == "redis://redis.example:6379/3"


def test_the_broker_of_the_real_installation_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / ".env"
    path.write_text("REDIS_URL=redis://production.example:6379/0\n")
    monkeypatch.setenv("REDIS_URL", "redis://production.example:6379/0")
    assert given_redis(path) == ""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/5")
    assert given_redis(path) == "redis://127.0.0.1:6379/5"


def test_programs_find_their_demo_by_its_folder(tmp_path: Path) -> None:
    made = household(tmp_path)
    made.save()
    assert Household.load(tmp_path / "demo") == made
    with pytest.raises(NoDemo, match="makes one"):
        Household.load(tmp_path)


def test_the_password_is_kept_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "login.json"
    assert kept_login(path) is None
    keep_login(path, {"email": "anna@lumen.example", "password": "secret"})
    assert mode(path) == 0o600
    assert kept_login(path) == {"email": "anna@lumen.example", "password": "secret"}
