"""Ways into the WooCommerce API with one pair of keys, and the WordPress login that pictures need.

Over https the keys go as HTTP Basic. Over plain http WooCommerce ignores them there, and only a signature (OAuth 1.0a
without a user, HMAC-SHA256) is let in, unless a proxy in front of it says that it took the call over https. Some hosts
strip the Authorization header: for them the keys can go in the address, which writes the secret into the shop's access
logs and is therefore only done when somebody chose it.
"""

import hmac
import ipaddress
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

from integrator.api_client import Auth
from integrator.canonical.errors import AuthFailed
from integrator.canonical.problems import Code
from shops.connectors.base import ShopAccess

KEY, SECRET = "consumer_key", "consumer_secret"
QUERY_KEY, QUERY_SECRET = "query_key", "query_secret"
MEDIA_USER, MEDIA_PASSWORD = "media_user", "media_password"


def login(access: ShopAccess, clock: Callable[[], float]) -> Auth:
    """The way the filled in credentials and the address ask for."""
    given = access.credentials
    if given.get(QUERY_KEY) and given.get(QUERY_SECRET):
        return KeysInAddress(given[QUERY_KEY], given[QUERY_SECRET])
    key, secret = given.get(KEY, ""), given.get(SECRET, "")
    if needs_signature(access.address):
        return Signature(key, secret, clock)
    if urlsplit(access.address.strip()).scheme == "http":
        return BasicOrSignature(key, secret, clock)
    return Basic(key, secret)


def needs_signature(address: str) -> bool:
    """Plain http on anything but this machine or its network: there the keys may be shown, and which of the two ways
    a shop takes is found out."""
    parts = urlsplit(address.strip())
    if parts.scheme != "http":
        return False
    host = parts.hostname or ""
    try:
        return not ipaddress.ip_address(host).is_private
    except ValueError:
        return host != "localhost"


class Basic:
    """User and password in the Authorization header. Raises AuthFailed(SECRET_MISSING) before anything is sent."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password

    def __repr__(self) -> str:
        return "Basic(***)"

    def headers(self) -> Mapping[str, str]:
        if not self._user or not self._password:
            raise AuthFailed(Code.SECRET_MISSING)
        return {"Authorization": "Basic " + b64encode(f"{self._user}:{self._password}".encode()).decode()}

    def renew(self) -> bool:
        return False


class KeysInAddress:
    """Both keys as parameters of every call, over https alone."""

    sends_secrets = True

    def __init__(self, key: str, secret: str) -> None:
        self._key = key
        self._secret = secret

    def __repr__(self) -> str:
        return "KeysInAddress(***)"

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self) -> bool:
        return False

    def sign(self, method: str, url: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**params, "consumer_key": self._key, "consumer_secret": self._secret}


class Signature:
    """One-legged OAuth 1.0a. The body is not signed; the clock may be 15 minutes off; a nonce is good for once."""

    sends_secrets = False

    def __init__(self, key: str, secret: str, clock: Callable[[], float]) -> None:
        self._key = key
        self._secret = secret
        self._clock = clock

    def __repr__(self) -> str:
        return "Signature(***)"

    def headers(self) -> Mapping[str, str]:
        if not self._key or not self._secret:
            raise AuthFailed(Code.SECRET_MISSING)
        return {}

    def renew(self) -> bool:
        return False

    def sign(self, method: str, url: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        signed = {
            **params,
            "oauth_consumer_key": self._key,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(self._clock())),
        }
        return {**signed, "oauth_signature": signature(method, url, signed, self._secret)}


class BasicOrSignature:
    """For plain http within a private network, which alone may see the keys: as HTTP Basic, where a proxy told
    WooCommerce of https, else signed. A refusal of one way tries the other."""

    sends_secrets = True

    def __init__(self, key: str, secret: str, clock: Callable[[], float]) -> None:
        self._basic = Basic(key, secret)
        self._signature = Signature(key, secret, clock)
        self._signs = False

    def __repr__(self) -> str:
        return "BasicOrSignature(***)"

    def headers(self) -> Mapping[str, str]:
        return self._signature.headers() if self._signs else self._basic.headers()

    def renew(self) -> bool:
        self._signs = not self._signs
        return True

    def sign(self, method: str, url: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._signature.sign(method, url, params) if self._signs else params


def signature(method: str, url: str, params: Mapping[str, Any], secret: str) -> str:
    """The signature of a call as WooCommerce reckons it: over the address without its query, and all parameters."""
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in params.items())
    query = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join([method.upper(), _encoded(url), _encoded(query)])
    return b64encode(hmac.new(f"{secret}&".encode(), base.encode(), sha256).digest()).decode()


def _encoded(value: Any) -> str:
    return quote(str(value), safe="~")
