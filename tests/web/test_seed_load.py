"""The rows that pages are measured with: as many as asked for, as the pipeline writes them, never beside real ones."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from integrator.accounts.models import Firm, User
from integrator.canonical.kinds import Kind
from integrator.canonical.text import fold
from syncjobs import snapshots
from syncjobs.demo.load.seeding import ADMINISTRATOR
from syncjobs.models import Change, Link, Run, ShopOrder, SnapshotItem, Step
from syncjobs.orders.arriving import order_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_seeded_panel_is_as_large_as_asked_for_and_answers() -> None:
    call_command("seed_load", links=2000, changes=3000, orders=60, decisions=50, verbosity=0)
    assert Link.objects.count() == pytest.approx(2000, rel=0.02)
    assert Change.objects.count() == pytest.approx(3000, rel=0.2)
    item = SnapshotItem.objects.filter(kind=Kind.PRODUCT).order_by("pk")[7]
    assert item.search == fold(f"{item.code} {item.label} {item.ean}")
    assert snapshots.described(snapshots.record_of(item)) == (item.code, item.label, item.ean)
    assert order_in(ShopOrder.objects.order_by("pk")[3]).number == ShopOrder.objects.order_by("pk")[3].shop_number
    browser = Browser()
    browser.force_login(User.objects.get(email=ADMINISTRATOR))
    run = Run.objects.order_by("pk")[0]
    step = Step.objects.filter(status="waiting").order_by("pk")[0]
    for where in (f"/firms/{Firm.objects.get().pk}/", f"/runs/{run.pk}/", f"/steps/{step.pk}/plan/"):
        assert browser.get(where).status_code == 200


def test_nothing_is_seeded_beside_somebodys_work() -> None:
    Firm.objects.create(name="Somebody")
    with pytest.raises(CommandError):
        call_command("seed_load", links=100, changes=100, verbosity=0)
    assert not Link.objects.exists()
