"""What people did with elements and links: said where it was done, listed, taken back; long ones with progress."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from integrator.accounts.access import Role, get_or_404
from shops.models import ShopConnection
from syncjobs import deeds as acting
from syncjobs.explain import explain
from syncjobs.models import Deed
from syncjobs.views import lists
from syncjobs.views.people import person

Verb, Status = Deed.Verb, Deed.Status
DID = "did"
"""Name in the address under which a page is told what was just done."""
HOME = {Verb.UNLINK: "links", Verb.CHECK: "links"}
"""The page on which the result of a deed is seen; of the others it is the unlinked one."""


def answer(back: str, query: str, deed: Deed | None) -> HttpResponse:
    """Back to the page the person acts on, which says what was done and offers to take it back."""
    kept = [(name, value) for name, value in parse_qsl(query[:2000], keep_blank_values=True) if name != DID]
    if deed is not None:
        kept.append((DID, str(deed.pk)))
    return redirect(f"{back}?{urlencode(kept)}" if kept else back)


def just_done(request: HttpRequest, connection: ShopConnection) -> dict[str, Any] | None:
    """What the address says was just done here, None when nothing or when it is another's."""
    pk = lists.number(request, DID)
    deed = Deed.objects.filter(pk=pk, connection=connection).select_related("by").first() if pk else None
    return described(deed) if deed is not None and deed.status != Status.UNDONE else None


def described(deed: Deed) -> dict[str, Any]:
    problem = deed.result.get("problem")
    return {
        "deed": deed,
        "text": words(deed),
        "also": settled_meanwhile(deed),
        "undoable": undoable(deed),
        "why_not": why_final(deed),
        "told": explain(problem, connection=deed.connection) if problem else None,
        "share": deed.looked / deed.total if deed.total else 0,
        "back_share": (deed.undone + deed.undo_skipped) / deed.done if deed.done else 0,
    }


def undoable(deed: Deed) -> bool:
    ended = deed.status in (Status.DONE, Status.FAILED) and deed.undone_at is None
    return ended and bool(deed.done) and deed.verb not in acting.FINAL


def why_final(deed: Deed) -> str:
    """Why a deed cannot be taken back, empty where it can or nothing was done."""
    reason = acting.FINAL.get(deed.verb, "")
    if reason == "run":
        return _(
            "What is created on the other side is not taken back from here: reject the plan while it waits. "
            "Afterwards it is deleted there by hand."
        )
    return _("It changed nothing but the marks of links.") if reason else ""


def words(deed: Deed) -> str:
    """What was done, as a sentence."""
    n = deed.done
    if deed.verb in (Verb.LINK, Verb.LINK_SURE):
        if deed.verb == Verb.LINK and n == 1:
            return _("Linked. Both now count as one element.")
        return ngettext("Linked with its suggestion: %(n)s.", "Linked with their suggestions: %(n)s.", n) % {"n": n}
    if deed.verb == Verb.UNLINK:
        if n == 1:
            return _("The link is broken. Both elements are unlinked now.")
        return ngettext("%(n)s link is broken.", "%(n)s links are broken.", n) % {"n": n}
    if deed.verb in (Verb.IGNORE, Verb.IGNORE_ALL):
        text = ngettext("%(n)s element is ignored from now on.", "%(n)s elements are ignored from now on.", n)
        where = _("You find them under “Ignored”, with the way back.")
        return " ".join((text % {"n": n}, where))
    if deed.verb == Verb.UNIGNORE:
        return ngettext("%(n)s element takes part again.", "%(n)s elements take part again.", n) % {"n": n}
    if deed.verb == Verb.CHECK:
        text = ngettext("%(n)s link was checked.", "%(n)s links were checked.", deed.looked) % {"n": deed.looked}
        yellow = deed.result.get("yellow", 0)
        lost = ngettext("%(n)s has lost its evidence.", "%(n)s have lost their evidence.", yellow) % {"n": yellow}
        return f"{text} {lost}"
    if deed.verb == Verb.CREATE:
        return ngettext("%(n)s element to be created in the shop.", "%(n)s elements to be created in the shop.", n) % {
            "n": n
        }
    return ngettext("%(n)s element to be imported to WAPRO.", "%(n)s elements to be imported to WAPRO.", n) % {"n": n}


def settled_meanwhile(deed: Deed) -> str:
    """Rows that were left out. For suggestions over all pages that is most rows, and no news."""
    if not deed.skipped:
        return ""
    text = ngettext(
        "%(n)s was settled by somebody else meanwhile and stays as it is: %(names)s.",
        "%(n)s were settled by somebody else meanwhile and stay as they are: %(names)s.",
        deed.skipped,
    )
    return text % {"n": deed.skipped, "names": ", ".join(deed.result.get("skipped", [])) or "–"}


@require_safe
def deeds(request: HttpRequest, shop: int) -> HttpResponse:
    """Recent actions of a connection, newest first, each with its way back or why there is none."""
    connection = get_or_404(request, ShopConnection, shop)
    query = Deed.objects.filter(connection=connection).select_related("by", "undone_by", "connection")
    page = lists.newest_first(query, lists.number(request, "before"))
    context = {"connection": connection, "page": page, "rows": [described(deed) for deed in page.rows]}
    return render(request, "syncjobs/deeds.html", context)


@require_safe
def deed(request: HttpRequest, deed: int) -> HttpResponse:
    """One action: how far it is while a worker carries it out, what came of it afterwards."""
    found = get_or_404(request, Deed, deed)
    home = reverse(HOME.get(Verb(found.verb), "unlinked_kind"), args=[found.connection_id, found.kind])
    context = {"connection": found.connection, "one": described(found), "home": home}
    part = "#progress" if request.headers.get("HX-Request") else ""
    return render(request, f"syncjobs/deed.html{part}", context)


@require_POST
def deed_act(request: HttpRequest, deed: int) -> HttpResponse:
    """Take an action back as a whole, or go on with one that an error stopped."""
    found = get_or_404(request, Deed, deed, Role.OPERATOR)
    if request.POST.get("do") == "resume":
        acting.resume(found)
        return redirect("deed", deed=found.pk)
    if not acting.take_back(found, person(request)):
        messages.warning(request, why_final(found) or _("Somebody has taken this back already."))
    elif found.status == Status.UNDONE:
        messages.success(request, _taken_back(found))
    else:
        return redirect("deed", deed=found.pk)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("deeds", args=[found.connection_id])
    path, _mark, query = back.partition("?")
    return answer(path, query, None)


def _taken_back(deed: Deed) -> str:
    text = ngettext("Taken back: %(n)s element.", "Taken back: %(n)s elements.", deed.undone) % {"n": deed.undone}
    if not deed.undo_skipped:
        return text
    rest = ngettext(
        "%(n)s had changed since and stays as it is.",
        "%(n)s had changed since and stay as they are.",
        deed.undo_skipped,
    )
    return f"{text} {rest % {'n': deed.undo_skipped}}"
