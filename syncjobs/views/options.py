"""Options of the synchronisation, one page per shop connection and kind."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from integrator.accounts.access import Role, get_or_404
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import GATES, SYNC_KINDS, Kind
from shops.models import ShopConnection
from syncjobs import options as keeping
from syncjobs.engine.policy import Owner
from syncjobs.explain import explain
from syncjobs.fields import field_label, kind_label
from syncjobs.forms import (
    CRITERION_HELP,
    CRITERION_LABELS,
    FIRST_LABELS,
    GONE_LABELS,
    INTERVALS,
    LINKED_LABELS,
    OWNER_LABELS,
    Offer,
    OptionsForm,
    offer_of,
)
from syncjobs.meaning import every, meaning
from syncjobs.models import Step, SyncOptions, Unlinked
from syncjobs.models.choices import Side
from syncjobs.setup import Setup, setup_of
from syncjobs.views.people import person

OWNERS = (Owner.ERP, Owner.SHOP, Owner.ASK, Owner.IGNORE)


@require_GET
def options(request: HttpRequest, shop: int) -> HttpResponse:
    """The options of the kind that matters most: products, else the first one there is."""
    connection = get_or_404(request, ShopConnection, shop)
    try:
        kinds = setup_of(connection).kinds
    except IntegrationError as refused:
        return _without_setup(request, connection, refused)
    if not kinds:
        raise Http404
    return redirect("options_kind", shop=connection.pk, kind=Kind.PRODUCT if Kind.PRODUCT in kinds else kinds[0])


@require_http_methods(["GET", "POST"])
def options_kind(request: HttpRequest, shop: int, kind: str) -> HttpResponse:
    """Show and save the options of one kind."""
    role = Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER
    connection = get_or_404(request, ShopConnection, shop, role)
    try:
        setup = setup_of(connection)
    except IntegrationError as refused:
        return _without_setup(request, connection, refused)
    if kind not in setup.kinds:
        raise Http404
    if Kind(kind) not in setup.options:
        keeping.ensure_options(connection)
        setup = setup_of(connection)
    offer = offer_of(setup, Kind(kind))
    form = OptionsForm(setup.options[Kind(kind)], offer, setup, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        messages.success(request, _("Saved. The next run goes by these options."))
        return redirect("options_kind", shop=connection.pk, kind=kind)
    context = _context(connection, setup, form)
    return render(request, "syncjobs/options.html", context, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, form: OptionsForm) -> bool:
    """Whether the model took the options too; what it says against them goes to the form."""
    try:
        keeping.save_options(form.apply(), person(request))
    except ValidationError as refused:
        form.add_error(None, ValidationError(refused.messages))
        return False
    return True


def _without_setup(request: HttpRequest, connection: ShopConnection, refused: IntegrationError) -> HttpResponse:
    told = explain(refused.problem, connection=connection, turn=refused.turn)
    return render(request, "syncjobs/no_setup.html", {"connection": connection, "told": told})


def _context(connection: ShopConnection, setup: Setup, form: OptionsForm) -> dict[str, Any]:
    kind, offer, options = form.offer.kind, form.offer, form.options
    latest = _latest(connection)
    return {
        "connection": connection,
        "kind": kind,
        "title": capfirst(kind_label(kind)),
        "form": form,
        "offer": offer,
        "options": options,
        "kinds": _kinds(setup, latest),
        "choices": _choices(form),
        "owners": _owner_rows(form),
        "owner_heads": [(owner, OWNER_LABELS[owner]) for owner in OWNERS],
        "says": meaning(options, offer),
        "remarks": [(k, text) for k, text in _remarks(setup) if k == kind],
        "gate": [(k, latest.get(k)) for k in GATES.get(kind, ()) if k in setup.kinds and not _well(latest.get(k))],
        "alone": _alone(connection, kind),
        "dependents": GATES.get(kind, ()),
        "needs_leading": not connection.is_leading,
    }


def _well(step: Step | None) -> bool:
    return step is not None and not step.had_errors


def _latest(connection: ShopConnection) -> dict[str, Step]:
    """The latest finished step of each kind."""
    found: dict[str, Step] = {}
    steps = Step.objects.filter(connection=connection).exclude(finished_at=None).order_by("-pk")[:100]
    for step in steps:
        found.setdefault(step.kind, step)
    return found


def _kinds(setup: Setup, latest: dict[str, Step]) -> list[dict[str, Any]]:
    """The list on the left: every kind with what its options come to, in two or three words."""
    return [
        {
            "kind": kind,
            "label": capfirst(kind_label(kind)),
            "brief": brief(setup.options.get(kind), offer_of(setup, kind)),
            "on": setup.options[kind].enabled if kind in setup.options else False,
            "failed": kind in latest and latest[kind].had_errors,
        }
        for kind in SYNC_KINDS
        if kind in setup.kinds
    ]


def brief(options: SyncOptions | None, offer: Offer) -> str:
    """Where data of a kind flows: "to the shop", "both ways", "fetching only"."""
    if options is None:
        return _("fetching only")
    used = {owner for name, owner in options.owners.items() if name in offer.owners}
    to_shop = Owner.ERP in used or options.export_unlinked or options.delete_unlinked
    to_erp = Owner.SHOP in used or options.import_unlinked
    if Owner.ASK in used or (to_shop and to_erp):
        return _("both ways")
    if to_shop:
        return _("to the shop")
    return _("to WAPRO") if to_erp else _("fetching and linking only")


def _choices(form: OptionsForm) -> dict[str, Any]:
    offer = form.offer
    return {
        "criterion": [(c, CRITERION_LABELS[c], CRITERION_HELP[c]) for c in offer.criteria],
        "linked": [(preset, *LINKED_LABELS[preset]) for preset in offer.linked],
        "first": list(FIRST_LABELS.items()),
        "gone": [(g, GONE_LABELS[g]) for g in offer.erp_gone],
        "interval": _intervals(form["interval_minutes"].value()),
    }


def _intervals(present: Any) -> list[tuple[int, str]]:
    minutes = sorted({*INTERVALS, *([int(present)] if str(present).isdigit() else [])})
    return [(m, every(m)) for m in minutes]


def _owner_rows(form: OptionsForm) -> list[dict[str, Any]]:
    """The property table: per field its bound value and which owners may be chosen."""
    return [
        {
            "name": name,
            "label": capfirst(field_label(name)),
            "value": form[f"owner-{name}"].value() or str(Owner.IGNORE),
            "choices": [(owner, owner in offered) for owner in OWNERS],
            "note": _field_note(name, form.setup, form.offer.kind),
        }
        for name, offered in form.offer.owners.items()
    ]


def _field_note(name: str, setup: Setup, kind: Kind) -> str:
    spec = setup.shop.of(kind).fields.get(name)
    if spec is None:
        return _("the shop does not take this field")
    notes = []
    if spec.max_length:
        notes.append(_("up to %(n)s characters") % {"n": spec.max_length})
    if spec.html:
        notes.append(_("the shop may rewrite its HTML; words are compared"))
    if not spec.variant:
        notes.append(_("not on variants"))
    if name == "price":
        basis = _("gross") if setup.shop.price_basis == "gross" else _("net")
        notes.append(_("%(basis)s, to the grosz") % {"basis": basis})
    return ", ".join(notes)


def _remarks(setup: Setup) -> list[tuple[Kind, str]]:
    """What the platform says about what it cannot do, per kind, in the reader's language."""
    return [(kind, _(setup.shop.of(kind).remark)) for kind in setup.kinds if setup.shop.of(kind).remark]


def _alone(connection: ShopConnection, kind: Kind) -> dict[str, int]:
    rows = Unlinked.objects.filter(connection=connection, kind=kind, state=Unlinked.State.UNLINKED)
    return {
        "erp": rows.filter(side=Side.ERP).count(),
        "shop": rows.filter(side=Side.SHOP).count(),
    }
