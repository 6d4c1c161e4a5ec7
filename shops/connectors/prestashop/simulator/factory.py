"""What a shop holds from the start: languages, currency, countries, settings, tax tables, categories, statuses."""

from typing import TYPE_CHECKING

from shops.connectors.prestashop.simulator import generated, order_states

if TYPE_CHECKING:
    from shops.connectors.prestashop.simulator.state import ShopState

POLAND, GERMANY = 14, 1
INSTALLED = "2026-01-02 10:00:00"
_SETTINGS = {
    "PS_LANG_DEFAULT": "1",
    "PS_CURRENCY_DEFAULT": "1",
    "PS_COUNTRY_DEFAULT": str(POLAND),
    "PS_TIMEZONE": "Europe/Warsaw",
    "PS_STOCK_MANAGEMENT": "1",
    "PS_MULTISHOP_FEATURE_ACTIVE": "",
    "PS_TAX": "1",
    "PS_USE_HTMLPURIFIER": "1",
    "PS_LIMIT_UPLOAD_IMAGE_VALUE": "2",
    "PS_SHOP_NAME": "Sklep testowy",
    "PS_ROOT_CATEGORY": "1",
    "PS_HOME_CATEGORY": "2",
    "PS_ROUND_TYPE": "2",
    "PS_PRICE_ROUND_MODE": "2",
    **order_states.settings(),
}
_RATES = (("23", "Standard Rate (23%)", "19"), ("8", "Reduced Rate (8%)", "7"), ("5", "Reduced Rate (5%)", "7"))
_CARRIERS = (("Kurier DPD", "14.63", 1), ("Odbiór osobisty", "0.00", 0), ("InPost Paczkomaty 24/7", "10.57", 1))
"""Name, net price and group of tax rules."""


def furnish(state: "ShopState") -> None:
    """The rows of a new shop: English is the first language and Polish the second, as after a usual installation."""
    for name, value in _SETTINGS.items():
        state.insert("configurations", {"name": name, "value": value, "date_add": INSTALLED, "date_upd": INSTALLED})
    state.add_language("English (English)", "en", "en-US")
    state.add_language("Polski (Polish)", "pl", "pl-PL")
    currency = {"iso_code": "PLN", "name": "Złoty polski", "active": "1", "precision": 2}
    state.insert("currencies", currency | {"conversion_rate": "1.000000", "numeric_iso_code": "985"})
    for country, iso, name in ((GERMANY, "DE", "Niemcy"), (POLAND, "PL", "Polska")):
        row = {"iso_code": iso, "id_zone": 1, "active": "1", "name": state.in_all(name)}
        state.insert("countries", row, country)
    state.insert("shops", {"id_shop_group": 1, "id_category": 2, "active": "1", "name": state.name})
    for percent, name, german in _RATES:
        state.add_tax_group(f"PL {name}", percent, others={GERMANY: german})
    state.add_tax_group("PL Exempted Rate (0%)", "0")
    state.add_category("Root", 0)
    state.add_category("Strona główna", 1, root=True)
    for status in order_states.rows():
        texts = {field: state.in_all(status[field]) for field in ("name", "template")}
        state.insert("order_states", status | texts)
    for carrier, price, group in _CARRIERS:
        state.add_carrier(carrier, price, group)


def furnish_generated(state: "ShopState") -> None:
    """Categories, brands and option values that generated products point to."""
    for number in range(generated.CATEGORIES):
        state.add_category(f"Dział {number + 1}", 2)
    for number in range(generated.MANUFACTURERS):
        state.add_manufacturer(f"Producent {number + 1}")
    state.add_option("Rozmiar", generated.SIZES)
