"""What a shop says about itself: version, rights, languages, country, tax rates. Kept with the connection.

`Facts.learn` asks for all of it; between two of those it is taken as it was.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrator.canonical.errors import Rejected, Transient
from integrator.canonical.problems import Code
from integrator.canonical.records import plain_number
from integrator.canonical.side import fact_address
from shops.connectors.prestashop import mapping
from shops.connectors.prestashop.documents import Node
from shops.connectors.prestashop.mapping import Group, View
from shops.connectors.prestashop.rest import OPTIONS, VALUES, Listing, Rest, Row

LANGUAGES = Listing(resource="languages", display=("id", "iso_code", "active"))
CURRENCIES = Listing(resource="currencies", display=("id", "iso_code"))
COUNTRIES = Listing(resource="countries", display=("id", "iso_code"))
SHOPS = Listing(resource="shops", display=("id", "name", "deleted"))
SETTINGS = Listing(resource="configurations", display=("id", "name", "value"))
IDENTITY = Listing(resource="configurations", display=("id", "name", "value", "date_add"))
IDENTIFYING = ("PS_LANG_DEFAULT", "PS_SHOP_DOMAIN")
GROUPS = Listing(resource="tax_rule_groups", display=("id", "name", "active", "deleted"))
RULES = Listing(
    resource="tax_rules",
    display=("id", "id_tax_rules_group", "id_country", "id_state", "zipcode_from", "id_tax"),
    size=500,
)
TAXES = Listing(resource="taxes", display=("id", "rate"), size=500)
NAMES = ("PS_TIMEZONE", "PS_LANG_DEFAULT", "PS_CURRENCY_DEFAULT", "PS_COUNTRY_DEFAULT", "PS_STOCK_MANAGEMENT",
         "PS_MULTISHOP_FEATURE_ACTIVE", "PS_TAX", "PS_WEIGHT_UNIT", "PS_HOME_CATEGORY", "PS_ROOT_CATEGORY",
         "PS_SHOP_DEFAULT", "PS_ADVANCED_STOCK_MANAGEMENT", "PS_USE_ECOTAX")  # fmt: skip
METHODS = ("get", "put", "post", "patch", "delete")
Rights = Mapping[str, frozenset[str]]
"""Resource -> methods that the key has, in lower case."""


def rights_of(root: Node) -> dict[str, frozenset[str]]:
    """What the key may do, by the document at the root of the API."""
    api = root.find("api")
    if api is None:
        raise Transient(Code.UNEXPECTED_ANSWER, path="/api/", excerpt=root.tag)
    return {one.tag: frozenset(name for name in METHODS if one.get(name) == "true") for one in api}


class Facts:
    """Asked on first use, unless learnt before. Facts of another address count for nothing."""

    def __init__(self, rest: Rest, kept: MutableMapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._rest = rest
        self._kept = kept
        self._gross = settings.get("prices") != "net"
        self._looked_up: set[str] = set()
        self._options: dict[str, str] = {}
        self._values: dict[str, tuple[str, str]] = {}
        if kept.get("of") != rest.api.base:
            kept.clear()
            kept["of"] = rest.api.base

    def forget(self) -> None:
        """What the shop said of itself; not what was sent to it."""
        for name in ("shop", "groups", "pages", "only_post"):
            self._kept.pop(name, None)
        self._options, self._values = {}, {}

    def learn(self) -> None:
        """Raises what the shop refuses it with; what was known before is then still known."""
        version, rights = self.introduce()
        settings = {str(row.get("name")): str(row.get("value") or "") for row in self._settings()}
        if not settings.get("PS_LANG_DEFAULT") or not settings.get("PS_COUNTRY_DEFAULT"):
            raise Rejected(Code.UNEXPECTED_ANSWER, path="configurations", excerpt=str(sorted(settings)))
        languages = {str(row.get("id")): str(row.get("iso_code")) for row in self._rest.rows(LANGUAGES)}
        shops = [str(row.get("id")) for row in self._rest.rows(SHOPS) if str(row.get("deleted") or "0") == "0"]
        country = settings["PS_COUNTRY_DEFAULT"]
        default = settings.get("PS_SHOP_DEFAULT", "")
        groups = self._read_groups(country)
        self._kept["shop"] = {
            "version": version,
            "patch": sorted(name for name, methods in rights.items() if "patch" in methods),
            "language": settings["PS_LANG_DEFAULT"],
            "languages": languages,
            "currency": self._iso(CURRENCIES, settings.get("PS_CURRENCY_DEFAULT", "")),
            "country": country,
            "country_code": self._iso(COUNTRIES, country),
            "zone": settings.get("PS_TIMEZONE") or "Europe/Warsaw",
            "weight": settings.get("PS_WEIGHT_UNIT") or "kg",
            "home": settings.get("PS_HOME_CATEGORY") or "2",
            "root": settings.get("PS_ROOT_CATEGORY") or "1",
            "shops": shops,
            "shop": default if default in shops or not shops else shops[0],
            "taxed": settings.get("PS_TAX", "1") == "1",
            "stock": settings.get("PS_STOCK_MANAGEMENT", "1") == "1",
            "ecotax": settings.get("PS_USE_ECOTAX", "") == "1",
            "advanced": settings.get("PS_ADVANCED_STOCK_MANAGEMENT", "") == "1",
        }
        self._keep(groups)

    def identity(self) -> dict[str, str]:
        """Asked now, not kept: the moment at which the installer wrote the first settings (`date_add` of the default
        language, which saving it again does not move) and the shop's domain."""
        rows = {str(row.get("name")): row for row in self._rest.rows(IDENTITY, {"name": f"[{'|'.join(IDENTIFYING)}]"})}
        if IDENTIFYING[0] not in rows:
            raise Rejected(Code.UNEXPECTED_ANSWER, path="configurations", excerpt=str(sorted(rows)))
        moment = str(rows[IDENTIFYING[0]].get("date_add") or "")
        domain = str(rows.get(IDENTIFYING[1], {}).get("value") or "")
        found = {"installed": "" if moment.startswith("0000") else moment, "address": fact_address(domain)}
        return {name: value for name, value in found.items() if value}

    def introduce(self) -> tuple[str, Rights]:
        """The shop's version and what the key may do. Asked as XML: as JSON it is a crash on PHP 8."""
        root, answer = self._rest.xml("")
        return answer.headers.get("psws-version", ""), rights_of(root)

    def _settings(self) -> Sequence[Row]:
        return tuple(self._rest.rows(SETTINGS, {"name": f"[{'|'.join(NAMES)}]"}))

    def _iso(self, listing: Listing, one: str) -> str:
        row = self._rest.by_ids(listing, [one]).get(one, {})
        return str(row.get("iso_code") or "")

    @property
    def shop(self) -> Mapping[str, Any]:
        if "shop" not in self._kept:
            self.learn()
        found: Mapping[str, Any] = self._kept["shop"]
        return found

    @property
    def language(self) -> str:
        return str(self.shop["language"])

    @property
    def languages(self) -> list[str]:
        """Ids of all installed languages, the default one first."""
        return sorted(self.shop["languages"], key=lambda one: (one != self.language, one))

    @property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.shop["zone"])
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("Europe/Warsaw")

    @property
    def home(self) -> str:
        """The category under which those of the top level stand."""
        return str(self.shop["home"])

    @property
    def shop_id(self) -> str:
        return str(self.shop["shop"])

    @property
    def kilograms(self) -> Decimal:
        return mapping.kilograms_of(str(self.shop["weight"]))

    def patches(self, resource: str) -> bool:
        """Whether PATCH is there and granted; else elements are read, changed and put back whole."""
        return resource in self.shop["patch"]

    def groups(self) -> dict[str, Group]:
        """Groups of tax rules by id, as they were learnt."""
        _ = self.shop
        kept = self._kept.get("groups") or {}
        return {
            key: Group(
                name=one["name"],
                percent=None if one["percent"] is None else Decimal(one["percent"]),
                unclear=one["unclear"],
            )
            for key, one in kept.items()
        }

    def read_groups(self) -> dict[str, Group]:
        """The same, asked anew."""
        found = self._read_groups(str(self.shop["country"]))
        self._keep(found)
        return found

    def _read_groups(self, country: str) -> dict[str, Group]:
        rules = list(self._rest.rows(RULES, {"id_country": f"[{country}]"}))
        return mapping.tax_groups(self._rest.rows(GROUPS), rules, self._rest.rows(TAXES), country)

    def _keep(self, groups: Mapping[str, Group]) -> None:
        self._kept["groups"] = {
            key: {
                "name": one.name,
                "percent": None if one.percent is None else plain_number(one.percent),
                "unclear": one.unclear,
            }
            for key, one in groups.items()
        }

    def view(self, products: Iterable[Row] = ()) -> View:
        """What these rows are read with. A group of tax rules made since the shop was last asked would count as one
        without tax, so it is asked for again."""
        shop = self.shop
        used = {str(row.get("id_tax_rules_group") or "0") for row in products if isinstance(row, Mapping)} - {"0"}
        if used - self._looked_up - self.groups().keys():
            self.read_groups()
            self._looked_up |= used
        return View(
            language=self.language,
            gross=self._gross,
            taxed=bool(shop["taxed"]),
            groups=self.groups(),
            kilograms=self.kilograms,
            roots=frozenset({str(shop["home"]), str(shop["root"]), "0"}),
            currency=str(shop["currency"] or "PLN"),
        )

    def told(self, combinations: Sequence[Row] = ()) -> tuple[object, ...]:
        """Everything said here that the records of these rows are made with."""
        names = sorted(self.options(combinations).items())
        kept = self._kept.get("groups") or {}
        groups = sorted((key, tuple(sorted(map(str, one.values())))) for key, one in kept.items())
        shop = self.shop
        used = ("language", "taxed", "weight", "home", "root", "currency", "shop")
        return (self._gross, [str(shop[name]) for name in used], groups, names)

    def options(self, combinations: Sequence[Row]) -> dict[str, tuple[str, str]]:
        """Id of a value -> names of its option and of itself, for all values of these combinations."""
        wanted = {one for row in combinations for one in _value_ids(row)}
        unknown = sorted(wanted - self._values.keys(), key=int)
        if unknown:
            rows = self._rest.by_ids(VALUES, unknown)
            if any(str(row.get("id_attribute_group")) not in self._options for row in rows.values()):
                listed = self._rest.rows(OPTIONS)
                self._options = {str(row.get("id")): mapping.text(row, "name", self.language) for row in listed}
            for key, row in rows.items():
                option = self._options.get(str(row.get("id_attribute_group")), "")
                self._values[key] = (option, mapping.text(row, "name", self.language))
        return {one: self._values[one] for one in wanted if one in self._values}


def _value_ids(row: Row) -> list[str]:
    try:
        return [one for one in mapping.ids(row, "product_option_values") if one.isdigit()]
    except (mapping.MappingError, AttributeError):
        return []
