from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shops", "0003_identity"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopconnection",
            name="page_addresses",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
    ]
