"""The two ways into Shoper's API: a user of the panel with a password, or the ready token of an integration."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import blake2b

from integrator.api_client import ApiClient
from integrator.canonical.errors import AuthFailed
from integrator.canonical.problems import Code
from shops.connectors.base import ShopAccess

LOGIN_PATH = "/webapi/rest/auth"
_EARLY = 3600.0
"""A token is renewed this many seconds before it ends."""
_LIFETIME = 30 * 24 * 3600
"""Seconds a token lives when the login does not say (Shoper gives 30 days)."""


class ShoperAuth:
    """Puts a bearer token on calls. Logs in when there is none, and once more when the shop refuses it."""

    def __init__(self, access: ShopAccess, clock: Callable[[], float]) -> None:
        self._access = access
        self._clock = clock
        self._token = ""
        self._until = 0.0
        self.api: ApiClient | None = None
        """Set right after the client is made: the login goes through the same guard, limit and deadline."""

    def __repr__(self) -> str:
        return "ShoperAuth(***)"

    @property
    def static(self) -> bool:
        """Whether a ready token is used, which only a person can renew."""
        return bool(self._access.credentials.get("token"))

    def headers(self) -> Mapping[str, str]:
        if self.static:
            return {"Authorization": f"Bearer {self._access.credentials['token']}"}
        if (not self._token or self._clock() >= self._until) and not self._take_stored():
            self._log_in()
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """After a 401: take the token another worker has stored meanwhile, else log in."""
        if self.static:
            return False
        refused = self._token
        if not (self._take_stored() and self._token != refused):
            self._log_in()
        return True

    def _take_stored(self) -> bool:
        stored = self._access.tokens.load()
        token = str(stored.get("access_token", ""))
        until = float(stored.get("expires_at", 0))
        if not token or stored.get("login") != self._login_digest() or self._clock() >= until:
            return False
        self._token, self._until = token, until
        return True

    def _log_in(self) -> None:
        user, password = self._access.credentials.get("user", ""), self._access.credentials.get("password", "")
        if not user or not password:
            raise AuthFailed(Code.SECRET_MISSING)
        if self.api is None:
            raise RuntimeError("the client of this login was not set")
        basic = b64encode(f"{user}:{password}".encode()).decode()
        try:
            answer = self.api.request(
                "POST", LOGIN_PATH, headers={"Authorization": f"Basic {basic}"}, sign=False, reads=True
            )
        except AuthFailed as error:
            reason = error.problem.as_dict().get("message") or error.problem.as_dict().get("reason", "")
            raise AuthFailed(Code.LOGIN_FAILED, user=user, reason=reason) from None
        body = answer.json
        if not isinstance(body, Mapping) or not body.get("access_token"):
            raise AuthFailed(Code.LOGIN_FAILED, user=user, reason="no token in the answer")
        self._token = str(body["access_token"])
        self.api.redact.add(self._token)
        lives = float(body.get("expires_in") or _LIFETIME)
        self._until = self._clock() + max(lives - _EARLY, lives / 2)
        self._access.tokens.load()
        self._access.tokens.save(
            {"access_token": self._token, "expires_at": self._until, "login": self._login_digest()}
        )

    def _login_digest(self) -> str:
        """What a stored token belongs to: after a change of user, password or address it is not used again."""
        login = "\n".join([self._access.address, *(self._access.credentials.get(k, "") for k in ("user", "password"))])
        return blake2b(login.encode(), digest_size=16).hexdigest()
