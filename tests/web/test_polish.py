"""The panel in Polish: every text is translated, with its placeholders and plurals, and no page shows English."""

import io
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation
from django.utils.translation import ngettext
from django.utils.translation.template import templatize

from integrator.accounts.audit import record
from integrator.accounts.models import Role, User
from integrator.canonical.kinds import REFERENCE_KINDS, SYNC_KINDS, Kind
from integrator.canonical.records import Category
from shops.models import ShopConnection
from syncjobs.models import Change, Errand, SyncOptions
from syncjobs.models.choices import Action, ChangeStatus, Phase, Side, Status
from syncjobs.options import ensure_options
from tests.web.scene import Scene, alone, new_scene, products
from wapro.models import WaproConnection

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "locale/pl/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|</?\w+>")
APPS = ("integrator", "shops", "syncjobs", "wapro")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
Named = tuple[str | None, str]
"""Context and singular, by which a text is found."""


@cache
def catalogue() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="pl")


def texts() -> list[Message]:
    return [message for message in catalogue() if message.id]


def named(message: Message) -> Named:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def said() -> Iterator[Named]:
    """Every text that code or templates give to gettext."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            yield from _extracted(path.read_text())
    for path in sorted((ROOT / "templates").rglob("*.html")):
        source = templatize(path.read_text(), origin=str(path))
        yield from _extracted("\n".join(line.strip() for line in source.splitlines()))


def _extracted(source: str) -> Iterator[Named]:
    for _line, found, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        yield context, found if isinstance(found, str) else found[0]


def test_the_catalogue_holds_exactly_what_is_said() -> None:
    """After a new text: `manage.py makemessages -l pl --no-location`, translate, `make messages`."""
    wanted, there = set(said()), {named(message) for message in texts()}
    assert sorted(text for _context, text in wanted - there) == []
    assert sorted(text for _context, text in there - wanted) == []


def test_every_text_is_translated_and_none_is_a_guess() -> None:
    assert [named(m) for m in texts() if m.fuzzy or not forms(m) or not all(form.strip() for form in forms(m))] == []
    assert not catalogue().obsolete


def originals(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def test_placeholders_and_marks_are_kept() -> None:
    """The first Polish form is for 1 alone, as the singular is; the others stand for the plural."""
    broken = []
    for message in texts():
        for number, form in enumerate(forms(message)):
            original = originals(message)[min(number, len(originals(message)) - 1)]
            if sorted(PLACEHOLDER.findall(form)) != sorted(PLACEHOLDER.findall(original)):
                broken.append(form)
    assert broken == []


def test_quotation_marks_and_ends_are_polish() -> None:
    """„…” instead of “…”; a sentence ends as its original does."""
    wrong = [form for m in texts() for form in forms(m) if "“" in form or form.count("„") != form.count("”")]
    pairs = [(m.id, forms(m)[0]) for m in texts() if isinstance(m.id, str)]
    ends = [polish for english, polish in pairs if english.endswith(".") and not polish.endswith((".", ".”"))]
    assert wrong + ends == []


@pytest.mark.parametrize(
    ("count", "shops", "days"),
    [
        (0, "0 sklepów", "0 dni"),
        (1, "1 sklep", "1 dzień"),
        (2, "2 sklepy", "2 dni"),
        (4, "4 sklepy", "4 dni"),
        (5, "5 sklepów", "5 dni"),
        (12, "12 sklepów", "12 dni"),
        (21, "21 sklepów", "21 dni"),
        (22, "22 sklepy", "22 dni"),
        (25, "25 sklepów", "25 dni"),
        (112, "112 sklepów", "112 dni"),
    ],
)
def test_polish_counts_in_three_forms(count: int, shops: str, days: str) -> None:
    with translation.override("pl"):
        assert ngettext("%(count)s shop", "%(count)s shops", count) % {"count": count} == shops
        assert ngettext("%(count)s day", "%(count)s days", count) % {"count": count} == days


def test_every_count_has_all_three_forms() -> None:
    assert [named(m) for m in texts() if not isinstance(m.id, str) and len(forms(m)) != 3] == []


class _Visible(HTMLParser):
    """What a reader sees or hears: text outside scripts and styles, and the attributes that are read out."""

    SPOKEN = ("aria-label", "placeholder", "title", "alt")

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("script", "style", "code", "pre")
        found = dict(attrs)
        foreign = found.get("lang") == "en"
        self.parts += [] if foreign else [text for name in self.SPOKEN if (text := found.get(name))]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "code", "pre")

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.parts.append(data)


def visible(html: str) -> str:
    reader = _Visible()
    reader.feed(html)
    return "\n".join(" ".join(part.split()) for part in reader.parts)


@cache
def english() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Longer texts whose Polish differs, as patterns: whatever stands in for a placeholder fits."""
    differing = [one for message in texts() for one in originals(message) if one not in forms(message)]
    found = []
    for original in differing:
        pieces = [" ".join(piece.split()) for piece in re.split(r"%\(\w+\)s", original)]
        longest = max(pieces, key=len)
        if len(longest) >= 12:
            found.append((longest, re.compile(r"\b" + r".{0,120}?".join(re.escape(piece) for piece in pieces))))
    return tuple(found)


ENGLISH_WORDS = re.compile(r"\b(the|of|and|is|are|was|were|with|without|this|that|not|has|have|from|for|by)\b", re.I)
"""No Polish word is written like any of these."""


def english_in(text: str) -> list[str]:
    known = [pattern.pattern for longest, pattern in english() if longest in text and pattern.search(text)]
    return known + [line for line in text.splitlines() if ENGLISH_WORDS.search(line)]


def test_english_would_be_noticed() -> None:
    page = '<p>Nothing to do.</p><input placeholder="Search in WAPRO"><p>5 shops of this kind</p><code>is not</code>'
    assert len(english_in(visible(page))) == 3


@pytest.fixture
def scene(db: None) -> Scene:
    """Something of everything, as a Polish reader would meet it."""
    scene = new_scene(language="pl")
    _checks(scene)
    ensure_options(scene.shop)
    SyncOptions.objects.filter(kind="stock").update(enabled=True, interval_minutes=15)
    links = products(scene)
    alone(scene)
    for field in ("name", "weight"):
        scene.conflict(links[4], field, "0.24", "0.26", "0.3")
    scene.item(Side.ERP, Kind.CATEGORY, "1:22", Category(path=("Narzędzia", "Piły")))
    _decisions(scene)
    return scene


def _checks(scene: Scene) -> None:
    """The last test of both connections: something failed, something warns, the rest is fine."""
    shop = [
        {"name": "login", "verdict": "passed", "found": "", "code": "", "params": {}},
        {"name": "bulk", "verdict": "failed", "code": "module_missing", "params": {}, "turn": "shop_settings"},
        {"name": "languages", "verdict": "warning", "found": "pl_PL", "code": "right_missing", "params": {}},
        {"name": "right:product-images", "verdict": "passed", "found": "725", "code": "", "params": {}},
        {"name": "tls", "verdict": "skipped", "found": "", "code": "", "params": {}},
    ]
    erp = [
        {"name": "driver", "verdict": "passed", "found": "1.0", "code": "", "params": {}},
        {"name": "login", "verdict": "failed", "code": "login_failed", "params": {"user": "czytelnik"}},
        {"name": "licence", "verdict": "warning", "code": "licence_unconfirmed", "params": {}},
    ]
    ShopConnection.objects.filter(pk=scene.shop.pk).update(checks=shop, healthy=False)
    WaproConnection.objects.filter(pk=scene.erp.pk).update(checks=erp, healthy=False)


def _decisions(scene: Scene) -> None:
    owners = {"from": {"name": "ignore"}, "to": {"name": "erp"}}
    for verb, subject, data in (
        ("run.start", f"{scene.shop}: run 7", {"kinds": ["unit", "tax_rate"]}),
        ("options.change", f"{scene.shop}: price", {"linked": {"from": "leave", "to": "shop"}, "owners": owners}),
        ("options.change", f"{scene.shop}: stock", {"enabled": {"from": False, "to": True}}),
        ("step.approve", f"{scene.shop}: price", {"run": 7, "changes": 12}),
        ("link.remove", "product TAC-OGR-100 = 8800", {"criterion": "code_and_name"}),
        ("conflict.decide", "product SEK-TYT-21: name", {"owner": "shop", "erp": "A", "shop": "B", "value": None}),
        ("mark.add", "TAC-OGR-100", {"kind": "product", "mark": "excluded", "reason": "sezon", "keys": ["1"]}),
        ("shop.change", str(scene.shop), {"fields": ["price_type", "filter.web_shop", "login"]}),
        ("member.role", "ola@example.pl", {"before": "viewer", "role": "operator"}),
    ):
        record(scene.user, verb, subject, client=scene.client, data=data)


def _run(scene: Scene) -> tuple[int, int]:
    """A run with a step in every state, one of them with a plan that waits. Gives the run and that step."""
    run = scene.run(Status.WAITING, finished_at=None)
    rates = scene.step(run, Kind.TAX_RATE, Status.FAILED, phase=Phase.FETCH_SHOP)
    scene.issue(rates, "9", "NP", {"code": "field_unreadable", "params": {"field": "percent", "value": "null"}})
    closed = [{"code": "gate_closed", "params": {"kind": "tax_rate", "count": "1"}}]
    scene.step(run, Kind.PRODUCT, Status.BLOCKED, phase=Phase.GATES, problems=closed)
    scene.step(run, Kind.IMAGE, Status.QUEUED, phase=Phase.GATES, started_at=None, finished_at=None)
    stock = scene.step(run, Kind.STOCK, Status.PARTLY, counts={"updated": 3, "failed": 1, "planned": 4})
    waiting = [{"code": "approval_needed", "params": {}}, {"code": "too_many_deletes", "params": {"count": "2"}}]
    plan = scene.step(run, Kind.PRICE, Status.WAITING, phase=Phase.GUARD, finished_at=None, problems=waiting)
    links = list(scene.shop.links.filter(kind="product").order_by("pk"))
    told = {"code": "rejected", "params": {"field": "quantity", "message": "zajęte"}, "side": "shop"}
    for number, link in enumerate(links[:4]):
        status = ChangeStatus.FAILED if number == 3 else ChangeStatus.APPLIED
        problem = told if number == 3 else None
        scene.change(stock, link, status=status, problem=problem, fields=[{"name": "quantity", "old": "1", "new": "0"}])
    price = {"name": "price", "old": "1199.00", "new": "549.00"}
    scene.change(plan, links[7], fields=[price], label="Kosiarka", risk="price_jump")
    scene.change(plan, action=Action.DELETE_SHOP, shop_key="700", code="BOM-1", label="Bombki")
    scene.change(plan, action=Action.CREATE_SHOP, erp_key="LEZ-1", code="LEZ-1", label="Leżak", fields=[])
    unlinked = {"code": "reference_unlinked", "params": {"field": "category", "kind": "category", "key": "1:22"}}
    blocked = scene.change(plan, action=Action.CREATE_SHOP, status=ChangeStatus.BLOCKED, erp_key="B-1", code="B-1")
    Change.objects.filter(pk=blocked.pk).update(problem=unlinked)
    return run.pk, plan.pk


def _addresses(scene: Scene) -> list[str]:
    run, step = _run(scene)
    shop, client, firm, erp = (f"/{name}/{pk}/" for name, pk in _places(scene))
    errand = Errand.objects.create(shop=scene.shop, verb=Errand.Verb.TEST_SETTINGS)
    kinds = ("", *(f"{kind}/" for kind in SYNC_KINDS))
    return [
        *(firm, f"{firm}people/", f"{firm}decisions/", f"{firm}clients/add/", "/profile/", "/profile/password/"),
        *(client, f"{client}people/", f"{client}decisions/", f"{client}name/", f"{client}shops/add/"),
        *(erp, f"{erp}settings/", shop, f"{shop}access/", f"{shop}settings/", f"{shop}runs/"),
        f"{shop}webhooks/",
        f"{client}shops/add/?platform=shoper",
        *(f"{shop}options/{kind}" for kind in kinds if kind),
        *(f"{shop}mapping/{kind}/{show}" for kind in REFERENCE_KINDS for show in ("", "?show=all")),
        *(f"{shop}unlinked/product/?show={show}" for show in ("unlinked", "ambiguous", "ignored")),
        *(f"{shop}conflicts/", f"{shop}conflicts/?show=decided"),
        *(f"{shop}elements/product/", f"{shop}elements/product/erp/TAC-OGR-100/", f"{shop}elements/unit/shop/5/"),
        *(f"/runs/{run}/?kind={kind}" for kind in SYNC_KINDS),
        *(f"/steps/{step}/plan/", f"/steps/{step}/plan/?show=blocked", f"/errands/{errand.pk}/", "/no-such-page/"),
    ]


def _places(scene: Scene) -> list[tuple[str, int]]:
    owners = {"shops": scene.shop, "clients": scene.client, "firms": scene.firm, "erp": scene.erp}
    return [(name, owner.pk) for name, owner in owners.items()]


def test_no_page_shows_english(scene: Scene) -> None:
    panel = Client()
    panel.force_login(scene.user)
    found = {}
    for address in _addresses(scene):
        answer = panel.get(address, follow=True)
        assert answer.status_code == (404 if address == "/no-such-page/" else 200), address
        if words := english_in(visible(answer.content.decode())):
            found[address] = words
    assert found == {}


def test_those_who_may_not_see_read_polish_too(scene: Scene) -> None:
    """The login with its refusal, and a page above the reader's role."""
    stranger = Client(headers={"accept-language": "pl"})
    refused = stranger.post("/login/", {"email": "ktos@example.pl", "password": "nie to"})
    owner = scene.member(Role.VIEWER, "wlasciciel@example.pl")
    User.objects.filter(pk=owner.pk).update(language="pl")
    viewer = Client()
    viewer.force_login(owner)
    forbidden = viewer.get(f"/shops/{scene.shop.pk}/settings/")
    assert (refused.status_code, forbidden.status_code) == (200, 403)
    for answer in (stranger.get("/login/"), refused, forbidden):
        assert english_in(visible(answer.content.decode())) == []


def test_rights_and_decisions_are_named_as_people_call_them(scene: Scene) -> None:
    """Names that come from a shop's interface, or that the record keeps as the code has them."""
    panel = Client()
    panel.force_login(scene.user)
    checks = visible(panel.get(f"/shops/{scene.shop.pk}/").content.decode())
    assert "Uprawnienia\nzdjęcia produktów" in checks
    decisions = visible(panel.get(f"/clients/{scene.client.pk}/decisions/").content.decode())
    assert "Sklep Zieliński: przebieg 7" in decisions
    assert "rodzaje: jednostki miary, stawki VAT" in decisions
    assert "właściwości połączonych: Nie zmieniaj → Aktualizuj w sklepie; kto rządzi polami: nazwa" in decisions
    assert "pola: typ ceny, filtr towarów, login" in decisions
