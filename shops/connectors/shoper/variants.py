"""Creating variants: the parent is looked up by its code and made if missing, its options likewise, and Shoper's answer
is read back, because it is not documented that a group of options can be attached this way."""

from collections.abc import Mapping, Sequence

from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.side import NewElement, Result
from shops.connectors.shoper import bodies, mapping
from shops.connectors.shoper.options import OptionGroup, Options, names_of
from shops.connectors.shoper.rest import Operation, Outcome, Row, new_id, row_id
from shops.connectors.shoper.writing import Writing, failed


class Variants:
    """Writes of products with variants."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self.rest = writing.rest
        self.facts = writing.facts
        self.options = Options(self.rest, self.facts)

    def create(self, rows: Sequence[NewElement]) -> list[Result]:
        """A result per row. Rows of one group code share a parent; a group that fails does not hold up the others."""
        groups: dict[str, list[NewElement]] = {}
        for row in rows:
            groups.setdefault(row.group_code, []).append(row)
        results: dict[str, Result] = {}
        for members in groups.values():
            try:
                made = self._create_group(members)
            except IntegrationError as error:
                if not results and not isinstance(error, Rejected):
                    raise
                made = [Result(token=row.token, error=error) for row in members]
            results |= {result.token: result for result in made}
        return [results[row.token] for row in rows]

    def _create_group(self, members: Sequence[NewElement]) -> list[Result]:
        names = names_of(row.options for row in members)
        parent = self.parent(members[0].group_code)
        ours = parent is None
        if parent is None:
            parent = self._make_parent(members[0], self.options.fitting(names))
        product_id = row_id(parent, "product_id") or 0
        try:
            group = self._attached(parent, product_id, members[0], names)
            results = self._create_rows(members, product_id, group, self._variants(parent))
        except Rejected:
            if ours:
                self._take_back(product_id)
            raise
        if ours and not any(result.ok or isinstance(result.error, OutcomeUnknown) for result in results):
            self._take_back(product_id)
        return results

    def parent(self, code: str) -> Row | None:
        """The product whose base row has this code. Shoper filters products by `stock.code`, not by `code`."""
        for row in self.rest.rows("products", {"stock.code": {"=": code}}):
            if str(row.get("code", "")) == code:
                return row
        return None

    def _variants(self, parent: Row) -> dict[int, Row]:
        ids = mapping.variant_ids(parent)
        return self.rest.by_ids("product-stocks", ids) if ids else {}

    def _make_parent(self, first: NewElement, group: OptionGroup) -> Row:
        body = bodies.new_parent(first, group.id, self.facts.language, self.facts.kilograms)
        outcome = self.rest.bulk([Operation(token="", method="POST", path="products", body=body)])[0]
        if outcome.error is not None:
            raise outcome.error
        product_id = new_id(outcome.value)
        if product_id is None:
            raise OutcomeUnknown(Code.UNEXPECTED_ANSWER, excerpt=str(outcome.value)[:100])
        return self._read_parent(product_id)

    def _read_parent(self, product_id: int) -> Row:
        found = self.rest.by_ids("products", [product_id]).get(product_id)
        if found is None:
            raise OutcomeUnknown(path=f"products/{product_id}")
        return found

    def _attached(self, parent: Row, product_id: int, first: NewElement, names: Sequence[str]) -> OptionGroup:
        """The group of options the parent really has. A parent without one is given one, and read back."""
        group_id = row_id(parent, "group_id")
        if not group_id:
            wanted = self.options.fitting(names)
            body = {"group_id": wanted.id}
            self.rest.bulk([Operation(token="", method="PUT", path=f"products/{product_id}", body=body)])
            group_id = row_id(self._read_parent(product_id), "group_id")
        group = self.options.group(group_id) if group_id else None
        if group is None or not group.has(names):
            raise Rejected(Code.VARIANT_NOT_ATTACHED, label=first.group_name or first.group_code)
        return group

    def _create_rows(
        self, members: Sequence[NewElement], product_id: int, group: OptionGroup, present: Mapping[int, Row]
    ) -> list[Result]:
        adopted: dict[str, int] = {}
        by_code = {str(row.get("code", "")): stock_id for stock_id, row in present.items()}
        for row in members:
            code = str(row.fields.get("code") or "")
            if code and code in by_code:
                adopted[row.token] = by_code[code]
        fresh = [row for row in members if row.token not in adopted]

        def operation(row: NewElement) -> Operation:
            pairs = self.options.pairs(group, row.options)
            body = bodies.new_variant(row.fields, product_id, pairs, self.facts.kilograms)
            return Operation(token=row.token, method="POST", path="product-stocks", body=body)

        made = self.writing.write([(row.token, row) for row in fresh], operation, _stock_id)
        made += [Result(token=token, key=str(stock_id)) for token, stock_id in adopted.items()]
        results = {result.token: result for result in self._confirm(made, product_id, members)}
        return [results[row.token] for row in members]

    def _confirm(self, made: Sequence[Result], product_id: int, members: Sequence[NewElement]) -> list[Result]:
        """Read the rows back: without options they are no variants, and a new one is inactive until a PUT."""
        ids = {result.token: int(result.key) for result in made if result.ok}
        rows = self.rest.by_ids("product-stocks", list(ids.values())) if ids else {}
        wanted = {row.token: row for row in members}
        results: dict[str, Result] = {}
        asleep: list[Operation] = []
        for result in made:
            results[result.token] = result
            if not result.ok:
                continue
            row = rows.get(ids[result.token], {})
            if not mapping.option_pairs(row):
                results[result.token] = self._not_attached(result, wanted[result.token])
                continue
            results[result.token] = _keyed(result, product_id)
            if wanted[result.token].fields.get("active") is not False and not mapping.coerce.flag(row, "active"):
                path = f"product-stocks/{ids[result.token]}"
                asleep.append(Operation(token=result.token, method="PUT", path=path, body={"active": 1}))
        for outcome in self._wake(asleep):
            if isinstance(outcome.error, Transient):
                results[outcome.token] = failed(outcome)
        return list(results.values())

    def _wake(self, asleep: Sequence[Operation]) -> list[Outcome]:
        """Switch new variants on. One that stays asleep fails as a whole: tried again, it is found by its code."""
        try:
            return self.rest.send(asleep)
        except IntegrationError as error:
            later = Transient(error.problem.code, turn=error.turn)
            return [Outcome(token=one.token, error=later) for one in asleep]

    def _not_attached(self, result: Result, row: NewElement) -> Result:
        self.writing.delete(Kind.PRODUCT, [f"0:{result.key}"])
        error = Rejected(Code.VARIANT_NOT_ATTACHED, label=row.group_name or row.group_code)
        return Result(token=result.token, error=error, exchange=result.exchange)

    def _take_back(self, product_id: int) -> None:
        """A parent that we made and that got no variant would stand in the shop as a product nobody can order."""
        self.writing.delete(Kind.PRODUCT, [str(product_id)])


def _stock_id(outcome: Outcome) -> Result:
    if outcome.error is not None:
        return failed(outcome)
    made = new_id(outcome.value)
    if made is None:
        return failed(outcome, OutcomeUnknown(Code.UNEXPECTED_ANSWER, excerpt=str(outcome.value)[:100]))
    return Result(token=outcome.token, key=str(made), exchange=outcome.exchange)


def _keyed(made: Result, product_id: int) -> Result:
    return Result(token=made.token, key=f"{product_id}:{made.key}", image_owner=str(product_id), exchange=made.exchange)
