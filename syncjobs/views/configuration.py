"""Configuration of a shop connection: out as a file or a template, in after a look at what would change."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrator.accounts import audit
from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs.configuration import sources
from syncjobs.configuration.compare import Row, Section, seal, unapproved
from syncjobs.configuration.document import LARGEST, DocumentRefused, as_text, parse
from syncjobs.configuration.schema import SAFE_OFF
from syncjobs.configuration.sources import Source
from syncjobs.configuration.writing import Entry, NotTaken, Stale, comparison, take_over
from syncjobs.models import ConfigurationTemplate
from syncjobs.views import configuration_words as words
from syncjobs.views.people import person

SHOWN = 200
MOST_REMOVED = 5000
"""Entries of one section that the page lists; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry on the page."""

    label: str
    old: str
    new: str
    why: str


@require_http_methods(["GET", "POST"])
def configuration(request: HttpRequest, shop: int) -> HttpResponse:
    """Ways out and ways in. A file that is sent is read here and compared on the next page."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    if request.method == "POST":
        return _received(request, connection)
    return _page(request, connection)


def _page(request: HttpRequest, connection: ShopConnection, *, wrong: str = "", status: int = 200) -> HttpResponse:
    user = person(request)
    context = {
        "shop": connection,
        "tab": "configuration",
        "connections": sources.connections_for(connection, user),
        "templates": sources.templates_for(connection, user),
        "keeps": sources.may_keep(connection, user),
        "wrong": wrong,
        "limit": LARGEST // (1024 * 1024),
    }
    return render(request, "syncjobs/configuration.html", context, status=status)


def _received(request: HttpRequest, connection: ShopConnection) -> HttpResponse:
    sent = request.FILES.get("file")
    if sent is None:
        return _page(request, connection, wrong=_("Choose a file first."), status=422)
    try:
        # One byte more than is allowed is enough to know.
        text = sent.read(LARGEST + 1)
        document = parse(text)
    except DocumentRefused as refused:
        return _page(request, connection, wrong=words.bad(refused), status=422)
    kept = sources.keep_upload(connection, sent.name or document.name, sources.as_json(text), person(request))
    return redirect(f"{reverse('configuration_compare', args=[connection.pk])}?from=upload-{kept.pk}")


@require_GET
def export(request: HttpRequest, shop: int) -> HttpResponse:
    """The document as a file."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    confirmed_lately(request)
    answer = HttpResponse(as_text(sources.export(connection)), content_type="application/json; charset=utf-8")
    name = slugify(f"{connection.client}-{connection}") or str(connection.pk)
    answer["Content-Disposition"] = f'attachment; filename="integrator-{name}.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest, shop: int) -> HttpResponse:
    """What would change, section by section; ticked ones are taken over as they were shown."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    if request.method == "POST":
        # Limits are among what is taken over, and saving these asks too.
        confirmed_lately(request)
    ref = request.POST.get("from") or request.GET.get("from") or ""
    if not ref:
        return redirect("configuration", shop=connection.pk)
    try:
        source = sources.find(ref, connection, person(request))
    except DocumentRefused as refused:
        return _page(request, connection, wrong=words.bad(refused), status=422)
    if source is None:
        raise Http404
    if request.method == "POST":
        return _taken(request, connection, source)
    return _compared(request, connection, source, comparison(connection, source.document))


def _taken(request: HttpRequest, connection: ShopConnection, source: Source) -> HttpResponse:
    ticked, removed = request.POST.getlist("section"), _removed(request)
    try:
        if not ticked and not removed:
            found = comparison(connection, source.document)
            return _compared(request, connection, source, found, wrong=_("Tick what is to be taken over."))
        taken = take_over(
            connection, source.document, ticked, request.POST.get("seal", ""), person(request), source.label, removed
        )
    except Stale as stale:
        told = _("Something has changed since this was shown. Nothing was taken over; below is how it stands now.")
        return _compared(request, connection, source, stale.sections, wrong=told, ticked=ticked)
    except NotTaken as refused:
        found = comparison(connection, source.document)
        return _compared(request, connection, source, found, wrong=" ".join(refused.messages), ticked=ticked)
    text = ngettext("%(n)s setting taken over.", "%(n)s settings taken over.", taken.entries) % {"n": taken.entries}
    if taken.removed:
        text += " " + ngettext("%(n)s removed.", "%(n)s removed.", taken.removed) % {"n": taken.removed}
    if taken.unapproved:
        text += " " + _("The next plan waits for approval: %(kinds)s.") % {"kinds": words.again(taken.unapproved)}
    messages.success(request, text)
    return redirect(f"{reverse('configuration_compare', args=[connection.pk])}?from={source.ref}")


def _removed(request: HttpRequest) -> set[Entry]:
    """Entries that were ticked to be removed; what is malformed is dropped."""
    found: set[Entry] = set()
    for text in request.POST.getlist("remove")[:MOST_REMOVED]:
        try:
            parts = json.loads(text)
        except ValueError:
            continue
        if isinstance(parts, list) and len(parts) > 1 and all(isinstance(part, str) for part in parts):
            found.add((parts[0], tuple(parts[1:])))
    return found


def _compared(
    request: HttpRequest,
    connection: ShopConnection,
    source: Source,
    sections: tuple[Section, ...],
    *,
    wrong: str = "",
    ticked: list[str] | None = None,
) -> HttpResponse:
    changes = {one.name: one.changes for one in sections if one.changes}
    known = platforms().get(source.document.platform)
    context = {
        "shop": connection,
        "tab": "configuration",
        "source": source,
        "sections": [_shown(one, ticked) for one in sections if one.rows or one.problem or one.only_here],
        "same": [words.heading(one) for one in sections if not (one.rows or one.problem or one.only_here)],
        "unknown": source.document.unknown[:SHOWN],
        "changes": sum(len(rows) for rows in changes.values()),
        "removable": any(one.removable for one in sections),
        "refused": sum(len(one.refused) for one in sections) + sum(one.problem is not None for one in sections),
        "again": words.again(unapproved(changes) & {option.kind for option in connection.options.all()}),
        "other_platform": known.label if known and known.name != connection.platform else "",
        "seal": seal(sections),
        "wrong": wrong,
    }
    return render(request, "syncjobs/configuration_compare.html", context, status=422 if wrong else 200)


def _shown(section: Section, ticked: list[str] | None) -> dict[str, Any]:
    changes, refused, leftover = section.changes, section.refused, section.removable[:SHOWN]
    cautious = section.name in SAFE_OFF
    return {
        "name": section.name,
        "title": words.heading(section),
        "why": words.why(section.problem) if section.problem else "",
        "changes": [_line(section.name, row) for row in changes[:SHOWN]],
        "refused": [_line(section.name, row) for row in refused[:SHOWN]],
        "count": len(changes),
        "more": max(len(changes) - SHOWN, 0) + max(len(refused) - SHOWN, 0),
        "same": section.same,
        "only_here": section.only_here - len(leftover),
        "leftover": [(_line(section.name, row), json.dumps([section.name, *row.path])) for row in leftover],
        "ticked": section.name in ticked if ticked is not None else not cautious,
        "cautious": cautious,
        "erp": section.name == "erp",
    }


def _line(section: str, row: Row) -> Line:
    """A word that means nothing here is named by its reason."""
    named = row.problem is not None and "word" in row.problem[1]
    return Line(
        capfirst(words.label(section, row)),
        words.shown(section, row.path, row.old),
        "" if named else words.shown(section, row.path, row.new),
        words.why(row.problem) if row.problem else "",
    )


@require_POST
def template_save(request: HttpRequest, shop: int) -> HttpResponse:
    """Keep this connection's configuration under a name for the firm's other clients."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    firm, user = connection.client.firm, person(request)
    if not sources.may_keep(connection, user):
        told = _("Templates belong to the whole firm: saving one needs a role in the firm.")
        return _page(request, connection, wrong=told, status=403)
    name = _name(request)
    if not name:
        return _page(request, connection, wrong=_("Give the template a name."), status=422)
    values = {"document": sources.export(connection), "platform": connection.platform, "saved_by": user}
    with transaction.atomic():
        template, made = ConfigurationTemplate.objects.get_or_create(firm=firm, name=name, defaults=values)
        if made:
            audit.record(user, "template.save", name, firm=firm, data={"from": str(connection)})
    if not made:
        told = _("There is a template “%(name)s” already. Give this one another name, or remove that one first.")
        return _page(request, connection, wrong=told % {"name": template.name}, status=422)
    messages.success(request, _("The template “%(name)s” is saved.") % {"name": name})
    return redirect("configuration", shop=connection.pk)


def _name(request: HttpRequest) -> str:
    return " ".join(request.POST.get("name", "").replace("\0", "").split())[:80]


@require_POST
def template_edit(request: HttpRequest, template: int) -> HttpResponse:
    """Rename a template, or remove it."""
    found = get_or_404(request, ConfigurationTemplate, template, Role.IMPLEMENTER)
    user, before, name = person(request), found.name, _name(request)
    if request.POST.get("do") == "remove":
        with transaction.atomic():
            audit.record(user, "template.remove", before, firm=found.firm)
            found.delete()
        messages.success(request, _("The template “%(name)s” is removed.") % {"name": before})
    elif not name:
        messages.error(request, _("Give the template a name."))
    else:
        _rename(request, found, name)
    return _back(request, found)


def _rename(request: HttpRequest, found: ConfigurationTemplate, name: str) -> None:
    before = found.name
    try:
        with transaction.atomic():
            # Not `save`: that would say it was saved just now.
            ConfigurationTemplate.objects.filter(pk=found.pk).update(name=name)
            audit.record(person(request), "template.rename", name, firm=found.firm, data={"from": before})
    except IntegrityError:
        messages.error(request, _("There is a template “%(name)s” already.") % {"name": name})
    else:
        messages.success(request, _("Saved."))


def _back(request: HttpRequest, found: ConfigurationTemplate) -> HttpResponse:
    """To the connection that the person came from, if it is one of the same firm."""
    asked = request.POST.get("shop", "")
    here = ShopConnection.objects.filter(pk=int(asked), client__firm=found.firm_id) if asked.isdecimal() else None
    if here is not None and here.exists():
        return redirect("configuration", shop=int(asked))
    return redirect("firm_home", firm=found.firm_id)
