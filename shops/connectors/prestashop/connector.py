"""PrestaShop as a side, over its web service. The work is in the modules beside this one; here is who does what."""

from collections.abc import Iterator, Mapping, Sequence

from integrator.canonical.errors import IntegrationError, Rejected
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
from shops.connectors.prestashop.auth import KeyAuth
from shops.connectors.prestashop.capabilities import capabilities
from shops.connectors.prestashop.creating import Creating
from shops.connectors.prestashop.elements import Elements
from shops.connectors.prestashop.errors import prestashop_error
from shops.connectors.prestashop.facts import Facts
from shops.connectors.prestashop.finding import Finding
from shops.connectors.prestashop.orders import PrestaOrders
from shops.connectors.prestashop.pictures import Pictures
from shops.connectors.prestashop.probe import probe
from shops.connectors.prestashop.products import Products
from shops.connectors.prestashop.reading import Reading
from shops.connectors.prestashop.rest import Rest
from shops.connectors.prestashop.stock import Stock
from shops.connectors.prestashop.variants import Variants
from shops.connectors.prestashop.writing import Change, Writing, results_of


class PrestaShopConnector(Connector):
    """One session with one shop."""

    def __init__(self, access: ShopAccess) -> None:
        api = access.api(auth=KeyAuth(access.credentials), errors=prestashop_error)
        super().__init__(access, api, capabilities(access.known))
        rest = Rest(api, access.facts)
        self._facts = Facts(rest, access.facts, access.settings)
        self._reading = Reading(rest, self._facts)
        self._writing = Writing(rest, self._facts)
        creating = Creating(self._writing)
        self._stock = Stock(self._reading, self._writing)
        self._elements = Elements(creating)
        self._products = Products(creating, self._stock)
        self._variants = Variants(self._products)
        self._pictures = Pictures(self._writing, access.facts)
        self._finding = Finding(self._products)
        self.orders = PrestaOrders(rest, self._facts, access)

    def identity(self) -> Mapping[str, str]:
        """PrestaShop has no id of its own: the day it was installed stands for it, with its address."""
        return self._facts.identity()

    def learn(self) -> None:
        self._facts.learn()
        self.capabilities = capabilities(self.access.known)

    def probe(self) -> Iterator[Check]:
        yield from probe(self.api, self._facts)
        self.capabilities = capabilities(self.access.known)

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> Page | LatePage:
        if kind in (Kind.GROUP, Kind.UNIT):
            raise Rejected(Code.NOT_OFFERED, kind=kind)
        return self._reading.fetch(kind, scope, cursor)

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        if kind is Kind.UNIT:
            raise Rejected(Code.NOT_OFFERED, kind=kind)
        return self._reading.read(kind, keys)

    def content(self, kind: Kind, key: Key) -> bytes:
        if kind is not Kind.IMAGE:
            raise Rejected(Code.NOT_OFFERED, kind=kind)
        return self._pictures.content(key)

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        if kind is Kind.PRODUCT:
            return self._finding.find(wanted)
        if kind is Kind.IMAGE:
            return self._pictures.find(wanted)
        if kind in (Kind.PRODUCER, Kind.CATEGORY):
            return self._elements.find(kind, wanted)
        return super().find(kind, wanted)

    def create(self, kind: Kind, rows: Sequence[NewElement]) -> list[Result]:
        if kind in (Kind.PRODUCER, Kind.CATEGORY):
            return self._elements.create(kind, rows)
        if kind is Kind.IMAGE:
            return self._pictures.create(rows)
        if kind is Kind.PRODUCT:
            return self._create_products(rows)
        return super().create(kind, rows)

    def _create_products(self, rows: Sequence[NewElement]) -> list[Result]:
        simple = [row for row in rows if not row.group_code]
        grouped = [row for row in rows if row.group_code]
        results = {result.token: result for result in self._products.create(simple)}
        try:
            results |= {result.token: result for result in self._variants.create(grouped)}
        except IntegrationError as error:
            if not any(result.ok for result in results.values()):
                raise
            results |= {row.token: Result(token=row.token, error=error) for row in grouped}
        return self._products.with_quantities(rows, results)

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        if kind is Kind.STOCK:
            return self._stock.update(rows)
        if kind in (Kind.PRODUCT, Kind.PRICE):
            return self._products.update(kind, rows)
        if kind is Kind.PRODUCER:
            return self._elements.update(rows)
        if kind is Kind.IMAGE:
            return self._pictures.update(rows)
        return super().update(kind, rows)

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        if kind is Kind.IMAGE:
            return self._pictures.delete(keys)
        if kind in (Kind.PRODUCER, Kind.PRODUCT):
            return self._writing.delete(kind, keys)
        return super().delete(kind, keys)

    def deactivate(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        """Hides products. A combination cannot be hidden without its whole product: it is refused."""
        if kind is not Kind.PRODUCT:
            return super().deactivate(kind, keys)

        def change(key: Key) -> Change:
            if ":" in key:
                raise Rejected(Code.CANNOT_UPDATE, field="active")
            return Change(token=key, id=key, fields={"active": "0"})

        makes = [(key, lambda key=key: change(key)) for key in keys]
        return results_of(makes, lambda changes: self._writing.change("products", changes))


PLATFORM = Platform(
    name="prestashop",
    label="PrestaShop",
    learns=True,
    orders=True,
    address_help=gettext_noop(
        "The shop's address exactly as in the browser, with https:// and with or without www, e.g. https://www.sklep.pl"
    ),
    about=gettext_noop(
        "PrestaShop 1.7, 8 and 9. Switch the web service on in the shop's panel, make a key there and tick its rights; "
        "“Test settings” names each right that is missing. Tax rules of the shop's country must be there."
    ),
    check_labels={
        "country": gettext_noop("Country"),
        "tax_rates": gettext_noop("VAT rates"),
        "shops": gettext_noop("Shops in this installation"),
        "stock_management": gettext_noop("Stock management"),
        "taxes": gettext_noop("Adding of VAT"),
        "advanced_stock": gettext_noop("Advanced stock management"),
        "ecotax": gettext_noop("Ecotax"),
    },
    credentials=(
        CredentialField(
            name="key",
            label=gettext_noop("Web service key"),
            secret=True,
            help=gettext_noop(
                "Make it in the shop's panel under Advanced Parameters > Webservice: switch the web service on, add a "
                "key and tick the rights that “Test settings” names."
            ),
        ),
        CredentialField(
            name="ws_key",
            label=gettext_noop("Web service key (sent in the address)"),
            secret=True,
            help=gettext_noop(
                "Only for hosts that drop the login: then the key stands in the access log of their server."
            ),
        ),
    ),
    login_ways=(
        LoginWay(name="key", label=gettext_noop("Web service key"), credentials=("key",)),
        LoginWay(name="query", label=gettext_noop("Web service key in the address"), credentials=("ws_key",)),
    ),
    settings=(
        SettingField(
            name="prices",
            label=gettext_noop("Prices are compared and written"),
            kind="choice",
            default="gross",
            choices=(("gross", gettext_noop("gross, as customers see them")), ("net", gettext_noop("net"))),
            help=gettext_noop(
                "PrestaShop keeps net prices. Gross ones are converted with the VAT rate the product has in the shop."
            ),
        ),
        SettingField(
            name="edit_date_trusted",
            label=gettext_noop("Offer “recent only” for products"),
            kind="bool",
            default=False,
            help=gettext_noop(
                "The shop's date of change moves with the product's own data, but not with its stock, combinations or "
                "pictures."
            ),
        ),
    ),
    capabilities=capabilities,
    open=PrestaShopConnector,
)
