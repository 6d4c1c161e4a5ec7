"""Changing, creating, deleting and hiding elements: bodies into bulks, outcomes into results, one per row."""

from collections.abc import Callable, Sequence
from typing import Any

from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, Key
from integrator.canonical.side import NewElement, Patch, Result
from shops.connectors.harvest import split_key
from shops.connectors.shoper import bodies
from shops.connectors.shoper.facts import Facts
from shops.connectors.shoper.rest import Operation, Outcome, Rest, new_id

PATHS = {
    Kind.UNIT: "units",
    Kind.PRODUCER: "producers",
    Kind.PRODUCT: "products",
    Kind.IMAGE: "product-images",
}


class Writing:
    """The writing half of the connector, but for variants and pictures."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self.rest = rest
        self.facts = facts

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        def operation(row: Patch) -> Operation:
            path, body = self._change(kind, row.key, row.fields)
            return Operation(token=row.key, method="PUT", path=path, body=body)

        return self.write([(row.key, row) for row in rows], operation, _updated)

    def _change(self, kind: Kind, key: Key, fields: Fields) -> tuple[str, dict[str, Any]]:
        """Path and body of the PUT that gives an element these fields."""
        if kind not in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK):
            return f"{PATHS[kind]}/{key}", bodies.plain(kind, fields, self.facts.language)
        product_id, stock_id = split_key(key)
        if stock_id:
            return f"product-stocks/{stock_id}", bodies.variant_update(fields, self.facts.kilograms)
        return (
            f"products/{product_id}",
            bodies.simple_update(fields, self.facts.language, self.facts.kilograms),
        )

    def create_plain(self, kind: Kind, rows: Sequence[NewElement]) -> list[Result]:
        """Units and producers."""

        def operation(row: NewElement) -> Operation:
            body = bodies.new_plain(kind, row.fields, self.facts.language)
            return Operation(token=row.token, method="POST", path=PATHS[kind], body=body)

        return self.write([(row.token, row) for row in rows], operation, _created)

    def create_simple(self, rows: Sequence[NewElement]) -> list[Result]:
        """Products without variants."""

        def operation(row: NewElement) -> Operation:
            body = bodies.new_product(row.fields, self.facts.language, self.facts.kilograms)
            return Operation(token=row.token, method="POST", path="products", body=body)

        return self.write([(row.token, row) for row in rows], operation, _created_product)

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        """What is already gone counts as deleted: Shoper answers 404 to a second DELETE."""

        def operation(key: Key) -> Operation:
            product_id, stock_id = split_key(key)
            path = f"product-stocks/{stock_id}" if stock_id else f"{PATHS[kind]}/{product_id}"
            return Operation(token=key, method="DELETE", path=path)

        return self.write([(key, key) for key in keys], operation, _deleted)

    def deactivate(self, keys: Sequence[Key]) -> list[Result]:
        """Hides a product in the default language; of a variant only its own row, its product stays as it is."""

        def operation(key: Key) -> Operation:
            path, body = self._change(Kind.PRODUCT, key, {"active": False})
            return Operation(token=key, method="PUT", path=path, body=body)

        return self.write([(key, key) for key in keys], operation, _updated)

    def write(
        self,
        rows: Sequence[tuple[str, Any]],
        operation: Callable[[Any], Operation],
        result: Callable[[Outcome], Result],
    ) -> list[Result]:
        """A result per row, in their order; a row that cannot even be put into a body fails alone."""
        operations: list[Operation] = []
        results: dict[str, Result] = {}
        for token, row in rows:
            try:
                operations.append(operation(row))
            except Rejected as error:
                results[token] = Result(token=token, error=error)
        for outcome in self.rest.send(operations):
            results[outcome.token] = result(outcome)
        return [results[token] for token, _ in rows]


def failed(outcome: Outcome, error: IntegrationError | None = None) -> Result:
    return Result(token=outcome.token, error=error or outcome.error, exchange=outcome.exchange)


def _updated(outcome: Outcome) -> Result:
    if outcome.error is not None:
        return failed(outcome)
    return Result(token=outcome.token, key=outcome.token, exchange=outcome.exchange)


def _deleted(outcome: Outcome) -> Result:
    if isinstance(outcome.error, Gone):
        return Result(token=outcome.token, key=outcome.token, exchange=outcome.exchange)
    return _updated(outcome)


def _created(outcome: Outcome) -> Result:
    if outcome.error is not None:
        return failed(outcome)
    key = new_id(outcome.value)
    if key is None:
        return failed(outcome, OutcomeUnknown(Code.UNEXPECTED_ANSWER, excerpt=str(outcome.value)[:100]))
    return Result(token=outcome.token, key=str(key), exchange=outcome.exchange)


def _created_product(outcome: Outcome) -> Result:
    made = _created(outcome)
    if made.error is not None:
        return made
    return Result(token=made.token, key=made.key, image_owner=made.key, exchange=made.exchange)
