"""A migration leaves the release before it working: both run side by side while a release is rolled out."""

import pytest
from django.db import models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

SINCE = {"accounts": 3, "shops": 0, "wapro": 3, "syncjobs": 29}
"""Number of each application's last migration before the rule; release 0.1.0 is made of these."""
TAKEN_AWAY: dict[tuple[str, str], str] = {}
"""(migration, what it takes away) -> the release that stopped using it, two before this one."""
REMOVING = (operations.RemoveField, operations.DeleteModel, operations.RenameField, operations.RenameModel)


def breaks(name: str, operation: Operation) -> str:
    """Why the code of the release before fails after this operation; empty when it does not."""
    if isinstance(operation, REMOVING):
        what = ".".join(str(part) for part in operation.deconstruct()[2].values())
        return "" if (name, what) in TAKEN_AWAY else f"{operation.describe()}: the release before still uses it"
    if isinstance(operation, operations.AddField):
        field: models.Field = operation.field
        filled = field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED
        return "" if filled else f"{operation.describe()}: old inserts fail; make it null or db_default"
    if isinstance(operation, operations.RunPython):
        return f"{operation.describe()}: fill rows in slices, by a command or the worker"
    return ""


def test_every_migration_leaves_the_release_before_working() -> None:
    found = [
        f"{app}.{name}: {why}"
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in SINCE and int(name[:4]) > SINCE[app]
        for operation in migration.operations
        if (why := breaks(f"{app}.{name}", operation))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("operation", "fine"),
    [
        (operations.AddField("run", "x", models.IntegerField(null=True)), True),
        (operations.AddField("run", "x", models.IntegerField(db_default=0)), True),
        (operations.AddField("run", "x", models.IntegerField(default=0)), False),
        (operations.RemoveField("run", "x"), False),
        (operations.RenameField("run", "x", "y"), False),
        (operations.DeleteModel("run"), False),
        (operations.RunPython(lambda apps, editor: None), False),
        (operations.AddIndex("run", models.Index(fields=["x"], name="x")), True),
        (operations.CreateModel("run", []), True),
    ],
)
def test_the_rule_tells_what_breaks_from_what_does_not(operation: Operation, fine: bool) -> None:
    assert (breaks("syncjobs.9999", operation) == "") is fine
