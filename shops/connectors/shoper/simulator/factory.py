"""What a new shop holds before anybody touches it, and the surroundings of a generated one."""

from typing import TYPE_CHECKING

from shops.connectors.shoper.simulator.generated import CATEGORIES, PRODUCERS

if TYPE_CHECKING:
    from shops.connectors.shoper.simulator.state import ShopState

_UNITS = (("szt.", False), ("kg", True), ("lbs", True), ("zestaw", False), ("wielopak", False))
_TAXES = (("23%", 23), ("8%", 8), ("0%", 0), ("zw.", 0), ("np.", 0), ("5%", 5))
_STATUSES = (
    (1, "1", "złożone"),
    (2, "2", "przyjęte do realizacji"),
    (3, "2", "oczekiwanie na dostawę"),
    (4, "2", "w trakcie kompletowania"),
    (5, "2", "oczekiwanie na płatność"),
    (6, "2", "gotowe do wysłania"),
    (7, "3", "przesyłka wysłana"),
    (8, "4", "anulowane"),
    (9, "4", "odrzucone"),
    (11, "4", "zwrócone"),
    (12, "3", "dostarczone"),
)
_PAYMENTS = (("cash", "Gotówka"), ("cod", "Pobranie"), ("transfer", "Przelew"), ("onlinePayment", "Autopay"))
_SHIPPINGS = (("personal", "Odbiór osobisty"), ("inpost", "Paczkomat"), ("ShoperShipment", "Kurier"))


def furnish(state: "ShopState") -> None:
    """Fills the tables that every new shop has filled."""
    state.config = _config(state.address)
    for place, (locale, active) in enumerate((("pl_PL", "1"), ("en_US", "0")), start=1):
        row = {"locale": locale, "currency_id": "1", "active": active, "order": str(place), "lang_id": str(place)}
        state.tables["languages"].insert(row, place)
    for name, fractional in _UNITS:
        state.add_unit(name, fractional)
    for name, percent in _TAXES:
        state.add_tax(name, percent)
    _add_currencies(state)
    for status_id, kind, name in _STATUSES:
        _add_status(state, status_id, kind, name)
    for place, (engine, title) in enumerate(_PAYMENTS, start=1):
        _add_payment(state, place, engine, title)
    for place, (engine, name) in enumerate(_SHIPPINGS, start=1):
        _add_shipping(state, place, engine, name)


def furnish_generated(state: "ShopState") -> None:
    """Adds the categories, producers and the option that generated products refer to."""
    for place in range(1, CATEGORIES + 1):
        state.add_category(f"Kategoria {place}", parent=0 if place <= 8 else (place - 9) % 8 + 1)
    for place in range(1, PRODUCERS + 1):
        state.add_producer(f"Producent {place}")
    state.add_option("Rozmiar", "Rozmiar", ("S", "M", "L"))


def _config(address: str) -> dict[str, object]:
    defaults = {"tax_id": "1", "unit_id": "1", "code": "3", "stock": "10", "warn_level": "1", "order": "1"}
    defaults |= {"active": "1", "weight": "1.00", "availability_id": "", "delivery_id": "5", "bundle_unit_id": "4"}
    shopping = {"update_stock_on_buy": "1", "allow_overselling": "", "price_levels": "1", "off": "0"}
    shopping |= {"allow_product_different_currency": "0", "parcel_create_status_id": "4"}
    shopping |= {"parcel_send_status_id": "7", "change_status_payment_made_id": "", "confirm_order": "0"}
    return {
        "shop_url": address,
        "technical_url": address,
        "shop_email": "shop@shop.example",
        "shop_name": "Sklep",
        "license_id": "568425",
        "shop_off": "",
        "shop_country": "PL",
        "shop_regon": None,
        **{f"product_defaults_{name}": value for name, value in defaults.items()},
        **{f"shopping_{name}": value for name, value in shopping.items()},
        "locale_timezone": "Europe/Warsaw",
        "locale_default_weight": "KILOGRAM",
        "default_language_name": "pl_PL",
        "default_language_id": "1",
        "default_currency_id": "1",
        "default_currency_name": "PLN",
        "warehouses_enabled": False,
        "storefront_enabled": True,
    }


def _add_currencies(state: "ShopState") -> None:
    for place, (name, rate) in enumerate((("PLN", "1"), ("USD", "3.61"), ("EUR", "4.23"), ("GBP", "4.85")), start=1):
        main = str(int(place == 1))
        row = {"name": name, "rate": rate, "order": main, "active": main, "rate_sync": rate, "auto_update": "0"}
        state.tables["currencies"].insert({**row, "rate_date": "2026-01-02", "default": main})


def _add_status(state: "ShopState", status_id: int, kind: str, name: str) -> None:
    key = str(status_id)
    texts = {"trans_id": key, "status_id": key, "name": name, "lang_id": "1", "message": name, "message_html": name}
    row = {"active": "1", "default": str(int(status_id == 1)), "color": "", "type": kind, "email_change": "0"}
    state.tables["statuses"].insert({**row, "order": key, "translations": {"pl_PL": texts}}, status_id)


def _add_payment(state: "ShopState", place: int, engine: str, title: str) -> None:
    key = str(place)
    texts = {"translation_id": key, "payment_id": key, "title": title, "description": "", "vendor_description": ""}
    texts |= {"active": "1", "notify": "", "notify_mail": "", "lang_id": "1"}
    row = {"name": engine, "order": key, "install": "0", "visible": "1", "translations": {"pl_PL": texts}}
    state.tables["payments"].insert({**row, "currencies": ["1"]})


def _add_shipping(state: "ShopState", place: int, engine: str, name: str) -> None:
    key = str(place)
    texts = {"translation_id": key, "shipping_id": key, "name": name, "url": "", "description": ""}
    texts |= {"vendor_description": "", "active": "1", "is_default": "0", "lang_id": "1"}
    row = {"cost": "15.00", "depend_on_w": "0", "tax_id": "1", "max_weight": "0", "min_weight": "0"}
    row |= {"free_shipping": "0", "order": key, "pkwiu": "", "max_cost": "0.00", "min_cost": "0.00", "visible": "1"}
    row |= {"mobile": "0", "engine": engine, "zone_id": "1", "callback_url": "", "name": name, "url": ""}
    payments = [{"cost": 0, "percent": False, "payment_id": "1"}]
    more = {"countries": {"179": "Polska"}, "ranges": [], "payments": payments, "gauges": []}
    row |= {name: texts[name] for name in ("description", "vendor_description", "active", "is_default", "lang_id")}
    state.tables["shippings"].insert({**row, "translations": {"pl_PL": texts}, **more})
