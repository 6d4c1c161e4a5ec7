from typing import Any

from django.db import migrations, models


def numbers_with_ksef(apps: Any, schema_editor: Any) -> None:
    """Which KSeF numbers the shops were told is not known: those are told once more."""
    orders = apps.get_model("syncjobs", "ShopOrder").objects.using(schema_editor.connection.alias)
    for row in orders.exclude(told={}).iterator():
        documents = row.told.get("documents", {})
        if isinstance(documents, list):
            row.told["documents"] = dict.fromkeys(documents, "")
            row.save(update_fields=["told"])


class Migration(migrations.Migration):
    dependencies = [
        ("syncjobs", "0009_order_two_sides"),
    ]

    operations = [
        migrations.AddField(
            model_name="shoporder",
            name="realised_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(numbers_with_ksef, migrations.RunPython.noop),
    ]
