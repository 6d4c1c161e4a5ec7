"""Which addresses the panel has, each with objects of a filled database: the first client's leading shop has most."""

from collections.abc import Iterator
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from integrator.accounts.models import Client, Firm, Membership
from shops.models import ShopConnection
from syncjobs.demo.load.seeding import FIRM
from syncjobs.models import (
    Change,
    ConfigurationTemplate,
    Conflict,
    Deed,
    Errand,
    Link,
    Run,
    ShopOrder,
    SnapshotItem,
    Step,
    Unlinked,
)

WORDS = {"code": "{code}", "EAN": "{ean}", "name": "taczka ogrodowa zielona", "nothing": "nosuchthing"}
SEARCHED = ("links", "conflicts", "orders", "unlinked_kind", "plan")
"""Pages with a search in `q`; those of two panes have one for each."""
NOT_PAGES = {"logout", "webhook", "lent_picture", "handover_import", "handover_work"}
"""Besides what is downloaded as a file, which takes as long as it is large."""
FILES = ("_export", "_csv", "_xlsx")


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def samples() -> dict[str, object]:
    """An object for every parameter that addresses use; a page whose parameter is not here is told as not measured."""
    firm = Firm.objects.get(name=FIRM)
    client = Client.objects.filter(firm=firm).order_by("pk")[0]
    shop = ShopConnection.objects.get(client=client, is_leading=True)
    link = Link.objects.filter(connection=shop, kind="product").order_by("pk")[1000 if _many(shop) else 1]
    run = Run.objects.filter(connection=shop).order_by("-pk")[1]
    step = Step.objects.get(connection=shop, status="waiting")
    found: dict[str, object] = {
        "firm": firm.pk,
        "client": client.pk,
        "shop": shop.pk,
        "erp": client.erp.pk,
        "run": run.pk,
        "step": step.pk,
        "link": link.pk,
        "conflict": Conflict.objects.filter(connection=shop).order_by("pk")[0].pk,
        "membership": Membership.objects.filter(firm=firm)[0].pk,
        "order": ShopOrder.objects.filter(connection=shop).order_by("pk")[0].pk,
        "errand": Errand.objects.get_or_create(shop=shop, verb=Errand.Verb.COUNT_FILTER)[0].pk,
        "kind": "product",
        "side": "erp",
        "key": link.erp_key,
        "field": "name",
        "part": "scope",
        "template": ConfigurationTemplate.objects.get_or_create(firm=firm, name="Usual", defaults={"document": {}})[
            0
        ].pk,
        "deed": Deed.objects.get_or_create(connection=shop, kind="product", verb=Deed.Verb.LINK)[0].pk,
    }
    return found


def _many(shop: ShopConnection) -> bool:
    return Link.objects.filter(connection=shop, kind="product")[1000:1001].exists()


def pages() -> Iterator[tuple[str, str]]:
    """(what it is, address); the address is empty where no object is known for it."""
    known = samples()
    for pattern in sorted(patterns(), key=lambda one: str(one.name)):
        name = str(pattern.name)
        if name in NOT_PAGES or name.endswith(FILES):
            continue
        parameters = pattern.pattern.converters
        given = {parameter: known.get(parameter) for parameter in parameters}
        if name == "mapping_kind":
            given["kind"] = "category"
        yield name, "" if None in given.values() else reverse(name, kwargs=given)
    yield from _further(known)


def _further(known: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Filters, searches, pages far down, and what is largest of its sort."""
    shop = known["shop"]
    by_name = {
        "links": reverse("links", args=[shop, "product"]),
        "conflicts": reverse("conflicts", args=[shop]),
        "orders": reverse("orders", args=[shop]),
        "unlinked_kind": reverse("unlinked_kind", args=[shop, "product"]),
        "plan": reverse("plan", args=[known["step"]]),
    }
    alone = Unlinked.objects.filter(connection=shop, side="erp", state="unlinked").order_by("-pk")[0]
    linked = Link.objects.filter(pk=known["link"]).values_list("erp_key", "shop_key").get()
    item = SnapshotItem.objects.get(shop=shop, kind="product", key=linked[1])
    for name in SEARCHED:
        code, ean = (alone.code, alone.ean) if name == "unlinked_kind" else (item.code, item.ean)
        parameters = ("q_erp", "q_shop") if name == "unlinked_kind" else ("q",)
        for label, word in WORDS.items():
            text = quote(word.format(code=code, ean=ean))
            query = "&".join(f"{parameter}={text}" for parameter in parameters)
            yield f"{name}: {label}", f"{by_name[name]}?{query}"
    yield from _deep(known, by_name, alone)
    yield from _largest(known)


def _deep(known: dict[str, object], by_name: dict[str, str], alone: Unlinked) -> Iterator[tuple[str, str]]:
    shop = known["shop"]
    last = Link.objects.filter(connection=shop, kind="product").order_by("-pk")[20].pk
    yield "links: far down", f"{by_name['links']}?after={last}"
    yield "links: gone", f"{by_name['links']}?state=erp_gone"
    yield "links: by a person", f"{by_name['links']}?origin=person"
    yield "links: gone and searched", f"{by_name['links']}?state=erp_gone&q=taczka"
    yield "unlinked_kind: far down", f"{by_name['unlinked_kind']}?after_erp={alone.pk - 60}"
    for show in ("ambiguous", "ignored"):
        yield f"unlinked_kind: {show}", f"{by_name['unlinked_kind']}?show={show}"
    yield "conflicts: decided", f"{by_name['conflicts']}?show=decided"
    yield "conflicts: one field", f"{by_name['conflicts']}?kind=price&field=price"
    open_ = Conflict.objects.filter(connection=shop, status="open").order_by("-pk")[0].pk
    yield "conflicts: far down", f"{by_name['conflicts']}?after={open_ - 300}"
    for show in ("risky", "blocked", "update"):
        yield f"plan: {show}", f"{by_name['plan']}?show={show}"
    for status in ("held", "done", "look"):
        yield f"orders: {status}", f"{by_name['orders']}?status={status}"
    order = ShopOrder.objects.filter(connection=shop).order_by("placed_at")[80]
    yield "orders: far down", f"{by_name['orders']}?before={int(order.placed_at.timestamp() * 1_000_000)}.{order.pk}"
    runs = reverse("runs", args=[shop])
    first = Run.objects.filter(connection=shop).order_by("pk")[0].pk
    yield "runs: far down", f"{runs}?before={first + 55}"
    yield "runs: failed", f"{runs}?status=failed"
    audit = reverse("firm_audit", args=[known["firm"]])
    yield "firm_audit: one verb", f"{audit}?verb=link.add"
    yield "firm_audit: far down", f"{audit}?before=500"


def _largest(known: dict[str, object]) -> Iterator[tuple[str, str]]:
    """The first synchronisation, whose steps have most changes of all, and the run under way."""
    shop = known["shop"]
    first, newest = (Run.objects.filter(connection=shop).order_by(order)[0].pk for order in ("pk", "-pk"))
    yield "run: first", reverse("run", args=[first])
    yield "run: first, all products", reverse("run", args=[first]) + "?kind=product&show=all"
    yield "run: first, failed", reverse("run", args=[first]) + "?kind=product&show=failed"
    yield "run: first, a name", reverse("run", args=[first]) + "?kind=product&show=all&q=taczka"
    yield "run: first, nothing", reverse("run", args=[first]) + "?kind=product&show=all&q=nosuchthing"
    step = Step.objects.get(run=first, kind="product")
    change = Change.objects.filter(step=step).order_by("-pk")[100].pk
    yield "run: first, far down", reverse("run", args=[first]) + f"?kind=product&show=all&after={change}"
    yield "run: under way", reverse("run", args=[newest])
    yield "run_live: under way", reverse("run_live", args=[newest])
    yield "plan: first synchronisation", reverse("plan", args=[step.pk])
