"""Conflicts: fields that changed on both sides; a person chooses, types a value, or leaves both as they are."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, SYNC_KINDS
from integrator.canonical.text import clean, fold
from shops.models import ShopConnection
from syncjobs import conflicts as deciding
from syncjobs.explain import explain
from syncjobs.fields import NUMBERS, product_kind, references_of
from syncjobs.models import Conflict, SnapshotItem
from syncjobs.models.choices import Side
from syncjobs.setup import setup_of
from syncjobs.views import lists
from syncjobs.views.people import person

OWNERS = ("erp", "shop", "value", "ignore")
LINKED_KINDS = [str(kind) for kind in SYNC_KINDS if kind not in PRODUCT_STATE_KINDS]
MOST_FOUND = 2000
"""Elements that a search may match; a wider one has to be narrowed by more words."""


@require_GET
def conflicts(request: HttpRequest, shop: int) -> HttpResponse:
    """Open conflicts with the current element beside them, or the decided ones with the value that lost."""
    connection = get_or_404(request, ShopConnection, shop)
    if request.GET.get("show") == "decided":
        return render(request, "syncjobs/decided.html", _decided(request, connection))
    return render(request, "syncjobs/conflicts.html", context_of(request, connection))


def context_of(request: HttpRequest, connection: ShopConnection) -> dict[str, Any]:
    query = _open(connection)
    groups = _groups(query)
    kind, field, words = lists.text(request, "kind"), lists.text(request, "field"), lists.text(request, "q")
    shown = _filtered(query, connection, kind, field, words)
    page = lists.oldest_first(shown.select_related("link"), lists.number(request, "after"))
    current = _current(request, connection, page.rows)
    beside = _of_element(connection, current) if current else []
    return {
        "connection": connection,
        "page": page,
        "rows": _named(page.rows, connection),
        "groups": groups,
        "total": sum(n for _kind, _field, n in groups),
        "elements": query.values("link").distinct().count() if groups else 0,
        "kind": kind,
        "field": field,
        "q": words,
        "kept": {name: text for name, text in (("kind", kind), ("field", field), ("q", words)) if text},
        "current": current,
        "cards": _cards(beside, connection, groups),
        "about": _named([current], connection)[0] if current else None,
        "references": _references([*page.rows, *beside], connection),
        "decided_total": Conflict.objects.filter(connection=connection).exclude(owner="").count(),
    }


def _open(connection: ShopConnection) -> QuerySet[Conflict]:
    return Conflict.objects.filter(connection=connection, status=Conflict.Status.OPEN)


def _groups(query: QuerySet[Conflict]) -> list[tuple[str, str, int]]:
    """(kind, field, how many), the most frequent first."""
    rows = query.values_list("kind", "field").annotate(n=Count("pk")).order_by("-n", "kind", "field")
    return [(kind, field, n) for kind, field, n in rows]


def _filtered(
    query: QuerySet[Conflict], connection: ShopConnection, kind: str, field: str, words: str
) -> QuerySet[Conflict]:
    if kind:
        query = query.filter(kind=kind)
    if field:
        query = query.filter(field=field)
    if words:
        # Keys first: joined through the link, the planner would walk the whole snapshot once per conflict.
        items = SnapshotItem.objects.filter(shop=connection, kind__in=LINKED_KINDS, search__contains=fold(words))
        query = query.filter(link__shop_key__in=list(items.values_list("key", flat=True)[:MOST_FOUND]))
    return query


def _current(request: HttpRequest, connection: ShopConnection, rows: Sequence[Conflict]) -> Conflict | None:
    at = lists.number(request, "at")
    if at:
        found = _open(connection).select_related("link").filter(pk=at).first()
        if found is not None:
            return found
    return rows[0] if rows else None


def _of_element(connection: ShopConnection, current: Conflict) -> list[Conflict]:
    """All open conflicts of the element the current one belongs to, the current one first."""
    found = _open(connection).filter(link=current.link_id).select_related("link").order_by("kind", "pk")[:20]
    return sorted(found, key=lambda conflict: conflict.pk != current.pk)


def _named(rows: Sequence[Conflict], connection: ShopConnection) -> list[dict[str, Any]]:
    """Conflicts with code and name of their element, in one query."""
    keys = {(product_kind(c.kind), c.link.shop_key) for c in rows}
    items = SnapshotItem.objects.filter(
        shop=connection, kind__in={kind for kind, _key in keys}, key__in={key for _kind, key in keys}
    )
    known = {(item.kind, item.key): item for item in items} if keys else {}
    made = []
    for conflict in rows:
        kind, link = product_kind(conflict.kind), conflict.link
        item = known.get((kind, link.shop_key))
        element = {"shop": connection.pk, "kind": kind, "side": Side.ERP, "key": link.erp_key}
        made.append(
            {
                "conflict": conflict,
                "label": item.label if item and item.label else link.erp_key,
                "code": item.code if item else "",
                "ean": item.ean if item else "",
                "url": reverse("element", kwargs=element),
            }
        )
    return made


def _cards(
    rows: Sequence[Conflict], connection: ShopConnection, groups: Sequence[tuple[str, str, int]]
) -> list[dict[str, Any]]:
    """One card per field of the element: its values, how many similar ones there are, what the shop would cut."""
    alike = {(kind, field): n for kind, field, n in groups}
    limits = _limits(connection) if rows else {}
    return [
        {
            "conflict": conflict,
            "similar": alike.get((conflict.kind, conflict.field), 1) - 1,
            "limit": limits.get((conflict.kind, conflict.field)),
            "numeric": conflict.field in NUMBERS,
        }
        for conflict in rows
    ]


def _limits(connection: ShopConnection) -> dict[tuple[str, str], int]:
    """Longest text each field of the shop takes."""
    try:
        setup = setup_of(connection)
    except IntegrationError:
        return {}
    return {
        (str(kind), name): spec.max_length
        for kind in setup.kinds
        for name, spec in setup.shop.of(kind).fields.items()
        if spec.max_length
    }


def _references(rows: Sequence[Conflict], connection: ShopConnection) -> dict[tuple[str, str, str], str]:
    erp = getattr(connection.client, "erp", None)
    wanted = [(str(Side.ERP), c.field, value) for c in rows for value in (c.erp, c.base_erp)]
    wanted += [(str(Side.SHOP), c.field, value) for c in rows for value in (c.shop, c.base_shop)]
    return references_of(erp.pk if erp else None, connection.pk, wanted)


@require_POST
def conflicts_decide(request: HttpRequest, shop: int) -> HttpResponse:
    """Take the decisions of one element's card. One made on values that moved since is refused, with the fresh ones."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    ids = [int(pk) for pk in request.POST.getlist("conflict") if pk.isdigit()]
    rows = list(_open(connection).filter(pk__in=ids).select_related("link"))
    gone, done, stale = len(ids) - len(rows), 0, []
    for conflict in rows:
        owner = _owner(request, conflict)
        if not owner:
            continue
        try:
            done += _decide(request, conflict, owner)
        except deciding.StaleDecision:
            stale.append(conflict)
        except IntegrationError as refused:
            messages.error(request, explain(refused.problem, connection=connection).sentence)
    if stale or gone:
        return _refused(request, connection, stale)
    if done:
        text = ngettext("%(n)s field decided.", "%(n)s fields decided.", done) % {"n": done}
        messages.success(request, " ".join((text, _("The next run writes it."))))
    else:
        messages.warning(request, _("Choose a value first."))
    return redirect(_back(request, connection))


def _owner(request: HttpRequest, conflict: Conflict) -> str:
    """The choice for one conflict: a button for the whole card overrules the single choices."""
    whole = request.POST.get("whole", "")
    owner = whole or request.POST.get(f"owner-{conflict.pk}", "")
    if not owner and request.POST.get(f"value-{conflict.pk}", "").strip():
        return "value"  # typed without ticking the choice before it: what was meant is plain
    return owner if owner in OWNERS else ""


def _decide(request: HttpRequest, conflict: Conflict, owner: str) -> int:
    """Decide one conflict and, where ticked, all similar ones. How many were decided."""
    version = request.POST.get(f"version-{conflict.pk}", "")
    typed = clean(request.POST.get(f"value-{conflict.pk}", ""))
    if owner == "value" and conflict.field in NUMBERS:
        typed = typed.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    value = typed if owner == "value" else None
    deciding.decide(conflict, int(version) if version.isdigit() else 0, owner, value, person(request))
    if request.POST.get(f"similar-{conflict.pk}") and owner != "value":
        others = _open(conflict.connection).filter(kind=conflict.kind, field=conflict.field).exclude(pk=conflict.pk)
        alike = list(others.select_related("link")[:1000])
        others_done, _stale = deciding.decide_many(alike, owner, person(request))
        return 1 + others_done
    return 1


def _refused(request: HttpRequest, connection: ShopConnection, stale: Sequence[Conflict]) -> HttpResponse:
    """409: the values moved while the page was open. The card again, with the fresh values."""
    for conflict in stale:
        conflict.refresh_from_db()
    context = context_of(request, connection)
    if stale:
        beside = _of_element(connection, stale[0])
        groups = context["groups"]
        context |= {
            "current": stale[0],
            "cards": _cards(beside, connection, groups),
            "about": _named([stale[0]], connection)[0],
            "references": _references([*context["page"].rows, *beside], connection),
        }
    context["stale"] = True
    template = "syncjobs/conflicts.html#card" if request.headers.get("HX-Request") else "syncjobs/conflicts.html"
    return render(request, template, context, status=409)


def _back(request: HttpRequest, connection: ShopConnection) -> str:
    """The list as it was filtered, at whatever comes next."""
    kept = {name: request.POST[name] for name in ("kind", "field", "q") if request.POST.get(name)}
    url = reverse("conflicts", kwargs={"shop": connection.pk})
    return f"{url}?{urlencode(kept)}" if kept else url


def _decided(request: HttpRequest, connection: ShopConnection) -> dict[str, Any]:
    """Decisions made, newest first, each with the value that was overruled."""
    query = Conflict.objects.filter(connection=connection).exclude(owner="").select_related("link", "decided_by")
    page = lists.newest_first(query, lists.number(request, "before"))
    return {
        "connection": connection,
        "page": page,
        "rows": _named(page.rows, connection),
        "references": _references(page.rows, connection),
        "open_total": _open(connection).count(),
    }
