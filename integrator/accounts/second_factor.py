"""What proves a person beside the password: codes of an app (TOTP), recovery codes, passkeys; and who needs one."""

import hashlib
import logging
import secrets
import smtplib
import time
from base64 import b32decode, b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from integrator.accounts import audit, sessions
from integrator.accounts.access import memberships_of
from integrator.accounts.models import AuthenticatorApp, Firm, Membership, Passkey, RecoveryCode, Role, User

log = logging.getLogger(__name__)
SECONDS = 30
"""One code is shown for so long."""
DRIFT = 1
"""Codes so many before and after the present one are taken too: clocks of phones differ."""
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike."""


@dataclass(frozen=True, slots=True)
class Held:
    """Which second factors a person has."""

    app: AuthenticatorApp | None
    passkeys: Sequence[Passkey]
    codes_left: int

    @property
    def any(self) -> bool:
        return self.app is not None or bool(self.passkeys)


def held_by(user: User) -> Held:
    return Held(
        app=AuthenticatorApp.objects.filter(user=user).first(),
        passkeys=list(Passkey.objects.filter(user=user)),
        codes_left=RecoveryCode.objects.filter(user=user, used_at=None).count(),
    )


def has_one(person: str = "pk") -> Q:
    """Condition: the person that the column `person` leads to has a second factor."""
    of_person = {"user": OuterRef(person)}
    return Q(Exists(AuthenticatorApp.objects.filter(**of_person))) | Q(Exists(Passkey.objects.filter(**of_person)))


def has(user: User) -> bool:
    return User.objects.filter(has_one(), pk=user.pk).exists()


def is_required(firm: Firm, role: str) -> bool:
    """Whether the firm requires a second factor of people with this role. Pure."""
    if firm.second_factor == Firm.SecondFactor.EVERYONE:
        return True
    return firm.second_factor == Firm.SecondFactor.ADMINISTRATORS and role == Role.ADMINISTRATOR


def requiring(user: User) -> Firm | None:
    """A firm that requires a second factor of this person."""
    return next((one.firm for one in memberships_of(user) if is_required(one.firm, one.role)), None)


def must_set_up(user: User) -> bool:
    """A firm requires a second factor of the person, who has none yet."""
    return requiring(user) is not None and not has(user)


# --- codes of an app ---


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return b32encode(secrets.token_bytes(20)).decode("ascii")


def _totp(secret: str) -> TOTP:
    return TOTP(b32decode(secret), 6, SHA1(), SECONDS)


def address_for_app(secret: str, user: User) -> str:
    """The otpauth:// address that the QR code carries."""
    return _totp(secret).get_provisioning_uri(user.email, "Integrator")


def step_of(secret: str, code: str, now: float) -> int | None:
    """Number of the half-minute whose code this is, the newest of those that are near enough. Pure."""
    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    totp, step = _totp(secret), int(now // SECONDS)
    near = range(step + DRIFT, step - DRIFT - 1, -1)
    fits = [one for one in near if secrets.compare_digest(totp.generate(one * SECONDS), typed.encode())]
    return fits[0] if fits else None


def add_app(user: User, secret: str, code: str) -> bool:
    """Take up an app whose first code was typed. False: the code does not fit the secret."""
    step = step_of(secret, code, time.time())
    if step is None:
        return False
    values = {"secret": {"secret": secret}, "last_step": step}
    with transaction.atomic():
        AuthenticatorApp.objects.update_or_create(user=user, defaults=values)
        note(user, "factor.app_on")
    return True


def use_code(user: User, code: str) -> bool:
    """Whether this is a good code of the person's app, used for the first time; or an unused recovery code."""
    app = AuthenticatorApp.objects.filter(user=user).first()
    if app is not None and (step := step_of(app.secret["secret"], code, time.time())) is not None:
        newer = AuthenticatorApp.objects.filter(pk=app.pk, last_step__lt=step)
        return newer.update(last_step=step) == 1
    return _use_recovery_code(user, code)


def remove_app(user: User) -> None:
    with transaction.atomic():
        if AuthenticatorApp.objects.filter(user=user).delete()[0]:
            note(user, "factor.app_off")
        _forget_codes_of_nothing(user)


def remove_passkey(user: User, number: str) -> bool:
    """False where the person has no such passkey."""
    with transaction.atomic():
        found = next((one for one in Passkey.objects.filter(user=user) if str(one.pk) == number), None)
        if found is None:
            return False
        found.delete()
        note(user, "factor.passkey_remove", {"name": found.name})
        _forget_codes_of_nothing(user)
    return True


# --- recovery codes ---


def _hash(user: User, code: str) -> str:
    typed = "".join(letter for letter in code.lower() if letter in ALPHABET)
    return hashlib.sha256(f"{user.pk}:{typed}".encode()).hexdigest()


def new_recovery_codes(user: User) -> list[str]:
    """Ten new codes, to be shown once; the former ones are good no more. 74 random bits each."""
    codes = ["-".join("".join(secrets.choice(ALPHABET) for _i in range(5)) for _g in range(3)) for _c in range(CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(user, code)) for code in codes)
        note(user, "factor.codes")
    return codes


def _use_recovery_code(user: User, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, code_hash=_hash(user, code), used_at=None)
    with transaction.atomic():
        if unused.update(used_at=timezone.now()) != 1:
            return False
        left = RecoveryCode.objects.filter(user=user, used_at=None).count()
        note(user, "factor.code_used", {"left": left})
    return True


def _forget_codes_of_nothing(user: User) -> None:
    """Recovery codes stand in for a second factor: with the last one they go too."""
    if not has(user):
        RecoveryCode.objects.filter(user=user).delete()


# --- taken away by somebody else ---


def reset(user: User, by: User | None) -> bool:
    """Take every second factor away from a person who has lost it and end their sessions; by nobody: on the server.
    False where there is none."""
    with transaction.atomic():
        there = has(user)
        for model in (AuthenticatorApp, Passkey, RecoveryCode):
            model._default_manager.filter(user=user).delete()
        if there:
            note(user, "factor.reset", by=by)
        sessions.end_all(user)
    if there:
        _tell_of_reset(user, by)
    return there


def note(user: User, verb: str, data: dict[str, Any] | None = None, by: User | None = None) -> None:
    """Into the record of every firm in which the person has a role. Nobody but `factor.reset` has another doer."""
    doer = by if verb == "factor.reset" else user
    for firm in Firm.objects.filter(pk__in=Membership.objects.filter(user=user).values("firm")):
        audit.record(doer, verb, user.email, firm=firm, data=data)


def _tell_of_reset(user: User, by: User | None) -> None:
    """By mail where e-mail is set up. A server that does not take it holds nothing up: the record has it too."""
    if not settings.EMAIL_READY:
        return
    with translation.override(user.language):
        words = {"who": by or _("the administrator of the server"), "email": user.email}
        body = _(
            "%(who)s switched off the second factor of %(email)s in Integrator and ended all sessions.\n\n"
            "At the next sign-in the password is enough. Set up a second factor again in your account.\n\n"
            "If you did not ask for this, tell your firm's administrator at once."
        )
        message = EmailMessage(_("Your second factor was switched off"), body % words, to=[user.email])
    try:
        message.send()
    except (OSError, smtplib.SMTPException):
        log.warning("the mail about a reset second factor was not taken")
