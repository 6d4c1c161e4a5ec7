"""Rules of which document an order asks for: read as sentences, changed by people, and none of them dead in silence."""

from typing import Any

from django.test import Client
from django.utils import translation

from integrator.accounts.models import AuditEntry
from syncjobs.decisions import details
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders.policy import DOCUMENT_RULES, DocumentRule
from syncjobs.orders.terms import rules_of
from tests.web.orders_scene import arrived, terms
from tests.web.scene import Scene
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)

ANY: dict[str, str] = {"tax_number": "", "wanted": "", "countries": ""}


def _page(scene: Scene) -> str:
    return f"/shops/{scene.shop.pk}/orders/policy/"


def _send(scene: Scene, browser: Client, do: str, seen: str | None = None, **more: str) -> Any:
    shown = browser.get(_page(scene)).context["documents"]["seen"]
    sent = {"do": do, "seen": shown if seen is None else seen, **more}
    return browser.post(f"/shops/{scene.shop.pk}/orders/documents/", sent, follow=True)


def _add(scene: Scene, browser: Client, form: str, **more: str) -> str:
    return text_of(_send(scene, browser, "add", **(ANY | {"form": form} | more)).content)


def _rules() -> tuple[DocumentRule, ...]:
    return rules_of(OrderTerms.objects.get()).documents


def test_the_usual_rules_are_said_as_sentences(scene: Scene, panel: Client) -> None:
    words = text_of(panel.get(_page(scene)).content)
    assert "A company with a tax number: invoice" in words
    assert "Who asks for an invoice: invoice" in words
    assert "Everybody else: receipt" in words
    assert "the usual rules" in words
    assert "made by people in WAPRO" in words


def test_a_rule_is_added_before_those_that_would_take_its_orders(scene: Scene, panel: Client) -> None:
    row = arrived(terms(scene), status=ShopOrder.Status.WAITING, to_decide=False)
    words = _add(scene, panel, "issue", tax_number="no", countries="cz, de")
    assert "A buyer without a tax number, country CZ, DE: goods issue (WZ), neither invoice nor receipt" in words
    added = DocumentRule(form="issue", tax_number=False, countries=frozenset({"DE", "CZ"}))
    assert _rules() == (*DOCUMENT_RULES[:2], added, DOCUMENT_RULES[2])
    row.refresh_from_db()
    assert row.to_decide
    entry = AuditEntry.objects.get(verb="orders.documents")
    with translation.override("en"):
        assert details(entry).startswith("documents: A company with a tax number: invoice; ")
    assert "country CZ, DE" in entry.data["documents"]["to"]


def test_a_rule_that_ends_another_is_taken_and_the_other_is_named(scene: Scene, panel: Client) -> None:
    terms(scene)
    words = _add(scene, panel, "receipt", tax_number="yes")
    assert "No order comes to this rule any more: A company with a tax number: invoice." in words
    assert "1 rule never applies" in words
    assert "never applies" in words


def test_rules_move_go_and_come_back(scene: Scene, panel: Client) -> None:
    terms(scene)
    _send(scene, panel, "down-0")
    assert _rules() == (DOCUMENT_RULES[1], DOCUMENT_RULES[0], DOCUMENT_RULES[2])
    _send(scene, panel, "up-2")
    assert [rule.form for rule in _rules()] == ["invoice", "receipt", "invoice"]
    assert "1 rule never applies" in text_of(panel.get(_page(scene)).content)
    _send(scene, panel, "remove-1")
    words = text_of(panel.get(_page(scene)).content)
    assert "Orders that no rule fits: receipt" in words
    _send(scene, panel, "usual")
    assert OrderTerms.objects.get().documents == []
    assert _rules() == DOCUMENT_RULES


def test_the_last_rule_stays(scene: Scene, panel: Client) -> None:
    terms(scene, documents=[{"form": "issue"}])
    assert "Nothing was changed." in text_of(_send(scene, panel, "remove-0").content)
    assert [rule.form for rule in _rules()] == ["issue"]


def test_what_cannot_be_a_rule_is_said_and_kept_in_the_form(scene: Scene, panel: Client) -> None:
    terms(scene)
    answer = _send(scene, panel, "add", **(ANY | {"form": "invoice", "countries": "Niemcy"}))
    assert answer.status_code == 422
    assert "is no code of a country" in text_of(answer.content)
    assert answer.context["rule"]["countries"].value() == "Niemcy"
    assert "There is such a rule already." in _add(scene, panel, "invoice", tax_number="yes")
    for nonsense in ("up-0", "down-9", "remove-x", "explode", ""):
        _send(scene, panel, nonsense)
    assert OrderTerms.objects.get().documents == []


def test_a_move_that_was_meant_for_another_list_does_nothing(scene: Scene, panel: Client) -> None:
    terms(scene)
    words = text_of(_send(scene, panel, "remove-0", seen="0123456789abcdef").content)
    assert "somebody else has changed the rules meanwhile" in words
    assert OrderTerms.objects.get().documents == []


def test_a_viewer_reads_the_rules_and_changes_none(scene: Scene, viewer: Client) -> None:
    terms(scene)
    body = viewer.get(_page(scene)).content.decode()
    assert "A company with a tax number" in text_of(body)
    assert 'value="remove-0"' not in body
    assert viewer.post(f"/shops/{scene.shop.pk}/orders/documents/", {"do": "usual"}).status_code == 403
