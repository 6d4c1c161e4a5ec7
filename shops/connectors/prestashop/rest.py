"""PrestaShop's conventions on top of the client: lists as JSON with a narrow display and a keyset, writes as XML."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from integrator.api_client import Answer, ApiClient
from integrator.canonical.errors import Gone, OutcomeUnknown, Rejected, Transient
from integrator.canonical.problems import Code
from shops.connectors.pagination import Batch, Place, keyset_held, walk
from shops.connectors.prestashop.documents import Node, Unreadable, decoded, parsed
from shops.connectors.prestashop.errors import Blocked, Crashed, says_json

WRITE_SECONDS = 75.0
"""PHP is usually given 30 seconds; a slow host counts only the time of its own work."""
FEWEST = 10
"""Rows of a page below which a shop that dies over it is not asked for fewer."""
FILTER_CHARACTERS = 5000
"""Of the values in one filter; with the rest of it the address stays under 6 kB."""
_SINCE = {"product_type": (1, 7, 8)}
"""Fields that older versions of 1.7 do not have."""
XML = {"Content-Type": "text/xml; charset=utf-8"}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list and what is asked of its rows. Without a display single rows lose what is empty or 0, so there is always
    one. `size`: rows of a page."""

    resource: str
    display: tuple[str, ...]
    size: int = 100

    def shown(self, version: tuple[int, ...]) -> str:
        """As the parameter of the call; a field that a version does not have yet would be refused."""
        newer = {name for name, since in _SINCE.items() if version < since}
        return f"[{','.join(name for name in self.display if name not in newer)}]"


TEXTS = ("name", "description_short", "description")
_OWN = ("id", "reference", "ean13", "price", "weight", "active", "product_type", "id_manufacturer",
        "id_tax_rules_group", "id_category_default")  # fmt: skip
PRODUCTS = Listing(resource="products", display=(*_OWN, *TEXTS, "combinations[id]"))
COMBINATIONS = Listing(
    resource="combinations",
    display=("id", "id_product", "reference", "ean13", "price", "weight", "product_option_values[id]"),
    size=500,
)
STOCKS = Listing(
    resource="stock_availables",
    display=("id", "id_product", "id_product_attribute", "id_shop", "id_shop_group", "quantity", "depends_on_stock"),
    size=1000,
)
PRICES = Listing(resource="products", display=("id", "price", "id_tax_rules_group", "combinations[id]"), size=200)
IMPACTS = Listing(resource="combinations", display=("id", "id_product", "price"), size=1000)
GALLERIES = Listing(resource="products", display=("id", "id_default_image", "images[id]"), size=200)
CATEGORIES = Listing(resource="categories", display=("id", "id_parent", "active", "is_root_category", "name"), size=200)
MANUFACTURERS = Listing(resource="manufacturers", display=("id", "name"), size=500)
OPTIONS = Listing(resource="product_options", display=("id", "name"), size=200)
VALUES = Listing(resource="product_option_values", display=("id", "id_attribute_group", "name"), size=500)


def version_numbers(version: str) -> tuple[int, ...]:
    """`8.1.2` as numbers to compare; nothing known counts as new."""
    return tuple(int(part) for part in version.split(".") if part.isdigit()) or (99,)


def row_id(row: Any) -> int | None:
    """The id of a row, None when it has no readable one."""
    try:
        return int(str(row["id"]))
    except (KeyError, TypeError, ValueError):
        return None


class Rest:
    """Calls of one session. `memory` outlives it: how many rows of each list the shop can bear at once."""

    def __init__(self, api: ApiClient, memory: MutableMapping[str, Any]) -> None:
        self.api = api
        self.memory = memory
        self.root = "/" if api.base.rstrip("/").endswith("/api") else "/api/"
        self._heard = blake2b(digest_size=16)

    def listen(self) -> None:
        """Begin a page: `heard` then tells one by what its rows look like."""
        self._heard = blake2b(digest_size=16)

    def heard(self) -> str:
        """Hash of the rows of all lists read since `listen`, as they came."""
        return self._heard.hexdigest()

    def xml(self, path: str, params: Mapping[str, Any] | None = None) -> tuple[Node, Answer]:
        """The root of an XML answer to a GET. Raises Transient(NOT_JSON) for a page of HTML."""
        answer = self.api.get(self.root + path, params, headers={"Accept": "text/xml"})
        try:
            return parsed(answer.content), answer
        except Unreadable:
            raise _no_data(answer) from None

    def page(self, listing: Listing, place: Place, filters: Mapping[str, str] | None = None) -> Batch:
        """The page that begins after the last id seen, ascending by id. A page shorter than asked for is the last.

        A shop that dies over a page (an empty 500: PHP's memory) is asked for half as many rows, now and later.
        """
        asked = _after(filters or {}, place.after)
        if asked is None:
            return Batch(rows=())
        size = self._size(listing)
        while True:
            try:
                rows = self._rows(listing, asked, size)
                break
            except Crashed:
                if size // 2 < FEWEST:
                    raise
                size //= 2
        self._remember(listing, size)
        ids = [row_id(row) for row in rows]
        if not keyset_held(ids, place.after):
            # A cache that ignores the query would give one page for ever.
            raise Transient(
                Code.UNEXPECTED_ANSWER, path=listing.resource, excerpt=f"ids after {place.after}: {ids[:9]}"
            )
        if len(rows) < size:
            return Batch(rows=rows)
        return Batch(rows=rows, next=place.moved(ids, None))

    def rows(self, listing: Listing, filters: Mapping[str, str] | None = None) -> Iterator[Row]:
        """All rows of a list small enough to be held at once."""
        return walk(lambda place: self.page(listing, place, filters))

    def among(
        self, listing: Listing, field: str, values: Sequence[str], filters: Mapping[str, str] | None = None
    ) -> list[Row]:
        """Rows whose field is one of the values, in as few calls as the length of an address allows."""
        found: list[Row] = []
        for chunk in by_length(values):
            # Without brackets nothing in a value means anything: "10,20" alone in brackets would be a range.
            asked = chunk[0] if len(chunk) == 1 else f"[{'|'.join(chunk)}]"
            found += self.rows(listing, {field: asked, **(filters or {})})
        return found

    def by_ids(self, listing: Listing, ids: Sequence[str]) -> dict[str, Row]:
        """Rows by id; ids that do not exist are left out."""
        wanted = sorted({one for one in ids if one.isdigit()}, key=int)
        return {str(row_id(row)): row for row in self.among(listing, "id", wanted)} if wanted else {}

    def by_texts(
        self, listing: Listing, field: str, values: Sequence[str], filters: Mapping[str, str] | None = None
    ) -> list[Row]:
        """Rows whose field is exactly one of the texts. The shop compares without regard to case, and a text with a
        bracket or a bar cannot stand in its filters as it is, so the rows are compared again here."""
        wanted = {one for one in values if one}
        odd = sorted(one for one in wanted if set(one) & set("[]|"))
        plain = sorted(wanted.difference(odd))
        found = self.among(listing, field, plain, filters)
        for one in odd:
            found += self.rows(listing, {field: _alike(one), **(filters or {})})
        unique = {row_id(row): row for row in found if str(row.get(field, "")) in wanted}
        return list(unique.values())

    def _size(self, listing: Listing) -> int:
        kept = self.memory.get("pages", {}).get(_name(listing), listing.size)
        return min(int(kept), listing.size)

    def _remember(self, listing: Listing, size: int) -> None:
        if size < listing.size:
            self.memory["pages"] = {**self.memory.get("pages", {}), _name(listing): size}

    def _rows(self, listing: Listing, asked: Mapping[str, str], size: int) -> tuple[Row, ...]:
        params: dict[str, Any] = {
            "output_format": "JSON",
            "display": listing.shown(version_numbers(self.memory.get("shop", {}).get("version", ""))),
            "sort": "[id_ASC]",
            "limit": str(size),
        }
        if "date_upd" in asked:
            params["date"] = "1"
        params |= {f"filter[{name}]": value for name, value in asked.items()}
        try:
            answer = self.api.get(self.root + listing.resource, params)
        except Gone:
            raise Rejected(Code.UNEXPECTED_ANSWER, status=404, path=listing.resource, excerpt="") from None
        self._heard.update(answer.content)
        return listed(answer, listing.resource)

    def write(self, method: str, resource: str, content: bytes) -> tuple[list[Node], Answer]:
        """Elements of the answer to a body of one or many. Raises OutcomeUnknown when the answer is none."""
        answer = self.call(method, resource, content=content, headers=XML | {"Accept": "text/xml"})
        try:
            return list(parsed(answer.content)), answer
        except Unreadable:
            raise OutcomeUnknown(path=answer.path, status=answer.status, excerpt=answer.excerpt) from None

    def delete(self, resource: str, ids: Sequence[str]) -> Answer:
        """Several at once: all or, when one does not exist, none (Gone)."""
        return self.call("DELETE", resource, params={"id": f"[{','.join(ids)}]"})

    def call(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        """A write. Where a firewall lets only GET and POST pass, PrestaShop is told the method beside a POST."""
        if method == "POST" or not self.memory.get("only_post"):
            try:
                return self.api.request(method, self.root + path, params=params, deadline=WRITE_SECONDS, **more)
            except Blocked:
                if method == "POST":
                    raise
        given = {**(params or {}), "ps_method": method}
        answer = self.api.request("POST", self.root + path, params=given, deadline=WRITE_SECONDS, **more)
        self.memory["only_post"] = True
        return answer


def listed(answer: Answer, resource: str) -> tuple[Row, ...]:
    """Rows of a list: `{"products": [...]}`, and a bare `[]` for none.

    An empty list is believed only of an answer that says it is JSON: whatever else holds `[]` must not count as a shop
    without products.
    """
    try:
        body = decoded(answer.content)
    except Unreadable:
        raise _no_data(answer) from None
    if body == [] and says_json(answer.headers):
        return ()
    rows = body.get(resource) if isinstance(body, Mapping) else None
    if not isinstance(rows, list):
        raise _no_data(answer)
    return tuple(rows)


def by_length(values: Sequence[str]) -> Iterator[list[str]]:
    """The values in groups whose joined length fits into an address; each counts as it is encoded there."""
    group: list[str] = []
    length = 0
    for one in dict.fromkeys(values):
        takes = sum(1 if byte < 128 and chr(byte).isalnum() else 3 for byte in one.encode()) + 3
        if group and length + takes > FILTER_CHARACTERS:
            yield group
            group, length = [], 0
        group.append(one)
        length += takes
    if group:
        yield group


def _after(filters: Mapping[str, str], last: int) -> dict[str, str] | None:
    """The filters, and "greater than the last id". Where rows are asked for by id, those that are done are left out;
    None when nothing is left."""
    if not last:
        return dict(filters)
    if "id" not in filters:
        return {**filters, "id": f">[{last}]"}
    left = [one for one in filters["id"].strip("[]").split("|") if int(one) > last]
    return {**filters, "id": f"[{'|'.join(left)}]"} if left else None


def _alike(text: str) -> str:
    """A filter for texts that hold the longest part without brackets and bars."""
    parts = text.replace("[", "|").replace("]", "|").split("|")
    return f"%[{max(parts, key=len)}]%"


def _name(listing: Listing) -> str:
    return f"{listing.resource}{len(listing.display)}"


def _no_data(answer: Answer) -> Transient:
    return Transient(Code.NOT_JSON, status=answer.status, path=answer.path, excerpt=answer.excerpt)
