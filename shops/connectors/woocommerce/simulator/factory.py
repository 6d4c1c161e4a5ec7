"""What a new shop in Poland has: settings, environment, tax classes and rates, the category Uncategorized."""

from typing import TYPE_CHECKING, Any

from shops.simulation.tables import Row

if TYPE_CHECKING:
    from shops.connectors.woocommerce.simulator.state import ShopState

_YES_NO = {"yes": "Yes", "no": "No"}
_SETTINGS: tuple[tuple[str, str, str, dict[str, str] | None, Any], ...] = (
    ("general/woocommerce_currency", "Currency", "select", {"PLN": "Polish złoty", "EUR": "Euro"}, "PLN"),
    ("general/woocommerce_calc_taxes", "Enable taxes", "checkbox", None, "yes"),
    ("general/woocommerce_default_country", "Country / State", "select", {"PL": "Poland"}, "PL"),
    ("general/woocommerce_price_num_decimals", "Number of decimals", "number", None, "2"),
    ("general/woocommerce_price_decimal_sep", "Decimal separator", "text", None, ","),
    ("tax/woocommerce_prices_include_tax", "Prices entered with tax", "radio", _YES_NO, "yes"),
    ("tax/woocommerce_tax_round_at_subtotal", "Rounding", "checkbox", None, "no"),
    ("products/woocommerce_weight_unit", "Weight unit", "select", {"kg": "kg", "g": "g", "lbs": "lbs"}, "kg"),
    ("products/woocommerce_dimension_unit", "Dimensions unit", "select", {"cm": "cm", "m": "m"}, "cm"),
    ("products/woocommerce_manage_stock", "Manage stock", "checkbox", None, "yes"),
)
_ENVIRONMENT: Row = {
    "store_id": "00000000-0000-4000-8000-000000000000",
    "log_directory": "/srv/shop/wp-content/uploads/wc-logs/",
    "log_directory_writable": True,
    "wp_version": "6.9.7",
    "wp_multisite": False,
    "wp_memory_limit": 268_435_456,
    "wp_debug_mode": False,
    "wp_cron": True,
    "wp_environment_type": "production",
    "language": "pl_PL",
    "external_object_cache": None,
    "server_info": "nginx/1.22.1",
    "server_architecture": "Linux x86_64",
    "php_version": "8.2.36",
    "php_post_max_size": 67_108_864,
    "php_max_execution_time": 300,
    "php_max_input_vars": 1000,
    "curl_version": "7.88.1, OpenSSL/3.0.22",
    "suhosin_installed": False,
    "max_upload_size": 33_554_432,
    "mysql_version": "10.11.19",
    "mysql_version_string": "10.11.19-MariaDB",
    "default_timezone": "UTC",
    "fsockopen_or_curl_enabled": True,
    "soapclient_enabled": False,
    "domdocument_enabled": True,
    "gzip_enabled": True,
    "mbstring_enabled": True,
    "remote_post_successful": False,
    "remote_post_response": False,
    "remote_get_successful": False,
    "remote_get_response": False,
}


def furnish(state: "ShopState") -> None:
    for name, label, kind, options, value in _SETTINGS:
        group, _, setting_id = name.partition("/")
        row = {"id": setting_id, "label": label, "description": "", "type": kind, "default": value, "tip": ""}
        row |= {"options": options} if options else {}
        state.settings[name] = {**row, "value": value, "group_id": group}
    state.environment = dict(_ENVIRONMENT)
    state.tax_classes = {"reduced-rate": "Reduced rate", "vat-5": "VAT 5", "zero-rate": "Zero rate"}
    for percent, tax_class in ((23, "standard"), (8, "reduced-rate"), (5, "vat-5"), (0, "zero-rate")):
        state.add_tax_rate(percent, tax_class)
    state.terms.next_id = 15
    state.default_category = state.add_category("Uncategorized")
