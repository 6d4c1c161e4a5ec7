"""The scope agreement: one page to print and sign, Polish whatever the panel's language."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from integrator.accounts.access import get_or_404
from integrator.canonical.errors import IntegrationError
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs import options as keeping
from syncjobs.explain import explain
from syncjobs.forms_wizard import AFTER_DOCUMENT, ENVIRONMENTS
from syncjobs.setup import setup_of
from syncjobs.views.wizard_parts import Here, owner_groups, stages_of
from syncjobs.wizard import scope
from syncjobs.wizard.agreement import sheet_of


@require_safe
def agreement(request: HttpRequest, shop: int) -> HttpResponse:
    """The sheet as the answers make it now."""
    connection = get_or_404(request, ShopConnection, shop)
    try:
        keeping.ensure_options(connection)
        here = Here(request, connection, setup_of(connection), scope.wizard_of(connection))
    except IntegrationError as refused:
        told = explain(refused.problem, connection=connection, turn=refused.turn)
        return render(request, "syncjobs/no_setup.html", {"connection": connection, "told": told})
    return render(request, "syncjobs/wizard_agreement.html", {"connection": connection, "sheet": sheet(here)})


def sheet(here: Here) -> str:
    """The sheet itself, in Polish."""
    known = platforms().get(here.connection.platform)
    with translation.override("pl"):
        made = sheet_of(
            scope.flow_states(here.connection, here.wizard),
            owner_groups(here.setup),
            stages_of(here),
            here.answers,
            dict(ENVIRONMENTS),
            dict(AFTER_DOCUMENT),
        )
        context = {
            "sheet": made,
            "connection": here.connection,
            "client": here.connection.client,
            "erp": here.setup.erp_connection,
            "platform": known.label if known is not None else here.connection.platform,
            "parties": here.answers.get("parties", {}),
            "today": timezone.localdate(timezone=timezone.get_default_timezone()),
        }
        return render_to_string("syncjobs/_wizard_sheet.html", context)
