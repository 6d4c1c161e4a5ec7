"""The record of decisions: found by person, verb, client, day and text, page by page, and taken along as a file."""

import re
import zipfile
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.translation import override

from integrator.accounts import audit
from integrator.accounts.models import AuditEntry
from integrator.canonical.problems import Code
from integrator.canonical.records import problem
from syncjobs import decisions
from syncjobs.explain import explain
from tests.web.tenants import Tenants, tenants

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
RECORDED = re.compile(r"record\(\s*[\w.()]+(?:, [\w.]+\))?,\s*\"([a-z_]+\.[a-z_]+)\"")


@pytest.fixture
def made() -> Tenants:
    made = tenants()
    record = audit.record
    record(made.administrator, "shop.add", "Sklep główny", client=made.client)
    record(made.people["operator"], "step.approve", "Sklep: price", client=made.client, data={"run": 7})
    record(made.administrator, "shop.change", "Optyka", client=made.other, data={"name": {"from": "A", "to": "B"}})
    record(
        made.administrator, "member.role", "x@y.example", firm=made.firm, data={"before": "viewer", "role": "operator"}
    )
    return made


def rows(made: Tenants, reader: str = "administrator", name: str = "firm_audit", **wish: object) -> list[str]:
    """The lines of the table, as texts."""
    browser = Browser()
    browser.force_login(made.people[reader])
    page = reverse(name, args=[made.firm.pk if name.startswith("firm") else made.client.pk])
    body = browser.get(page, wish).content.decode()
    lines = body.partition("<tbody")[2].partition("</tbody>")[0].split("<tr")[1:]
    return [" ".join(re.sub(r"^[^>]*>|<[^>]+>", " ", line).split()) for line in lines]


def file(made: Tenants, **wish: object) -> bytes:
    browser = Browser()
    browser.force_login(made.administrator)
    answer: Any = browser.get(reverse("firm_audit_export", args=[made.firm.pk]), wish)
    assert answer.streaming
    return b"".join(answer.streaming_content)


def test_a_change_reads_as_before_and_after(made: Tenants) -> None:
    lines = rows(made)
    assert len(lines) == 4
    assert "viewer → operator" in lines[0]
    assert "A → B" in lines[1]


def test_each_filter_narrows_and_they_work_together(made: Tenants) -> None:
    assert len(rows(made, verb="shop.add")) == 1
    assert len(rows(made, client=made.client.pk)) == 2
    assert len(rows(made, q="sklep")) == 2
    assert len(rows(made, q="sklep", verb="step.approve")) == 1
    operator = made.people["operator"].pk
    browser = Browser()
    browser.force_login(made.administrator)
    body = browser.get(reverse("firm_audit", args=[made.firm.pk]), {"who": operator}).content.decode()
    assert body.partition("<tbody")[2].count("<tr") == 1
    assert rows(made, q="nothing like this") == []


def test_days_are_the_readers_own(made: Tenants) -> None:
    late = datetime(2026, 3, 9, 23, 30, tzinfo=ZoneInfo("Europe/Warsaw"))
    first = AuditEntry.objects.order_by("id").first()
    assert first is not None
    AuditEntry.objects.filter(pk=first.pk).update(at=late)
    assert len(rows(made, since="2026-03-09", until="2026-03-09")) == 1
    AuditEntry.objects.filter(pk=first.pk).update(at=late + timedelta(hours=1))
    assert rows(made, since="2026-03-09", until="2026-03-09") == []


def test_nonsense_in_the_address_is_passed_over(made: Tenants) -> None:
    for wish in ({"who": "x"}, {"since": "2026-99-99"}, {"before": "9" * 40}, {"verb": "x.y"}, {"q": "a\x00"}):
        assert rows(made, **wish) is not None  # type: ignore[arg-type]


def test_the_record_goes_on_page_by_page_in_few_queries(made: Tenants, django_assert_max_num_queries: Any) -> None:
    for number in range(120):
        audit.record(made.administrator, "mark.add", f"K{number}", client=made.client)
    with django_assert_max_num_queries(27):
        first = rows(made)
    assert len(first) == 50
    last = AuditEntry.objects.order_by("-id")[49]
    assert "K69" in rows(made, before=last.pk)[0]


def test_a_client_sees_its_own_and_strangers_see_nothing(made: Tenants) -> None:
    assert len(rows(made, reader="owner", name="client_audit")) == 2
    assert rows(made, reader="stranger", name="client_audit") == []


def test_the_file_holds_what_was_filtered_and_runs_nothing(made: Tenants) -> None:
    audit.record(made.administrator, "mark.add", '=HYPERLINK("http://evil.example")', client=made.client)
    text = file(made, verb="mark.add").decode("utf-8-sig")
    assert len(text.splitlines()) == 2
    assert "'=HYPERLINK" in text
    assert text.startswith("When;Who;")
    whole = file(made).decode("utf-8-sig")
    assert "viewer → operator" in whole
    assert len(whole.splitlines()) == 6


def test_the_workbook_opens_and_stores_texts_only(made: Tenants) -> None:
    audit.record(made.administrator, "mark.add", "=1+1", client=made.client)
    with zipfile.ZipFile(BytesIO(file(made, format="xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=1+1" in sheet


def test_every_verb_that_is_recorded_has_words() -> None:
    found = set()
    for folder in ("integrator", "shops", "syncjobs", "wapro"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(RECORDED.findall(path.read_text(encoding="utf-8")))
    assert len(found) > 20
    assert found - set(audit.WORDS) == set()


def test_a_decision_about_many_conflicts_reads_in_words(made: Tenants) -> None:
    data = {"chosen": "shop", "count": 40}
    entry = audit.record(
        made.administrator, "conflict.decide_many", "Sklep: product name", client=made.client, data=data
    )
    with override("en"):
        assert decisions.subject(entry) == "Sklep: products, name"
        assert decisions.details(entry) == "chosen: shop; how many: 40"


def test_numbers_of_decisions_and_problems_are_written_as_the_reader_writes_them(made: Tenants) -> None:
    data = {"chosen": "value", "erp": "1234.50", "shop": "12.5", "value": "13.00"}
    about = {"client": made.client, "data": data}
    price = audit.record(made.administrator, "conflict.decide", "product K-1.5: price", **about)
    code = audit.record(made.administrator, "conflict.decide", "product K-1.5: code", **about)
    buffer = audit.record(
        made.administrator,
        "options.change",
        "Sklep",
        client=made.client,
        data={"stock_buffer": {"from": "1.000", "to": "2.5"}},
    )
    differs = problem(Code.TOTAL_DIFFERS, shop="1234.5", erp="1200.00", difference="34.50")
    hours = problem(Code.PRICE_JUMP, percent="12.5", count=3, limit="2")
    with override("pl"):
        assert "1\xa0234,50 zł" in decisions.details(price)
        assert "12,50 zł" in decisions.details(price)
        assert "1234.50" in decisions.details(code)
        assert "1,000 → 2,5" in decisions.details(buffer)
        assert "1\xa0234,50" in explain(differs).sentence
        assert "12,5%" in explain(hours).sentence
