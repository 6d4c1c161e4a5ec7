"""Test settings of a Shoper shop: each check by name, with what was seen, what is wrong and whose turn it is."""

from collections.abc import Iterator, Mapping
from typing import Any

from integrator.api_client import ApiClient
from integrator.canonical.errors import AuthFailed, IntegrationError, Rejected
from integrator.canonical.preflight import Check, failed, passed, skipped, warned
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import problem
from shops.connectors.base import reachability
from shops.connectors.shoper.facts import Facts
from shops.connectors.shoper.rest import PAGE, Operation, Outcome, Rest

NEEDED = (
    "products",
    "product-stocks",
    "product-images",
    "categories",
    "categories-tree",
    "producers",
    "units",
    "taxes",
    "option-groups",
    "options",
    "option-values",
)
"""Resources that must be readable; the check of each is named `right:<resource>`."""
FOR_ORDERS = ("orders", "order-products", "parcels", "statuses", "payments", "shippings")
"""The same for orders. Whether a shop's orders are wanted is not known here, so what is missing is a warning."""
LATER = ("login", "version", "time_zone", "currency", "languages", "warehouses", "bulk")


def probe(api: ApiClient, rest: Rest, facts: Facts) -> Iterator[Check]:
    """Everything is asked anew: what was remembered of the shop is forgotten first."""
    facts.forget()
    trouble: IntegrationError | None = None
    try:
        version = rest.get("application-version")
        config = facts.config
    except IntegrationError as error:
        trouble = error
    yield from reachability(api, trouble)
    if trouble is not None:
        yield from _login_failed(trouble)
        return
    yield passed("login")
    yield passed("version", str(version.get("version", "")) if isinstance(version, Mapping) else "")
    yield from _settings(config)
    yield from _languages(rest, facts)
    yield from _rights(rest)


def _login_failed(trouble: IntegrationError) -> Iterator[Check]:
    if isinstance(trouble, AuthFailed | Rejected):
        yield failed("login", trouble.problem, trouble.turn)
    else:
        yield skipped("login")
    yield from (skipped(name) for name in LATER[1:])
    yield from (skipped(f"right:{resource}") for resource in (*NEEDED, *FOR_ORDERS))


def _settings(config: Mapping[str, Any]) -> Iterator[Check]:
    yield passed("time_zone", config["zone"])
    if config["currency"] == "PLN":
        yield passed("currency", config["currency"])
    else:
        yield warned("currency", problem(Code.CURRENCY_DIFFERS, currency=config["currency"]), Turn.SHOP_SETTINGS)
    if config["warehouses"]:
        found = problem(Code.WAREHOUSES_ON)
        yield warned("warehouses", found, Turn.SHOP_SETTINGS)
    else:
        yield passed("warehouses")


def _languages(rest: Rest, facts: Facts) -> Iterator[Check]:
    try:
        rows = list(rest.rows("languages"))
    except IntegrationError as error:
        yield warned("languages", error.problem, error.turn, found=facts.language)
        return
    others = sorted(str(row.get("locale")) for row in rows if str(row.get("active")) == "1")
    yield passed("languages", ", ".join([facts.language, *(one for one in others if one != facts.language)]))


def _rights(rest: Rest) -> Iterator[Check]:
    """One bulk of reads: a right that is missing is 403 for its resource alone."""
    reads = [Operation(token=name, method="GET", path=name, params=_params(name)) for name in (*NEEDED, *FOR_ORDERS)]
    try:
        outcomes = rest.bulk(reads)
    except IntegrationError as error:
        yield failed("bulk", error.problem, error.turn)
        yield from (skipped(f"right:{resource}") for resource in (*NEEDED, *FOR_ORDERS))
        return
    yield passed("bulk")
    for outcome in outcomes:
        yield _right(outcome)


def _params(resource: str) -> dict[str, Any] | None:
    return None if resource == "categories-tree" else {"limit": min(1, PAGE), "page": 1}


def _right(outcome: Outcome) -> Check:
    name = f"right:{outcome.token}"
    if outcome.error is not None:
        tell = warned if outcome.token in FOR_ORDERS else failed
        return tell(name, outcome.error.problem, outcome.error.turn)
    count = outcome.value.get("count") if isinstance(outcome.value, Mapping) else None
    return passed(name, "" if count is None else str(count))
