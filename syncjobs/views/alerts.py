"""Alerts of a firm or a client: webhooks, what was sent, and what each person is told by e-mail."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404 as object_of
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from integrator.accounts.access import Role, clients_of, get_or_404, memberships_of
from integrator.accounts.confirming import confirmed_lately
from integrator.accounts.models import Client, Firm
from integrator.accounts.signin import safe_next
from integrator.public_address import public_host
from syncjobs.alerts import channels, delivering
from syncjobs.alerts.forms import ChannelForm, SubscriptionForm
from syncjobs.alerts.rendering import row_of
from syncjobs.models import AlertChannel, AlertDelivery, AlertSubscription
from syncjobs.views.people import person

PAGE = 50
SECRET = "alert_secret"
"""Where the secret of a new webhook waits to be shown, once."""
Status = AlertDelivery.Status
LOOKS = {
    Status.WAITING: ("wait", "clock"),
    Status.SENDING: ("run", "loader-2"),
    Status.SENT: ("ok", "circle-check"),
    Status.FAILED: ("fail", "circle-x"),
    Status.DROPPED: ("off", "circle-minus"),
}


@never_cache
@require_http_methods(["GET", "POST"])
def firm_alerts(request: HttpRequest, firm: int) -> HttpResponse:
    """Webhooks that hear of all clients of the firm."""
    role = Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER
    return _page(request, get_or_404(request, Firm, firm, role), None)


@never_cache
@require_http_methods(["GET", "POST"])
def client_alerts(request: HttpRequest, client: int) -> HttpResponse:
    """Webhooks that hear of one client."""
    role = Role.IMPLEMENTER if request.method == "POST" else Role.VIEWER
    found = get_or_404(request, Client, client, role)
    return _page(request, found.firm, found)


def _page(request: HttpRequest, firm: Firm, client: Client | None) -> HttpResponse:
    editing = _editing(request, firm, client)
    instance = editing or AlertChannel(firm=firm, client=client, language=person(request).language)
    form = ChannelForm(request.POST if request.method == "POST" else None, instance=instance)
    if request.method == "POST" and form.is_valid():
        secret = channels.keep(form.save(commit=False), person(request))
        if secret:
            request.session[SECRET] = {"channel": form.instance.pk, "secret": secret}
        messages.success(request, _("Saved."))
        return redirect(_home(firm, client))
    subscription = AlertSubscription.objects.filter(user=person(request)).first()
    hooks = [_hook(channel) for channel in AlertChannel.objects.filter(firm=firm, client=client)]
    context = _context(firm, client) | {
        "form": form,
        "editing": editing,
        "hooks": hooks,
        "of_firm": AlertChannel.objects.filter(firm=firm, client=None, active=True).count() if client else 0,
        "subscription": subscription,
        "muted": bool(client and subscription and subscription.muted.filter(pk=client.pk).exists()),
        "secret": request.session.pop(SECRET, None) if request.method == "GET" else None,
        "mail_ready": settings.EMAIL_READY,
        "reachable": bool(public_host()),
    }
    return render(request, "alerts/alerts.html", context, status=422 if form.is_bound else 200)


def _editing(request: HttpRequest, firm: Firm, client: Client | None) -> AlertChannel | None:
    """The webhook that the form is about, None for a new one. Raises Http404 for one that is not of this place."""
    wanted = request.POST.get("channel") or request.GET.get("change") or ""
    return object_of(_channels(firm, client), pk=int(wanted)) if wanted.isdecimal() else None


def _channels(firm: Firm, client: Client | None) -> QuerySet[AlertChannel]:
    return AlertChannel.objects.filter(firm=firm, client=client)


def _context(firm: Firm, client: Client | None) -> dict[str, Any]:
    names = {"firm": firm.pk} if client is None else {"client": client.pk}
    prefix = "firm" if client is None else "client"
    return {
        "firm": firm,
        "client": client,
        "home_url": _home(firm, client),
        "act_url": reverse(f"{prefix}_alerts_act", kwargs=names),
        "log_url": reverse(f"{prefix}_alerts_log", kwargs=names),
    }


def _home(firm: Firm, client: Client | None) -> str:
    if client is None:
        return reverse("firm_alerts", args=[firm.pk])
    return reverse("client_alerts", args=[client.pk])


def _hook(channel: AlertChannel) -> dict[str, Any]:
    """A webhook with its last outcome. Of its address only the host: receivers put keys into the rest."""
    last = channel.deliveries.filter(attempts__gt=0).order_by("-id").first()
    stuck = channel.deliveries.filter(status=Status.WAITING, attempts__gt=0).count()
    return {"channel": channel, "host": urlsplit(channel.url).hostname, "last": last and _look(last), "stuck": stuck}


@require_POST
def firm_alerts_act(request: HttpRequest, firm: int) -> HttpResponse:
    """Do something with a webhook of the firm, or send a delivery again."""
    return _act(request, get_or_404(request, Firm, firm, Role.IMPLEMENTER), None)


@require_POST
def client_alerts_act(request: HttpRequest, client: int) -> HttpResponse:
    """Do something with a webhook of the client, or send a delivery again."""
    found = get_or_404(request, Client, client, Role.IMPLEMENTER)
    return _act(request, found.firm, found)


def _act(request: HttpRequest, firm: Firm, client: Client | None) -> HttpResponse:
    verb, user = request.POST.get("verb", ""), person(request)
    if verb == "again":
        delivery = object_of(_deliveries(firm, client), pk=_number(request, "delivery"))
        delivering.send_again(delivery)
        messages.success(request, _("It goes out again within a minute, under the same number."))
        return redirect(safe_next(request, _home(firm, client)))
    if verb in ("test", "secret", "pause", "resume", "remove"):
        channel = object_of(_channels(firm, client), pk=_number(request, "channel"))
        if verb == "test":
            _say(request, delivering.try_now(firm, channel=channel))
        elif verb == "secret":
            confirmed_lately(request)
            request.session[SECRET] = {"channel": channel.pk, "secret": channels.new_secret(channel, user)}
        elif verb == "remove":
            channels.remove(channel, user)
            messages.success(request, _("The webhook is removed."))
        else:
            channels.turn(channel, verb == "resume", user)
            messages.success(request, _("The webhook is on.") if verb == "resume" else _("The webhook is paused."))
    return redirect(_home(firm, client))


def _number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    if not value.isdecimal():
        raise Http404
    return int(value)


def _say(request: HttpRequest, delivery: AlertDelivery) -> None:
    """How a test went, with the answer of the other side."""
    answer = delivery.answer or _("no text")
    if delivery.http_status:
        answer = f"HTTP {delivery.http_status}: {answer}"
    if delivery.status == Status.SENT and delivery.channel_id is None:
        messages.success(request, _("The mail server took the test. Look into your mailbox."))
    elif delivery.status == Status.SENT:
        messages.success(request, _("The test was sent. The answer: %(answer)s") % {"answer": answer})
    else:
        messages.error(request, _("The test did not arrive. The answer: %(answer)s") % {"answer": answer})


def _deliveries(firm: Firm, client: Client | None) -> QuerySet[AlertDelivery]:
    """What was sent of a firm or a client: never a webhook of somebody else."""
    found = AlertDelivery.objects.filter(firm=firm).select_related("channel", "subscription__user")
    if client is None:
        return found.filter(Q(channel=None) | Q(channel__client=None))
    mailed = Q(
        subscription__isnull=False,
        pk__in=AlertDelivery.clients.through.objects.filter(client=client).values("alertdelivery"),
    )
    return found.filter(Q(channel__client=client) | mailed)


@require_safe
def firm_alerts_log(request: HttpRequest, firm: int) -> HttpResponse:
    """What was sent to whom, newest first."""
    return _log(request, get_or_404(request, Firm, firm, Role.IMPLEMENTER), None)


@require_safe
def client_alerts_log(request: HttpRequest, client: int) -> HttpResponse:
    """What was sent to whom about the client, newest first."""
    found = get_or_404(request, Client, client, Role.IMPLEMENTER)
    return _log(request, found.firm, found)


def _log(request: HttpRequest, firm: Firm, client: Client | None) -> HttpResponse:
    status, what, before = (request.GET.get(name, "") for name in ("status", "what", "before"))
    rows = _deliveries(firm, client)
    if status in Status.values:
        rows = rows.filter(status=status)
    if what in ("mail", "webhook"):
        rows = rows.filter(channel__isnull=what == "mail")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before))
    shown = list(rows.order_by("-id")[: PAGE + 1])
    context = _context(firm, client) | {
        "rows": [_look(row, client) for row in shown[:PAGE]],
        "next": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "before": before,
        "status": status,
        "what": what,
        "statuses": Status.choices,
    }
    return render(request, "alerts/log.html", context)


def _look(delivery: AlertDelivery, client: Client | None = None) -> dict[str, Any]:
    """A delivery as the page shows it; at a client only what of it is about that client."""
    tone, icon = LOOKS[Status(delivery.status)]
    items = [row_of(item) for item in delivery.items if client is None or item["client"] == client.pk]
    return {"delivery": delivery, "tone": tone, "icon": icon, "word": delivery.get_status_display(), "items": items}


@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """What the signed-in person is told by e-mail, over all clients."""
    user = person(request)
    stored = AlertSubscription.objects.filter(user=user).first()
    back = safe_next(request, reverse("alerts_mine"))
    verb = request.POST.get("verb", "") if request.method == "POST" else ""
    if verb == "test":
        _test_mail(request)
        return redirect(back)
    if verb in ("mute", "hear"):
        client = object_of(clients_of(user), pk=_number(request, "client"))
        subscription, _made = AlertSubscription.objects.get_or_create(user=user)
        (subscription.muted.add if verb == "mute" else subscription.muted.remove)(client)
        return redirect(back)
    form = SubscriptionForm(
        request.POST if request.method == "POST" else None, instance=stored or AlertSubscription(user=user)
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(back)
    recent = AlertDelivery.objects.filter(subscription=stored).order_by("-id")[:10] if stored else []
    context = {
        "form": form,
        "stored": stored,
        "mail_ready": settings.EMAIL_READY,
        "reachable": bool(public_host()),
        "recent": [_look(one) for one in recent],
    }
    return render(request, "alerts/mine.html", context, status=422 if form.is_bound else 200)


def _test_mail(request: HttpRequest) -> None:
    members = memberships_of(person(request))
    if not settings.EMAIL_READY:
        messages.error(request, _("No server for e-mail is set, so nothing can be sent."))
    elif not members:
        messages.error(request, _("You have access to no client, so there is nothing to tell."))
    else:
        _say(request, delivering.try_now(members[0].firm, user=person(request)))
