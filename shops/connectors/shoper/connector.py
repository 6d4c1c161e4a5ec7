"""Shoper as a side. The work is in the modules beside this one; here is who does what."""

import time
from collections.abc import Iterator, Mapping, Sequence

from integrator.api_client import Rate
from integrator.canonical.errors import Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Check
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import Found, LatePage, NewElement, Page, Patch, ReadBack, Result, Scope
from shops.connectors.base import (
    Connector,
    CredentialField,
    LoginWay,
    Platform,
    SettingField,
    ShopAccess,
    gettext_noop,
)
from shops.connectors.harvest import split_key
from shops.connectors.shoper.auth import ShoperAuth
from shops.connectors.shoper.capabilities import capabilities
from shops.connectors.shoper.errors import reported_rate, shoper_error
from shops.connectors.shoper.facts import Facts
from shops.connectors.shoper.finding import Finding
from shops.connectors.shoper.orders import ShoperOrders
from shops.connectors.shoper.pictures import Pictures
from shops.connectors.shoper.probe import probe
from shops.connectors.shoper.reading import Reading
from shops.connectors.shoper.rest import Rest
from shops.connectors.shoper.variants import Variants
from shops.connectors.shoper.webhooks import WEBHOOKS, ShoperHooks
from shops.connectors.shoper.writing import Writing

_HEADERS = {"Accept-Language": "pl-PL"}
"""Shoper's refusals are texts in the caller's language; a fixed one keeps them recognisable."""


class ShoperConnector(Connector):
    """One session with one shop."""

    def __init__(self, access: ShopAccess) -> None:
        clock = access.clock or time.time
        auth = ShoperAuth(access, clock)
        api = access.api(
            auth=auth,
            errors=shoper_error,
            rate_reader=reported_rate,
            headers=_HEADERS,
            secrets=("password", "token"),
        )
        auth.api = api
        super().__init__(access, api, capabilities(access.known))
        rest = Rest(api)
        self._rest = rest
        self._facts = Facts(rest, access.facts, clock)
        self._reading = Reading(rest, self._facts)
        self._writing = Writing(rest, self._facts)
        self._variants = Variants(self._writing)
        self._pictures = Pictures(api, self._writing)
        self._finding = Finding(self._variants, self._pictures)
        self.hooks = ShoperHooks(rest)
        self.orders = ShoperOrders(rest, self._facts, access.settings)

    def identity(self) -> Mapping[str, str]:
        """The number of the shop's licence, which stays whatever domain it is given; its address where none is told."""
        return self._facts.identity()

    def probe(self) -> Iterator[Check]:
        return probe(self.api, self._rest, self._facts)

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> Page | LatePage:
        if kind is Kind.GROUP:
            raise Rejected(Code.NOT_OFFERED, kind=kind)
        return self._reading.fetch(kind, scope, cursor)

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        return self._reading.read(kind, keys)

    def content(self, kind: Kind, key: Key) -> bytes:
        if kind is not Kind.IMAGE:
            raise Rejected(Code.NOT_OFFERED, kind=kind)
        return self._pictures.content(key)

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        return self._finding.find(kind, wanted)

    def create(self, kind: Kind, rows: Sequence[NewElement]) -> list[Result]:
        if kind in (Kind.UNIT, Kind.PRODUCER):
            return self._writing.create_plain(kind, rows)
        if kind is Kind.IMAGE:
            return self._pictures.create(rows)
        if kind is Kind.PRODUCT:
            return self._create_products(rows)
        return super().create(kind, rows)

    def _create_products(self, rows: Sequence[NewElement]) -> list[Result]:
        simple = [row for row in rows if not row.group_code]
        grouped = [row for row in rows if row.group_code]
        results = {result.token: result for result in self._writing.create_simple(simple)}
        results |= {result.token: result for result in self._variants.create(grouped)}
        return [results[row.token] for row in rows]

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        if kind is Kind.IMAGE:
            return self._pictures.update(rows)
        if kind in (Kind.UNIT, Kind.PRODUCER, Kind.PRODUCT, Kind.PRICE, Kind.STOCK):
            return self._writing.update(kind, rows)
        return super().update(kind, rows)

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        if kind in (Kind.UNIT, Kind.PRODUCER, Kind.PRODUCT, Kind.IMAGE):
            return self._writing.delete(kind, keys)
        return super().delete(kind, keys)

    def deactivate(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        if kind is Kind.PRODUCT:
            return self._writing.deactivate(keys)
        return super().deactivate(kind, keys)

    def admin_url(self, kind: Kind, key: Key) -> str:
        return admin_url(self.api.base, kind, key)


def admin_url(address: str, kind: Kind, key: Key) -> str:
    """Products open in the panel's editor. Other elements have no address of their own that is known."""
    if kind not in (Kind.PRODUCT, Kind.GROUP, Kind.PRICE, Kind.STOCK):
        return ""
    return f"{address.rstrip('/')}/admin/products/edit/id/{split_key(key)[0]}"


PLATFORM = Platform(
    name="shoper",
    label="Shoper",
    admin_url=admin_url,
    orders=True,
    about=gettext_noop(
        "Any Shoper shop. The client adds a user of the panel in a group with access to the web API, or an "
        "integration, whose token is shown once."
    ),
    address_help=gettext_noop("The shop's address as in the browser, e.g. https://shop12345.shoparena.pl"),
    credentials=(
        CredentialField(
            name="user",
            label=gettext_noop("User"),
            help=gettext_noop("A user of the shop's panel in a group of administrators with access to the web API."),
        ),
        CredentialField(name="password", label=gettext_noop("Password"), secret=True),
        CredentialField(
            name="token",
            label=gettext_noop("API token"),
            secret=True,
            help=gettext_noop("The token that the panel shows once after “Add integration”."),
        ),
    ),
    login_ways=(
        LoginWay(name="user", label=gettext_noop("User of the panel and password"), credentials=("user", "password")),
        LoginWay(name="token", label=gettext_noop("Token of an integration"), credentials=("token",)),
    ),
    settings=(
        SettingField(
            name="edit_date_trusted",
            label=gettext_noop("Offer “recent only” for products"),
            kind="bool",
            default=False,
            help=gettext_noop(
                "Relies on the shop's date of change, which changes of stock or pictures may not move. Try it first."
            ),
        ),
        SettingField(
            name="invoice_field",
            label=gettext_noop("Additional field “I want an invoice”"),
            help=gettext_noop(
                "Number of the additional field of orders by which buyers ask for an invoice. Empty: nobody is asked."
            ),
        ),
    ),
    capabilities=capabilities,
    open=ShoperConnector,
    webhooks=WEBHOOKS,
    rate=Rate(burst=10, per_second=2),
)
