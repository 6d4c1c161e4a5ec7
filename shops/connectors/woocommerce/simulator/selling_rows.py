"""Gateways, zones and their methods, as the API lists them: whole and without totals."""

from shops.connectors.woocommerce.simulator import lists
from shops.connectors.woocommerce.simulator.errors import error
from shops.connectors.woocommerce.simulator.store import Store
from shops.simulation.http import Answer, Request


def gateways(store: Store, request: Request) -> Answer:
    rows = [
        {**one, "description": "", "order": place, "method_description": "", "method_supports": ["products"]}
        | {"settings": {}, "_links": lists.links(store, "payment_gateways", one["id"], writable=False)}
        for place, one in enumerate(store.gateways)
    ]
    return Answer.of([lists.only(row, request) for row in rows])


def zones(store: Store, request: Request) -> Answer:
    rows = [{name: one[name] for name in ("id", "name", "order")} for one in store.zones]
    return Answer.of([lists.only(row, request) for row in rows])


def zone_methods(store: Store, request: Request, zone_id: int) -> Answer:
    if all(one["id"] != zone_id for one in store.zones):
        raise error("woocommerce_rest_shipping_zone_invalid", "Resource does not exist.", 404)
    rows = [
        {"id": one["instance_id"], "instance_id": one["instance_id"], "title": one["title"], "order": place}
        | {"enabled": True, "method_id": one["method_id"], "method_title": one["method_id"], "settings": {}}
        for place, (zone, one) in enumerate(store.methods())
        if zone == zone_id
    ]
    return Answer.of([lists.only(row, request) for row in rows])
