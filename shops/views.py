"""Pages of a shop connection. They save settings and show results; a shop itself is only ever opened by a worker."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from integrator.accounts import audit
from integrator.accounts.access import Role, get_or_404
from integrator.accounts.confirming import confirmed_lately
from integrator.accounts.models import Client, User
from integrator.canonical.capabilities import Can, Capabilities
from integrator.canonical.kinds import SYNC_KINDS
from shops import publishing
from shops.connectors.base import Platform
from shops.forms import AccessForm, DataForm, FilterForm
from shops.forms_pages import PagesForm
from shops.models import ShopConnection
from shops.registry import UnknownPlatform, platform, platforms
from shops.sessions import shop_capabilities

ABILITIES = {
    Can.READ: gettext_lazy("Reading"),
    Can.INCREMENTAL: gettext_lazy("Recent only"),
    Can.CREATE: gettext_lazy("Creating"),
    Can.UPDATE: gettext_lazy("Changing"),
    Can.DEACTIVATE: gettext_lazy("Hiding"),
    Can.DELETE: gettext_lazy("Deleting"),
}


@require_safe
def shop(request: HttpRequest, shop: int) -> HttpResponse:
    """Health, the checks of the last test, what the platform can do."""
    connection = get_or_404(request, ShopConnection, shop)
    known = _platform_of(connection)
    context = {
        "shop": connection,
        "tab": "checks",
        "platform": known,
        "capabilities": capability_table(shop_capabilities(connection)) if known else [],
        "erp": getattr(connection.client, "erp", None),
        "wanted": request.GET.get("show", ""),
    }
    return render(request, "shops/shop.html", context)


def _platform_of(connection: ShopConnection) -> Platform | None:
    """None when the connector of a stored connection is no longer there: the page still opens."""
    try:
        return platform(connection.platform)
    except UnknownPlatform:
        return None


def capability_table(capabilities: Capabilities) -> list[dict[str, Any]]:
    """What can be done per kind, with remarks, for people."""
    return [
        {
            "kind": kind,
            "abilities": [(word, capabilities.can(kind, ability)) for ability, word in ABILITIES.items()],
            "remark": _(capabilities.of(kind).remark) if capabilities.of(kind).remark else "",
        }
        for kind in SYNC_KINDS
    ]


@sensitive_post_parameters()
def shop_add(request: HttpRequest, client: int) -> HttpResponse:
    """Choose the platform, then give access. The connection starts read-only with every flow off."""
    owner = get_or_404(request, Client, client, Role.IMPLEMENTER)
    known = platforms()
    wanted = request.GET.get("platform", "") or (next(iter(known)) if len(known) == 1 else "")
    if not wanted:
        return render(request, "shops/platforms.html", {"client": owner, "platforms": known.values()})
    if wanted not in known:
        raise Http404
    form = AccessForm(request.POST or None, platform=known[wanted], client=owner)
    if request.method == "POST" and form.is_valid():
        connection = form.save(commit=False)
        connection.is_leading = not ShopConnection.objects.filter(client=owner, is_leading=True).exists()
        connection.save()
        audit.record(cast(User, request.user), "shop.add", connection.name, client=owner)
        messages.success(request, _("The connection is saved. Test its settings now."))
        return redirect("shop", shop=connection.pk)
    context = {"form": form, "client": owner, "platform": known[wanted]}
    return render(request, "shops/shop_add.html", context)


@sensitive_post_parameters()
def shop_access(request: HttpRequest, shop: int) -> HttpResponse:
    """Address, environment and login of a connection."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    known = _platform_of(connection)
    if known is None:
        raise Http404
    typed = request.POST if "pages" in request.POST else None
    pages = PagesForm(typed, connection)
    if typed is not None:
        return _save_pages(request, connection, known, pages)
    if request.method == "POST":
        confirmed_lately(request)
    form = AccessForm(request.POST or None, instance=connection, platform=known, client=connection.client)
    if request.method == "POST" and form.is_valid():
        form.save()
        changed = [name for name in form.changed_data if not name.startswith("credential_")]
        if len(changed) < len(form.changed_data):
            changed.append("login")
        data = {"fields": changed}
        audit.record(cast(User, request.user), "shop.change", connection.name, client=connection.client, data=data)
        messages.success(request, _("Saved. Test the settings again to be sure."))
        return redirect("shop", shop=connection.pk)
    return render(request, "shops/access.html", {"form": form, "shop": connection, "tab": "access", "pages": pages})


def _save_pages(request: HttpRequest, connection: ShopConnection, known: Platform, pages: PagesForm) -> HttpResponse:
    """The addresses of pages are no secret and change nothing that is sent: they are a form of their own."""
    if pages.is_valid():
        pages.save()
        data = {"fields": list(pages.changed_data)}
        audit.record(cast(User, request.user), "shop.change", connection.name, client=connection.client, data=data)
        messages.success(request, _("Saved."))
        return redirect("shop_access", shop=connection.pk)
    form = AccessForm(None, instance=connection, platform=known, client=connection.client)
    context = {"form": form, "shop": connection, "tab": "access", "pages": pages}
    return render(request, "shops/access.html", context, status=422)


def shop_edit(request: HttpRequest, shop: int) -> HttpResponse:
    """What of the ERP goes to the shop: price type, warehouses, item filter, switches."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    wrote = connection.writes_enabled
    form = DataForm(request.POST or None, instance=connection)
    chosen = FilterForm(request.POST or None, stored=connection.item_filter)
    if request.method == "POST" and form.is_valid() and chosen.is_valid():
        connection.item_filter = chosen.stored()
        connection.settings_version += 1
        form.save()
        fields = [*form.changed_data, *(f"filter.{name}" for name in chosen.changed_data)]
        _note_change(cast(User, request.user), connection, fields, wrote)
        messages.success(request, _("Saved. It counts from the next run on."))
        return redirect("shop_edit", shop=connection.pk)
    context = {
        "form": form,
        "filter": chosen,
        "shop": connection,
        "tab": "data",
        "erp": getattr(connection.client, "erp", None),
    }
    return render(request, "shops/settings.html", context)


def _note_change(user: User, connection: ShopConnection, fields: list[str], wrote: bool) -> None:
    """The switch of writing is a decision of its own in the record."""
    client = connection.client
    if fields:
        audit.record(user, "shop.change", connection.name, client=client, data={"fields": fields})
    if connection.writes_enabled != wrote:
        verb = "shop.writes_on" if connection.writes_enabled else "shop.writes_off"
        audit.record(user, verb, connection.name, client=client)


@require_POST
def shop_remove(request: HttpRequest, shop: int) -> HttpResponse:
    """Disconnect: links, runs and history of this connection go with it; nothing changes in the shop or in WAPRO. The
    name has to be typed. A worker in the middle of a slice loses its lease with the row and saves nothing more."""
    connection = get_or_404(request, ShopConnection, shop, Role.IMPLEMENTER)
    confirmed_lately(request)
    if request.POST.get("typed", "").strip() != connection.name:
        messages.error(request, _("Nothing was removed: the name was not typed as it stands here."))
        return redirect("shop_access", shop=connection.pk)
    client = connection.client
    with transaction.atomic():
        audit.record(cast(User, request.user), "shop.remove", connection.name, client=client)
        connection.delete()
    messages.success(request, _("The connection is removed. Nothing was changed in the shop."))
    return redirect("client_home", client=client.pk)


@require_POST
def shop_pause(request: HttpRequest, shop: int) -> HttpResponse:
    """Pause or resume a connection. What runs finishes its slice and then waits."""
    connection = get_or_404(request, ShopConnection, shop, Role.OPERATOR)
    paused = request.POST.get("paused") == "1"
    if paused != connection.paused:
        ShopConnection.objects.filter(pk=connection.pk).update(paused=paused)
        verb = "shop.pause" if paused else "shop.resume"
        audit.record(cast(User, request.user), verb, connection.name, client=connection.client)
    messages.success(request, _("The connection is paused.") if paused else _("The connection goes on."))
    return redirect("shop", shop=connection.pk)


@login_not_required
@require_safe
def lent_picture(request: HttpRequest, token: str, extension: str) -> HttpResponse:
    """A picture on its way to a shop, for whoever has the address that was given to the shop."""
    found = publishing.lent(token, extension)
    if found is None:
        raise Http404
    answer = HttpResponse(bytes(found.content), content_type=publishing.CONTENT_TYPES[found.extension])
    answer["Cache-Control"] = "private, no-store"
    # Whatever the bytes are, a browser that is led here shows a picture or nothing.
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
