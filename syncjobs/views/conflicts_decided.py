"""Decisions about conflicts: the history with the value that lost, and taking one back before it is written."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from integrator.accounts.access import Role, get_or_404, place_of
from integrator.accounts.models import User
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, SYNC_KINDS
from integrator.canonical.text import fold
from shops.models import ShopConnection
from syncjobs import conflict_rules
from syncjobs import conflicts as deciding
from syncjobs.fields import field_label, product_kind, references_of
from syncjobs.models import Conflict, SnapshotItem, SyncOptions
from syncjobs.models.choices import Side
from syncjobs.templatetags.sync import num
from syncjobs.views import lists
from syncjobs.views.people import person

LINKED_KINDS = [str(kind) for kind in SYNC_KINDS if kind not in PRODUCT_STATE_KINDS]
MOST_FOUND = 2000
"""Elements that a search may match; a wider one has to be narrowed by more words."""
MOST_PEOPLE = 200
STATES = {"waiting": Conflict.Status.DECIDED, "settled": Conflict.Status.CLOSED, "void": Conflict.Status.OPEN}


def matching(query: QuerySet[Conflict], connection: ShopConnection, words: str) -> QuerySet[Conflict]:
    """Conflicts of elements whose code, name or EAN holds the words."""
    if not words:
        return query
    # Keys first: joined through the link, the planner would walk the whole snapshot once per conflict.
    items = SnapshotItem.objects.filter(shop=connection, kind__in=LINKED_KINDS, search__contains=fold(words))
    return query.filter(link__shop_key__in=list(items.values_list("key", flat=True)[:MOST_FOUND]))


def named(rows: Sequence[Conflict], connection: ShopConnection) -> list[dict[str, Any]]:
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


def references(rows: Sequence[Conflict], connection: ShopConnection) -> dict[tuple[str, str, str], str]:
    """Names of the categories, producers, units and rates that the values of these conflicts point to."""
    erp = getattr(connection.client, "erp", None)
    wanted = [(str(Side.ERP), c.field, value) for c in rows for value in (c.erp, c.base_erp)]
    wanted += [(str(Side.SHOP), c.field, value) for c in rows for value in (c.shop, c.base_shop)]
    return references_of(erp.pk if erp else None, connection.pk, wanted)


def decided_context(request: HttpRequest, connection: ShopConnection) -> dict[str, Any]:
    """Decisions made, the latest first, each with the value that was overruled."""
    filters = {
        "q": lists.text(request, "q"),
        "field": lists.text(request, "field"),
        "who": lists.number(request, "who"),
        "state": lists.chosen(request, "state", list(STATES), ""),
    }
    query = _chosen(connection, filters).select_related("link", "decided_by")
    rows, following = _latest_first(query, lists.text(request, "before"))
    place = place_of(request)
    firm_people = User.objects.filter(memberships__firm=place.firm).distinct().order_by("name", "email")
    return {
        "connection": connection,
        "rows": named(rows, connection),
        "following": following,
        "first": not request.GET.get("before"),
        "references": references(rows, connection),
        "open_total": Conflict.objects.filter(connection=connection, status=Conflict.Status.OPEN).count(),
        "fields": _fields(connection),
        "people": list(firm_people[:MOST_PEOPLE]) if place.operates else [],
        "rules": conflict_rules.rules_of(connection),
        "filtered": any(filters.values()),
        **filters,
    }


def _fields(connection: ShopConnection) -> list[tuple[str, str]]:
    """Fields that have an owner here, by their names on screen."""
    owners = SyncOptions.objects.filter(connection=connection).values_list("owners", flat=True)
    return sorted({(name, field_label(name)) for of_kind in owners for name in of_kind}, key=lambda pair: pair[1])


def _chosen(connection: ShopConnection, filters: dict[str, Any]) -> QuerySet[Conflict]:
    query = Conflict.objects.filter(connection=connection, decided_at__isnull=False)
    if filters["field"]:
        query = query.filter(field=filters["field"])
    if filters["who"]:
        query = query.filter(decided_by=filters["who"])
    if filters["state"]:
        query = query.filter(status=STATES[filters["state"]])
    return matching(query, connection, filters["q"])


def _latest_first(query: QuerySet[Conflict], before: str, size: int = lists.PAGE) -> tuple[list[Conflict], str]:
    """A page by falling time of decision, and where the next begins: many decided at once share their time."""
    stamp, _dot, last = before.partition(".")
    if stamp.isdigit() and last.isdigit() and len(stamp) < 18 and len(last) < 19:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(stamp))
        query = query.filter(Q(decided_at__lt=at) | Q(decided_at=at, pk__lt=int(last)), decided_at__lte=at)
    rows = list(query.order_by("-decided_at", "-pk")[: size + 1])
    if len(rows) <= size:
        return rows, ""
    end = rows[size - 1]
    assert end.decided_at is not None
    passed = (end.decided_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return rows[:size], f"{passed}.{end.pk}"


@require_POST
def take_back(request: HttpRequest, shop: int) -> HttpResponse:
    """Take one decision back, or the rule of a field, as long as nothing of it is written."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    kind, name = request.POST.get("kind", ""), request.POST.get("field", "")
    try:
        if kind:
            get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
            done = conflict_rules.undo_rule(connection, kind, name, person(request))
            text = _("The rule is taken back: %(field)s is ruled as before.") % {"field": field_label(name)}
            again = ngettext("%(n)s conflict is open again.", "%(n)s conflicts are open again.", done)
            messages.success(request, f"{text} {again % {'n': num(done)}}")
        else:
            _take_one_back(request, connection)
    except deciding.AlreadyWritten as refused:
        messages.error(request, _why_not(refused))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect(f"{reverse('conflicts', kwargs={'shop': connection.pk})}?show=decided")


def _take_one_back(request: HttpRequest, connection: ShopConnection) -> None:
    pk = request.POST.get("conflict", "")
    query = Conflict.objects.filter(connection=connection).select_related("link", "connection__client")
    found = query.filter(pk=int(pk)).first() if pk.isdigit() and len(pk) < 19 else None
    if found is None:
        raise deciding.AlreadyWritten
    if found.status == Conflict.Status.OPEN:
        messages.success(request, _("The conflict is open already. Nothing changed."))
        return
    deciding.take_back(found, person(request))
    messages.success(request, _("The decision is taken back. The conflict is open again."))


def _why_not(refused: deciding.AlreadyWritten) -> str:
    if refused.run:
        words = _("Not taken back: run %(run)s has it in its plan. Reject that plan or stop the run first.")
        return words % {"run": refused.run}
    return _("Not taken back: it is written already. Change the value in WAPRO or in the shop.")
