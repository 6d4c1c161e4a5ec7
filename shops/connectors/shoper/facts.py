"""What a shop says about itself and what hardly ever changes: language, time zone, currency, names of options.

Kept between slices (`ShopAccess.facts`), so that a fetch of many pages asks for it once a day and not once a slice.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrator.canonical.errors import Transient
from integrator.canonical.problems import Code
from integrator.canonical.side import fact_address
from shops.connectors.shoper.mapping import View, option_pairs, translation
from shops.connectors.shoper.rest import Rest, Row

FRESH = 24 * 3600.0
_MOST_KEPT = 3000
"""More names of option values than this are read anew in every session that needs them."""
_KILOGRAMS = {"KILOGRAM": "1", "GRAM": "0.001", "DECAGRAM": "0.01", "TON": "1000"}


class Facts:
    """Read on first use; `forget` makes the next use read anew. Facts of another address count for nothing."""

    def __init__(self, rest: Rest, kept: MutableMapping[str, Any], clock: Callable[[], float]) -> None:
        self._rest = rest
        self._kept = kept
        self._clock = clock
        self._values: dict[str, str] = {}
        if kept.get("of") != rest.api.base:
            self.forget()

    def forget(self) -> None:
        self._kept.clear()
        self._kept["of"] = self._rest.api.base
        self._values = {}

    @property
    def config(self) -> Mapping[str, Any]:
        return self.fresh("config", self._read_config)

    def fresh(self, name: str, read: Callable[[], dict[str, Any]]) -> Mapping[str, Any]:
        """What is kept under this name, asked for by `read` when it is not there or a day old."""
        entry = self._kept.get(name)
        if not entry or self._clock() - float(entry["at"]) >= FRESH:
            self.keep(name, read())
        data: Mapping[str, Any] = self._kept[name]["data"]
        return data

    def keep(self, name: str, data: dict[str, Any]) -> None:
        self._kept[name] = {"at": str(round(self._clock())), "data": data}

    def drop(self, name: str) -> None:
        self._kept.pop(name, None)

    def older_than(self, name: str, seconds: float) -> bool:
        """Whether it would do good to ask again."""
        entry = self._kept.get(name)
        return not entry or self._clock() - float(entry["at"]) >= seconds

    def _read_config(self) -> dict[str, Any]:
        body = self._rest.get("application-config")
        if not isinstance(body, Mapping) or not body.get("default_language_name"):
            raise Transient(Code.UNEXPECTED_ANSWER, path="application-config", excerpt=str(body)[:100])
        return {
            "language": str(body["default_language_name"]),
            "zone": str(body.get("locale_timezone") or "Europe/Warsaw"),
            "currency": str(body.get("default_currency_name") or "PLN"),
            "currency_id": str(body.get("default_currency_id") or ""),
            "weight": str(body.get("locale_default_weight") or "KILOGRAM"),
            "warehouses": body.get("warehouses_enabled") in (True, 1, "1"),
            "confirmation": body.get("shopping_confirm_order") in (True, 1, "1"),
            "sent_state": str(body.get("shopping_parcel_send_status_id") or ""),
            "cancelled_state": str(body.get("shopping_change_status_order_canceled_id") or ""),
        }

    def identity(self) -> dict[str, str]:
        """Asked now, not kept: `application-config` names the licence (`license_id`) and the shop's address."""
        body = self._rest.get("application-config")
        if not isinstance(body, Mapping) or not body.get("default_language_name"):
            raise Transient(Code.UNEXPECTED_ANSWER, path="application-config", excerpt=str(body)[:100])
        if body.get("license_id"):
            return {"licence": str(body["license_id"])}
        return {"address": fact_address(str(body["shop_url"]))} if body.get("shop_url") else {}

    @property
    def language(self) -> str:
        """The locale whose texts are read and written, e.g. `pl_PL`."""
        return str(self.config["language"])

    @property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.config["zone"])
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("Europe/Warsaw")

    @property
    def kilograms(self) -> Decimal:
        """Kilograms in the shop's unit of weight."""
        return Decimal(_KILOGRAMS.get(self.config["weight"].upper(), "1"))

    def currency(self, currency_id: str | None) -> str:
        """Name of a product's currency; products without one of their own have the shop's."""
        if currency_id in (None, "", "0", self.config["currency_id"]):
            return str(self.config["currency"])
        names = self.fresh("currencies", self._read_currencies)
        return str(names.get(str(currency_id), self.config["currency"]))

    def order_currency(self, currency_id: str) -> str:
        """Empty for one that the shop does not list: money of an unknown currency is not to be guessed."""
        if currency_id == self.config["currency_id"]:
            return str(self.config["currency"])
        names = self.fresh("currencies", self._read_currencies)
        if currency_id not in names and self.older_than("currencies", 60):
            self.drop("currencies")
            names = self.fresh("currencies", self._read_currencies)
        return str(names.get(currency_id, ""))

    def _read_currencies(self) -> dict[str, Any]:
        return {str(row.get("currency_id")): str(row.get("name", "")) for row in self._rest.rows("currencies")}

    def told(self, stock_rows: Iterable[Row] = ()) -> tuple[object, ...]:
        """Everything said here that the records of these rows are made with."""
        names = ("options", "values")
        options, values = (self._kept.get(name, {}).get("data", {}) for name in names)
        pairs = sorted({pair for row in stock_rows for pair in option_pairs(row)})
        named = [(options.get(option), (self._values or values).get(value)) for option, value in pairs]
        currencies = sorted(self._kept.get("currencies", {}).get("data", {}).items())
        return (sorted(self.config.items()), currencies, pairs, named)

    def view(self, stock_rows: Iterable[Row] = ()) -> View:
        """What mapping needs to read products and these variants."""
        options, values = self._names(stock_rows)
        return View(
            language=self.language,
            kilograms=self.kilograms,
            currency=self.currency,
            options=options,
            values=values,
        )

    def _names(self, stock_rows: Iterable[Row]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Names of options and of their values, read only when a variant needs one that is not known."""
        pairs = [pair for row in stock_rows for pair in option_pairs(row)]
        if not pairs:
            return {}, {}
        options = self.fresh("options", self._read_options)
        values = self._known_values()
        if any(option not in options or value not in values for option, value in pairs):
            self._kept.pop("options", None)
            self._kept.pop("values", None)
            self._values = {}
            options, values = self.fresh("options", self._read_options), self._known_values()
        return options, values

    def _known_values(self) -> Mapping[str, str]:
        if self._values:
            return self._values
        if "values" in self._kept:
            return self.fresh("values", self._read_values)
        self._values = self._read_values()
        if len(self._values) <= _MOST_KEPT:
            self._kept["values"] = {"at": str(round(self._clock())), "data": self._values}
        return self._values

    def _read_options(self) -> dict[str, str]:
        return {
            str(row.get("option_id")): str(translation(row, self.language).get("name", ""))
            for row in self._rest.rows("options")
        }

    def _read_values(self) -> dict[str, str]:
        return {
            str(row.get("ovalue_id")): str(translation(row, self.language).get("value", ""))
            for row in self._rest.rows("option-values")
        }
