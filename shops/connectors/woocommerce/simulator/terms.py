"""Categories, brands, tags, global attributes and their terms."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shops.connectors.woocommerce.simulator import lists, php, schema
from shops.connectors.woocommerce.simulator.errors import error
from shops.connectors.woocommerce.simulator.media_rows import plain_picture
from shops.connectors.woocommerce.simulator.resources import Body, Resource
from shops.connectors.woocommerce.simulator.store import BRAND, CATEGORY, LIST_OF, TAG
from shops.simulation.http import Answer, Request, dumps
from shops.simulation.tables import Row

if TYPE_CHECKING:
    from shops.connectors.woocommerce.simulator.api import Api

_ORDERS = ("id", "include", "name", "slug", "term_group", "description", "count", "menu_order")
_FIELDS = {
    CATEGORY: ("parent", "description", "display", "image", "menu_order"),
    BRAND: ("parent", "description", "display", "image", "menu_order"),
    TAG: ("description",),
}
_LONGEST_SLUG = 28


class Terms(Resource):
    """Terms of one taxonomy: product_cat, product_brand, product_tag, or the slug of a global attribute."""

    schema = schema.TERM
    required = ("name",)

    def __init__(self, api: "Api", taxonomy: str, path: str, attribute: int = 0) -> None:
        super().__init__(api)
        self.taxonomy = taxonomy
        self.path = path
        self.name = "products/attributes/terms" if attribute else path
        self.fields = _FIELDS.get(taxonomy, ("description", "menu_order"))

    def find(self, request: Request) -> Sequence[int]:
        state = self.state
        found = {one: state.terms.get(one) for one in state.terms_of(self.taxonomy)}
        for name, wanted in (("include", True), ("exclude", False)):
            if given := lists.ids(request, name):
                found = {one: row for one, row in found.items() if (one in given) is wanted}
        if request.first("parent"):
            parent = lists.whole(request, "parent", 0, 0)
            found = {one: row for one, row in found.items() if row["parent"] == parent}
        if slug := request.first("slug"):
            found = {one: row for one, row in found.items() if row["slug"] == slug}
        if part := request.first("search").lower():
            found = {one: row for one, row in found.items() if part in row["name"].lower()}
        if php.boolean(request.first("hide_empty")):
            found = {one: row for one, row in found.items() if self._count(one)}
        by = lists.chosen(request, "orderby", _ORDERS, "name")
        descending = lists.chosen(request, "order", ("asc", "desc"), "asc") == "desc"
        if by == "include":
            return [one for one in lists.ids(request, "include") if one in found]
        value = {"id": lambda one: one, "count": self._count}.get(by, lambda one: found[one].get(by, 0))
        if by == "name":
            return sorted(found, key=lambda one: (found[one]["name"].lower(), one), reverse=descending)
        return sorted(found, key=lambda one: (value(one), one), reverse=descending)

    def row(self, key: int) -> Row:
        row = self.state.terms.get(key)
        answer: Row = {"id": key, "name": row["name"], "slug": row["slug"], "count": self._count(key)}
        answer |= {name: row[name] for name in self.fields}
        if "image" in answer:
            shown = plain_picture(self.state, row["image"]) if row["image"] in self.state.media else None
            answer["image"] = shown
        return answer

    def links(self, key: int) -> Row:
        parent = self.state.terms.get(key)["parent"]
        return lists.links(self.state, self.path, key, up=f"{self.path}/{parent}" if parent else "")

    def _count(self, term_id: int) -> int:
        """Products that customers see."""
        if self.taxonomy not in LIST_OF:
            return 0
        index = self.state.products.index(LIST_OF[self.taxonomy])
        published = self.state.products.index("status").count("publish")
        if published == len(self.state.products):
            return index.count(term_id)
        return sum(1 for one in index.of(term_id) if self.state.products.values(one, "status") == ["publish"])

    def check(self, key: int, status: int) -> None:
        if not self.state.has_term(self.taxonomy, key):
            raise error("woocommerce_rest_term_invalid", "Resource does not exist.", 404)

    def create(self, body: Body) -> int:
        name = php.text(body.get("name")).strip()
        if not name:
            raise error("empty_term_name", "A name is required for this term.")
        parent = php.integer(body.get("parent")) if "parent" in self.fields else 0
        if parent and not self.state.has_term(self.taxonomy, parent):
            raise error("missing_parent", "Parent term does not exist.")
        twin = self.state.term_named(self.taxonomy, name, parent)
        if twin is not None:
            where = "with this parent" if "parent" in self.fields else "in this taxonomy"
            message = f"A term with the name provided already exists {where}."
            raise error("term_exists", message, resource_id=twin)
        fields = self._given(body)
        return self.state.insert_term(self.taxonomy, name, **{**fields, "parent": parent})

    def update(self, key: int, body: Body) -> None:
        self.check(key, 404)
        fields = self._given(body)
        if body.get("name"):
            fields["name"] = php.escaped(body["name"])
        if "parent" in fields and fields["parent"] and not self.state.has_term(self.taxonomy, fields["parent"]):
            raise error("missing_parent", "Parent term does not exist.")
        if fields.get("slug"):
            fields["slug"] = php.slug(fields["slug"])
            twins = [one for one in self.state.terms_of(self.taxonomy) if one != key]
            if any(self.state.terms.get(one)["slug"] == fields["slug"] for one in twins):
                message = f"The slug &#8220;{fields['slug']}&#8221; is already in use by another term."
                raise error("duplicate_term_slug", message)
        with self.state.terms.editing(key) as row:
            row.update(fields)

    def _given(self, body: Body) -> Row:
        fields: Row = {"slug": php.text(body["slug"])} if body.get("slug") else {}
        for name in self.fields:
            if name not in body:
                continue
            value = body[name]
            if name == "image":
                fields[name] = self.api.images.one(value, "term") if isinstance(value, Mapping) and value else 0
            elif name in ("parent", "menu_order"):
                fields[name] = php.integer(value)
            else:
                fields[name] = php.safe_html(value)
        return fields

    def remove(self, key: int) -> None:
        """Its children move up; products that are left without a category become uncategorised."""
        state = self.state
        if self.taxonomy == CATEGORY and key == state.default_category:
            raise error("woocommerce_rest_cannot_delete", "The resource cannot be deleted.", 500)
        above = state.terms.get(key)["parent"]
        for child in [one for one in state.terms_of(self.taxonomy) if state.terms.get(one)["parent"] == key]:
            with state.terms.editing(child) as row:
                row["parent"] = above
        if self.taxonomy in LIST_OF:
            name = LIST_OF[self.taxonomy]
            fallback = [state.default_category] if self.taxonomy == CATEGORY and state.default_category else []
            for product_id in list(state.products.index(name).of(key)):
                with state.products.editing(product_id) as row:
                    row[name] = [one for one in row[name] if one != key] or fallback
        state.terms.remove(key)


class Attributes(Resource):
    """Global attributes. The list knows no pages."""

    name = path = "products/attributes"
    schema = schema.ATTRIBUTE
    required = ("name",)

    def list(self, request: Request) -> Answer:
        rows = [dumps(lists.only(self.shown(one), request)) for one in self.state.attributes]
        return lists.everything(self.state, rows)

    def row(self, key: int) -> Row:
        return {**self.state.attributes.get(key), "id": key}

    def check(self, key: int, status: int) -> None:
        if key not in self.state.attributes:
            raise error("woocommerce_rest_taxonomy_invalid", "Resource does not exist.", 404)

    def create(self, body: Body) -> int:
        name = php.text(body.get("name")).strip()
        if not name:
            raise error("woocommerce_rest_cannot_create", "Please, provide an attribute name.")
        slug = self._free_slug(php.text(body.get("slug")) or name)
        row: Row = {"name": php.escaped(name), "slug": slug, "type": "select", "order_by": "menu_order"}
        row |= {"has_archives": php.boolean(body.get("has_archives"))}
        return self.state.attributes.insert(row | _plain(body))

    def update(self, key: int, body: Body) -> None:
        self.check(key, 404)
        fields = _plain(body)
        if body.get("name"):
            fields["name"] = php.escaped(body["name"])
        if body.get("slug"):
            fields["slug"] = self._free_slug(php.text(body["slug"]), key)
            for term in self.state.terms_of(self.state.attributes.get(key)["slug"]):
                with self.state.terms.editing(term) as row:
                    row["taxonomy"] = fields["slug"]
        with self.state.attributes.editing(key) as row:
            row.update(fields)

    def _free_slug(self, wanted: str, but: int = 0) -> str:
        """Raises 400 without the id of the attribute that has the slug."""
        plain = php.slug(wanted.removeprefix("pa_"))
        if len(plain) > _LONGEST_SLUG:
            message = f'Slug "{plain}" is too long (28 characters max). Shorten it, please.'
            raise error("woocommerce_rest_cannot_create", message)
        rows = (self.state.attributes.get(one) for one in self.state.attributes if one != but)
        if any(row["slug"] == f"pa_{plain}" for row in rows):
            message = f'Slug "{plain}" is already in use. Change it, please.'
            raise error("woocommerce_rest_cannot_create", message)
        return f"pa_{plain}"

    def remove(self, key: int) -> None:
        for term in list(self.state.terms_of(self.state.attributes.get(key)["slug"])):
            self.state.terms.remove(term)
        self.state.attributes.remove(key)


def _plain(body: Body) -> dict[str, Any]:
    return {name: body[name] for name in ("type", "order_by", "has_archives") if body.get(name) is not None}
