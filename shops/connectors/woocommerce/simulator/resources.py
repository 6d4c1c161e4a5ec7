"""What every resource of the API offers: a list, single objects, writes, batches. Products and variations are here."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shops.connectors.woocommerce.simulator import lists, product_rows, queries, schema
from shops.connectors.woocommerce.simulator.errors import error, no_trash
from shops.connectors.woocommerce.simulator.schema import Is
from shops.simulation.http import Answer, Request
from shops.simulation.tables import Row

if TYPE_CHECKING:
    from shops.connectors.woocommerce.simulator.api import Api

Body = Mapping[str, Any]


class Resource:
    """One resource at one address. `name` is the address without ids, for counters and faults."""

    name = ""
    path = ""
    """The address behind `/wp-json/wc/v3/`."""
    schema: Mapping[str, Is] = {}
    required: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("list", "get", "create", "update", "delete", "batch")
    trashes = False
    """Whether its objects are posts: they can go to the trash, and none is created under a given id."""

    def __init__(self, api: "Api") -> None:
        self.api = api
        self.state = api.state

    @property
    def record(self) -> str:
        """What one of its objects is called among the broken records."""
        return self.name

    def key(self, text: str) -> Any:
        """The id of an address part, None when it is none."""
        return int(text) if text.isdigit() else None

    def list(self, request: Request) -> Answer:
        return lists.page(self.state, request, self.find(request), self.shown)

    def asked(self, request: Request) -> None:
        """Takes what a GET says about the look of its rows."""

    def find(self, request: Request) -> Sequence[Any]:
        raise NotImplementedError

    def shown(self, key: Any) -> Row:
        """The object as a list and GET show it, spoiled when it is a broken one."""
        return self.api.faults.spoiled(self.record, key, self.row(key) | {"_links": self.links(key)})

    def written(self, key: Any) -> Row:
        """The object as a write answers it."""
        return self.shown(key)

    def row(self, key: Any) -> Row:
        raise NotImplementedError

    def links(self, key: Any) -> Row:
        return lists.links(self.state, self.path, key)

    def check(self, key: Any, status: int) -> None:
        """Raises the refusal for an id that this resource does not have."""
        raise NotImplementedError

    def check_update(self, key: Any) -> None:
        """Raises what a single PUT is refused for and an item of a batch is not."""

    def create(self, body: Body) -> Any:
        raise NotImplementedError

    def update(self, key: Any, body: Body) -> None:
        raise NotImplementedError

    def remove(self, key: Any) -> None:
        raise NotImplementedError

    def delete(self, key: Any, *, force: bool) -> Row:
        """Deletes (or trashes), and gives the object as it was."""
        self.check(key, 404)
        if not force:
            raise no_trash()
        shown = self.written(key)
        self.remove(key)
        return shown


class Products(Resource):
    name = path = "products"
    schema = schema.PRODUCT
    trashes = True

    def find(self, request: Request) -> Sequence[int]:
        return self.api.cached(request, lambda: queries.products(self.state, request))

    def row(self, key: int) -> Row:
        return product_rows.product(self.state, key)

    def written(self, key: int) -> Row:
        answer = product_rows.product(self.state, key, edit=True) | {"_links": self.links(key)}
        return self.api.faults.spoiled(self.name, key, answer)

    def list(self, request: Request) -> Answer:
        edit = request.first("context") == "edit"
        return lists.page(self.state, request, self.find(request), self.written if edit else self.shown)

    def check(self, key: int, status: int) -> None:
        self.api.writes.product(key, status)

    def create(self, body: Body) -> int:
        return self.api.writes.create(body)

    def update(self, key: int, body: Body) -> None:
        self.api.writes.update(key, body)

    def delete(self, key: int, *, force: bool) -> Row:
        self.api.writes.deletable(key)
        answer = self.written(key)
        self.api.writes.delete(key, force=force)
        return answer


class Variations(Resource):
    """The variations of one parent, or with parent None the list of all (since 10.5)."""

    schema = schema.VARIATION
    trashes = True

    def __init__(self, api: "Api", parent: int | None) -> None:
        super().__init__(api)
        self.parent = parent
        self.name = "variations" if parent is None else "products/variations"
        self.path = "variations" if parent is None else f"products/{parent}/variations"
        if parent is None:
            self.methods = ("list",)

    @property
    def record(self) -> str:
        return "products/variations"

    def find(self, request: Request) -> Sequence[int]:
        return self.api.cached(request, lambda: queries.variations(self.state, request, self.parent))

    def row(self, key: int) -> Row:
        return product_rows.variation(self.state, key)

    def links(self, key: int) -> Row:
        parent = self.state.products.get(key)["parent_id"]
        return lists.links(self.state, f"products/{parent}/variations", key, up=f"products/{parent}")

    def check(self, key: int, status: int) -> None:
        """Another product's variation passes: only a single PUT looks at the parent."""
        self.api.writes.variation(key, status)

    def check_update(self, key: int) -> None:
        self.check(key, 400)
        if self.state.products.get(key)["parent_id"] != self.parent:
            message = "Parent product does not match current variation."
            raise error("woocommerce_rest_cannot_edit", message, 403)

    def create(self, body: Body) -> int:
        assert self.parent is not None
        return self.api.writes.create_variation(self.parent, body)

    def update(self, key: int, body: Body) -> None:
        assert self.parent is not None
        self.api.writes.update_variation(self.parent, key, body)

    def delete(self, key: int, *, force: bool) -> Row:
        self.check(key, 404)
        answer = self.written(key)
        self.api.writes.delete(key, force=force)
        return answer
