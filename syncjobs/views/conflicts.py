"""Conflicts: fields that changed on both sides; a person chooses, types a value, or leaves both as they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import REFERENCE_FIELDS
from integrator.canonical.text import clean
from shops.models import ShopConnection
from syncjobs import conflict_rules
from syncjobs import conflicts as deciding
from syncjobs.fields import NUMBERS, field_label
from syncjobs.models import Conflict, Errand
from syncjobs.setup import setup_of
from syncjobs.templatetags.sync import num
from syncjobs.views import lists
from syncjobs.views.conflicts_decided import decided_context, matching, named, references
from syncjobs.views.people import person

OWNERS = ("erp", "shop", "value", "ignore")
MOST_AT_ONCE = 50
"""Fields of one card."""
MOST_TYPED = 60_000
"""Characters of a typed value where the shop names no limit."""
NEWEST = 2**62


@require_GET
def conflicts(request: HttpRequest, shop: int) -> HttpResponse:
    """Open conflicts with the current element beside them, or the history of decisions."""
    connection = get_or_404(request, ShopConnection, shop)
    if request.GET.get("show") == "decided":
        return render(request, "syncjobs/decided.html", decided_context(request, connection))
    return render(request, "syncjobs/conflicts.html", context_of(request, connection))


def context_of(request: HttpRequest, connection: ShopConnection) -> dict[str, Any]:
    query = _open(connection)
    groups = _groups(query)
    kind, name, words = lists.text(request, "kind"), lists.text(request, "field"), lists.text(request, "q")
    shown = _filtered(query, connection, kind, name, words)
    page = lists.oldest_first(shown.select_related("link"), lists.number(request, "after"))
    current = _current(request, connection, page.rows)
    beside = _of_element(connection, current) if current else []
    return {
        "connection": connection,
        "page": page,
        "rows": named(page.rows, connection),
        "groups": groups,
        "total": sum(n for _kind, _name, n in groups),
        "elements": query.values("link").distinct().count() if groups else 0,
        "kind": kind,
        "field": name,
        "q": words,
        "kept": {key: text for key, text in (("kind", kind), ("field", name), ("q", words)) if text},
        "current": current,
        "cards": _cards(beside, connection, groups),
        "about": named([current], connection)[0] if current else None,
        "references": references([*page.rows, *beside], connection),
        "any_decided": Conflict.objects.filter(connection=connection, decided_at__isnull=False).exists(),
        "upto": query.order_by("-pk").values_list("pk", flat=True).first() or 0,
    }


def _open(connection: ShopConnection) -> QuerySet[Conflict]:
    return Conflict.objects.filter(connection=connection, status=Conflict.Status.OPEN)


def _groups(query: QuerySet[Conflict]) -> list[tuple[str, str, int]]:
    """(kind, field, how many), the most frequent first."""
    rows = query.values_list("kind", "field").annotate(n=Count("pk")).order_by("-n", "kind", "field")
    return [(kind, name, n) for kind, name, n in rows]


def _filtered(
    query: QuerySet[Conflict], connection: ShopConnection, kind: str, name: str, words: str
) -> QuerySet[Conflict]:
    if kind:
        query = query.filter(kind=kind)
    if name:
        query = query.filter(field=name)
    return matching(query, connection, words)


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


def _cards(
    rows: Sequence[Conflict], connection: ShopConnection, groups: Sequence[tuple[str, str, int]]
) -> list[dict[str, Any]]:
    """One card per field of the element: its values, how many similar ones there are, what the shop would cut."""
    alike = {(kind, name): n for kind, name, n in groups}
    limits = _limits(connection) if rows else {}
    return [
        {
            "conflict": conflict,
            "similar": alike.get((conflict.kind, conflict.field), 1) - 1,
            "limit": limits.get((conflict.kind, conflict.field)),
            "numeric": conflict.field in NUMBERS,
            "typeable": _typeable(conflict),
        }
        for conflict in rows
    ]


def _typeable(conflict: Conflict) -> bool:
    """Whether a typed value means the same on both sides: a category's key or a path would not."""
    return conflict.field not in REFERENCE_FIELDS and not isinstance(conflict.erp, list | bool)


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


@require_POST
def conflicts_decide(request: HttpRequest, shop: int) -> HttpResponse:
    """Take the decisions of one element's card. One made on values that moved since is refused, with the fresh ones."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    ids = [int(pk) for pk in request.POST.getlist("conflict") if pk.isdigit() and len(pk) < 19][:MOST_AT_ONCE]
    rows = list(Conflict.objects.filter(connection=connection, pk__in=ids).select_related("link", "decided_by"))
    made = _Made()
    for conflict in rows:
        owner = _owner(request, conflict)
        if owner:
            _decide(request, connection, conflict, owner, made)
    if made.errand is not None:
        return redirect("errand", errand=made.errand.pk)
    if made.done:
        text = ngettext("%(n)s field decided.", "%(n)s fields decided.", made.done) % {"n": num(made.done)}
        messages.success(request, " ".join((text, _("The next run writes it."))))
    if made.stale or made.others or len(rows) < len(set(ids)):
        return _refused(request, connection, made)
    if made.again and not made.done:
        messages.success(request, _("This was decided already. Nothing changed."))
    elif not made.done and not made.refused:
        messages.warning(request, _("Choose a value first."))
    return redirect(_back(request, connection))


@dataclass(slots=True)
class _Made:
    """What became of the choices of one card."""

    done: int = 0
    again: int = 0
    """Sent twice, or once more after going back: decided just so by the same person."""
    refused: int = 0
    stale: list[Conflict] = field(default_factory=list)
    others: list[Conflict] = field(default_factory=list)
    """Decided otherwise, or by somebody else, or settled meanwhile."""
    errand: Errand | None = None


def _owner(request: HttpRequest, conflict: Conflict) -> str:
    """The choice for one conflict: a button for the whole card overrules the single choices."""
    whole = request.POST.get("whole", "")
    owner = whole or request.POST.get(f"owner-{conflict.pk}", "")
    if not owner and request.POST.get(f"value-{conflict.pk}", "").strip():
        return "value"  # typed without ticking the choice before it: what was meant is plain
    return owner if owner in OWNERS else ""


def _decide(request: HttpRequest, connection: ShopConnection, conflict: Conflict, owner: str, made: _Made) -> None:
    """Decide one conflict and, where ticked, all similar ones."""
    user = person(request)
    version = request.POST.get(f"version-{conflict.pk}", "")
    try:
        value = _typed(request, conflict) if owner == "value" else None
        if conflict.status != Conflict.Status.OPEN:
            mine = conflict.decided_by_id == user.pk and (conflict.owner, conflict.value) == (owner, value)
            made.again += mine
            made.others += [] if mine else [conflict]
            return
        deciding.decide(conflict, int(version) if version.isdigit() else 0, owner, value, user)
        made.done += 1
    except deciding.StaleDecision:
        (made.stale if conflict.status == Conflict.Status.OPEN else made.others).append(conflict)
        return
    except ValueError as error:
        made.refused += 1
        messages.error(request, str(error))
        return
    if request.POST.get(f"similar-{conflict.pk}") and owner != "value":
        _decide_similar(request, connection, conflict, owner, made)


def _decide_similar(
    request: HttpRequest, connection: ShopConnection, conflict: Conflict, owner: str, made: _Made
) -> None:
    """The same side for those that were counted on the screen, not for what came later."""
    upto = request.POST.get("upto", "")
    seen = int(upto) if upto.isdigit() and len(upto) < 19 else NEWEST
    alike = deciding.Alike(connection, conflict.kind, conflict.field, owner, seen)
    found = conflict_rules.decide_all(alike, person(request), alike.open().count())
    if isinstance(found, Errand):
        made.errand = found
    else:
        made.done += found


def _typed(request: HttpRequest, conflict: Conflict) -> str:
    """The typed value as it is kept. Raises ValueError, in words, for what the field cannot hold."""
    typed = clean(request.POST.get(f"value-{conflict.pk}", "").replace("\x00", ""))
    label = field_label(conflict.field)
    if not _typeable(conflict):
        raise ValueError(_("%(field)s: choose one of the two sides.") % {"field": capfirst(label)})
    if conflict.field in NUMBERS:
        text = typed.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
        try:
            if not Decimal(text).is_finite():
                raise InvalidOperation
        except InvalidOperation:
            raise ValueError(_("%(field)s takes a number, such as 12.50.") % {"field": capfirst(label)}) from None
        return text
    limit = _limits(conflict.connection).get((conflict.kind, conflict.field), MOST_TYPED)
    if len(typed) > limit:
        words = {"field": capfirst(label), "limit": limit, "length": len(typed)}
        raise ValueError(_("%(field)s takes up to %(limit)s characters; this has %(length)s.") % words)
    return typed


def _refused(request: HttpRequest, connection: ShopConnection, made: _Made) -> HttpResponse:
    """409: the values moved while the page was open. The card again, with the fresh values and who was faster."""
    for conflict in made.stale:
        conflict.refresh_from_db()
    context = context_of(request, connection)
    first = made.stale[0] if made.stale else _still_open_beside(connection, made.others)
    if first is not None:
        beside = _of_element(connection, first)
        groups = context["groups"]
        context |= {
            "current": first,
            "cards": _cards(beside, connection, groups),
            "about": named([first], connection)[0],
            "references": references([*context["page"].rows, *beside, *made.others], connection),
        }
    else:
        context |= {"current": None, "cards": [], "about": None}
        context["references"] = references([*context["page"].rows, *made.others], connection)
    context |= {"stale": True, "moved": made.stale, "others": named(made.others, connection), "some_done": made.done}
    template = "syncjobs/conflicts.html#card" if request.headers.get("HX-Request") else "syncjobs/conflicts.html"
    return render(request, template, context, status=409)


def _still_open_beside(connection: ShopConnection, others: Sequence[Conflict]) -> Conflict | None:
    """What is left to decide of the element whose field somebody else decided."""
    links = [conflict.link_id for conflict in others]
    return _open(connection).filter(link__in=links).select_related("link").first() if links else None


def _back(request: HttpRequest, connection: ShopConnection) -> str:
    """The list as it was filtered, at whatever comes next."""
    kept = {name: request.POST[name] for name in ("kind", "field", "q") if request.POST.get(name)}
    url = reverse("conflicts", kwargs={"shop": connection.pk})
    return f"{url}?{urlencode(kept)}" if kept else url
