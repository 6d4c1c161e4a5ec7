"""Names are searched by a part of them. On PostgreSQL three letters are enough for an index; where the extension may not be
created, and on SQLite, the rows are looked through."""

import logging

from django.db import DatabaseError, migrations, transaction

INDEX = "snapshot_search_trigrams"


def forwards(apps, editor):
    if editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=editor.connection.alias):
            editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError as error:
        logging.getLogger(__name__).warning("searching stays slow: pg_trgm cannot be created", extra={"reason": str(error)})
        return
    editor.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON syncjobs_snapshotitem USING gin (search gin_trgm_ops)")


def backwards(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("syncjobs", "0019_discrepancies")]

    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
