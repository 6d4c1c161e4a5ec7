"""Test settings of a WooCommerce shop: each check by name, with what was seen, what is wrong and whose turn it is.

Nothing is written. Whether the key may write is asked with a batch of nothing: WooCommerce looks at the right first.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from integrator.canonical.errors import AuthFailed, IntegrationError, Rejected, Transient
from integrator.canonical.preflight import Check, failed, passed, skipped, warned
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Problem, problem
from shops.connectors.base import ShopAccess, reachability
from shops.connectors.woocommerce.auth import KEY, SECRET, Signature
from shops.connectors.woocommerce.capabilities import NEWEST, OLDEST, price_basis, version_of
from shops.connectors.woocommerce.errors import decoded, woo_error
from shops.connectors.woocommerce.facts import Facts
from shops.connectors.woocommerce.mapping import STANDARD
from shops.connectors.woocommerce.pictures import MEDIA, Library
from shops.connectors.woocommerce.rest import ROOT, Rest

NEEDED = ("products", "products/categories", "products/attributes", "taxes")
"""Lists that must be readable; the check of each is named `right:<resource>`."""
FOR_ORDERS = "orders"
"""Readable where orders are wanted, which is not known here: a warning when it is not."""
INDEX = "/wp-json/"
_NAMESPACE = "wc/v3"
_WEIGHTS = ("kg", "g", "lbs", "oz")
_TRANSLATORS = {"sitepress": "WPML", "wpml": "WPML", "polylang": "Polylang", "translatepress": "TranslatePress"}
AFTER_LOGIN = (
    "version", "time_zone", "currency", "price_basis", "tax_calculation", "tax_classes", "weight_unit",
    "stock_counted", "brands", "languages", "order_tables",
    *(f"right:{resource}" for resource in (*NEEDED, FOR_ORDERS)), "right_to_write", "media",
)  # fmt: skip


def probe(access: ShopAccess, rest: Rest, facts: Facts, library: Library) -> Iterator[Check]:
    """Everything is asked anew."""
    index: Mapping[str, Any] = {}
    trouble: IntegrationError | None = None
    try:
        index = _index(rest)
    except (AuthFailed, Rejected):
        index = {"namespaces": [_NAMESPACE]}  # plugins keep the index from strangers; the keys may open the rest
    except IntegrationError as error:
        trouble = error
    hidden = trouble is not None and _plain_permalinks(rest)
    yield from reachability(rest.api, None if hidden else trouble)
    if trouble is not None:
        if hidden:
            yield failed("permalinks", problem(Code.PERMALINKS_PLAIN), Turn.SHOP_SETTINGS)
        else:
            yield skipped("permalinks")
        yield from (skipped(name) for name in ("api", "login", *AFTER_LOGIN))
        return
    yield passed("permalinks")
    if _NAMESPACE not in (index.get("namespaces") or ()):
        yield failed("api", problem(Code.MODULE_MISSING, message="WooCommerce"), Turn.SHOP_SETTINGS)
        yield from (skipped(name) for name in ("login", *AFTER_LOGIN))
        return
    yield passed("api", _NAMESPACE)
    try:
        facts.learn()
    except IntegrationError as error:
        yield _login(access, rest, error)
        yield from (skipped(name) for name in AFTER_LOGIN)
        return
    yield passed("login")
    yield from _shop(facts.shop, str(index.get("timezone_string") or index.get("gmt_offset") or ""))
    yield from _rights(rest)
    yield _media(library, access)


def _index(rest: Rest) -> Mapping[str, Any]:
    """What WordPress tells everybody about its API."""
    params = {"_fields": "name,home,namespaces,timezone_string,gmt_offset"}
    answer = rest.api.get(INDEX, params, sign=False)
    body = decoded(answer)
    if not isinstance(body, Mapping):
        raise Transient(Code.UNEXPECTED_ANSWER, status=answer.status, path=INDEX, excerpt=answer.excerpt)
    return body


def _plain_permalinks(rest: Rest) -> bool:
    """Whether WordPress answers at the address without /wp-json/: then its addresses are “plain”, and WooCommerce,
    which knows its own calls by that word, would refuse every key."""
    try:
        body = decoded(rest.api.get("/", {"rest_route": "/", "_fields": "namespaces"}, sign=False))
    except IntegrationError:
        return False
    return isinstance(body, Mapping) and "namespaces" in body


def _login(access: ShopAccess, rest: Rest, trouble: IntegrationError) -> Check:
    """A key that was not seen at all and a wrong one look the same; a signature, which no proxy strips, tells them
    apart."""
    if not isinstance(trouble, AuthFailed | Rejected):
        return failed("login", trouble.problem, trouble.turn)
    if trouble.problem.as_dict().get("reason") == "woocommerce_rest_cannot_view":
        if _signed(access, rest, "http"):
            return failed("login", problem(Code.TLS_UNNOTICED), Turn.SHOP_SETTINGS)
        if _signed(access, rest, "https"):
            return failed("login", problem(Code.KEY_NOT_RECEIVED), Turn.SHOP_SETTINGS)
    return failed("login", trouble.problem, trouble.turn)


def _signed(access: ShopAccess, rest: Rest, scheme: str) -> bool:
    """Whether a call signed for an address of this scheme is let in."""
    key, secret = access.credentials.get(KEY, ""), access.credentials.get(SECRET, "")
    if not key or not secret:
        return False
    signing = _AsIf(key, secret, rest, scheme)
    try:
        access.api(auth=signing, errors=woo_error).get(ROOT + "products", {"per_page": 1, "_fields": "id"})
    except IntegrationError:
        return False
    return True


class _AsIf(Signature):
    """A signature over the address that PHP believes it was called at."""

    def __init__(self, key: str, secret: str, rest: Rest, scheme: str) -> None:
        super().__init__(key, secret, rest.clock)
        self._scheme = scheme

    def sign(self, method: str, url: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return super().sign(method, urlunsplit(urlsplit(url)._replace(scheme=self._scheme)), params)


def _shop(shop: Mapping[str, Any], zone: str) -> Iterator[Check]:
    yield _version(str(shop["version"]))
    yield passed("time_zone", zone)
    currency = str(shop["currency"])
    if currency == "PLN":
        yield passed("currency", currency)
    else:
        yield warned("currency", problem(Code.CURRENCY_DIFFERS, currency=currency), Turn.SHOP_SETTINGS)
    yield passed("price_basis", price_basis(shop))
    yield _check("tax_calculation", shop["calc_taxes"] == "yes", Code.TAX_CALCULATION_OFF)
    yield _check("tax_classes", set(shop["classes"]) - {STANDARD}, Code.TAX_CLASSES_MISSING)
    if shop["weight_unit"] in _WEIGHTS:
        yield passed("weight_unit", str(shop["weight_unit"]))
    else:
        found = problem(Code.FIELD_UNREADABLE, field="weight_unit", value=str(shop["weight_unit"]))
        yield failed("weight_unit", found, Turn.SHOP_SETTINGS)
    yield _check("stock_counted", shop["manage_stock"] == "yes", Code.STOCK_NOT_COUNTED)
    yield passed("brands", "yes" if shop["brands"] else "no")
    translators = {name for word, name in _TRANSLATORS.items() for one in shop["plugins"] if word in one}
    if translators:
        found = problem(Code.SHOP_TRANSLATED, plugin=", ".join(sorted(translators)))
        yield warned("languages", found, Turn.SHOP_SETTINGS)
    else:
        yield passed("languages", str(shop["language"]))
    yield passed("order_tables", {True: "HPOS", False: "posts"}.get(shop["hpos"], ""))


def _check(name: str, fine: object, code: Code) -> Check:
    return passed(name) if fine else warned(name, problem(code), Turn.SHOP_SETTINGS)


def _version(text: str) -> Check:
    version = version_of(text)[:2]
    if version < OLDEST:
        found = problem(Code.SHOP_VERSION_OLD, version=text, oldest=_dotted(OLDEST))
        return failed("version", found, Turn.SHOP_SETTINGS, text)
    if version > NEWEST:
        found = problem(Code.SHOP_VERSION_NEW, version=text, newest=_dotted(NEWEST))
        return warned("version", found, Turn.US, text)
    return passed("version", text)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _rights(rest: Rest) -> Iterator[Check]:
    for resource in NEEDED:
        yield _tried(f"right:{resource}", partial(rest.get, resource, {"per_page": 1, "_fields": "id"}))
    yield _tried(f"right:{FOR_ORDERS}", partial(rest.get, FOR_ORDERS, {"per_page": 1, "_fields": "id"}), warned)
    # An empty batch changes nothing; a key that may only read is refused before its body is looked at.
    yield _tried("right_to_write", lambda: rest.send("POST", "products/batch", {"update": []}))


def _tried(name: str, ask: Callable[[], object], tell: Callable[[str, Problem, Turn], Check] = failed) -> Check:
    try:
        ask()
    except IntegrationError as error:
        return tell(name, error.problem, error.turn)
    return passed(name)


def _media(library: Library, access: ShopAccess) -> Check:
    """The WordPress login, where one is given; else how pictures travel."""
    if not library.open:
        return passed("media", "" if access.publish is None else "address")
    try:
        library.api.get(MEDIA, {"per_page": 1, "_fields": "id", "context": "edit"})
    except (AuthFailed, Rejected) as error:
        user = library.user
        found = replace(error.problem, code=str(Code.LOGIN_FAILED), params=(("user", user), *error.problem.params))
        return failed("media", found, Turn.CONNECTION)
    except IntegrationError as error:
        return failed("media", error.problem, error.turn)
    return passed("media", library.user)
