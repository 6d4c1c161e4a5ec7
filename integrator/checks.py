"""System checks of the settings: `check` finds what must never run, `check --deploy` what production needs."""

from base64 import urlsafe_b64decode
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from integrator.public_address import public_host

_NOT_FOR_PRODUCTION = ("dev-only", "tests-only", "demo-only", "django-insecure", "change-me", "changeme")
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}
_NEW_SECRET_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(64))"'
_NEW_FERNET_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'

Apps = Sequence[AppConfig] | None


def check_secret_key(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A weak SECRET_KEY lets a stranger forge sessions. Tolerated only while DEBUG is on."""
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:
        return [Error("SECRET_KEY is empty.", hint=f"Make one: {_NEW_SECRET_KEY}", id="integrator.E001")]
    weak = len(key) < 50 or len(set(key)) < 10 or key.lower().startswith(_NOT_FOR_PRODUCTION)
    if not weak or settings.DEBUG:
        return []
    return [Error("SECRET_KEY is too weak for production.", hint=f"Make one: {_NEW_SECRET_KEY}", id="integrator.E001")]


def check_encryption_keys(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """Without a valid key no credential of a connection can be stored or read."""
    keys = [key for key in settings.FIELD_ENCRYPTION_KEYS if key]
    if not keys:
        return [Error("FIELD_ENCRYPTION_KEYS is empty.", hint=f"Make one: {_NEW_FERNET_KEY}", id="integrator.E002")]
    return [
        Error(
            f"Key number {number} of FIELD_ENCRYPTION_KEYS is not a Fernet key (32 bytes, URL-safe base64).",
            hint=f"Make one: {_NEW_FERNET_KEY}. The first key writes, all of them read.",
            id="integrator.E003",
        )
        for number, key in enumerate(keys, start=1)
        if not _is_fernet_key(key)
    ]


def check_encryption_keys_are_secret(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A key that somebody made up can be made up again. Tolerated only while DEBUG is on."""
    if settings.DEBUG:
        return []
    return [
        Error(
            f"Key number {number} of FIELD_ENCRYPTION_KEYS was made up, not drawn: it is too weak for production.",
            hint=f"Make one: {_NEW_FERNET_KEY}. Put it first, then run: manage.py rotate_keys",
            id="integrator.E013",
        )
        for number, key in enumerate(filter(None, settings.FIELD_ENCRYPTION_KEYS), start=1)
        if _is_fernet_key(key) and _was_made_up(key)
    ]


def _was_made_up(key: str) -> bool:
    """Of 32 drawn bytes less than 20 different ones, or all of them printable, come up less than once in a billion."""
    drawn = urlsafe_b64decode(key)
    return len(set(drawn)) < 20 or all(32 <= byte < 127 for byte in drawn) or key == settings.SECRET_KEY


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except (ValueError, TypeError):
        return False
    return True


def check_hosts(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """DEBUG shows settings and code to whoever causes an error; `*` answers for any name a stranger sends."""
    found: list[CheckMessage] = []
    strangers = sorted(set(settings.ALLOWED_HOSTS) - _LOCAL_HOSTS)
    if settings.DEBUG and strangers:
        found.append(
            Error(
                f"DEBUG is on while the panel answers for {', '.join(strangers)}.",
                hint="Set DEBUG=false, or leave only localhost in ALLOWED_HOSTS.",
                id="integrator.E004",
            )
        )
    if not settings.DEBUG and "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "ALLOWED_HOSTS answers for every name.",
                hint="Name the panel's own host: ALLOWED_HOSTS=panel.example.pl",
                id="integrator.E005",
            )
        )
    return found


def check_networks(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """Loopback is for demo and tests, which answer to nobody but this machine; networks are named one by one."""
    found: list[CheckMessage] = []
    strangers = sorted(set(settings.ALLOWED_HOSTS) - _LOCAL_HOSTS)
    if settings.INTEGRATOR_ALLOW_LOOPBACK and strangers:
        found.append(
            Error(
                f"INTEGRATOR_ALLOW_LOOPBACK is on while the panel answers for {', '.join(strangers)}: a shop's address "
                "could point at services of this machine.",
                hint="Set INTEGRATOR_ALLOW_LOOPBACK=false. Name the networks of shops that are inside yours in "
                "INTEGRATOR_ALLOWED_NETWORKS=192.168.7.0/24",
                id="integrator.E014",
            )
        )
    for text in settings.INTEGRATOR_ALLOWED_NETWORKS:
        if wrong := _wrong_network(text):
            hint = "Write networks as 192.168.7.0/24, several with commas, each as small as it can be."
            found.append(Error(f"INTEGRATOR_ALLOWED_NETWORKS: {text} {wrong}.", hint=hint, id="integrator.E015"))
    return found


def _wrong_network(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError:
        return "is no network"
    if network.prefixlen < (8 if network.version == 4 else 32):
        return "is far too wide"
    return "holds this machine itself" if any(ip_address(own) in network for own in ("127.0.0.1", "::1")) else ""


def check_public_address(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A shop is told this address: one that nothing answers at would only be noticed by what never arrives."""
    if not settings.INTEGRATOR_PUBLIC_URL:
        return []
    if urlsplit(settings.INTEGRATOR_PUBLIC_URL).scheme not in ("https", "http") or not public_host():
        return [
            Error(
                "INTEGRATOR_PUBLIC_URL is no address.",
                hint="Give scheme and host: INTEGRATOR_PUBLIC_URL=https://panel.example.pl, or leave it empty.",
                id="integrator.E010",
            )
        ]
    if not validate_host(public_host(), settings.ALLOWED_HOSTS):
        return [
            Error(
                f"ALLOWED_HOSTS does not name {public_host()}, the host of INTEGRATOR_PUBLIC_URL.",
                hint="Add it to ALLOWED_HOSTS: deliveries of shops would be refused.",
                id="integrator.E011",
            )
        ]
    return []


def check_production(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """What `check --deploy` adds: several processes share cache and broker, nothing on this machine is reachable."""
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(Error("DEBUG is on.", hint="Set DEBUG=false.", id="integrator.E006"))
    if not set(settings.ALLOWED_HOSTS) - _LOCAL_HOSTS:
        found.append(
            Warning(
                "ALLOWED_HOSTS names only this machine: nobody else can open the panel.",
                hint="Name the panel's own host: ALLOWED_HOSTS=panel.example.pl",
                id="integrator.W002",
            )
        )
    if settings.INTEGRATOR_ALLOW_LOOPBACK:
        found.append(
            Error(
                "INTEGRATOR_ALLOW_LOOPBACK is on: a shop's address could point at services of this machine.",
                hint="Set INTEGRATOR_ALLOW_LOOPBACK=false. It is meant for the demo and for tests.",
                id="integrator.E007",
            )
        )
    return found + _shared_services() + _https() + _public_https()


def _shared_services() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.CELERY_BROKER_URL.startswith("memory"):
        found.append(
            Error(
                "There is no message broker: the panel and the worker are separate processes.",
                hint="Set REDIS_URL to a Redis or Valkey server, for example redis://127.0.0.1:6379/0",
                id="integrator.E008",
            )
        )
    if settings.CACHES["default"]["BACKEND"].endswith(("LocMemCache", "DummyCache")):
        found.append(
            Error(
                "The cache is not shared: limits on failed logins would count in each process apart.",
                hint="Set REDIS_URL to a Redis or Valkey server.",
                id="integrator.E009",
            )
        )
    return found


def _https() -> list[CheckMessage]:
    if settings.HTTPS:
        return []
    return [
        Warning(
            "HTTPS is off: cookies are sent over plain connections too.",
            hint="Put a proxy with a certificate in front and set HTTPS=true.",
            id="integrator.W001",
        )
    ]


def _public_https() -> list[CheckMessage]:
    if urlsplit(settings.INTEGRATOR_PUBLIC_URL).scheme != "http":
        return []
    return [
        Error(
            "INTEGRATOR_PUBLIC_URL is not https: what shops send there could be read and changed on the way.",
            hint="Put a proxy with a certificate in front and write https://, or leave it empty.",
            id="integrator.E012",
        )
    ]


ALWAYS = (
    check_secret_key,
    check_encryption_keys,
    check_encryption_keys_are_secret,
    check_hosts,
    check_networks,
    check_public_address,
)


def register_all() -> None:
    for check in ALWAYS:
        register(check, Tags.security)
    register(check_production, Tags.security, deploy=True)


def refuse_unsafe(**kwargs: Any) -> None:
    """What web processes and workers call as they start, since no command checks for them. Raises ImproperlyConfigured
    with everything that must be mended first."""
    errors = [message for check in ALWAYS for message in check() if message.level >= ERROR]
    if errors:
        raise ImproperlyConfigured("\n".join(f"{one.msg} {one.hint} ({one.id})" for one in errors))
