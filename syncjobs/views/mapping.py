"""Mappings: which shop unit, tax rate, producer, category each one of WAPRO is. Several may lead to one."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from integrator.canonical.text import fold
from shops.models import ShopConnection
from syncjobs import pairs, snapshots
from syncjobs.engine.suggest import SURE, Suggestion
from syncjobs.explain import explain
from syncjobs.fields import shown
from syncjobs.mapping import set_default_category
from syncjobs.models import Link, SnapshotItem
from syncjobs.models.choices import Origin
from syncjobs.setup import shop_capabilities
from syncjobs.views import lists
from syncjobs.views.people import person
from wapro.models import WaproConnection

SHOWS = ("all", "unmapped", "mapped")


@dataclass(frozen=True, slots=True)
class Partner:
    """A shop element to choose from. `text` is what people type and read: its name, with the key where names repeat."""

    key: str
    text: str


@require_GET
def mapping(request: HttpRequest, shop: int) -> HttpResponse:
    connection = get_or_404(request, ShopConnection, shop)
    return redirect("mapping_kind", shop=connection.pk, kind=Kind.CATEGORY)


@require_http_methods(["GET", "POST"])
def mapping_kind(request: HttpRequest, shop: int, kind: str) -> HttpResponse:
    """The table of one kind: each WAPRO element and its partner in the shop."""
    role = Role.OPERATOR if request.method == "POST" else Role.VIEWER
    connection = get_or_404(request, ShopConnection, shop, role)
    if kind not in REFERENCE_KINDS:
        raise Http404
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _save(request, connection, Kind(kind))
        if not errors:
            query = request.POST.get("query", "")
            url = reverse("mapping_kind", kwargs={"shop": connection.pk, "kind": kind})
            return redirect(f"{url}?{query}" if query else url)
    context = _context(request, connection, Kind(kind), errors)
    return render(request, "syncjobs/mapping.html", context, status=422 if errors else 200)


def _context(request: HttpRequest, connection: ShopConnection, kind: Kind, errors: dict[str, str]) -> dict[str, Any]:
    erp = getattr(connection.client, "erp", None)
    show, words = lists.chosen(request, "show", SHOWS, "all"), lists.text(request, "q")
    query = _erp_items(connection, erp, kind)
    numbers = {"all": query.count(), "unmapped": query.filter(mapped=False).count()}
    numbers["mapped"] = numbers["all"] - numbers["unmapped"]
    page = lists.oldest_first(_narrowed(query, show, words), lists.number(request, "after"))
    partners = partners_of(connection, kind)
    rows = _rows(connection, kind, page.rows, partners, request, errors)
    return {
        "connection": connection,
        "kind": kind,
        "kinds": REFERENCE_KINDS,
        "show": show,
        "q": words,
        "page": page,
        "rows": rows,
        "partners": sorted(partners.values(), key=lambda partner: fold(partner.text)),
        "tabs": [(name, label, numbers[name]) for name, label in _tabs()],
        "numbers": numbers,
        "sure": sum(1 for row in rows if row["best"] and is_sure(row["best"])),
        "errors": errors,
        "default_category": partners.get(connection.default_category) if kind == Kind.CATEGORY else None,
        "remark": _(shop_capabilities(connection).of(kind).remark)
        if shop_capabilities(connection).of(kind).remark
        else "",
    }


def _tabs() -> list[tuple[str, str]]:
    return [("all", _("All")), ("unmapped", _("Without a partner")), ("mapped", _("Mapped"))]


def _erp_items(connection: ShopConnection, erp: WaproConnection | None, kind: Kind) -> QuerySet[Any]:
    links = Link.objects.filter(connection=connection, kind=kind, erp_key=OuterRef("key"))
    items = snapshots.present(erp, kind) if erp else SnapshotItem.objects.none()
    return items.annotate(mapped=Exists(links))


def _narrowed(query: QuerySet[Any], show: str, words: str) -> QuerySet[Any]:
    if show != "all":
        query = query.filter(mapped=show == "mapped")
    return query.filter(search__contains=fold(words)) if words else query


def partners_of(connection: ShopConnection, kind: Kind) -> dict[str, Partner]:
    """All shop elements of a kind to choose from, by key. A name that several share carries its key."""
    items = list(snapshots.present(connection, kind))
    texts = {item.key: _text(item) for item in items}
    often = Counter(fold(text) for text in texts.values())
    return {key: Partner(key, text if often[fold(text)] == 1 else f"{text} [{key}]") for key, text in texts.items()}


def _text(item: SnapshotItem) -> str:
    if item.kind == Kind.CATEGORY:
        return " / ".join(item.record.get("path") or []) or item.label or item.key
    return item.label or item.code or item.key


def _rows(
    connection: ShopConnection,
    kind: Kind,
    items: Sequence[SnapshotItem],
    partners: dict[str, Partner],
    request: HttpRequest,
    errors: dict[str, str],
) -> list[dict[str, Any]]:
    keys = [item.key for item in items]
    links = {link.erp_key: link for link in Link.objects.filter(connection=connection, kind=kind, erp_key__in=keys)}
    shared = _shared(connection, kind, {link.shop_key for link in links.values()})
    alone = [key for key in keys if key not in links]
    offered = pairs.suggestions(connection, kind, alone) if alone else {}
    rows = []
    for item in items:
        link = links.get(item.key)
        best = next(iter(offered.get(item.key, [])), None)
        name = f"partner-{item.pk}"
        chosen = partners[link.shop_key].text if link and link.shop_key in partners else ""
        rows.append(
            {
                "item": item,
                "text": _text(item),
                "detail": _detail(item),
                "link": link,
                "name": name,
                "value": request.POST.get(name, chosen) if errors else chosen,
                "gone": bool(link) and not chosen,
                "best": best,
                "best_text": partners[best.key].text if best and best.key in partners else "",
                "shared": shared.get(link.shop_key, 0) if link else 0,
                "error": errors.get(name, ""),
            }
        )
    return rows


def _detail(item: SnapshotItem) -> str:
    """What tells an element from its namesakes: the percent of a rate, the warehouse of a category tree."""
    if item.kind == Kind.TAX_RATE:
        return shown("percent", item.record.get("percent"))
    if item.kind == Kind.CATEGORY:
        return _("tree of warehouse %(id)s") % {"id": item.key.partition(":")[0]} if ":" in item.key else ""
    return str(item.record.get("name") or "") if item.kind == Kind.UNIT else ""


def _shared(connection: ShopConnection, kind: Kind, shop_keys: set[str]) -> dict[str, int]:
    """How many WAPRO elements lead to each shop element."""
    counted: dict[str, int] = defaultdict(int)
    links = Link.objects.filter(connection=connection, kind=kind, shop_key__in=shop_keys)
    for key in links.values_list("shop_key", flat=True):
        counted[key] += 1
    return counted


def _save(request: HttpRequest, connection: ShopConnection, kind: Kind) -> dict[str, str]:
    """Take what the page posted. Errors by the name of the input; nothing of a row with an error is saved."""
    primary = request.POST.get("primary", "")
    if primary.isdigit():
        return _make_primary(request, connection, kind, int(primary))
    if "default_category" in request.POST and request.POST.get("do") == "default":
        return _save_default(request, connection)
    if request.POST.get("do") == "accept":
        return _accept(request, connection, kind)
    return _save_rows(request, connection, kind)


def _save_rows(request: HttpRequest, connection: ShopConnection, kind: Kind) -> dict[str, str]:
    posted = {int(name[8:]): str(value).strip() for name, value in request.POST.items() if _is_partner(name)}
    erp = getattr(connection.client, "erp", None)
    items = {item.pk: item for item in SnapshotItem.objects.filter(erp=erp, kind=kind, pk__in=posted)} if erp else {}
    links = {
        link.erp_key: link
        for link in Link.objects.filter(connection=connection, kind=kind, erp_key__in=[i.key for i in items.values()])
    }
    partners = partners_of(connection, kind)
    errors: dict[str, str] = {}
    done = 0
    for pk, typed in posted.items():
        item = items.get(pk)
        if item is None:
            continue
        link = links.get(item.key)
        wanted = _named(typed, partners)
        if typed and wanted is None:
            errors[f"partner-{pk}"] = _("The shop has nothing of that name. Choose one from the list.")
        elif (link.shop_key if link else "") != (wanted.key if wanted else "") and not (
            link and not typed and _lost(link, partners)
        ):
            problem = _set_partner(request, connection, kind, item.key, link, wanted)
            errors |= {f"partner-{pk}": problem} if problem else {}
            done += 0 if problem else 1
    if done:
        text = ngettext("%(n)s mapping saved.", "%(n)s mappings saved.", done)
        messages.success(request, text % {"n": done})
    elif not errors:
        messages.info(request, _("Nothing was changed."))
    return errors


def _is_partner(name: str) -> bool:
    return name.startswith("partner-") and name[8:].isdigit()


def _lost(link: Link, partners: dict[str, Partner]) -> bool:
    """The partner is not in the shop any more, so its input is empty without anybody having emptied it."""
    return link.shop_key not in partners


def _named(typed: str, partners: dict[str, Partner]) -> Partner | None:
    """The shop element that was typed or chosen: by its whole text, case and accents aside."""
    wanted = fold(typed)
    return next((partner for partner in partners.values() if fold(partner.text) == wanted), None) if wanted else None


def _set_partner(
    request: HttpRequest, connection: ShopConnection, kind: Kind, key: str, link: Link | None, wanted: Partner | None
) -> str:
    """Link, re-link or unlink one element; the reason why not, or nothing."""
    try:
        if link is not None:
            pairs.unlink(link, person(request))
        if wanted is not None:
            pairs.link(connection, kind, key, wanted.key, person(request), origin=Origin.PERSON)
    except pairs.PairRefused as refused:
        return explain(refused.problem, connection=connection).sentence
    return ""


def _accept(request: HttpRequest, connection: ShopConnection, kind: Kind) -> dict[str, str]:
    """Link every unmapped element of the whole kind whose best suggestion is sure."""
    erp = getattr(connection.client, "erp", None)
    alone = _erp_items(connection, erp, kind).filter(mapped=False).values_list("key", flat=True)[:500]
    done = 0
    for key, offered in pairs.suggestions(connection, kind, list(alone)).items():
        best = next(iter(offered), None)
        if best is not None and is_sure(best):
            pairs.link(connection, kind, key, best.key, person(request), origin=Origin.SUGGESTION)
            done += 1
    text = ngettext("%(n)s suggestion accepted.", "%(n)s suggestions accepted.", done)
    messages.success(request, text % {"n": done})
    return {}


def is_sure(offered: Suggestion) -> bool:
    """Whether a suggestion may be taken without looking at each: names or codes are equal, or nearly everything is."""
    return offered.score >= SURE or bool({"name", "code"} & set(offered.evidence))


def _make_primary(request: HttpRequest, connection: ShopConnection, kind: Kind, pk: int) -> dict[str, str]:
    """Choose which of several WAPRO elements the shop's one leads back to."""
    link = Link.objects.filter(connection=connection, kind=kind, pk=pk).first()
    if link is not None:
        pairs.make_primary(link, person(request))
        messages.success(request, _("From the shop, the way now leads back to this element."))
    return {}


def _save_default(request: HttpRequest, connection: ShopConnection) -> dict[str, str]:
    """The category for products whose own has no partner; empty: such products wait."""
    typed = request.POST.get("default_category", "").strip()
    partner = _named(typed, partners_of(connection, Kind.CATEGORY))
    if typed and partner is None:
        return {"default_category": _("The shop has nothing of that name. Choose one from the list.")}
    set_default_category(connection, partner.key if partner else "", person(request))
    messages.success(request, _("Default category saved."))
    return {}
