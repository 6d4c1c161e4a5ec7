"""Sending what was written down. A delivery is claimed before it is sent, and how it went is saved at once after: one
that was under way when a worker died is sent again under the same key."""

import smtplib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.utils import timezone, translation

from integrator.accounts.access import memberships_of
from integrator.accounts.models import Firm, User
from integrator.api_client import Answer, ApiClient
from integrator.canonical.errors import IntegrationError, RateLimited
from integrator.log_setup import redact_text
from integrator.public_address import public_host
from integrator.redaction import shorten
from shops.sessions import network_policy
from syncjobs.alerts import rendering
from syncjobs.alerts.planning import audible
from syncjobs.alerts.rules import next_try
from syncjobs.alerts.signing import signature
from syncjobs.explain import explain
from syncjobs.models import AlertChannel, AlertDelivery, AlertSubscription

MOST = 50
"""Deliveries of one round."""
ROUND_SECONDS = 7.0
"""A round begins no further delivery after that: orders wait for no longer than a slice, and the last call may take
`CALL_SECONDS`."""
CALL_SECONDS = 8.0
LOST_AFTER = timedelta(minutes=5)
"""A delivery that was claimed so long ago was lost with its worker."""
MAIL = "mail"
"""All mails go through one server: when it fails, the others wait too."""
Status = AlertDelivery.Status


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went."""

    status: str
    answer: str = ""
    http_status: int | None = None


def deliver(now: datetime) -> int:
    """Send what is due, oldest first. A receiver that fails is not tried twice in a round. The number of tries."""
    started, failed, tried = time.monotonic(), set(), 0
    for pk, channel in due(now).values_list("pk", "channel")[:MOST]:
        receiver = channel or MAIL
        if receiver in failed or time.monotonic() - started > ROUND_SECONDS:
            continue
        delivery = claim(pk, now)
        if delivery is None:
            continue
        tried += 1
        if save(delivery, send(delivery), now) not in (Status.SENT, Status.DROPPED):
            failed.add(receiver)
    return tried


def due(now: datetime) -> Any:
    """Deliveries to be sent now, those lost with a worker among them."""
    waiting = Q(status=Status.WAITING) & (Q(not_before=None) | Q(not_before__lte=now))
    lost = Q(status=Status.SENDING, claimed_at__lt=now - LOST_AFTER)
    return AlertDelivery.objects.filter(waiting | lost).order_by("id")


def claim(pk: int, now: datetime) -> AlertDelivery | None:
    """Take a delivery to send it, unless somebody else has it or has sent it."""
    taken = due(now).filter(pk=pk).order_by().update(status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    related = ("firm", "channel", "subscription__user")
    return AlertDelivery.objects.select_related(*related).get(pk=pk) if taken else None


def save(delivery: AlertDelivery, outcome: Outcome, now: datetime) -> str:
    """Keep how a try went. One that failed waits for the next, until there is none."""
    status, not_before = outcome.status, None
    if status == Status.FAILED and delivery.what != AlertDelivery.What.TEST:
        not_before = next_try(delivery.attempts, now)
        status = Status.WAITING if not_before else Status.FAILED
    AlertDelivery.objects.filter(pk=delivery.pk, claimed_at=delivery.claimed_at).update(
        status=status,
        not_before=not_before,
        answer=shorten(outcome.answer, 400),
        http_status=outcome.http_status,
        sent_at=now if status == Status.SENT else None,
    )
    return status


def send(delivery: AlertDelivery) -> Outcome:
    """One try, whoever the receiver is."""
    if delivery.channel is not None:
        return call_webhook(delivery, delivery.channel)
    subscription = delivery.subscription
    if subscription is None:
        raise ValueError("a delivery has a receiver")
    return send_mail(delivery, subscription)


def call_webhook(delivery: AlertDelivery, channel: AlertChannel, seconds: float = CALL_SECONDS) -> Outcome:
    """POST the delivery, signed. Whatever is not a status of 200 to 299 has failed."""
    if not channel.active and delivery.what != AlertDelivery.What.TEST:
        return Outcome(Status.DROPPED)
    parts = urlsplit(channel.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secret, content = str(channel.secret["secret"]), rendering.body(delivery, delivery.firm)
    headers = {
        "Content-Type": "application/json",
        "Integrator-Event": str(delivery.what),
        "Integrator-Delivery": str(delivery.key),
        "Integrator-Signature": signature(secret, content, int(time.time())),
    }
    refused: list[Answer] = []
    # Receivers put keys into their addresses, so the path is kept and logged nowhere.
    secrets = [secret, *([path] if len(path) > 1 else [])]
    client = ApiClient(
        f"{parts.scheme}://{parts.netloc}",
        network=network_policy(),
        errors=refused.append,
        deadline=seconds,
        max_bytes=64 * 1024,
        secrets=secrets,
    )
    try:
        with client:
            answer = client.request("POST", path, content=content, headers=headers)
    except RateLimited as error:
        return Outcome(Status.FAILED, _sentence(error, channel.language), 429)
    except IntegrationError as error:
        if refused:
            return Outcome(Status.FAILED, redact_text(refused[0].excerpt), refused[0].status)
        return Outcome(Status.FAILED, redact_text(_sentence(error, channel.language)))
    return Outcome(Status.SENT, redact_text(answer.excerpt), answer.status)


def _sentence(error: IntegrationError, language: str) -> str:
    with translation.override(language):
        return explain(error.problem).sentence


def send_mail(delivery: AlertDelivery, subscription: AlertSubscription) -> Outcome:
    """Send the mail, without what the person may not hear of any more; nothing where nothing is left."""
    items = _allowed(delivery, subscription)
    if items is None:
        return Outcome(Status.DROPPED)
    mail = rendering.mail(delivery, items, subscription.user)
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[subscription.user.email],
        headers={
            "Message-ID": f"<{delivery.key}@{public_host() or 'integrator.localhost'}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        return Outcome(Status.FAILED, redact_text(f"{type(error).__name__}: {error}"))
    return Outcome(Status.SENT)


def _allowed(delivery: AlertDelivery, subscription: AlertSubscription) -> Sequence[dict[str, Any]] | None:
    """Asked at the moment of sending: the access may have been taken away since the delivery was written."""
    user = subscription.user
    if not any(member.firm_id == delivery.firm_id for member in memberships_of(user)):
        return None
    clients, firms = audible(subscription)
    items = [
        item
        for item in delivery.items
        if item["client"] in clients or (item["client"] is None and delivery.firm_id in firms)
    ]
    says_nothing = delivery.what == AlertDelivery.What.ALERTS or delivery.items
    return None if says_nothing and not items else items


def try_now(firm: Firm, *, channel: AlertChannel | None = None, user: User | None = None) -> AlertDelivery:
    """Send a test at once, and tell how it went: it is tried once and shows in the log."""
    subscription = None
    if user is not None:
        subscription, _made = AlertSubscription.objects.get_or_create(
            user=user, defaults={"at_once": False, "digest": False}
        )
    delivery = AlertDelivery.objects.create(
        firm=firm,
        channel=channel,
        subscription=subscription,
        what=AlertDelivery.What.TEST,
        status=Status.SENDING,
        attempts=1,
        claimed_at=timezone.now(),
    )
    save(delivery, send(delivery), timezone.now())
    return AlertDelivery.objects.get(pk=delivery.pk)


def send_again(delivery: AlertDelivery) -> None:
    """Have a delivery that was given up or sent go out once more, under the same key."""
    closed = (Status.FAILED, Status.SENT, Status.DROPPED)
    AlertDelivery.objects.filter(pk=delivery.pk, status__in=closed).update(
        status=Status.WAITING, attempts=0, not_before=None, sent_at=None
    )
