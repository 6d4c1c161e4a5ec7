"""What connectors share: how a platform presents itself, what it is given to work with, the defaults of a side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from integrator.api_client import ApiClient, Auth, ErrorMapper, NetworkPolicy, Rate, RateReader, Throttle
from integrator.canonical.capabilities import Capabilities
from integrator.canonical.errors import AuthFailed, IntegrationError, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.orders import Orders
from integrator.canonical.preflight import Check, failed, passed, skipped
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import Found, LatePage, NewElement, Page, Patch, ReadBack, Result, Scope, Side
from shops.connectors.hooks import WebhookScheme


def gettext_noop(message: str) -> str:
    """Marks a text for translation; the panel translates it when it is shown (connectors know no Django)."""
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialField:
    """One field of the connection form. `label` and `help` are msgids; a secret is never shown again once saved."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    """Whether it must be filled in when the login way that uses it is chosen."""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginWay:
    """One of the ways to log in: the credential fields it needs. The form asks for exactly one way."""

    name: str
    label: str
    credentials: tuple[str, ...]
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """A further setting of a connection that only this platform has, kept in `ShopConnection.settings`."""

    name: str
    label: str
    kind: Literal["text", "bool", "choice"] = "text"
    default: str | bool = ""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, label msgid) pairs of kind "choice"."""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a connection without asking the shop: all that its capabilities may depend on."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """As the platform's `SettingField`s declare them."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the connector has learnt of the shop (`ShopAccess.facts`)."""
    given: frozenset[str] = frozenset()
    """Names of the credentials that are filled in."""
    public: bool = False
    """Whether shops can reach the panel."""


class TokenStore(Protocol):
    """Where the token of a login is kept between slices and workers."""

    def load(self) -> Mapping[str, Any]:
        """The stored token as it is now, empty when there is none."""

    def save(self, token: Mapping[str, Any]) -> bool:
        """Compare and swap: False when somebody else saved since the last `load`; then `load` gives theirs."""


class MemoryTokens:
    """A token store that lives as long as the process: for `probe` before anything is saved, and for tests."""

    def __init__(self, token: Mapping[str, Any] | None = None) -> None:
        self._token: Mapping[str, Any] = dict(token or {})

    def __repr__(self) -> str:
        return "MemoryTokens(***)"

    def load(self) -> Mapping[str, Any]:
        return self._token

    def save(self, token: Mapping[str, Any]) -> bool:
        self._token = dict(token)
        return True


def _allow(seconds: float) -> None:
    """Default of `before_call`: no lease, no database, nothing to check."""


def _no_admin_url(address: str, kind: Kind, key: Key) -> str:
    """Default of `Platform.admin_url`: no such address is known."""
    return ""


def _no_order_url(address: str, facts: Mapping[str, Any], key: Key) -> str:
    """Default of `Platform.order_url`."""
    return ""


@dataclass(kw_only=True)
class ShopAccess:
    """Everything a connector is given to reach one shop. Its repr shows no secret."""

    address: str
    credentials: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    tokens: TokenStore = field(default_factory=MemoryTokens, repr=False)
    throttle: Throttle = field(default_factory=Throttle, repr=False)
    network: NetworkPolicy = field(default_factory=NetworkPolicy)
    facts: dict[str, Any] = field(default_factory=dict, repr=False)
    """What the connector remembers of the shop between sessions (language, names of options); it may change it."""
    publish: Callable[[bytes, str], str] | None = None
    """Gives an address, valid for a while, under which the panel serves these bytes (content, file extension). None
    when shops cannot reach the panel."""
    before_call: Callable[[float], None] = _allow
    """Called with the deadline in seconds before every request; may raise to forbid it."""
    clock: Callable[[], float] | None = None
    """Seconds since the epoch; None is the system's."""
    sleep: Callable[[float], None] | None = None
    transport: Any = field(default=None, repr=False)
    """A transport of tests (WSGI, mock) in place of the network."""
    clients: list[ApiClient] = field(default_factory=list, init=False, repr=False)

    @property
    def known(self) -> Known:
        return Known(
            settings=self.settings,
            facts=self.facts,
            given=frozenset(name for name, value in self.credentials.items() if value),
            public=self.publish is not None,
        )

    def api(
        self,
        *,
        auth: Auth | None = None,
        errors: ErrorMapper | None = None,
        rate_reader: RateReader | None = None,
        headers: Mapping[str, str] | None = None,
        secrets: Sequence[str] | None = None,
        deadline: float = 30.0,
        max_bytes: int = 32 * 1024 * 1024,
    ) -> ApiClient:
        """A client for this shop's address that obeys this access; `close` closes it.

        `secrets` names the credentials that may appear nowhere (None: all of them).
        """
        client = ApiClient(
            self.address,
            auth=auth,
            errors=errors,
            rate_reader=rate_reader,
            headers=headers,
            deadline=deadline,
            max_bytes=max_bytes,
            throttle=self.throttle,
            network=self.network,
            before_call=self.before_call,
            secrets=[value for name, value in self.credentials.items() if secrets is None or name in secrets],
            clock=self.clock,
            sleep=self.sleep,
            transport=self.transport,
        )
        self.clients.append(client)
        return client

    def close(self) -> None:
        for client in self.clients:
            client.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A shop platform as the registry and the forms see it; each connector folder exports one as `PLATFORM`."""

    name: str
    """The folder's name; what `ShopConnection.platform` holds."""
    label: str
    credentials: tuple[CredentialField, ...]
    login_ways: tuple[LoginWay, ...]
    settings: tuple[SettingField, ...] = ()
    capabilities: Callable[[Known], Capabilities]
    """Pure: by what is known of the connection, without asking the shop."""
    learns: bool = False
    """What can be done depends on facts that the shop must be asked for from time to time (`Connector.learn`)."""
    open: Callable[[ShopAccess], Side]
    """Makes the side; sends nothing yet."""
    rate: Rate | None = None
    """The limit to assume before the shop's own answers tell it."""
    address_help: str = ""
    about: str = ""
    """msgid: which versions, and what the client has to prepare; shown where a platform is chosen."""
    check_labels: Mapping[str, str] = field(default_factory=dict)
    """msgids of checks that only this platform has, by the name that `probe` gives them."""
    webhooks: WebhookScheme | None = None
    """How its webhooks are read; its sides then have `hooks`. None: it has none, changes are found by polling."""
    orders: bool = False
    """Its sides have `orders`."""
    admin_url: Callable[[str, Kind, Key], str] = _no_admin_url
    """Address of an element in the shop's own panel from the shop's address; pure, so pages can link to it."""
    order_url: Callable[[str, Mapping[str, Any], Key], str] = _no_order_url
    """The same of an order, from the shop's address and what was learnt of the shop."""

    def setting(self, values: Mapping[str, Any], name: str) -> Any:
        """The value of a declared setting, or its default."""
        declared = next(one for one in self.settings if one.name == name)
        return values.get(name, declared.default)


REACHING = ("name", "port", "tls")
"""Checks of the way to a server, in the order in which they can fail."""
_FAILS_AT = {
    Code.NAME_UNKNOWN: "name",
    Code.ADDRESS_NOT_ALLOWED: "name",
    Code.PORT_REFUSED: "port",
    Code.UNREACHABLE: "port",
    Code.SILENT: "port",
    Code.TLS_FAILED: "tls",
}


def reachability(api: ApiClient, trouble: IntegrationError | None) -> Iterator[Check]:
    """The checks `name`, `port`, `tls` and `answer`, by what the first call came to (None: it was answered well).

    What was reached is told apart from what was not: a refused port means that the name is known.
    """
    where = urlsplit(api.base)
    port = where.port or (443 if where.scheme == "https" else 80)
    found = {"name": where.hostname or "", "port": str(port), "tls": where.scheme}
    code = trouble.problem.code if trouble is not None else ""
    failing = _FAILS_AT.get(Code(code)) if code in Code.__members__.values() else None
    lost = False
    for name in REACHING:
        if trouble is not None and name == failing:
            yield failed(name, trouble.problem, trouble.turn)
            lost = True
        else:
            yield skipped(name) if lost else passed(name, found[name])
    if lost:
        yield skipped("answer")
    elif trouble is None or isinstance(trouble, AuthFailed | Rejected):
        yield passed("answer")
    else:
        yield failed("answer", trouble.problem, trouble.turn)


class Connector:
    """Defaults of a side for platforms: what is not overridden is not offered and says so row by row."""

    capabilities: Capabilities
    orders: Orders | None = None
    """None: orders are not offered."""

    def __init__(self, access: ShopAccess, api: ApiClient, capabilities: Capabilities) -> None:
        self.access = access
        self.api = api
        self.capabilities = capabilities

    @property
    def requests_sent(self) -> int:
        return sum(client.requests_sent for client in self.access.clients)

    def learn(self) -> None:
        """Ask the shop afresh for what the capabilities depend on and keep it in `access.facts`."""

    def probe(self) -> Iterator[Check]:
        return iter(())

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> Page | LatePage:
        raise Rejected(Code.NOT_OFFERED, kind=kind)

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        raise Rejected(Code.NOT_OFFERED, kind=kind)

    def content(self, kind: Kind, key: Key) -> bytes:
        raise Rejected(Code.NOT_OFFERED, kind=kind)

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        return {one.token: Found() for one in wanted}

    def create(self, kind: Kind, rows: Sequence[NewElement]) -> list[Result]:
        return [self._not_offered(kind, row.token) for row in rows]

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        return [self._not_offered(kind, row.key) for row in rows]

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        return [self._not_offered(kind, key) for key in keys]

    def deactivate(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        return [self._not_offered(kind, key) for key in keys]

    def admin_url(self, kind: Kind, key: Key) -> str:
        return ""

    def _not_offered(self, kind: Kind, token: str) -> Result:
        return Result(token=token, error=Rejected(Code.NOT_OFFERED, kind=kind))
