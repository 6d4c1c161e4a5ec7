"""The webhooks of a connection in its shop: turned on, turned off, and looked after, always by a worker."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from integrator.canonical.errors import IntegrationError, PlanRefused, Rejected
from integrator.canonical.problems import Code, Turn
from integrator.public_address import public_url
from shops.connectors.hooks import ORDER, Hooks, HookState, SendsHooks, Topic, WebhookScheme
from shops.models import ShopConnection
from shops.registry import UnknownPlatform, platform
from syncjobs.fetching import error_data
from syncjobs.models import Errand, OrderTerms, WebhookSetup
from syncjobs.models.choices import Side
from syncjobs.slices import Slice

LOOK_EVERY = timedelta(minutes=15)
SHOWN_FOR = timedelta(hours=24)
"""So long people are told that the shop had switched its webhooks off."""
VERBS = (Errand.Verb.WEBHOOKS_ON, Errand.Verb.WEBHOOKS_OFF, Errand.Verb.WEBHOOKS_LOOK)


def scheme_of(connection: ShopConnection) -> WebhookScheme | None:
    """None when the platform has no webhooks, or its connector is not installed any more."""
    try:
        return platform(connection.platform).webhooks
    except UnknownPlatform:
        return None


def topics_of(connection: ShopConnection, scheme: WebhookScheme) -> list[Topic]:
    """What the shop is asked to tell of. Of orders only where they are taken: a delivery about one carries its buyer's
    data, and nobody is told that something is missing which they do not need. Those that are switched on later are
    found missing at the next look."""
    terms = OrderTerms.objects.filter(connection=connection).first()
    orders = terms is not None and (terms.enabled or terms.back_enabled)
    return [topic for topic in scheme.topics if orders or topic.subject != ORDER]


def setup_for(connection: ShopConnection) -> WebhookSetup | None:
    return WebhookSetup.objects.filter(connection=connection).first()


def carry_out(verb: str, connection: ShopConnection, work: Slice) -> dict[str, Any]:
    """What an errand asked for; its result. Raises IntegrationError."""
    if verb == Errand.Verb.WEBHOOKS_ON:
        turn_on(connection, work)
    elif verb == Errand.Verb.WEBHOOKS_OFF:
        turn_off(connection, work)
    else:
        look(connection, work)
    return {}


def turn_on(connection: ShopConnection, work: Slice) -> None:
    """Have the shop send its webhooks here. May be repeated: what is there already is renewed, and what is no longer
    asked for is removed."""
    scheme = scheme_of(connection)
    if scheme is None:
        raise Rejected(Code.NOT_OFFERED)
    setup, _ = WebhookSetup.objects.get_or_create(
        connection=connection, defaults={"token": secrets.token_urlsafe(32), "secret": secrets.token_urlsafe(32)}
    )
    url = public_url(reverse("webhook", args=[setup.token]))
    if url is None:
        raise PlanRefused(Code.SETTING_MISSING, turn=Turn.CONNECTION, setting="public_url")
    hooks = _hooks(connection, work)
    topics = [topic.name for topic in topics_of(connection, scheme)]
    hooks.register(topics, url, setup.secret)
    found = hooks.listed()
    unasked = [hook for hook in found if hook.url == url and not set(hook.topics) & set(topics)]
    for hook in unasked:
        hooks.remove(hook.id)
    found = [hook for hook in found if hook not in unasked]
    if setup.url and setup.url != url:
        _remove(hooks, found, setup.url)
    setup.url = url
    _note(setup, scheme, found, work)


def turn_off(connection: ShopConnection, work: Slice) -> None:
    """Remove our webhooks from the shop and forget their address and secret."""
    setup = setup_for(connection)
    if setup is None:
        return
    addresses = {setup.url, public_url(reverse("webhook", args=[setup.token])) or ""} - {""}
    hooks = _hooks(connection, work)
    found = hooks.listed()
    for url in addresses:
        _remove(hooks, found, url)
    with transaction.atomic():
        work.hold.check()
        setup.delete()


def look(connection: ShopConnection, work: Slice) -> None:
    """Ask the shop whether it still sends; what it switched off is switched on again. A webhook that somebody removed
    is not made anew: that may have been meant."""
    setup, scheme = setup_for(connection), scheme_of(connection)
    if setup is None or scheme is None or not setup.on:
        return
    hooks = _hooks(connection, work)
    found = hooks.listed()
    asleep = [hook for hook in found if hook.url == setup.url and not hook.active]
    for hook in asleep:
        hooks.activate(hook.id)
    if asleep:
        setup.revived_at = timezone.now()
        found = hooks.listed()
    _note(setup, scheme, found, work)


def look_if_due(connection: ShopConnection, work: Slice) -> None:
    """As `look`, every quarter of an hour. That it did not work stops nothing: polling goes on, and people are told."""
    now = timezone.now()
    setup = WebhookSetup.objects.filter(connection=connection).exclude(url="").first()
    if setup is None or (setup.checked_at is not None and setup.checked_at > now - LOOK_EVERY):
        return
    try:
        look(connection, work)
    except IntegrationError as error:
        found = error_data(error, Side.SHOP)
        WebhookSetup.objects.filter(pk=setup.pk).update(problem=found, checked_at=now)


def _hooks(connection: ShopConnection, work: Slice) -> Hooks:
    side = work.shop(connection)
    if not isinstance(side, SendsHooks):
        raise Rejected(Code.NOT_OFFERED)
    return side.hooks


def _remove(hooks: Hooks, found: list[HookState], url: str) -> None:
    for hook in found:
        if hook.url == url:
            hooks.remove(hook.id)


def _note(setup: WebhookSetup, scheme: WebhookScheme, found: list[HookState], work: Slice) -> None:
    ours = [hook for hook in found if hook.url == setup.url]
    sent = {topic for hook in ours for topic in hook.topics}
    setup.held = [
        {"id": hook.id, "topics": list(hook.topics), "active": hook.active, "failures": hook.failures} for hook in ours
    ]
    setup.missing = [topic.name for topic in topics_of(setup.connection, scheme) if topic.name not in sent]
    setup.checked_at, setup.problem = timezone.now(), None
    with transaction.atomic():
        work.hold.check()
        setup.save(update_fields=["url", "held", "missing", "checked_at", "problem", "revived_at"])
