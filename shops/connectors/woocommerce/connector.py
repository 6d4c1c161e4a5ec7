"""WooCommerce as a side. The work is in the modules beside this one; here is who does what."""

import time
from collections.abc import Iterator, Mapping, Sequence

from integrator.canonical.capabilities import Can
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
from shops.connectors.harvest import split_key
from shops.connectors.woocommerce.auth import (
    KEY,
    MEDIA_PASSWORD,
    MEDIA_USER,
    QUERY_KEY,
    QUERY_SECRET,
    SECRET,
    login,
)
from shops.connectors.woocommerce.capabilities import LABEL, capabilities, options
from shops.connectors.woocommerce.errors import woo_error
from shops.connectors.woocommerce.facts import Facts
from shops.connectors.woocommerce.finding import Finding
from shops.connectors.woocommerce.lookup import Lookup
from shops.connectors.woocommerce.mapping import Options
from shops.connectors.woocommerce.orders import ORDER_SETTINGS, WooOrders, order_url
from shops.connectors.woocommerce.pictures import Pictures
from shops.connectors.woocommerce.probe import probe
from shops.connectors.woocommerce.reading import Reading
from shops.connectors.woocommerce.rest import Rest
from shops.connectors.woocommerce.terms import TermWriting
from shops.connectors.woocommerce.variants import Variants
from shops.connectors.woocommerce.webhooks import WEBHOOKS, WooHooks
from shops.connectors.woocommerce.writing import Writing

_DEFAULT = Options()
_TERMS = (Kind.UNIT, Kind.PRODUCER, Kind.CATEGORY)
_PRODUCTS = (Kind.PRODUCT, Kind.PRICE, Kind.STOCK)


class WooConnector(Connector):
    """One session with one shop."""

    def __init__(self, access: ShopAccess) -> None:
        clock = access.clock or time.time
        api = access.api(auth=login(access, clock), errors=woo_error, deadline=60.0)
        super().__init__(access, api, capabilities(access.known))
        chosen = options(access.settings)
        rest = Rest(api, access.facts, clock)
        self._rest = rest
        self._facts = Facts(rest, access.facts, chosen, clock)
        self._reading = Reading(rest, self._facts, chosen.unit, chosen.unit_meta)
        lookup = Lookup(rest, self._facts, chosen)
        self._writing = Writing(rest, self._facts, lookup)
        self._variants = Variants(self._writing, self._reading)
        self._terms = TermWriting(rest, self._facts, self._reading, chosen)
        self._pictures = Pictures(access, rest, self._facts)
        self._finding = Finding(lookup, self._terms, self._pictures)
        self.hooks = WooHooks(rest)
        self.orders = WooOrders(rest, self._facts, access.settings)

    def identity(self) -> Mapping[str, str]:
        """A copy for trying things out has the id of its origin and an address of its own; versions before 8 tell the
        address only."""
        return self._facts.identity()

    def learn(self) -> None:
        self._facts.learn()
        self.capabilities = capabilities(self.access.known)

    def probe(self) -> Iterator[Check]:
        yield from probe(self.access, self._rest, self._facts, self._pictures.library)
        self.capabilities = capabilities(self.access.known)

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> Page | LatePage:
        if not self.capabilities.of(kind).can or kind is Kind.GROUP:
            raise Rejected(Code.NOT_OFFERED, kind=kind)
        if cursor is None and self._facts.old:
            self.learn()
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
        if not self.capabilities.can(kind, Can.CREATE):
            return super().create(kind, rows)
        if kind in _TERMS:
            return self._terms.create(kind, rows)
        if kind is Kind.IMAGE:
            return self._pictures.create(rows)
        return self._create_products(rows)

    def _create_products(self, rows: Sequence[NewElement]) -> list[Result]:
        """What the simple ones came to is not forgotten when the others fail as a whole."""
        simple = [row for row in rows if not row.group_code]
        grouped = [row for row in rows if row.group_code]
        results = {result.token: result for result in self._writing.create_simple(simple)}
        try:
            made = self._variants.create(grouped)
        except IntegrationError as error:
            if not simple:
                raise
            made = [Result(token=row.token, error=error) for row in grouped]
        results |= {result.token: result for result in made}
        return [results[row.token] for row in rows]

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        if not self.capabilities.can(kind, Can.UPDATE):
            return super().update(kind, rows)
        if kind is Kind.IMAGE:
            return self._pictures.update(rows)
        if kind in (Kind.UNIT, Kind.PRODUCER):
            return self._terms.update(kind, rows)
        return self._writing.update(kind, rows)

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        if not self.capabilities.can(kind, Can.DELETE):
            return super().delete(kind, keys)
        if kind is Kind.IMAGE:
            return self._pictures.delete(keys)
        if kind in (Kind.UNIT, Kind.PRODUCER):
            return self._terms.delete(kind, keys)
        return self._writing.delete(keys)

    def deactivate(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        if kind is Kind.PRODUCT:
            return self._writing.deactivate(keys)
        return super().deactivate(kind, keys)

    def admin_url(self, kind: Kind, key: Key) -> str:
        return admin_url(self.api.base, kind, key)


def admin_url(address: str, kind: Kind, key: Key) -> str:
    """Products open in WordPress's editor, variants in that of their parent, categories in theirs."""
    panel = f"{address.rstrip('/')}/wp-admin"
    if kind in (*_PRODUCTS, Kind.GROUP, Kind.IMAGE):
        return f"{panel}/post.php?post={split_key(key)[0]}&action=edit"
    if kind is Kind.CATEGORY:
        return f"{panel}/term.php?taxonomy=product_cat&tag_ID={key}&post_type=product"
    return ""


PLATFORM = Platform(
    name="woocommerce",
    label=LABEL,
    admin_url=admin_url,
    order_url=order_url,
    orders=True,
    address_help=gettext_noop("The shop's address as in the browser, with its folder if it has one."),
    about=gettext_noop(
        "WooCommerce 9.0 to 10.5. The client makes a pair of keys of the REST API with the permission Read/Write, and, "
        "if pictures are to be sent, an application password of a WordPress user. Each VAT rate needs a tax class."
    ),
    credentials=(
        CredentialField(
            name=KEY,
            label=gettext_noop("Consumer key"),
            secret=True,
            help=gettext_noop(
                "From the shop's panel, WooCommerce > Settings > Advanced > REST API: a key of a shop manager with the "
                "permission Read/Write. It begins with ck_."
            ),
        ),
        CredentialField(
            name=SECRET,
            label=gettext_noop("Consumer secret"),
            secret=True,
            help=gettext_noop("It begins with cs_ and is shown once, together with the key."),
        ),
        CredentialField(name=QUERY_KEY, label=gettext_noop("Consumer key"), secret=True),
        CredentialField(
            name=QUERY_SECRET,
            label=gettext_noop("Consumer secret"),
            secret=True,
            help=gettext_noop("In the address the secret ends up in the access logs of the shop's server."),
        ),
        CredentialField(
            name=MEDIA_USER,
            label=gettext_noop("WordPress user"),
            required=False,
            help=gettext_noop("For sending pictures: a user who may upload files. Leave it empty to send none."),
        ),
        CredentialField(
            name=MEDIA_PASSWORD,
            label=gettext_noop("Application password"),
            secret=True,
            required=False,
            help=gettext_noop("From the user's profile in WordPress, under Application Passwords."),
        ),
    ),
    login_ways=(
        LoginWay(
            name="keys",
            label=gettext_noop("Keys of the REST API"),
            credentials=(KEY, SECRET, MEDIA_USER, MEDIA_PASSWORD),
        ),
        LoginWay(
            name="query",
            label=gettext_noop("Keys in the address"),
            credentials=(QUERY_KEY, QUERY_SECRET, MEDIA_USER, MEDIA_PASSWORD),
            help=gettext_noop(
                "Put keys into the address only if the shop's server strips logins from calls: it writes the secret "
                "into its access logs."
            ),
        ),
    ),
    settings=(
        SettingField(
            name="unit",
            label=gettext_noop("Where products keep their unit"),
            kind="choice",
            default=_DEFAULT.unit,
            choices=(
                ("attribute", gettext_noop("in an attribute that customers see")),
                ("meta", gettext_noop("in a hidden field of the product")),
                ("", gettext_noop("nowhere")),
            ),
            help=gettext_noop("WooCommerce has no units of measure of its own."),
        ),
        SettingField(
            name="unit_attribute", label=gettext_noop("Attribute that holds the unit"), default=_DEFAULT.unit_attribute
        ),
        SettingField(
            name="unit_meta", label=gettext_noop("Hidden field that holds the unit"), default=_DEFAULT.unit_meta
        ),
        SettingField(
            name="producer",
            label=gettext_noop("Where products keep their producer"),
            kind="choice",
            default=_DEFAULT.producer,
            choices=(
                ("auto", gettext_noop("in brands, where the shop has them")),
                ("attribute", gettext_noop("in an attribute")),
            ),
        ),
        SettingField(
            name="producer_attribute",
            label=gettext_noop("Attribute that holds the producer"),
            default=_DEFAULT.producer_attribute,
            help=gettext_noop("For shops without brands."),
        ),
        *ORDER_SETTINGS,
    ),
    check_labels={
        "permalinks": gettext_noop("Addresses of the shop's pages"),
        "api": gettext_noop("Interface of the shop"),
        "price_basis": gettext_noop("Prices, net or gross"),
        "tax_calculation": gettext_noop("Reckoning of VAT"),
        "tax_classes": gettext_noop("VAT rates"),
        "weight_unit": gettext_noop("Unit of weight"),
        "stock_counted": gettext_noop("Counting of stock"),
        "brands": gettext_noop("Brands"),
        "order_tables": gettext_noop("How orders are kept"),
        "right_to_write": gettext_noop("Right to write"),
        "media": gettext_noop("Way of pictures"),
    },
    capabilities=capabilities,
    learns=True,
    open=WooConnector,
    webhooks=WEBHOOKS,
)
