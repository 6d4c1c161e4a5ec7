"""Passkeys (WebAuthn): registering one, and what a device says when its person signs in with it.

A passkey is bound to the panel's address, so the addresses are settings (`PASSKEY_ORIGINS`) and never what a request
says of itself. Every challenge is good once, for five minutes, for one purpose.
"""

import hashlib
import json
import time
from typing import Any, Literal
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from integrator.accounts.models import Passkey, User

Purpose = Literal["register", "sign-in", "second", "confirm"]
GOOD_FOR = 300
"""Seconds."""
LARGEST = 20_000
"""Characters of an answer of a device."""
MOST = 20
"""Passkeys of one person."""
_CHALLENGE = "passkey_challenge"


class Refused(Exception):
    """What the browser sent proves nothing: not this challenge, site, person or device, or it is no answer at all."""


def offered(request: HttpRequest) -> bool:
    """Whether the panel is open at an address that passkeys are bound to. Elsewhere browsers would refuse."""
    return f"{request.scheme}://{request.get_host()}" in settings.PASSKEY_ORIGINS


def _site() -> str:
    """What passkeys are bound to: one host name, or a domain above it."""
    return settings.PASSKEY_SITE or urlsplit(settings.PASSKEY_ORIGINS[0]).hostname or ""


def _handle(user: User) -> bytes:
    """What the device keeps of the person: says nothing about them to others."""
    return f"integrator:{user.pk}".encode()


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    known = {one.value for one in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one.credential_id),
            transports=[AuthenticatorTransport(name) for name in one.transports if name in known] or None,
        )
        for one in Passkey.objects.filter(user=user)
    ]


def options_to_register(request: HttpRequest, user: User) -> str:
    """JSON for `navigator.credentials.create`. Its challenge waits in the session."""
    options = webauthn.generate_registration_options(
        rp_id=_site(),
        rp_name="Integrator",
        user_id=_handle(user),
        user_name=user.email,
        user_display_name=str(user),
        exclude_credentials=_descriptors(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    _keep(request, "register", options.challenge)
    return webauthn.options_to_json(options)


def options_to_prove(request: HttpRequest, purpose: Purpose, user: User | None) -> str:
    """JSON for `navigator.credentials.get`. Without a person any passkey of this site will do, and its device has to
    check who holds it (finger, face, PIN), since no password was asked for."""
    how = UserVerificationRequirement.REQUIRED if user is None else UserVerificationRequirement.PREFERRED
    options = webauthn.generate_authentication_options(
        rp_id=_site(), allow_credentials=_descriptors(user) if user is not None else [], user_verification=how
    )
    _keep(request, purpose, options.challenge)
    return webauthn.options_to_json(options)


def _keep(request: HttpRequest, purpose: Purpose, challenge: bytes) -> None:
    kept = {"purpose": purpose, "value": bytes_to_base64url(challenge), "at": int(time.time())}
    request.session[_CHALLENGE] = kept


def _take_challenge(request: HttpRequest, purpose: Purpose) -> bytes:
    """The challenge that waits, taken away. Raises Refused."""
    kept = request.session.pop(_CHALLENGE, None)
    if not kept or kept["purpose"] != purpose or time.time() - kept["at"] > GOOD_FOR:
        raise Refused("no challenge waits for this answer")
    # Two requests at once read the same session: the first one takes the challenge.
    if not cache.add(f"passkey:{hashlib.sha256(kept['value'].encode()).hexdigest()}", 1, GOOD_FOR):
        raise Refused("the challenge was used")
    return base64url_to_bytes(kept["value"])


def _read(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text[: LARGEST + 1])
    except (ValueError, RecursionError) as error:
        raise Refused("not an answer of a browser") from error
    if not isinstance(read, dict) or not isinstance(read.get("response"), dict) or len(text) > LARGEST:
        raise Refused("not an answer of a browser")
    return read


def register(request: HttpRequest, user: User, name: str, answer: str) -> Passkey:
    """Keep a new passkey of the person. Raises Refused."""
    challenge, read = _take_challenge(request, "register"), _read(answer)
    try:
        made = webauthn.verify_registration_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=_site(),
            expected_origin=settings.PASSKEY_ORIGINS,
        )
    except (WebAuthnException, ValueError, TypeError) as error:
        raise Refused("the device's answer does not hold") from error
    transports = read["response"].get("transports")
    names = [one for one in transports if isinstance(one, str)][:8] if isinstance(transports, list) else []
    try:
        with transaction.atomic():
            return Passkey.objects.create(
                user=user,
                name=name,
                credential_id=bytes_to_base64url(made.credential_id),
                public_key=bytes_to_base64url(made.credential_public_key),
                sign_count=made.sign_count,
                transports=names,
            )
    except IntegrityError as error:
        raise Refused("this passkey is known already") from error


def prove(request: HttpRequest, purpose: Purpose, user: User | None, answer: str) -> User:
    """The person whose passkey answered; of `user` where one is given. Raises Refused."""
    challenge, read = _take_challenge(request, purpose), _read(answer)
    found = Passkey.objects.filter(credential_id=str(read.get("id", "")), user__is_active=True)
    key = found.select_related("user").first()
    if key is None or (user is not None and key.user_id != user.pk):
        raise Refused("nobody's passkey, or another person's")
    handle = read["response"].get("userHandle")
    if handle and handle != bytes_to_base64url(_handle(key.user)):
        raise Refused("the device names another person")
    try:
        proved = webauthn.verify_authentication_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=_site(),
            expected_origin=settings.PASSKEY_ORIGINS,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=user is None,
        )
    except (WebAuthnException, ValueError, TypeError) as error:
        raise Refused("the device's answer does not hold") from error
    # A copy of the key that counts for itself falls behind; of two answers at once one is let in.
    unchanged = Passkey.objects.filter(pk=key.pk, sign_count=key.sign_count)
    if not unchanged.update(sign_count=proved.new_sign_count, used_at=timezone.now()):
        raise Refused("the passkey was used at the same moment")
    return key.user
