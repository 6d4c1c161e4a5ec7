"""Nonsense for every address of the panel: no error 500, whatever is asked or sent. And for the door of the shops."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from shops.models import ShopConnection
from syncjobs.models import WebhookSetup
from syncjobs.models.orders import ShopOrder
from tests.fuzz.cases import FEW, FORM, NASTY, PARSER, VIEW, fuzz
from tests.fuzz.pages import Fields, Offered
from tests.web.tenants import samples, tenants
from tests.web.test_access import KEYED, NAMES, address, patterns

pytestmark = pytest.mark.django_db
SECRET, TOKEN = "tajemnica-webhooków", "adres-ktorego-nikt-nie-zgadnie"
NASTY_TEXTS = [
    str(one).encode("utf-8", "replace").decode() for one in NASTY if not isinstance(one, int) or one < 10**300
]
TEXT = st.sampled_from(NASTY_TEXTS) | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
OWN_ENDINGS = {"logout", "end_sessions"}
WAYS = {
    # Not `hash`, which is another one in each process: a seed repeats a run.
    "int": lambda text: str(int(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(), 16) % 10**40),
    "slug": lambda text: "".join(filter(str.isalnum, text)) or "x",
}


@pytest.fixture(autouse=True)
def _alone(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.INTEGRATOR_ALLOW_LOOPBACK = False
    cache.clear()


class Panel:
    """The first client of two firms, its administrator, and what the pages offer to be sent."""

    def __init__(self) -> None:
        self.made = tenants()
        self.known = samples(self.made)
        self.offered = Offered()
        self.where = {name: address(name, self.known) for name in NAMES if name not in KEYED}
        self.where |= {name: reverse(name, kwargs=parts) for name, parts in KEYED.items()}
        browser = self.browser()
        for name, where in self.where.items():
            if name not in OWN_ENDINGS:
                self.offered.read(browser, where)

    def browser(self) -> Browser:
        browser = Browser()
        browser.force_login(self.made.administrator)
        return browser

    def get(self, name: str) -> Callable[[tuple[Any, ...]], None]:
        parameters = [*sorted(self.offered.parameters[name]), ("page", "1"), ("q", "x"), ("next", "/"), ("show", "1")]

        def check(case: tuple[Any, ...]) -> None:
            changes, way, htmx = case
            query = [(parameters[place % len(parameters)][0], value) for place, value in changes]
            self._ask(lambda browser: browser.get(self._way(name, way) + "?" + urlencode(query), headers=htmx))

        return check

    def post(self, name: str) -> Callable[[tuple[Any, ...]], None]:
        forms = self.offered.forms[name] or [[]]

        def check(case: tuple[Any, ...]) -> None:
            changes, way, htmx = case
            fields = _changed(forms[way[0] % len(forms)], changes)
            data: dict[str, Any] = {}
            for field, value in fields:
                data.setdefault(field, []).append(value)
            if "file" in data:
                data["file"] = SimpleUploadedFile("x.json", data["file"][-1].encode("utf-8", "replace"))
            self._ask(lambda browser: browser.post(self._way(name, way), data, headers=htmx))

        return check

    def _way(self, name: str, way: tuple[int, str]) -> str:
        """Mostly the right address; one time in eight another object, kind or key stands in it."""
        if way[0] % 8 or name in KEYED:
            return self.where[name]
        pattern = next(one for one in patterns() if one.name == name).pattern
        parts = dict(self.known)
        for parameter, converter in pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower()
            text = WAYS.get(kind, lambda one: one.strip("/") or "x")(way[1])
            parts[parameter] = text if kind != "string" else text.replace("/", "") or "x"
        route = "/" + str(pattern)
        for parameter, converter in pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            route = route.replace(f"<{kind}:{parameter}>", quote(str(parts[parameter])))
        return route

    def _ask(self, send: Callable[[Browser], HttpResponseBase]) -> None:
        """An exception of the view is raised here. Whatever was done is undone."""
        with transaction.atomic():
            answer = send(self.browser())
            if answer.streaming:
                b"".join(answer)  # type: ignore[arg-type]
            transaction.set_rollback(True)
        cache.clear()
        assert answer.status_code < 500


def _changed(fields: Fields, changes: list[tuple[int, str]]) -> Fields:
    """A form as the page offers it, with a few values replaced, left out or sent twice."""
    sent = list(fields)
    for place, value in changes:
        if not sent:
            sent = [("act", value), ("id", value)]
            continue
        name = sent[place % len(sent)][0]
        if place % 5 == 0:
            sent = [one for one in sent if one[0] != name]
        elif place % 5 == 1:
            sent.append((name, value))
        else:
            sent = [one if one[0] != name else (name, value) for one in sent]
    return sent


CHANGES = st.lists(st.tuples(st.integers(0, 999), TEXT), min_size=1, max_size=4)
WAY = st.tuples(st.integers(0, 999), TEXT)
ASKING = st.sampled_from([{}, {}, {"HX-Request": "true"}, {"HX-Request": "true", "HX-Current-URL": "javascript:x"}])
CASE = st.tuples(CHANGES, WAY, ASKING)


def test_no_address_breaks_whatever_it_is_asked_or_sent() -> None:
    panel = Panel()
    assert sum(len(forms) for forms in panel.offered.forms.values()) > 50, "the pages' own forms are found"
    for name in NAMES:
        fuzz(f"GET {name}", CASE, panel.get(name), VIEW, few=1)
        fuzz(f"POST {name}", CASE, panel.post(name), FORM if panel.offered.forms[name] else VIEW, few=2)


BODIES = st.sampled_from(
    [b"", b"{}", b"[]", b"null", b'{"product_id": 1e999}', b'{"id": "\\u0000"}', b'{"order_id": "\\ud800"}',
     b"\xff\xfe", b"[" * 2000, b'{"a":' * 2000, b'{"id": 1e999999999}', b'{"id": ' + b"9" * 5000 + b"}",
     b'{"id": NaN, "type": {}}', b'{"product_id": "17"}',
     b'{"id": 17, "type": "variation", "parent_id": "\\udfff"}', b"webhook_id=7"]
) | st.binary(max_size=60)  # fmt: skip
HEADER = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
DELIVERY = st.tuples(BODIES, HEADER, st.sampled_from(["product.edit", "order.create", "product.updated", "x"]), HEADER,
                     st.booleans())  # fmt: skip


@pytest.fixture(params=["shoper", "woocommerce"])
def door(request: pytest.FixtureRequest, db: None) -> Iterator[str]:
    made = tenants()
    ShopConnection.objects.filter(pk=made.shop.pk).update(platform=request.param)
    WebhookSetup.objects.create(connection=made.shop, token=TOKEN, secret=SECRET, checked_at=timezone.now())
    yield request.param
    assert not ShopOrder.objects.exists()


def test_the_door_of_the_shops_takes_any_delivery(door: str) -> None:
    def check(case: tuple[bytes, str, str, str, bool]) -> None:
        body, number, topic, other, signed = case
        text = topic if number[:1] < "Ż" else other
        sha1 = hashlib.sha1(f"{number}:{SECRET}:".encode() + body, usedforsecurity=False).hexdigest()
        mac = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        headers = {
            "X-Webhook-Id": number,
            "X-Webhook-Name": text,
            "X-Webhook-SHA1": sha1 if signed else other,
            "X-WC-Webhook-Topic": text,
            "X-WC-Webhook-Signature": mac if signed else other,
            "X-WC-Webhook-Delivery-ID": number,
        }
        with transaction.atomic():
            answer = Browser().post(f"/hooks/{TOKEN}/", body, content_type="application/json", headers=headers)
            transaction.set_rollback(True)
        cache.clear()
        assert answer.status_code in ((200, 401) if not signed else (200,))

    assert fuzz(f"deliveries of {door}", DELIVERY, check, PARSER, FEW) > 0
