"""Servers that tests need: the system's, or one started for the length of the run, or said to be missing."""

import os
from contextlib import ExitStack

from integrator.local import broker, postgres
from integrator.local.processes import Supervisor, free_port

started = ExitStack()
"""What this test run started; closed at its end."""
_given_broker = os.environ.pop("REDIS_URL", "")


def postgres_url() -> str:
    """TEST_DATABASE_URL, or a cluster of our own. Raises NoPostgres."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    return given or started.enter_context(postgres.postgres_cluster())


def redis_url(supervisor: Supervisor) -> str:
    """REDIS_URL, or a server of our own. Raises NoBroker."""
    if _given_broker:
        return _given_broker
    port = free_port()
    supervisor.start(broker.broker_program(port, supervisor.log_folder))
    return broker.broker_url(port)


def choose_database() -> str:
    """Before Django is set up: the database of this run is SQLite, or PostgreSQL where TEST_POSTGRESQL asks for it.

    Returns why PostgreSQL cannot be had, else nothing. Worker processes of a parallel run inherit the choice.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        return os.environ.get("POSTGRESQL_MISSING", "")
    os.environ.pop("DATABASE_URL", None)
    if os.environ.get("TEST_POSTGRESQL"):
        try:
            os.environ["DATABASE_URL"] = postgres_url()
        except postgres.NoPostgres as error:
            os.environ["POSTGRESQL_MISSING"] = str(error)
    return os.environ.get("POSTGRESQL_MISSING", "")
