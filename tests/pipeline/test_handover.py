"""Elements that only the shop has, handed over to a person: an import file with prices and a work list."""

import csv
import io

import pytest
from django.urls import reverse

from integrator.canonical.kinds import Kind
from syncjobs import pairs, snapshots
from syncjobs.models.choices import ChangeStatus, Status
from tests.pipeline.shoper import shoper_lab

pytestmark = pytest.mark.one_database


def test_what_only_the_shop_has_comes_as_files_for_the_program(transactional_db, tmp_path, client, settings):
    settings.STATIC_ROOT = tmp_path
    with shoper_lab(tmp_path) as (lab, simulator):
        category = simulator.state.add_category("Ogród")
        simulator.state.add_product("NOWY1", "Nożyce do żywopłotu", price="123.00", stock=3, category=category)
        simulator.state.add_producer("=HYPERLINK(1)")
        lab.erp_connection.write_import_files = True
        lab.erp_connection.facts = {"price_types": [{"key": lab.shop_connection.price_type, "name": "Internetowa"}]}
        lab.erp_connection.save()
        lab.run()
        for kind in (Kind.PRODUCT, Kind.PRODUCER):
            lab.options(kind, import_unlinked=True)
        mapped(lab, str(category))
        run = lab.run()
        assert run.status == Status.SUCCEEDED
        assert {c.code for c in lab.changes(run, ChangeStatus.HANDED_OVER) if c.kind == Kind.PRODUCT} == {"NOWY1"}
        client.force_login(lab.user)
        file = client.get(reverse("handover_import", args=[lab.step(run, Kind.PRODUCT).pk]))
        text = file.content.decode("cp1250")
        assert "Nożyce do żywopłotu" in text
        assert "Internetowa" in text
        assert "123" in text
        assert "100" in text
        work = client.get(reverse("handover_work", args=[lab.step(run, Kind.PRODUCER).pk]))
        rows = list(csv.reader(io.StringIO(work.content.decode("utf-8-sig")), delimiter=";"))
        assert [cell for row in rows for cell in row if "HYPERLINK" in cell][:1] == ["'=HYPERLINK(1)"]


def mapped(lab, category: str) -> None:
    """The shop's category is linked by hand, or the product would wait for it."""
    erp_key = snapshots.present(lab.erp_connection, Kind.CATEGORY).values_list("key", flat=True).first()
    pairs.link(lab.shop_connection, Kind.CATEGORY, erp_key, category, lab.user)
