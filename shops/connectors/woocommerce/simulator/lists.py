"""Pages of lists: which rows, in which headers, with which fields."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from shops.connectors.woocommerce.simulator.errors import invalid_params
from shops.connectors.woocommerce.simulator.store import Store
from shops.simulation.http import Answer, Request, dumps
from shops.simulation.tables import Row

DEFAULT_PAGE = 10
LARGEST_PAGE = 100


def whole(request: Request, name: str, default: int, low: int, high: int | None = None) -> int:
    """A whole number of the query. Raises 400 as WordPress does."""
    text = request.first(name)
    if text == "":
        return default
    try:
        value = int(text)
    except ValueError:
        message = f"{name} is not of type integer."
        raise invalid_params({name: ("rest_invalid_type", message, {"param": name})}) from None
    if value < low or (high is not None and value > high):
        limits = f"between {low} (inclusive) and {high} (inclusive)" if high else f"greater than or equal to {low}"
        raise invalid_params({name: ("rest_out_of_bounds", f"{name} must be {limits}", None)})
    return value


def chosen(request: Request, name: str, allowed: Sequence[str], default: str) -> str:
    """One of several words of the query. Raises 400 for another one."""
    found = request.first(name) or default
    if found not in allowed:
        message = f"{name} is not one of {', '.join(allowed[:-1])}, and {allowed[-1]}."
        raise invalid_params({name: ("rest_not_in_enum", message, None)})
    return found


def texts(request: Request, name: str) -> list[str]:
    """A list of the query: `name=a,b`, `name[]=a` or `name[0]=a`."""
    given = [part for one in request.query.get(name, []) for part in one.split(",")]
    given += [one for key, many in request.query.items() if key.startswith(f"{name}[") for one in many]
    return [part.strip() for part in given if part.strip()]


def ids(request: Request, name: str) -> list[int]:
    """A list of ids of the query. Raises 400 when one is no number."""
    found = texts(request, name)
    for place, text in enumerate(found):
        if not text.lstrip("-").isdigit():
            message = f"{name}[{place}] is not of type integer."
            raise invalid_params({name: ("rest_invalid_type", message, {"param": f"{name}[{place}]"})})
    return [int(text) for text in found]


def page(
    store: Store,
    request: Request,
    found: Sequence[int],
    render: Callable[[int], Row],
    *,
    totals_past_the_end: bool = True,
) -> Answer:
    """The asked page of `found`. With `offset` the number of pages does not follow it, as in the real shop."""
    size = whole(request, "per_page", DEFAULT_PAGE, 1, LARGEST_PAGE)
    number = whole(request, "page", 1, 1)
    start = whole(request, "offset", (number - 1) * size, 0)
    rows = [dumps(only(render(row_id), request)) for row_id in found[start : start + size]]
    total = len(found) if totals_past_the_end or start < len(found) or start == 0 else 0
    pages = -(-total // size)
    answer = everything(store, rows, total, pages)
    base = f"{store.address}{request.path}"
    kept = {name: values for name, values in request.query.items() if name not in ("page", *_SECRET)}
    for relation, other in (("prev", min(number - 1, pages)), ("next", number + 1)):
        if 1 <= other <= pages and (relation == "prev" or number < pages):
            query = urlencode({**kept, "page": other}, doseq=True, quote_via=quote)
            answer.headers.append(("Link", f'<{base}?{query}>; rel="{relation}"'))
    return answer


_SECRET = ("consumer_key", "consumer_secret")


def everything(store: Store, rows: list[str], total: int | None = None, pages: int = 1) -> Answer:
    """A list with its totals; without figures the whole list is one page."""
    total = len(rows) if total is None else total
    headers = [("X-WP-Total", str(total)), ("X-WP-TotalPages", str(pages))]
    return Answer(f"[{','.join(rows)}]", headers=headers, rows=rows)


def only(row: Row, request: Request) -> Row:
    """The row with the `_fields` that were asked for, all of them when none was named; dots lead into objects."""
    wanted = texts(request, "_fields")
    if not wanted:
        return row
    kept: Row = {}
    for path in wanted:
        name, _, rest = path.partition(".")
        if name not in row:
            continue
        if rest and isinstance(row[name], Mapping):
            inner: dict[str, Any] = kept.setdefault(name, {})
            inner |= {rest: row[name][rest]} if rest in row[name] else {}
        else:
            kept[name] = row[name]
    return kept


def links(store: Store, path: str, row_id: Any = None, *, up: str = "", writable: bool = True) -> Row:
    """`_links` of a row: itself, its list, what it is below. `path` begins behind `/wp-json/wc/v3/`."""
    base = f"{store.address}/wp-json/wc/v3/"
    found: Row = {}
    if row_id is not None:
        allow = ["GET", "POST", "PUT", "PATCH", "DELETE"] if writable else ["GET", "POST", "PUT", "PATCH"]
        found["self"] = [{"href": f"{base}{path}/{row_id}", "targetHints": {"allow": allow}}]
    found["collection"] = [{"href": f"{base}{path}"}]
    if up:
        found["up"] = [{"href": f"{base}{up}"}]
    return found
