"""Test settings of a PrestaShop: each check by name, with what was seen, what is wrong and whose turn it is."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from integrator.api_client import ApiClient
from integrator.canonical.errors import AuthFailed, IntegrationError, Rejected, Unreachable
from integrator.canonical.preflight import Check, failed, passed, skipped, warned
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import plain_number, problem
from shops.connectors.base import reachability
from shops.connectors.prestashop import orders
from shops.connectors.prestashop.facts import Facts, Rights
from shops.connectors.prestashop.rest import version_numbers

CHANGE = "patch"
"""Stands for "may change elements", which PUT does where PATCH does not exist."""
NEEDED: dict[str, tuple[str, ...]] = {
    "products": ("get", "post", CHANGE, "delete"),
    "combinations": ("get", "post", CHANGE, "delete"),
    "stock_availables": ("get", CHANGE),
    "images": ("get", "post", "delete"),
    "categories": ("get", "post"),
    "manufacturers": ("get", "post", CHANGE, "delete"),
    "product_options": ("get", "post"),
    "product_option_values": ("get", "post"),
    "tax_rule_groups": ("get",),
    "tax_rules": ("get",),
    "taxes": ("get",),
    "configurations": ("get",),
    "languages": ("get",),
    "currencies": ("get",),
    "countries": ("get",),
    "shops": ("get",),
}
"""Methods that the work needs of each resource; the check of each resource is named `right:<resource>`."""
FOR_ORDERS: dict[str, tuple[str, ...]] = {
    resource: methods for resource, methods in orders.NEEDED.items() if not {*methods} <= {*NEEDED.get(resource, ())}
}
"""The same for orders. Whether a shop's orders are wanted is not known here, so what is missing is a warning."""
LATER = ("languages", "currency", "country", "time_zone", "tax_rates", "shops", "stock_management", "taxes",
         "advanced_stock", "ecotax")  # fmt: skip
POLISH = tuple(map(Decimal, ("23", "8", "5")))
OLDEST = (1, 7)


def probe(api: ApiClient, facts: Facts) -> Iterator[Check]:
    """Everything is asked anew: what was remembered of the shop is forgotten first."""
    facts.forget()
    trouble: IntegrationError | None = None
    version, rights = "", {}  # type: tuple[str, Rights]
    try:
        version, rights = facts.introduce()
    except IntegrationError as error:
        trouble = error
    reached = isinstance(trouble, Unreachable) and trouble.problem.code == Code.WEBSERVICE_OFF
    yield from reachability(api, None if reached else trouble)
    if trouble is not None:
        yield from _login_failed(trouble)
        return
    yield passed("login")
    yield _version(version)
    yield from _rights(rights, version)
    yield from _about(facts)


def _login_failed(trouble: IntegrationError) -> Iterator[Check]:
    spoken = isinstance(trouble, AuthFailed | Rejected) or trouble.problem.code == Code.WEBSERVICE_OFF
    yield failed("login", trouble.problem, trouble.turn) if spoken else skipped("login")
    yield skipped("version")
    yield from (skipped(f"right:{resource}") for resource in (*NEEDED, *FOR_ORDERS))
    yield from (skipped(name) for name in LATER)


def _version(version: str) -> Check:
    if not version or version_numbers(version)[:2] < OLDEST:
        found = problem(Code.VERSION_UNSUPPORTED, version=version or "?")
        return failed("version", found, Turn.SHOP_SETTINGS, found=version)
    return passed("version", version)


def _rights(rights: Rights, version: str) -> Iterator[Check]:
    """PATCH is there since version 8; a key made before that has not got it until somebody ticks it."""
    patched = version_numbers(version) >= (8,)
    for resource, methods in (NEEDED | FOR_ORDERS).items():
        has = rights.get(resource, frozenset())
        wanted = ["put" if name == CHANGE and not patched else name for name in methods]
        missing = [name.upper() for name in wanted if name not in has]
        name = f"right:{resource}"
        if not missing:
            yield passed(name, ", ".join(sorted(one.upper() for one in has)))
        elif missing == ["PATCH"] and "put" in has:
            found = problem(Code.RIGHT_MISSING, right="PATCH", resource=resource)
            yield warned(name, found, Turn.SHOP_SETTINGS)
        else:
            found = problem(Code.RIGHT_MISSING, right=", ".join(missing), resource=resource)
            tell = failed if resource in NEEDED else warned
            yield tell(name, found, Turn.SHOP_SETTINGS)


def _about(facts: Facts) -> Iterator[Check]:
    try:
        facts.learn()
    except IntegrationError as error:
        yield failed(LATER[0], error.problem, error.turn)
        yield from (skipped(name) for name in LATER[1:])
        return
    shop = facts.shop
    languages = [str(shop["languages"].get(one, one)) for one in facts.languages]
    yield passed("languages", ", ".join(languages))
    yield from _place(shop)
    yield _tax_rates(facts)
    if len(shop["shops"]) > 1:
        found = problem(Code.SEVERAL_SHOPS, count=len(shop["shops"]))
        yield failed("shops", found, Turn.SHOP_SETTINGS, found=str(len(shop["shops"])))
    else:
        yield passed("shops", "1")
    yield from _switches(shop)


def _place(shop: Mapping[str, Any]) -> Iterator[Check]:
    if shop["currency"] == "PLN":
        yield passed("currency", "PLN")
    else:
        found = problem(Code.CURRENCY_DIFFERS, currency=shop["currency"])
        yield warned("currency", found, Turn.SHOP_SETTINGS, found=shop["currency"])
    if shop["country_code"] == "PL":
        yield passed("country", "PL")
    else:
        found = problem(Code.COUNTRY_DIFFERS, country=shop["country_code"])
        yield warned("country", found, Turn.SHOP_SETTINGS, found=shop["country_code"])
    yield passed("time_zone", shop["zone"])


def _tax_rates(facts: Facts) -> Check:
    percents = {one.percent for one in facts.groups().values() if one.percent is not None}
    shown = ", ".join(f"{plain_number(one)} %" for one in sorted(percents, reverse=True))
    missing = [one for one in POLISH if one not in percents]
    if not missing:
        return passed("tax_rates", shown)
    found = problem(Code.TAX_RATES_MISSING, rates=", ".join(f"{plain_number(one)} %" for one in missing))
    return warned("tax_rates", found, Turn.SHOP_SETTINGS, found=shown)


def _switches(shop: Mapping[str, Any]) -> Iterator[Check]:
    states = (
        ("stock_management", shop["stock"], Code.STOCK_MANAGEMENT_OFF),
        ("taxes", shop["taxed"], Code.TAX_NOT_ADDED),
        ("advanced_stock", not shop["advanced"], Code.ADVANCED_STOCK_ON),
        ("ecotax", not shop["ecotax"], Code.ECOTAX_ON),
    )
    for name, good, code in states:
        yield passed(name) if good else warned(name, problem(code), Turn.SHOP_SETTINGS)
