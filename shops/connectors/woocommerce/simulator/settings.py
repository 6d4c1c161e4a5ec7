"""Settings, system status and the index of the API."""

from typing import Any

from shops.connectors.woocommerce.simulator import lists
from shops.connectors.woocommerce.simulator.errors import error
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.simulation.http import Answer, Request, dumps
from shops.simulation.tables import Row


def one_setting(state: ShopState, group: str, setting: str, body: dict[str, Any] | None) -> Row:
    """A setting, after it was changed when there is a body. Raises 404 for one that the shop does not have."""
    if not any(name.startswith(f"{group}/") for name in state.settings):
        raise error("rest_setting_setting_group_invalid", "Invalid setting group.", 404)
    name = f"{group}/{setting}"
    if name not in state.settings:
        raise error("rest_setting_setting_invalid", "Invalid setting.", 404)
    if body is not None and "value" in body:
        options = state.settings[name].get("options")
        if options and body["value"] not in options:
            raise error("rest_setting_value_invalid", "An invalid setting value was passed.")
        state.set_setting(name, body["value"])
    return state.settings[name] | {"_links": lists.links(state, f"settings/{group}", setting, writable=False)}


def setting_group(state: ShopState, group: str, request: Request) -> Answer:
    found = [name.partition("/")[2] for name in state.settings if name.startswith(f"{group}/")]
    if not found:
        raise error("rest_setting_setting_group_invalid", "Invalid setting group.", 404)
    return lists.everything(state, [dumps(lists.only(one_setting(state, group, one, None), request)) for one in found])


def system_status(state: ShopState) -> Row:
    home = {"home_url": state.address, "site_url": state.address, "version": state.features.version}
    currency = state.setting("general/woocommerce_currency")
    settings = {"api_enabled": True, "currency": currency, "currency_symbol": "&#122;&#322;", "HPOS_enabled": True}
    settings |= {"thousand_separator": " ", "decimal_separator": ",", "number_of_decimals": 2}
    return {"environment": {**state.environment, **home}, "active_plugins": [], "settings": settings}


def index(state: ShopState) -> Answer:
    """`GET /wp-json/`: what a discoverer looks at."""
    authorise = {"endpoints": {"authorization": f"{state.address}/wp-admin/authorize-application.php"}}
    return Answer.of(
        {
            "name": "Sklep",
            "description": "",
            "url": state.address,
            "home": state.address,
            "gmt_offset": "1",
            "timezone_string": state.timezone,
            "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc/store/v1", "wp/v2"],
            "authentication": {"application-passwords": authorise},
            "routes": {},
        }
    )
