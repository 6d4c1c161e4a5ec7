"""What happens to which order: defaults are shown, choices overrule them, and an order can be tried beforehand."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from integrator.accounts.models import AuditEntry
from integrator.canonical.orders import Buyer, Payment, PaymentKind, Stage
from syncjobs.decisions import details
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders.policy import decide
from syncjobs.orders.terms import rules_of
from tests.orders import make
from tests.web.orders_scene import arrived, numbered, terms
from tests.web.scene import Scene, products
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)

WORDS: dict[str, Any] = {
    "states": [
        {"key": "new", "name": "Nowe", "stage": "new"},
        {"key": "odd", "name": "Do wyjaśnienia", "stage": "unknown"},
    ],
    "payments": [
        {"key": "cod", "name": "Za pobraniem", "kind": "cod"},
        {"key": "bank", "name": "Przelew", "kind": "transfer"},
        {"key": "krypto", "name": "Krypto", "kind": "unknown"},
    ],
}
MAPPED: dict[str, Any] = {
    "payments": {"cod": {"form": "Za pobraniem", "days": 7}},
    "deliveries": {"courier": {"form": 2, "carrier": None}},
    "taxes": {"23%": {"code": "23", "percent": "23"}},
    "charges": {"shipping|23": "TRANSPORT"},
}


def _url(scene: Scene, query: str = "") -> str:
    return f"/shops/{scene.shop.pk}/orders/policy/{query}"


def test_without_words_of_the_shop_the_page_says_where_to_get_them(scene: Scene, panel: Client) -> None:
    assert "Read the dictionaries" in text_of(panel.get(_url(scene)).content)


def test_defaults_are_shown_by_payment_and_state(scene: Scene, panel: Client) -> None:
    terms(scene, words=WORDS)
    answer = panel.get(_url(scene))
    rows = {row["name"]: [cell["default"] for cell in row["cells"]] for row in answer.context["rows"]}
    assert [payment.name for payment in answer.context["payments"]] == ["Za pobraniem", "Przelew", "Krypto"]
    assert rows == {
        "Nowe": ["import and reserve", "unpaid: wait, paid: import and reserve", "wait"],
        "Do wyjaśnienia": ["wait", "wait", "wait"],
    }


def test_a_choice_overrules_the_default_and_waiting_orders_are_decided_again(scene: Scene, panel: Client) -> None:
    found = terms(scene, words=WORDS)
    row = arrived(found, status=ShopOrder.Status.WAITING, to_decide=False)
    assert "Saved." in text_of(panel.post(_url(scene), {"choice|cod|new": "wait"}, follow=True).content)
    saved = OrderTerms.objects.get()
    assert saved.choices == {"cod|new": "wait"}
    row.refresh_from_db()
    assert row.to_decide
    with translation.override("en"):
        assert details(AuditEntry.objects.get(verb="orders.policy")) == "fields: payment and state"
    panel.post(_url(scene), {"choice|cod|new": ""})
    assert OrderTerms.objects.get().choices == {}


def test_what_is_unknown_is_classified_by_a_person(scene: Scene, panel: Client) -> None:
    terms(scene, words=WORDS)
    assert {one["name"] for one in panel.get(_url(scene)).context["kinds"] if one["unknown"]} == {"Krypto"}
    panel.post(_url(scene), {"kind|krypto": "online", "stage|odd": "open"})
    saved = OrderTerms.objects.get()
    assert (saved.payment_kinds, saved.stages) == ({"krypto": "online"}, {"odd": "open"})
    paid = Payment(type="krypto", name="Krypto", kind=PaymentKind.UNKNOWN, paid=True)
    order = numbered(1, payment=paid, state="odd", stage=Stage.UNKNOWN)
    assert decide(order, rules_of(saved), timezone.now()).choice == "reserve"


def test_nonsense_and_pairs_that_the_shop_does_not_have_are_not_taken(scene: Scene, panel: Client) -> None:
    terms(scene, words=WORDS, choices={"gone|new": "ignore"})
    panel.post(_url(scene), {"choice|cod|new": "explode", "choice|nobody|new": "wait"})
    assert OrderTerms.objects.get().choices == {"gone|new": "ignore"}


def test_an_order_that_would_go_in_is_tried_with_its_money(scene: Scene, panel: Client) -> None:
    products(scene)
    found = terms(scene, words=WORDS, **MAPPED)
    row = arrived(found, numbered(77, lines=(make.line(product="8800"),)), to_decide=False)
    answer = panel.get(_url(scene, "?try=77"))
    words = text_of(answer.content)
    assert answer.context["trial"]["trial"].goes_in
    assert "import and reserve" in words
    assert "equal to the grosz" in words
    assert "by e-mail, else: the contractor of retail sales" in words
    assert "receipt" in words
    row.refresh_from_db()
    assert (row.status, row.to_decide) == (ShopOrder.Status.WAITING, False)


def test_an_order_that_would_be_held_says_by_what(scene: Scene, panel: Client) -> None:
    found = terms(scene, words=WORDS, **(MAPPED | {"payments": {}}))
    arrived(found, numbered(78))
    words = text_of(panel.get(_url(scene, "?try=78")).content)
    assert "has no form of payment in WAPRO yet" in words
    assert "Towar 10" in words


@pytest.mark.parametrize(
    ("number", "says"), [("525-23-44-078", "by the tax number 5252344078"), ("123", "cannot be right")]
)
def test_a_company_is_looked_up_by_its_tax_number(scene: Scene, panel: Client, number: str, says: str) -> None:
    import dataclasses

    buyer = Buyer(billing=dataclasses.replace(make.COMPANY, tax_number=number))
    arrived(terms(scene, words=WORDS), numbered(79, buyer=buyer))
    words = text_of(panel.get(_url(scene, "?try=79")).content)
    assert says in words
    assert "invoice" in words


def test_a_number_that_nobody_ordered_under_is_said(scene: Scene, panel: Client) -> None:
    terms(scene, words=WORDS)
    assert "No order of this number" in text_of(panel.get(_url(scene, "?try=404")).content)


def test_a_viewer_may_try_and_not_save(scene: Scene, viewer: Client) -> None:
    arrived(terms(scene, words=WORDS), numbered(80))
    assert "80" in text_of(viewer.get(_url(scene, "?try=80")).content)
    assert viewer.post(_url(scene), {"choice|cod|new": "wait"}).status_code == 403
