"""The record of decisions: who did what, when and to whom, found by any of these."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrator.accounts import audit
from integrator.accounts.access import get_or_404
from integrator.accounts.models import AuditEntry, Client, Firm, User

PAGE = 50
MOST_PEOPLE = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for; what is nonsense in the address is left out."""

    who: str = ""
    verb: str = ""
    client: str = ""
    since: date | None = None
    until: date | None = None
    q: str = ""

    @property
    def anything(self) -> bool:
        return any((self.who, self.verb, self.client, self.since, self.until, self.q))


def wanted(request: HttpRequest) -> Wanted:
    get = {name: str(value).replace("\x00", "").strip()[:100] for name, value in request.GET.items()}
    return Wanted(
        who=_number(get.get("who", "")),
        verb=get.get("verb", "") if get.get("verb", "") in audit.WORDS else "",
        client=_number(get.get("client", "")),
        since=_day(get.get("since", "")),
        until=_day(get.get("until", "")),
        q=get.get("q", ""),
    )


def _number(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) < 19 else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def chosen(entries: QuerySet[AuditEntry], wish: Wanted) -> QuerySet[AuditEntry]:
    """The entries that a wish leaves in, by falling id. Days are the reader's."""
    if wish.who:
        entries = entries.filter(user=int(wish.who))
    if wish.verb:
        entries = entries.filter(verb=wish.verb)
    if wish.client:
        entries = entries.filter(client=int(wish.client))
    if wish.since:
        entries = entries.filter(at__gte=_midnight(wish.since))
    if wish.until and wish.until < date.max:
        entries = entries.filter(at__lt=_midnight(wish.until + timedelta(days=1)))
    if wish.q:
        entries = entries.filter(subject__icontains=wish.q)
    return entries.select_related("user", "client").order_by("-id")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@require_safe
def firm_audit(request: HttpRequest, firm: int) -> HttpResponse:
    """Every decision in the firm, newest first."""
    found = get_or_404(request, Firm, firm)
    context = {"firm": found, "clients": list(Client.objects.filter(firm=found)[:500]), "export": "firm_audit_export"}
    return _audit(request, AuditEntry.objects.filter(firm=found), found, context | {"owner": found.pk})


@require_safe
def client_audit(request: HttpRequest, client: int) -> HttpResponse:
    """Every decision about the client, newest first."""
    found = get_or_404(request, Client, client)
    context = {"client": found, "export": "client_audit_export", "owner": found.pk}
    return _audit(request, AuditEntry.objects.filter(client=found), found.firm, context)


def _audit(request: HttpRequest, entries: QuerySet[AuditEntry], firm: Firm, context: dict[str, Any]) -> HttpResponse:
    """One page by falling id."""
    wish, before = wanted(request), _number(request.GET.get("before", ""))
    shown = chosen(entries, wish)
    if before:
        shown = shown.filter(pk__lt=int(before))
    rows = list(shown[: PAGE + 1])
    people = User.objects.filter(Exists(entries.filter(user=OuterRef("pk")))).order_by("name", "email")
    context |= {
        "rows": rows[:PAGE],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "people": [(str(one.pk), str(one)) for one in people[:MOST_PEOPLE]],
        "verbs": verb_groups(),
        "wish": wish,
        "before": before,
    }
    return render(request, "accounts/audit.html", context)


def verb_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """All verbs by what they are about, in the reader's words."""
    names = {
        "client": _("clients"),
        "member": _("people and roles"),
        "shop": _("shop connections"),
        "erp": _("WAPRO connections"),
        "run": _("runs and plans"),
        "step": _("runs and plans"),
        "options": _("options of synchronisation"),
        "link": _("links and marks"),
        "mark": _("links and marks"),
        "conflict": _("conflicts"),
        "order": _("orders"),
        "orders": _("orders"),
    }
    groups: dict[str, list[tuple[str, str]]] = {}
    for verb in audit.WORDS:
        title = names.get(verb.partition(".")[0], _("other"))
        groups.setdefault(title, []).append((verb, audit.words(verb).rstrip(":")))
    return [(title, sorted(rows, key=lambda row: row[1])) for title, rows in groups.items()]
