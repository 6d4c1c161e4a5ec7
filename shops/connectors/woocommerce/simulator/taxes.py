"""Tax rates and tax classes."""

from collections.abc import Sequence
from typing import Any

from shops.connectors.woocommerce.simulator import lists, php, schema
from shops.connectors.woocommerce.simulator.errors import error
from shops.connectors.woocommerce.simulator.resources import Body, Resource
from shops.simulation.http import Answer, Request, dumps
from shops.simulation.tables import Row

_NEW: Row = {
    "country": "",
    "state": "",
    "postcode": "",
    "city": "",
    "rate": "0.0000",
    "name": "",
    "priority": 1,
    "compound": False,
    "shipping": True,
    "order": 0,
    "class": "standard",
    "postcodes": [],
    "cities": [],
}


class Taxes(Resource):
    name = path = "taxes"
    schema = schema.TAX

    def find(self, request: Request) -> Sequence[int]:
        found = list(self.state.taxes)
        if tax_class := request.first("class"):
            found = [one for one in found if self.state.taxes.get(one)["class"] == tax_class]
        by = lists.chosen(request, "orderby", ("id", "order", "priority"), "order")
        descending = lists.chosen(request, "order", ("asc", "desc"), "asc") == "desc"
        return sorted(
            found, key=lambda one: (0 if by == "id" else self.state.taxes.get(one)[by], one), reverse=descending
        )

    def row(self, key: int) -> Row:
        return {**self.state.taxes.get(key), "id": key}

    def check(self, key: int, status: int) -> None:
        if key not in self.state.taxes:
            raise error("woocommerce_rest_invalid_id", "Invalid resource ID.", 404)

    def create(self, body: Body) -> int:
        return self.state.taxes.insert(_NEW | self._given(body))

    def update(self, key: int, body: Body) -> None:
        self.check(key, 404)
        with self.state.taxes.editing(key) as row:
            row.update(self._given(body))

    def _given(self, body: Body) -> Row:
        fields = {name: body[name] for name in _NEW if body.get(name) is not None}
        if "rate" in fields:
            fields["rate"] = f"{float(php.decimal(fields['rate']) or 0):.4f}"
        if fields.get("class") not in self.state.tax_classes and "class" in fields:
            fields["class"] = "standard"
        return fields

    def remove(self, key: int) -> None:
        self.state.taxes.remove(key)


class TaxClasses(Resource):
    """By slug; the list knows no pages and begins with the standard class, which cannot be changed."""

    name = path = "taxes/classes"
    schema = {"name": schema.STRING}
    required = ("name",)
    methods = ("list", "get", "create", "delete")

    def key(self, text: str) -> Any:
        return text

    def list(self, request: Request) -> Answer:
        others = sorted(self.state.tax_classes, key=lambda slug: self.state.tax_classes[slug])
        rows = [dumps(lists.only(self.shown(slug), request)) for slug in ("standard", *others)]
        return lists.everything(self.state, rows)

    def row(self, key: str) -> Row:
        return {"slug": key, "name": self.state.tax_classes.get(key, "Standard rate")}

    def links(self, key: str) -> Row:
        return lists.links(self.state, self.path)

    def check(self, key: str, status: int) -> None:
        if key != "standard" and key not in self.state.tax_classes:
            raise error("woocommerce_rest_tax_class_invalid_slug", "Invalid slug.", 404)

    def create(self, body: Body) -> str:
        name = php.cleaned(body.get("name"))
        if php.slug(name) in ("", "standard", *self.state.tax_classes):
            raise error("woocommerce_rest_tax_class_exists", "Tax class already exists")
        return self.state.add_tax_class(name)

    def remove(self, key: str) -> None:
        if key == "standard":
            raise error("woocommerce_rest_tax_class_invalid_slug", "Invalid slug.", 404)
        for rate in [one for one in self.state.taxes if self.state.taxes.get(one)["class"] == key]:
            self.state.taxes.remove(rate)
        del self.state.tax_classes[key]
        self.state.changes += 1
