"""What people do with webhooks for alerts. Each is on record; the secret is told once, to whoever made it."""

import secrets

from django.db import transaction

from integrator.accounts import audit
from integrator.accounts.models import User
from syncjobs.models import AlertChannel


def _made() -> dict[str, str]:
    return {"secret": f"whsec_{secrets.token_urlsafe(32)}"}


def _record(user: User, verb: str, channel: AlertChannel) -> None:
    audit.record(user, f"alerts.{verb}", channel.name, firm=channel.firm, client=channel.client)


def keep(channel: AlertChannel, user: User) -> str:
    """Save a webhook. The secret of a new one, to be shown once; empty for one that was there."""
    new = channel.pk is None
    with transaction.atomic():
        if new:
            channel.secret = _made()
        channel.save()
        _record(user, "add" if new else "change", channel)
    return str(channel.secret["secret"]) if new else ""


def new_secret(channel: AlertChannel, user: User) -> str:
    """Sign with another secret from now on."""
    made = _made()
    with transaction.atomic():
        AlertChannel.objects.filter(pk=channel.pk).update(secret=made)
        _record(user, "secret", channel)
    return made["secret"]


def turn(channel: AlertChannel, on: bool, user: User) -> None:
    """Pause a webhook, or let it go on."""
    with transaction.atomic():
        if AlertChannel.objects.filter(pk=channel.pk, active=not on).update(active=on):
            _record(user, "resume" if on else "pause", channel)


def remove(channel: AlertChannel, user: User) -> None:
    """Take a webhook away, with what it was sent."""
    with transaction.atomic():
        _record(user, "remove", channel)
        channel.delete()
