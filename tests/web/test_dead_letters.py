"""What was given up: listed with its reason, tried again, laid aside; of one client, written down."""

import pytest
from django.test import Client
from django.utils import timezone

from integrator.accounts.models import AuditEntry
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import errands, runner, slices
from syncjobs.models import Change, Deed, Errand, InboxEvent, LaidAside, Run, ShopOrder
from syncjobs.models.choices import ChangeStatus, Status
from syncjobs.orders import acting
from tests.web.scene import Scene, products

pytest_plugins = ("tests.web.signed_in",)
REASON = {"code": "internal", "params": {"detail": "ZeroDivisionError"}, "turn": "us"}


@pytest.fixture
def given_up(scene: Scene) -> dict[str, str]:
    """One of each sort; names of their letters."""
    now, shop = timezone.now(), scene.shop
    step = scene.step(scene.run(Status.PARTLY), Kind.PRICE, Status.PARTLY, counts={"failed": 1})
    change = scene.change(
        step, products(scene)[0], status=ChangeStatus.FAILED, label="Sekator", problem=REASON, attempts=5, done_at=now
    )
    order = ShopOrder.objects.create(
        connection=shop, shop_key="9", shop_number="9", placed_at=now, read_at=now, attempts=5, alert=True,
        status=ShopOrder.Status.INTENDED, reasons=[REASON],
    )  # fmt: skip
    event = InboxEvent.objects.create(
        connection=shop, delivery="d", topic="product.updated", kind="product", keys=["1"], received_at=now,
        status=InboxEvent.Status.IGNORED, reason=InboxEvent.Reason.UNREAD, done_at=now,
    )  # fmt: skip
    errand = Errand.objects.create(
        shop=shop, verb=Errand.Verb.ORDER_WORDS, status=Status.FAILED, result={"problem": REASON}, finished_at=now
    )
    deed = Deed.objects.create(
        connection=shop, kind="product", verb=Deed.Verb.LINK_SURE, status=Deed.Status.FAILED, label="Konewka",
        result={"problem": REASON}, finished_at=now,
    )  # fmt: skip
    rows = {"change": change, "order": order, "event": event, "errand": errand, "deed": deed}
    return {sort: f"{sort}-{row.pk}" for sort, row in rows.items()}


def listed(panel: Client, scene: Scene) -> str:
    return panel.get(f"/clients/{scene.client.pk}/given-up/").content.decode()


def act(panel: Client, scene: Scene, do: str, names: list[str]) -> str:
    address = f"/clients/{scene.client.pk}/given-up/act/"
    return panel.post(address, {"do": do, "letter": names}, follow=True).content.decode()


def test_each_sort_is_listed_tried_again_and_gone_from_the_list(
    scene: Scene, panel: Client, given_up: dict[str, str]
) -> None:
    before = listed(panel, scene)
    assert [sort for sort, name in given_up.items() if f'value="{name}"' not in before] == []
    first = Change.objects.get()
    other = Change.objects.create(
        step=first.step,
        connection=scene.shop,
        kind=first.kind,
        action=first.action,
        status=first.status,
        label="Grabie",
    )
    after = act(panel, scene, "again", [*given_up.values(), f"change-{other.pk}"])
    assert "6 are tried again." in after
    assert InboxEvent.objects.get().status == InboxEvent.Status.WAITING
    assert Errand.objects.filter(verb=Errand.Verb.ORDER_WORDS, status=Status.QUEUED).exists()
    assert Deed.objects.get(verb=Deed.Verb.LINK_SURE).status == Deed.Status.OPEN
    order = ShopOrder.objects.get(shop_key="9")
    assert (order.attempts, order.not_before, order.to_decide) == (0, None, True)
    assert Run.objects.filter(status=Status.QUEUED).count() == 1, "not one for each of its elements"
    assert AuditEntry.objects.filter(verb="dead.again").count() == 6


def test_what_is_laid_aside_is_listed_no_more_and_stays_as_it_is(
    scene: Scene, panel: Client, given_up: dict[str, str]
) -> None:
    after = act(panel, scene, "aside", [given_up["change"], given_up["order"], "change-0"])
    assert "2 were laid aside." in after
    assert f'value="{given_up["change"]}"' not in after
    assert f'value="{given_up["deed"]}"' in after
    assert Change.objects.filter(status=ChangeStatus.FAILED).count() == 1
    assert LaidAside.objects.get(sort="change").by == scene.user
    acting.act(ShopOrder.objects.get(shop_key="9").pk, "retry", scene.user)
    assert not LaidAside.objects.filter(sort="order").exists(), "what fails again is shown again"
    assert AuditEntry.objects.filter(verb="dead.aside", subject="Sekator").exists()


def test_work_that_breaks_a_whole_slice_is_shown_and_rests(scene: Scene) -> None:
    def broken(work: slices.Slice) -> float | None:
        raise ZeroDivisionError

    assert slices.one_slice(ShopConnection, scene.shop.pk, broken) == slices.BROKEN_REST.total_seconds()
    scene.shop.refresh_from_db()
    assert scene.shop.problem["code"] == "internal"
    assert scene.shop.lease_until is None
    assert scene.shop.back_off_until > timezone.now()
    errand = errands.request(Errand.Verb.COUNT_FILTER, shop=scene.shop, user=scene.user)
    assert (runner.advance_shop(scene.shop.pk) or 0) > 0
    errand.refresh_from_db()
    assert errand.status == Status.SUCCEEDED, "a person does not wait for the end of the rest"
