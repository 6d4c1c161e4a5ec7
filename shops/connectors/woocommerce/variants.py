"""Creating variants: the parent is looked up by its SKU and made if missing, its attributes completed, and variations
that are there already are adopted, because WooCommerce itself makes any number of one SKU when asked at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown, Rejected, Transient
from integrator.canonical.problems import Code
from integrator.canonical.side import NewElement, Result
from integrator.canonical.text import fold
from shops.connectors.harvest import variant_key
from shops.connectors.woocommerce import bodies, mapping
from shops.connectors.woocommerce.bodies import Terms
from shops.connectors.woocommerce.errors import SKU_TAKEN, TAKEN, reason
from shops.connectors.woocommerce.facts import Facts
from shops.connectors.woocommerce.lookup import FIELDS, Lookup, folded, in_the_trash
from shops.connectors.woocommerce.mapping import Row, attributes, unescape
from shops.connectors.woocommerce.reading import Reading
from shops.connectors.woocommerce.rest import Outcome, Rest, row_id
from shops.connectors.woocommerce.writing import Writing, failed

Chosen = Sequence[tuple[str, str]]


@dataclass(slots=True)
class Group:
    """Rows of one call that belong to one parent."""

    code: str
    members: list[NewElement]
    parent: Row | None = None
    ours: bool = False
    """We made the parent in this call."""
    taken: dict[frozenset[tuple[str, str]], str] = field(default_factory=dict)
    """Options of variations that are there or asked for -> their SKU."""

    @property
    def label(self) -> str:
        return self.members[0].group_name or self.code


class Variants:
    def __init__(self, writing: Writing, reading: Reading) -> None:
        self.writing = writing
        self.reading = reading
        self.rest: Rest = writing.rest
        self.facts: Facts = writing.facts
        self.lookup: Lookup = writing.lookup

    def create(self, rows: Sequence[NewElement]) -> list[Result]:
        """A result per row. Rows of one group code share a parent; a group that fails does not hold up the others.

        Requests: one look-up of parents and variations, one of what variations the parents have, one batch of new
        parents, one of completed ones, and one batch of variations per parent.
        """
        if not rows:
            return []
        results: dict[str, Result] = {}
        groups = self._groups(rows, results)
        terms = self.lookup.terms([row.fields for row in rows])
        codes = [str(row.fields.get("code") or "") for group in groups for row in group.members]
        known = self.lookup.by_sku([*(group.code for group in groups), *codes], f"{FIELDS},attributes,variations")
        groups = [group for group in groups if self._take_parent(group, known, results)]
        self._see_variations([group for group in groups if group.parent is not None])
        self._make_parents([group for group in groups if group.parent is None], terms, results)
        self._complete([group for group in groups if group.parent is not None and not group.ours], results)
        trouble: IntegrationError | None = None
        for group in groups:
            if group.parent is not None and group.members[0].token not in results:
                if trouble is None:
                    trouble = self._create_members(group, terms, known, results)
                else:
                    _fail(group, trouble, results)
        return [results[row.token] for row in rows]

    def _groups(self, rows: Sequence[NewElement], results: dict[str, Result]) -> list[Group]:
        groups: dict[str, Group] = {}
        for row in rows:
            groups.setdefault(folded(row.group_code), Group(row.group_code.strip(), [])).members.append(row)
        sound: list[Group] = []
        for group in groups.values():
            try:
                names_of(row.options for row in group.members)
                if any(folded(row.fields.get("code") or "") == folded(group.code) for row in group.members):
                    message = f"the parent needs the SKU {group.code!r} for itself"
                    raise Rejected(Code.REJECTED, field="code", message=message)
                sound.append(group)
            except Rejected as error:
                _fail(group, error, results)
        return sound

    def _take_parent(self, group: Group, known: Mapping[str, list[Row]], results: dict[str, Result]) -> bool:
        """The product of the group's code, if there is one. Anything but a variable product cannot hold variants."""
        found = known.get(folded(group.code), [])
        if not found:
            return True
        if len(found) == 1 and mapping.is_variable(found[0]):
            group.parent = found[0]
            return True
        _fail(group, Rejected(Code.VARIANT_NOT_ATTACHED, label=group.label), results)
        return False

    def _see_variations(self, groups: Sequence[Group]) -> None:
        """WooCommerce takes a second variation of the same options, and no customer could choose it."""
        of = {row_id(group.parent) or 0: group for group in groups}
        ids = {one: mapping.variation_ids(group.parent or {}) for one, group in of.items()}
        for row in self.reading.variations(ids, "id,sku,parent_id,attributes").values():
            group = of.get(int(str(row.get("parent_id") or 0)))
            chosen = _folded(mapping.options(row))
            if group is not None and chosen:
                group.taken.setdefault(chosen, unescape(str(row.get("sku") or "")) or f"#{row_id(row)}")

    def _make_parents(self, groups: Sequence[Group], terms: Terms, results: dict[str, Result]) -> None:
        fresh: list[tuple[str, Any]] = []
        by_code = {group.code: group for group in groups}
        for group in groups:
            try:
                choices = self._choices([], [row.options for row in group.members])
                fresh.append((group.code, bodies.new_parent(group.members[0], choices, terms)))
            except Rejected as error:
                _fail(group, error, results)
        for out in self.rest.batch("products", "create", fresh) if fresh else ():
            group = by_code[out.token]
            if out.error is None and row_id(out.row) is not None:
                group.parent, group.ours = out.row, True
            elif reason(out.error) in SKU_TAKEN and self.lookup.in_trash([group.code]):
                _fail(group, in_the_trash(group.code), results)
            else:
                _fail(group, out.error or OutcomeUnknown(path="products"), results)

    def _complete(self, groups: Sequence[Group], results: dict[str, Result]) -> None:
        """Parents get the options that their new variations use: without them the shop would not offer these."""
        changed: list[tuple[str, Any]] = []
        by_code = {group.code: group for group in groups}
        for group in groups:
            present = [dict(one) for one in attributes(group.parent)]
            wanted = self._choices(present, [row.options for row in group.members])
            if wanted != present:
                changed.append((group.code, {"id": row_id(group.parent), "attributes": wanted}))
        for out in self.rest.batch("products", "update", changed) if changed else ():
            if out.error is not None:
                _fail(by_code[out.token], out.error, results)
            else:
                by_code[out.token].parent = out.row

    def _choices(self, present: list[dict[str, Any]], chosen: Sequence[Chosen]) -> list[dict[str, Any]]:
        """Attributes of a parent with every option of these variations among them. An attribute of the whole shop is
        used where one has the name, so that the shop's filters find it; else one of the product's own."""
        found = [dict(one) for one in present]
        for name in names_of(chosen):
            entry = next((one for one in found if fold(_name(one)) == fold(name)), None)
            if entry is None:
                shared = self.facts.attribute(name)
                entry = {"id": shared.id if shared else 0, "name": shared.name if shared else name, "options": []}
                entry |= {"position": len(found), "visible": True}
                found.append(entry)
            options = list(entry.get("options") or ())
            there = {fold(unescape(str(one))) for one in options}
            for value in _values(name, chosen):
                if fold(value) not in there:
                    there.add(fold(value))
                    options.append(value)
            entry |= {"options": options, "variation": True}
        return found

    def _create_members(
        self, group: Group, terms: Terms, known: Mapping[str, list[Row]], results: dict[str, Result]
    ) -> IntegrationError | None:
        """Variations of one parent. Gives the error that leaves no hope for the other groups of the call."""
        parent_id = row_id(group.parent) or 0
        fresh: list[tuple[str, Any]] = []
        for row in group.members:
            there = [
                one
                for one in known.get(folded(row.fields.get("code") or ""), [])
                if one.get("type") == "variation" and str(one.get("parent_id")) == str(parent_id)
            ]
            if there:
                key = variant_key(parent_id, row_id(there[0]))
                results[row.token] = Result(token=row.token, key=key, image_owner=str(parent_id))
                continue
            try:
                chosen = _folded(row.options)
                if chosen in group.taken:
                    raise Rejected(Code.OPTIONS_TAKEN, other=group.taken[chosen])
                fresh.append((row.token, bodies.new_variation(row.fields, self._chosen(group, row), terms)))
                group.taken[chosen] = str(row.fields.get("code") or "")
            except Rejected as error:
                results[row.token] = Result(token=row.token, error=error)
        try:
            outcomes = self.rest.batch(f"products/{parent_id}/variations", "create", fresh) if fresh else []
        except IntegrationError as error:
            results |= {token: Result(token=token, error=error) for token, _ in fresh}
            return None if isinstance(error, Gone) else error
        self._told(group, outcomes, parent_id, results)
        self._take_back(group, parent_id, results)
        return None

    def _told(self, group: Group, outcomes: Sequence[Outcome], parent_id: int, results: dict[str, Result]) -> None:
        """What became of new variations. One whose SKU lies in the trash is a person's matter."""
        codes = {row.token: str(row.fields.get("code") or "") for row in group.members}
        taken = [codes[out.token] for out in outcomes if reason(out.error) in TAKEN]
        trashed = self.lookup.in_trash(taken) if taken else set()
        for out in outcomes:
            made = row_id(out.row)
            if reason(out.error) in TAKEN and folded(codes[out.token]) in trashed:
                results[out.token] = failed(out, in_the_trash(codes[out.token]))
            elif out.error is not None or made is None:
                results[out.token] = failed(out, out.error or OutcomeUnknown(path="variations"))
            else:
                key = variant_key(parent_id, made)
                results[out.token] = Result(token=out.token, key=key, image_owner=str(parent_id), exchange=out.exchange)

    def _chosen(self, group: Group, row: NewElement) -> list[dict[str, Any]]:
        """The options of one variation, by the parent's own entries."""
        entries = attributes(group.parent)
        found: list[dict[str, Any]] = []
        for name, value in row.options:
            entry = next((one for one in entries if fold(_name(one)) == fold(name)), None)
            if entry is None:
                raise Rejected(Code.VARIANT_NOT_ATTACHED, label=group.label)
            options = [str(one) for one in entry.get("options") or ()]
            text = next((one for one in options if fold(unescape(one)) == fold(value)), None)
            if text is None:
                raise Rejected(Code.VARIANT_NOT_ATTACHED, label=group.label)
            told = {"id": entry["id"]} if entry.get("id") else {"name": _name(entry)}
            found.append({**told, "option": unescape(text)})
        return found

    def _take_back(self, group: Group, parent_id: int, results: Mapping[str, Result]) -> None:
        """A parent that we made just now and that got no variant would stand in the shop as something nobody can buy.
        Only when all of them were refused: of one whose outcome is unknown the variant may be there. Should it not
        work, the parent is found by its SKU the next time."""
        outcomes = [results[row.token] for row in group.members]
        if group.ours and all(isinstance(one.error, Rejected) for one in outcomes):
            path = f"products/{parent_id}"
            with suppress(Gone, Transient):
                self.rest.call("DELETE", path, params={"force": "true"})


def names_of(chosen: Iterable[Chosen]) -> tuple[str, ...]:
    """The names of options that all variants of a product share. Raises Rejected when they differ or are none."""
    sets = {tuple(fold(name) for name, _ in one): tuple(name for name, _ in one) for one in chosen}
    if len({frozenset(names) for names in sets}) != 1 or not next(iter(sets)):
        raise Rejected(Code.REJECTED, field="options", message="the variants of one product need the same options")
    return next(iter(sets.values()))


def _folded(chosen: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset((fold(name), fold(value)) for name, value in chosen)


def _values(name: str, chosen: Sequence[Chosen]) -> list[str]:
    return [value for one in chosen for own, value in one if fold(own) == fold(name)]


def _name(entry: Row) -> str:
    return unescape(str(entry.get("name") or ""))


def _fail(group: Group, error: IntegrationError, results: dict[str, Result]) -> None:
    for row in group.members:
        results[row.token] = Result(token=row.token, error=error)
