from collections import defaultdict
from typing import Any

from django.db import migrations, models

from integrator.canonical.kinds import Kind
from syncjobs.engine.evidence import strongest

AT_ONCE = 5000


def from_evidence(apps: Any, schema_editor: Any) -> None:
    """What each link rests on, from what was kept when it was made."""
    links = apps.get_model("syncjobs", "Link").objects.using(schema_editor.connection.alias)
    last = 0
    while part := list(links.filter(pk__gt=last).order_by("pk").values_list("pk", "kind", "evidence")[:AT_ONCE]):
        found: dict[str, list[int]] = defaultdict(list)
        for pk, kind, evidence in part:
            found[strongest(Kind(kind), evidence)].append(pk)
        for ground, keys in found.items():
            links.filter(pk__in=keys).update(ground=ground)
        last = part[-1][0]


class Migration(migrations.Migration):
    dependencies = [
        ("syncjobs", "0026_history_kept_for"),
    ]

    operations = [
        migrations.AddField(
            model_name="link",
            name="ground",
            field=models.CharField(editable=False, max_length=12, null=True),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(fields=["connection", "kind", "ground", "id"], name="link_by_ground"),
        ),
        migrations.RunPython(from_evidence, migrations.RunPython.noop),
    ]
