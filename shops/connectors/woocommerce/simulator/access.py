"""Who asks: keys of the WooCommerce API (Basic, query, OAuth 1.0a) and application passwords of WordPress."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote

from shops.connectors.woocommerce.simulator.errors import error
from shops.simulation.http import Refused, Request

CONSUMER_KEY = "ck_" + "1a2b3c4d5e" * 4
CONSUMER_SECRET = "cs_" + "6f7a8b9c0d" * 4
USER = "integrator"
APPLICATION_PASSWORD = "abcd EFGH 1234 ijkl MNOP 5678"

_WINDOW = 15 * 60
_HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_OAUTH = ("consumer_key", "timestamp", "nonce", "signature", "signature_method")


@dataclass
class Key:
    """A REST API key. `permissions`: read, write or read_write."""

    secret: str = field(repr=False)
    permissions: str = "read_write"


class Access:
    """`tls`: whether PHP sees https; a proxy may say so. Over plain http only OAuth counts."""

    def __init__(self, clock: Callable[[], float], *, tls: bool) -> None:
        self.clock = clock
        self.tls = tls
        self.trusts_proxy = True
        """Whether wp-config believes `X-Forwarded-Proto`."""
        self.keys: dict[str, Key] = {}
        self.passwords: dict[str, str] = {USER: APPLICATION_PASSWORD}
        """Application passwords by user; blanks do not count."""
        self.address = ""
        self._nonces: dict[tuple[str, str], float] = {}
        self.restore()

    def restore(self) -> None:
        """Lets the first key in again."""
        self.keys[CONSUMER_KEY] = Key(CONSUMER_SECRET)

    def revoke(self) -> None:
        """Deletes all API keys."""
        self.keys.clear()

    def is_secure(self, request: Request) -> bool:
        forwarded = request.headers.get("x-forwarded-proto", "").lower()
        return self.tls or (self.trusts_proxy and forwarded == "https")

    def wc_user(self, request: Request, writes: bool) -> bool:
        """Whether the request of the WooCommerce API has a user. An unknown key or none is nobody; raises 401 for a
        known key with a wrong secret, signature or right."""
        if request.query.get("rest_route"):
            return False
        oauth = _oauth_parameters(request)
        key = self._signed(request, oauth) if "consumer_key" in oauth else self._plain(request)
        if key is None:
            return self.is_secure(request) and self._has_password(request)
        if key.permissions != "read_write" and key.permissions != ("write" if writes else "read"):
            kind = "write" if writes else "read"
            raise _refused(f"The API key provided does not have {kind} permissions.")
        return True

    def wp_user(self, request: Request) -> bool:
        """Whether a request of WordPress's own API has a user: API keys count nothing there."""
        if not self.is_secure(request) or not request.basic()[0]:
            return False
        user, _ = request.basic()
        if user not in self.passwords:
            raise error("invalid_username", f"Unknown username <strong>{user}</strong>.", 401)
        if not self._has_password(request):
            raise error("incorrect_password", "The provided password is an invalid application password.", 401)
        return True

    def _has_password(self, request: Request) -> bool:
        user, password = request.basic()
        known = self.passwords.get(user)
        return known is not None and hmac.compare_digest(_dense(known), _dense(password))

    def _plain(self, request: Request) -> Key | None:
        if not self.is_secure(request):
            return None
        name, secret = request.first("consumer_key"), request.first("consumer_secret")
        if not name:
            name, secret = request.basic()
        key = self.keys.get(name)
        if key and not hmac.compare_digest(key.secret.encode(), secret.encode()):
            raise _refused("Consumer secret is invalid.")
        return key

    def _signed(self, request: Request, given: dict[str, str]) -> Key:
        missing = [f"oauth_{name}" for name in _OAUTH if not given.get(name)]
        if missing:
            raise _refused(f"Missing OAuth parameters {', '.join(missing)}")
        key = self.keys.get(given["consumer_key"])
        if key is None:
            raise _refused("Consumer key is invalid.")
        if given["signature_method"] not in _HASHES:
            raise _refused("Invalid signature - signature method is invalid.")
        if not hmac.compare_digest(self._signature(request, given, key), unquote(given["signature"])):
            raise _refused("Invalid signature - provided signature does not match.")
        now = self.clock()
        if not given["timestamp"].isdigit() or abs(now - int(given["timestamp"])) > _WINDOW:
            raise _refused("Invalid timestamp.")
        self._nonces = {one: seen for one, seen in self._nonces.items() if now - seen <= _WINDOW}
        nonce = (given["consumer_key"], given["nonce"])
        if nonce in self._nonces:
            raise _refused("Invalid nonce - nonce has already been used.")
        self._nonces[nonce] = now
        return key

    def _signature(self, request: Request, given: dict[str, str], key: Key) -> str:
        """Over method, the shop's own address as PHP sees it, and the sorted parameters of the query; the body is not
        signed. Bracketed names never match what clients sign."""
        scheme = "https" if self.is_secure(request) else "http"
        host = request.headers.get("host") or self.address.partition("://")[2]
        pairs = dict(parse_qsl(request.query_string, keep_blank_values=True))
        pairs |= {f"oauth_{name}": value for name, value in given.items()}
        pairs.pop("oauth_signature", None)
        names = {name: name.replace("[", "%5B").replace("]", "%5D") for name in pairs}
        text = "&".join(f"{_encoded(names[name])}={_encoded(pairs[name])}" for name in sorted(pairs))
        base = f"{request.method}&{_encoded(f'{scheme}://{host}{request.path}')}&{_encoded(text)}"
        made = hmac.new(f"{key.secret}&".encode(), base.encode(), _HASHES[given["signature_method"]])
        return b64encode(made.digest()).decode()


def _oauth_parameters(request: Request) -> dict[str, str]:
    """From the query, else from an `Authorization: OAuth` header; names without `oauth_`."""
    found = {name[6:]: values[0] for name, values in request.query.items() if name.startswith("oauth_")}
    kind, _, rest = request.authorization.partition(" ")
    if not found and kind.lower() == "oauth":
        pairs = (part.strip().partition("=") for part in rest.split(","))
        found = {name[6:]: unquote(value.strip('"')) for name, _, value in pairs if name.startswith("oauth_")}
    return found


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")


def _dense(password: str) -> bytes:
    return password.replace(" ", "").encode()


def _refused(message: str) -> Refused:
    return error("woocommerce_rest_authentication_error", message, 401)
