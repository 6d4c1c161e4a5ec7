"""`make soak MINUTES=n`: real workers on a real broker and PostgreSQL under a seeded random schedule of faults.

    python -m tests.faults.soak --minutes 30 [--seed 7] [--platforms shoper] [--report FILE]

Prints the seed, what was injected, what was found, how memory grew. Ends with 1 where something was found; the same
seed gives the same edits and the same schedules again, though processes are never at the same place twice.
"""

import argparse
import os
import secrets
import sys
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

from integrator.local.broker import NoBroker
from integrator.local.postgres import NoPostgres, postgres_cluster

SETTINGS = {
    "INTEGRATOR_ENV_FILE": os.devnull,
    "DJANGO_SETTINGS_MODULE": "integrator.settings",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "DEBUG": "false",
    "INTEGRATOR_ALLOW_LOOPBACK": "true",
}


def soak(given: argparse.Namespace, folder: Path, server: str) -> int:
    """Set up, run, print; the exit code."""
    from tests.faults.house import House, new_database

    database = new_database(server)
    os.environ.update(SETTINGS, DATABASE_URL=database, INTEGRATOR_DATA=str(folder))
    from integrator.local.broker import broker_url
    from integrator.local.processes import free_port

    port = free_port()
    os.environ["REDIS_URL"] = broker_url(port)
    import django

    django.setup()
    from django.core.management import call_command

    from tests.faults.broker import Broker
    from tests.faults.soaking import Soak, say

    broker = Broker(folder, port)
    broker.start()
    house = House(folder, broker, database)
    try:
        call_command("migrate", verbosity=0)
        say(f"seed {given.seed}, {given.minutes:g} minutes, logs in {folder}")
        report = Soak(house, given.seed, say).run(given.minutes, folder, given.platforms, first=given.first)
    finally:
        house.close()
        broker.stop()
    text = report.text()
    sys.stdout.write(text + "\n")
    if given.report:
        given.report.write_text(text + "\n", encoding="utf-8")
    if report.findings:
        sys.stdout.write(f"again: python -m tests.faults.soak --seed {given.seed} --first {report.rounds + 1}\n")
    return 1 if report.findings else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(100_000))
    parser.add_argument("--first", type=int, default=1, help="number of the first round")
    parser.add_argument("--platforms", nargs="+", default=["shoper", "woocommerce", "prestashop"])
    parser.add_argument("--report", type=Path, help="write the report there too")
    parser.add_argument("--keep", type=Path, help="folder for logs and companies, kept")
    given = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as temporary, postgres_cluster() as server:
            folder = given.keep or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            return soak(given, folder, server)
    except (NoBroker, NoPostgres) as missing:
        sys.stdout.write(f"no soak on this machine: {missing}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
