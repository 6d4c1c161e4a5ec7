"""What the buttons of the set-up wizard ask for besides saving."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from integrator.accounts.audit import record
from integrator.accounts.models import User
from syncjobs import errands, runs
from syncjobs.models import Errand, Run, ShopSetup
from syncjobs.views.replacing import ask_first
from syncjobs.views.wizard_parts import Here, last_errand, needed, stages_of
from syncjobs.wizard import scope, trial, words
from syncjobs.wizard.working import MOST_ORDERS

Act = Callable[[Here, User], HttpResponse]


def _back(here: Here, part: str) -> HttpResponse:
    return redirect(_page(here, part))


def _page(here: Here, part: str) -> str:
    return reverse("setup_part", kwargs={"shop": here.connection.pk, "part": part})


def _locked(here: Here) -> ShopSetup:
    ShopSetup.objects.get_or_create(connection=here.connection)
    here.wizard = ShopSetup.objects.select_for_update().get(connection=here.connection)
    return here.wizard


def check_data(here: Here, user: User) -> HttpResponse:
    """Have a worker check the client's own data."""
    errands.request(Errand.Verb.CHECK_DATA, shop=here.connection, user=user)
    return _back(here, "access")


def open_stage(here: Here, user: User) -> HttpResponse:
    """Switch the flows of a stage on, if what is measured now allows it."""
    with transaction.atomic():
        wizard = _locked(here)
        asked = here.request.POST.get("stage", "")
        state = next((one for one in stages_of(here) if str(one.stage) == asked), None)
        if state is None or not state.may_open:
            messages.error(here.request, _("This stage does not open yet: not every criterion is met."))
            return _back(here, "stages")
        wizard.opened = [*wizard.opened, str(state.stage)]
        wizard.updated_by = user
        wizard.save()
        scope.turn(here.connection, state.flows, on=True, user=user)
    messages.success(here.request, _("Opened: %(stage)s.") % {"stage": words.STAGES[state.stage]})
    return _back(here, "stages")


def close_stage(here: Here, user: User) -> HttpResponse:
    """Switch the flows of the stage that was opened last off again."""
    with transaction.atomic():
        wizard = _locked(here)
        last = wizard.opened[-1] if wizard.opened else None
        state = next((one for one in stages_of(here) if str(one.stage) == last), None)
        if state is None or str(state.stage) != here.request.POST.get("stage"):
            messages.error(here.request, _("Only the stage that was opened last can be closed."))
            return _back(here, "stages")
        wizard.opened = wizard.opened[:-1]
        wizard.save()
        scope.turn(here.connection, state.flows, on=False, user=user)
    messages.success(here.request, _("Closed: %(stage)s.") % {"stage": words.STAGES[state.stage]})
    return _back(here, "stages")


def try_products(here: Here, user: User) -> HttpResponse:
    """Take the picked products through the real writes alone."""
    keys = trial.picked(here.connection, here.setup, here.request.POST.getlist("product"))
    asked = ask_first(here.request, here.connection, trial.KINDS, _page(here, "trial"))
    if asked is not None:
        return asked
    with transaction.atomic():
        wizard = _locked(here)
        problem = _against_trial(here, len(keys))
        if problem:
            messages.error(here.request, problem)
            return _back(here, "trial")
        run = trial.start(here.connection, here.setup, wizard, keys, user)
        wizard.save()
    return redirect("run", run=run.pk)


def _against_trial(here: Here, picked: int) -> str:
    if not here.connection.writes_enabled:
        return _("Writing is switched off for this shop: a trial writes for real.")
    if not picked:
        return _("Pick at least one product.")
    if picked > trial.MOST_PRODUCTS:
        return _("At most %(n)s products are tried at a time.") % {"n": trial.MOST_PRODUCTS}
    running = Run.objects.filter(pk=(here.wizard.trial or {}).get("run") or 0, finished_at__isnull=True)
    return _("The trial before has not ended yet.") if running.exists() else ""


def list_orders(here: Here, user: User) -> HttpResponse:
    """Have a worker list recent orders to pick from."""
    if scope.takes_orders(here.connection):
        errands.request(Errand.Verb.RECENT_ORDERS, shop=here.connection, user=user)
    return _back(here, "trial")


def try_orders(here: Here, user: User) -> HttpResponse:
    """Have a worker take the picked orders through the real import."""
    listed = last_errand(here.connection, Errand.Verb.RECENT_ORDERS)
    known = [one["key"] for one in (listed.result.get("orders", ()) if listed is not None else ())]
    keys = [key for key in known if key in here.request.POST.getlist("order")]
    if not keys or len(keys) > MOST_ORDERS:
        messages.error(here.request, _("Pick one to %(n)s orders.") % {"n": MOST_ORDERS})
        return _back(here, "trial")
    if any(not point.done for point in needed(here)):
        messages.error(here.request, _("Orders still need something: see the logic of the process."))
        return _back(here, "trial")
    errands.request(Errand.Verb.TRY_ORDERS, shop=here.connection, user=user, params={"keys": keys})
    record(user, "wizard.try_orders", here.connection.name, client=here.connection.client, data={"orders": keys})
    return _back(here, "trial")


def preview(here: Here, user: User) -> HttpResponse:
    """Start a run that shows what it would write, and writes nothing."""
    asked = ask_first(here.request, here.connection, (), _page(here, "finish"))
    if asked is not None:
        return asked
    run = runs.start_run(here.connection, mode=Run.Mode.PREVIEW, user=user, once=True)
    return redirect("run", run=run.pk)


ACTS: dict[str, Act] = {
    "check_data": check_data,
    "open_stage": open_stage,
    "close_stage": close_stage,
    "try_products": try_products,
    "list_orders": list_orders,
    "try_orders": try_orders,
    "preview": preview,
}
