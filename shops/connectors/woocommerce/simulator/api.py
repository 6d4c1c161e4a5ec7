"""The routes of `/wp-json/`: who may, which resource, which method, batches."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shops.connectors.woocommerce.simulator import lists, php, selling_rows
from shops.connectors.woocommerce.simulator.access import Access
from shops.connectors.woocommerce.simulator.errors import error, missing_params, no_route
from shops.connectors.woocommerce.simulator.images import Fetch, Images
from shops.connectors.woocommerce.simulator.library import Library
from shops.connectors.woocommerce.simulator.orders import (
    FULFILLMENTS,
    TRACKING_PLUGIN,
    Fulfillments,
    Notes,
    Orders,
    order_statuses,
    shipment_trackings,
)
from shops.connectors.woocommerce.simulator.product_writes import ProductWrites
from shops.connectors.woocommerce.simulator.resources import Products, Resource, Variations
from shops.connectors.woocommerce.simulator.schema import check, read_body
from shops.connectors.woocommerce.simulator.settings import index, one_setting, setting_group, system_status
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.connectors.woocommerce.simulator.store import BRAND, CATEGORY, TAG
from shops.connectors.woocommerce.simulator.taxes import TaxClasses, Taxes
from shops.connectors.woocommerce.simulator.terms import Attributes, Terms
from shops.connectors.woocommerce.simulator.webhooks import Webhooks
from shops.simulation.faults import Faults
from shops.simulation.http import Answer, Refused, Request
from shops.simulation.stats import Stats

ROOT = "/wp-json"
LARGEST_BATCH = 100
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_UNSEEN: dict[str, tuple[str, str]] = {
    "list": ("view", "Sorry, you cannot list resources."),
    "get": ("view", "Sorry, you cannot view this resource."),
    "create": ("create", "Sorry, you are not allowed to create resources."),
    "update": ("edit", "Sorry, you are not allowed to edit this resource."),
    "delete": ("delete", "Sorry, you are not allowed to delete this resource."),
    "batch": ("batch", "Sorry, you are not allowed to batch manipulate this resource."),
}


class Api:
    def __init__(
        self, state: ShopState, access: Access, faults: Faults, stats: Stats, fetch: Fetch | None = None
    ) -> None:
        self.state = state
        self.access = access
        self.faults = faults
        self.stats = stats
        self.images = Images(state, fetch)
        self.writes = ProductWrites(state, self.images)
        self._last: tuple[Any, Sequence[int]] | None = None

    def cached(self, request: Request, find: Callable[[], list[int]]) -> Sequence[int]:
        """The rows of a list; kept for the next page as long as nothing has changed."""
        asked = {name: values for name, values in request.query.items() if name not in ("page", "offset", "_fields")}
        key = (request.path, self.state.products.version, str(asked))
        if not self.state.features.modified_ties_broken:
            return find()
        if self._last is None or self._last[0] != key:
            self._last = (key, find())
        return self._last[1]

    def answer(self, request: Request, parts: list[str]) -> Answer:
        """The answer to a request below `/wp-json/`. Raises `Refused`."""
        match parts:
            case []:
                return index(self.state)
            case ["wp", "v2", "media", *rest]:
                return Library(self).answer(request, rest)
            case ["wc", "v3", *rest]:
                known = self.access.wc_user(request, request.method in _WRITES)
                return self._wc(request, rest, known)
            case ["wc-shipment-tracking", "v3", "orders", number, "shipment-trackings"] if number.isdigit():
                if TRACKING_PLUGIN in self.state.plugins and request.method in ("GET", "POST"):
                    self._permit(self.access.wc_user(request, request.method in _WRITES), "list")
                    return shipment_trackings(self, request, int(number))
        raise no_route()

    def _wc(self, request: Request, parts: list[str], known: bool) -> Answer:
        if request.method == "GET":
            match parts:
                case ["system_status"]:
                    self._permit(known, "list")
                    return Answer.of(lists.only(system_status(self.state), request))
                case ["orders", "statuses"]:
                    self._permit(known, "list")
                    return Answer.of(order_statuses(self.state))
                case ["payment_gateways"]:
                    self._permit(known, "list")
                    return selling_rows.gateways(self.state, request)
                case ["shipping", "zones"]:
                    self._permit(known, "list")
                    return selling_rows.zones(self.state, request)
                case ["shipping", "zones", number, "methods"] if number.isdigit():
                    self._permit(known, "list")
                    return selling_rows.zone_methods(self.state, request, int(number))
        if len(parts) > 1 and parts[0] == "settings":
            return self._setting(request, parts[1:], known)
        resource, rest = self._resource(parts)
        if rest == ["batch"] and "batch" in resource.methods and request.method in ("POST", "PUT", "PATCH"):
            self._permit(known, "batch")
            return self._batch(resource, request)
        if not rest:
            return self._collection(resource, request, known)
        key = resource.key(rest[0]) if len(rest) == 1 else None
        if key is None:
            raise no_route()
        return self._item(resource, key, request, known)

    def _resource(self, parts: list[str]) -> tuple[Resource, list[str]]:
        """The resource of an address and what follows it."""
        features = self.state.features
        match parts:
            case ["products", "categories", *rest]:
                return Terms(self, CATEGORY, "products/categories"), rest
            case ["products", "tags", *rest]:
                return Terms(self, TAG, "products/tags"), rest
            case ["products", "brands", *rest] if features.brands:
                return Terms(self, BRAND, "products/brands"), rest
            case ["products", "attributes", number, "terms", *rest] if number.isdigit():
                attributes = Attributes(self)
                attributes.check(int(number), 404)
                taxonomy = self.state.attributes.get(int(number))["slug"]
                return Terms(self, taxonomy, f"products/attributes/{number}/terms", int(number)), rest
            case ["products", "attributes", *rest]:
                return Attributes(self), rest
            case ["products", number, "variations", *rest] if number.isdigit():
                return Variations(self, int(number)), rest
            case ["products", *rest]:
                return Products(self), rest
            case ["variations", *rest] if features.all_variations:
                return Variations(self, None), rest
            case ["taxes", "classes", *rest]:
                return TaxClasses(self), rest
            case ["taxes", *rest]:
                return Taxes(self), rest
            case ["orders", number, "notes", *rest] if number.isdigit():
                return Notes(self, int(number)), rest
            case ["orders", number, "fulfillments", *rest] if number.isdigit() and FULFILLMENTS in self.state.plugins:
                return Fulfillments(self, int(number)), rest
            case ["orders", *rest]:
                return Orders(self), rest
            case ["webhooks", *rest]:
                return Webhooks(self), rest
        raise no_route()

    # one method at a time

    def _collection(self, resource: Resource, request: Request, known: bool) -> Answer:
        if request.method == "GET" and "list" in resource.methods:
            self._permit(known, "list")
            resource.asked(request)
            return resource.list(request)
        if request.method == "POST" and "create" in resource.methods:
            self._permit(known, "create")
            body = read_body(request)
            if missing := [name for name in resource.required if name not in body]:
                raise missing_params(missing)
            check(resource.schema, body)
            if body.get("id") and resource.trashes:
                raise _existing(resource)
            key = resource.create(body)
            answer = Answer.of(lists.only(resource.written(key), request), 201)
            answer.headers.append(("Location", f"{self.state.address}{ROOT}/wc/v3/{resource.path}/{key}"))
            return answer
        raise no_route()

    def _item(self, resource: Resource, key: Any, request: Request, known: bool) -> Answer:
        if request.method == "GET" and "get" in resource.methods:
            self._permit(known, "get")
            resource.check(key, 404)
            resource.asked(request)
            show = resource.written if request.first("context") == "edit" else resource.shown
            return Answer.of(lists.only(show(key), request))
        if request.method in ("PUT", "PATCH", "POST") and "update" in resource.methods:
            self._permit(known, "update")
            resource.check_update(key)
            body = read_body(request)
            check(resource.schema, body)
            resource.update(key, body)
            return Answer.of(lists.only(resource.written(key), request))
        if request.method == "DELETE" and "delete" in resource.methods:
            self._permit(known, "delete")
            force = read_body(request).get("force", request.first("force"))
            return Answer.of(resource.delete(key, force=php.boolean(force)))
        raise no_route()

    def _setting(self, request: Request, parts: list[str], known: bool) -> Answer:
        self._permit(known, "list" if request.method == "GET" else "update")
        match parts:
            case [group] if request.method == "GET":
                return setting_group(self.state, group, request)
            case [group, setting] if request.method in ("GET", "PUT", "PATCH", "POST"):
                given = None if request.method == "GET" else read_body(request)
                return Answer.of(lists.only(one_setting(self.state, group, setting, given), request))
        raise no_route()

    # batches

    def _batch(self, resource: Resource, request: Request) -> Answer:
        """Item after item, none of them checked; a refusal is the item's answer. `_fields` hides all answers."""
        body = read_body(request)
        given = {name: body[name] for name in ("create", "update", "delete") if isinstance(body.get(name), list)}
        given = {name: [one for one in items if one != 0 or name != "delete"] for name, items in given.items() if items}
        if sum(len(items) for items in given.values()) > LARGEST_BATCH:
            message = f"Unable to accept more than {LARGEST_BATCH} items for this request."
            raise error("woocommerce_rest_request_entity_too_large", message, 413)
        done = {name: [self._one(resource, name, item) for item in items] for name, items in given.items()}
        self.stats.bulk_items += sum(len(items) for items in given.values())
        if lists.texts(request, "_fields"):
            return Answer.of({name: [] for name in done})
        return Answer.of(done or [])

    def _one(self, resource: Resource, action: str, item: Any) -> Any:
        fields = item if isinstance(item, Mapping) else {}
        if action == "create":
            shown_id: Any = 0
        else:
            shown_id = fields.get("id") if action == "update" or fields else item
        try:
            if action == "create":
                if fields.get("id") and resource.trashes:
                    raise _existing(resource)
                return resource.written(resource.create(fields))
            key = php.integer(shown_id)
            if action == "delete":
                return resource.delete(key, force=True)
            resource.update(key, fields)
            return resource.written(key)
        except Refused as refused:
            return {"id": shown_id, "error": refused.body}

    def _permit(self, known: bool, action: str) -> None:
        if not known:
            word, message = _UNSEEN[action]
            raise error(f"woocommerce_rest_cannot_{word}", message, 401)


def _existing(resource: Resource) -> Refused:
    kind = "product" if resource.path == "products" else "product_variation"
    return error(f"woocommerce_rest_{kind}_exists", f"Cannot create existing {kind}.")
