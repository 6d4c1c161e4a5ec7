"""Who may call the shop: administrators with WebAPI access, integration tokens, rights per area, the rate limit."""

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from shops.connectors.shoper.simulator.errors import Refused

TOKEN_SECONDS = 2_592_000
LOGIN = "integrator"
PASSWORD = "integrator-password"
STATIC_TOKEN = "integrator-static-token"

_LEVELS = {"read": 1, "create": 2, "edit": 3, "delete": 4}
_NEEDED = {"GET": 1, "HEAD": 1, "POST": 2, "PUT": 3, "DELETE": 4}


@dataclass
class Account:
    """An administrator or an integration. `rights`: area -> read | create | edit | delete (each includes those before
    it); None grants everything."""

    login: str
    password: str = field(repr=False)
    rights: dict[str, str] | None = None
    webapi: bool = True
    """Whether the account belongs to a group with WebAPI access."""
    address_allowed: bool = True

    def may(self, method: str, area: str) -> bool:
        if self.rights is None:
            return True
        return _LEVELS.get(self.rights.get(area, ""), 0) >= _NEEDED[method]


class Access:
    """Accounts and tokens of the shop. `clock` gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.accounts = {LOGIN: Account(LOGIN, PASSWORD)}
        self.static_tokens: dict[str, Account] = {STATIC_TOKEN: Account("integration", "")}
        self._issued: dict[str, tuple[Account, float]] = {}

    def log_in(self, login: str, password: str) -> dict[str, object]:
        """The answer of a login. Raises 401 for a wrong pair, a forbidden address or an account without WebAPI."""
        account = self.accounts.get(login)
        if account is None or not secrets.compare_digest(account.password.encode(), password.encode()):
            raise Refused(401, "auth_failure", "Nieprawidłowy login lub hasło")
        if not account.address_allowed:
            raise Refused(401, "auth_ip_not_allowed", "Logowanie z tego adresu IP jest niedozwolone")
        if not account.webapi:
            raise Refused(401, "auth_webapi_access_denied", "Brak dostępu do WebAPI")
        token = secrets.token_hex(20)
        self._issued[token] = (account, self.clock() + TOKEN_SECONDS)
        return {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "bearer"}

    def holder(self, authorization: str) -> Account:
        """The account behind an Authorization header. Raises 401 for an unknown, expired or revoked token."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() == "bearer":
            token = token.strip()
            if token in self.static_tokens:
                return self.static_tokens[token]
            account, until = self._issued.get(token, (None, 0.0))
            if account is not None and self.clock() < until:
                return account
        raise Refused(401, "unauthorized_client", "Provided access token is invalid")

    def revoke(self) -> None:
        """Makes every token that a login gave invalid; static tokens stay."""
        self._issued.clear()


def require(account: Account, method: str, area: str) -> None:
    """Raises 403 when the account lacks the right."""
    if not account.may(method, area):
        raise Refused(
            403, "insufficient_scope", "The request requires higher privileges than provided by the access token"
        )


class Bucket:
    """The leaky bucket of the rate limit: `limit` calls fit, `bandwidth` flow out per second.

    `clock` gives seconds. `off` lets everything through and announces a limit nobody reaches.
    """

    def __init__(self, clock: Callable[[], float], limit: int = 10, bandwidth: float = 2, *, off: bool = False) -> None:
        self.clock = clock
        self.limit = limit
        self.bandwidth = bandwidth
        self.off = off
        self._level = 0.0
        self._at = clock()

    def take(self, cost: int = 1) -> None:
        """Counts calls. Raises 429 with `Retry-After` when they do not fit."""
        if self.off:
            return
        now = self.clock()
        self._level = max(0.0, self._level - max(0.0, now - self._at) * self.bandwidth)
        self._at = now
        if self._level + cost > self.limit:
            raise self.overflow(math.ceil((self._level + cost - self.limit) / self.bandwidth))
        self._level += cost

    @staticmethod
    def overflow(seconds: int) -> Refused:
        retry = [("Retry-After", str(max(1, seconds)))]
        return Refused(429, "temporarily_unavailable", "Przekroczono limit zapytań", retry)

    def headers(self) -> list[tuple[str, str]]:
        if self.off:
            return [("X-Shop-Api-Calls", "1"), ("X-Shop-Api-Limit", "100000"), ("X-Shop-Api-Bandwidth", "100000")]
        return [
            ("X-Shop-Api-Calls", str(math.ceil(self._level))),
            ("X-Shop-Api-Limit", str(self.limit)),
            ("X-Shop-Api-Bandwidth", f"{self.bandwidth:g}"),
        ]
