"""Invitations: a role at a firm or client that somebody takes up by a link. The link is good once, and for a week."""

import hashlib
import secrets
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from integrator.accounts import audit
from integrator.accounts.models import RANK, Client, Firm, Invitation, Membership, Role, User

LIFETIME = timedelta(days=7)


class HasAccess(Exception):
    """The person has a role there already."""


class Spent(Exception):
    """The link was used, called off, replaced by a newer one, or is too old."""


class SomebodyElse(Exception):
    """The invitation is for another e-mail."""


def _signer() -> Signer:
    return Signer(salt="integrator.accounts.invitation", sep=".")


def _new_link() -> tuple[str, str]:
    """What goes into the address, and what is kept of it."""
    secret = secrets.token_urlsafe(24)
    return _signer().sign(secret), _hash(secret)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def find(token: str) -> Invitation | None:
    """The invitation of a link, whatever its state; nothing for a link that we never made."""
    try:
        secret = _signer().unsign(token)
    except BadSignature:
        return None
    return Invitation.objects.select_related("firm", "client", "invited_by").filter(token_hash=_hash(secret)).first()


def is_open(invitation: Invitation) -> bool:
    return invitation.accepted_at is None and invitation.revoked_at is None and invitation.expires_at > timezone.now()


def pending(firm: Firm, client: Client | None) -> list[Invitation]:
    """Invitations not taken up, old ones among them: they can be sent again. Of a firm: of all its clients too."""
    found = Invitation.objects.filter(firm=firm, accepted_at=None, revoked_at=None)
    if client is not None:
        found = found.filter(client=client)
    return list(found.select_related("client", "invited_by").order_by("-id")[:100])


def invite(by: User, firm: Firm, client: Client | None, email: str, role: str) -> tuple[Invitation, str]:
    """A new invitation and the secret part of its link. One that waited for the same person there ends. Raises
    HasAccess."""
    if Membership.objects.filter(user__email=email, firm=firm, client=client).exists():
        raise HasAccess
    token, kept = _new_link()
    with transaction.atomic():
        waiting = Invitation.objects.filter(firm=firm, client=client, email=email, accepted_at=None, revoked_at=None)
        waiting.update(revoked_at=timezone.now())
        made = Invitation.objects.create(
            firm=firm,
            client=client,
            email=email,
            role=role,
            token_hash=kept,
            invited_by=by,
            expires_at=timezone.now() + LIFETIME,
        )
        audit.record(by, "member.invite", email, firm=firm, client=client, data={"role": role})
    return made, token


def renew(invitation: Invitation, by: User) -> str:
    """Another link, good for a week again; the former one ends. Raises Spent."""
    token, kept = _new_link()
    with transaction.atomic():
        open_one = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        if not open_one.update(token_hash=kept, expires_at=timezone.now() + LIFETIME, mailed_at=None):
            raise Spent
        data = {"role": invitation.role}
        firm, client = invitation.firm, invitation.client
        audit.record(by, "member.invite_again", invitation.email, firm=firm, client=client, data=data)
    return token


def revoke(invitation: Invitation, by: User) -> bool:
    """Call the invitation off; False where it was over already."""
    with transaction.atomic():
        open_one = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        if not open_one.update(revoked_at=timezone.now()):
            return False
        firm, client = invitation.firm, invitation.client
        audit.record(by, "member.uninvite", invitation.email, firm=firm, client=client)
    return True


def accept(invitation: Invitation, user: User) -> None:
    """Give the role. The highest of two roles stays. Raises SomebodyElse, Spent."""
    if user.email != invitation.email:
        raise SomebodyElse
    with transaction.atomic():
        now = timezone.now()
        good = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now)
        if not good.update(accepted_at=now):
            raise Spent
        firm, client = invitation.firm, invitation.client
        found, made = Membership.objects.get_or_create(
            user=user, firm=firm, client=client, defaults={"role": invitation.role}
        )
        if not made and RANK[Role(found.role)] < RANK[Role(invitation.role)]:
            Membership.objects.filter(pk=found.pk).update(role=invitation.role)
        audit.record(user, "member.accept", invitation.email, firm=firm, client=client, data={"role": invitation.role})


def join(invitation: Invitation, name: str, password: str, language: str) -> User:
    """An account for somebody new, with the role. Raises Spent, IntegrityError where the account exists by now."""
    with transaction.atomic():
        user = User.objects.create_user(invitation.email, password, name=name, language=language)
        accept(invitation, user)
    return user


def send(invitation: Invitation, link: str) -> bool:
    """Mail the link where e-mail is set up; False where it is not, or the server did not take it."""
    if not settings.EMAIL_READY:
        return False
    known = User.objects.filter(email=invitation.email).values_list("language", flat=True).first()
    with translation.override(known or settings.LANGUAGE_CODE):
        message = EmailMessage(_subject(invitation), _body(invitation, link), to=[invitation.email])
    try:
        message.send()
    except (OSError, smtplib.SMTPException):
        return False
    Invitation.objects.filter(pk=invitation.pk).update(mailed_at=timezone.now())
    return True


def place(invitation: Invitation) -> str:
    """Where the role is: the client, or the whole firm."""
    return " ".join(str(invitation.client or invitation.firm).split())


def _subject(invitation: Invitation) -> str:
    return _("%(place)s: invitation to Integrator") % {"place": place(invitation)}


def _body(invitation: Invitation, link: str) -> str:
    words = {
        "who": invitation.invited_by or invitation.firm,
        "place": place(invitation),
        "role": Role(invitation.role).label,
        "link": link,
        "days": LIFETIME.days,
    }
    return (
        _(
            "%(who)s gives you access to %(place)s in Integrator. Your role: %(role)s.\n\n"
            "Take it up here, within %(days)s days:\n%(link)s\n\n"
            "The link works once. If you do not know what this is about, leave it alone: nothing happens."
        )
        % words
    )
