"""The Webservice below `/api/`: routing, reads, writes. It knows neither sockets nor faults."""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from shops.connectors.prestashop.simulator import bodies, images, render, schema
from shops.connectors.prestashop.simulator.access import Access, Account
from shops.connectors.prestashop.simulator.errors import Blank, crash
from shops.connectors.prestashop.simulator.queries import Query, Reading
from shops.connectors.prestashop.simulator.resources import IMAGES, READ, RESOURCES, Resource
from shops.connectors.prestashop.simulator.selection import BY_ID, select
from shops.connectors.prestashop.simulator.store import Store
from shops.connectors.prestashop.simulator.versions import Version
from shops.connectors.prestashop.simulator.writes import Writes, Written
from shops.simulation.faults import Faults, Listed
from shops.simulation.http import Answer, Request, dumps
from shops.simulation.stats import Stats

ROOT = "/api"
XML = "text/xml;charset=utf-8"
JSON = "application/json"
_REMEMBERED_QUERIES = 16
_LIGHT = "stock_availables"
"""Rows so narrow that showing them in full costs next to no memory."""


@dataclass
class Call:
    """One request as the parts of the Webservice see it."""

    request: Request
    method: str
    parts: list[str]
    root: str
    """The address that links begin with, ending in `/api/`."""
    as_json: bool
    listed: Listed | None = None
    """What a fault makes of the rows of a list."""


def wants_json(request: Request) -> bool:
    asked = [request.first("output_format"), request.first("io_format")]
    return "JSON" in [*asked, request.headers.get("output-format"), request.headers.get("io-format")]


class Api:
    """Answers requests below `/api` from the store. Raises `Refused` and `Blank` for everything but success."""

    def __init__(
        self, store: Store, access: Access, faults: Faults, stats: Stats, version: Version, full_rows: int
    ) -> None:
        self.store = store
        self.access = access
        self.faults = faults
        self.stats = stats
        self.version = version
        self.full_rows = full_rows
        self.writes = Writes(store, version)
        self._queries: OrderedDict[tuple[Any, ...], Sequence[int]] = OrderedDict()

    def answer(self, call: Call, account: Account) -> Answer:
        """The answer to a call of a known account."""
        if not call.parts:
            if call.as_json:
                raise crash()
            return Answer(schema.rights(self.store.name, account, self.version, call.root), content_type=XML)
        name = call.parts[0]
        self.access.require(account, call.method, name)
        if name == IMAGES:
            return images.answer(self.store, self.version, call)
        resource = RESOURCES[name]
        if call.method in READ:
            return self._cached(call, self._read(call, resource))
        if call.method == "DELETE":
            self.writes.delete(resource, self._addressed(call))
            return Answer(content_type=XML)
        found = bodies.entities(call.request.body)
        self.stats.bulk_items += len(found)
        return self._written(call, resource, self.writes.save(resource, call.method, found))

    def _addressed(self, call: Call) -> list[int]:
        """Ids in the path, or in `?id=[1,2]`."""
        texts = call.parts[1:2] or call.request.first("id").strip("[]").split(",")
        return [int(text) if text.strip().isdigit() else 0 for text in texts if text]

    # reading

    def _read(self, call: Call, resource: Resource) -> Answer:
        form = call.request.first("schema")
        if form:
            text = schema.form(resource, form, self.version, self.store.languages(), call.root)
            return Answer(text, content_type=XML)
        query = Reading(resource, self.version).parse(call.request)
        if len(call.parts) > 1:
            return self._single(call, resource, query)
        ids = self._page(resource, query)
        if call.listed:
            ids = call.listed(list(ids))
        if query.fields is None:
            if call.as_json:
                return self._json(render.json_list(resource, [{"id": row_id} for row_id in ids]))
            return Answer(render.xml_ids(resource, ids, call.root), content_type=XML)
        if query.full and len(ids) > self.full_rows and resource.name != _LIGHT:
            raise crash()
        if call.as_json:
            return self._json(render.json_list(resource, [self._row(call, resource, i, query) for i in ids]))
        shown = [render.xml_entity(resource, self._entity(call, resource, i, query), call.root) for i in ids]
        return Answer(render.xml_list(resource, shown), content_type=XML)

    def _single(self, call: Call, resource: Resource, query: Query) -> Answer:
        text = call.parts[1]
        if not text.isdigit() or int(text) not in self.store.tables[resource.name]:
            raise Blank(404)
        if query.fields is None:
            query = replace(query, fields=tuple(resource.shown(self.version.major)))
            if call.as_json:
                shown = self._entity(call, resource, int(text), query)
                row = render.json_entity(shown, dropping=True)
                return self._json(dumps({resource.node: row}))
        elif call.as_json:
            return self._json(render.json_list(resource, [self._row(call, resource, int(text), query)]))
        shown = self._entity(call, resource, int(text), query)
        return Answer(f"{render.HEAD}{render.xml_entity(resource, shown, call.root)}{render.TAIL}", content_type=XML)

    @staticmethod
    def _json(text: str) -> Answer:
        return Answer(text, content_type=JSON)

    def _page(self, resource: Resource, query: Query) -> Sequence[int]:
        if query.impossible:
            if not self.version.survives_sql_errors:
                raise crash()
            return []
        table = self.store.tables[resource.name]
        stop = query.count if query.order == BY_ID and query.offset == 0 else None
        key = (resource.name, table.version, query.conditions, query.order, stop)
        found = self._queries.pop(key, None)
        if found is None:
            found = select(table, query.conditions, query.order, stop)
            found = found if isinstance(found, array) else array("q", found)
        if query.conditions or query.order:
            self._queries[key] = found
            while len(self._queries) > _REMEMBERED_QUERIES:
                self._queries.popitem(last=False)
        end = None if query.count is None else query.offset + query.count
        return found[query.offset : end]

    def _entity(self, call: Call, resource: Resource, row_id: int, query: Query) -> render.Entity:
        fields = resource.shown(self.version.major)
        row = self.store.tables[resource.name].get(row_id)
        chosen = [fields[name] for name in query.fields or ()]
        shown = render.entity(self.store, resource, row, chosen, query.lists)
        if changes := self.faults.broken.get((resource.name, row_id)):
            shown.values = [(field, changes.get(field.name, value)) for field, value in shown.values]
        return render.in_languages(shown, self._languages(call))

    def _row(self, call: Call, resource: Resource, row_id: int, query: Query) -> dict[str, Any]:
        return render.json_entity(self._entity(call, resource, row_id, query))

    def _languages(self, call: Call) -> list[int] | None:
        text = call.request.first("language").strip("[]")
        return [int(part) for part in text.split("|") if part.isdigit()] if text else None

    def _cached(self, call: Call, answer: Answer) -> Answer:
        """`Content-Sha1` of the answer; who names it again is told that nothing changed."""
        if not self.version.hashes_answers:
            return answer
        digest = hashlib.sha1(answer.payload()).hexdigest()
        if call.request.headers.get("local-content-sha1") == digest:
            return Answer(status=304, headers=[("Content-Sha1", digest)], content_type=answer.content_type)
        answer.headers.append(("Content-Sha1", digest))
        return answer

    # writing

    def _written(self, call: Call, resource: Resource, written: list[Written]) -> Answer:
        """Every entity in full, as XML; as JSON only the last one."""
        status = 201 if call.method == "POST" else 200
        fields = tuple(resource.shown(self.version.major))
        query = Query(fields, {found.name: found.fields for found in resource.associations})
        shown = [self._as_sent(self._entity(call, resource, one.row_id, query), one) for one in written]
        if call.as_json:
            rows = {resource.node: render.json_entity(shown[-1])} if shown else {}
            return Answer(dumps(rows), status, content_type=JSON)
        text = "".join(render.xml_entity(resource, one, call.root) for one in shown)
        return Answer(f"{render.HEAD}{text}{render.TAIL}", status, content_type=XML)

    def _as_sent(self, shown: render.Entity, written: Written) -> render.Entity:
        """The values in PHP's memory: texts as they were sent, nothing for zeros."""
        values: list[tuple[Any, Any]] = []
        for field, value in shown.values:
            value = written.sent.get(field.name, value) if not field.dynamic else value
            zero = value in (0, "0") and field.name != "id_product_attribute"
            values.append((field, "" if zero else value))
        return render.Entity(shown.row_id, values, shown.lists)
