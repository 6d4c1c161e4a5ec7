"""From item cards to products. Several cards (one per warehouse) are one product; the leading card gives its fields."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import Protocol

from integrator.canonical.problems import Code
from integrator.canonical.records import Problem, Product, problem
from integrator.canonical.text import clean, fold_unit
from wapro.dictionaries import CategoryTrees, Units, VatRates, producer_key
from wapro.models import WaproConnection


@dataclass(slots=True)
class Card:
    """The columns of ARTYKUL a product is made of, by their names in `wapro.tables.Article`."""

    id: int
    warehouse: int | None
    index: str
    guid: str | None
    state: int | None
    unit: int | None
    sale_unit: int | None
    sale_vat: str | None
    kind: str | None
    name: str
    name2: str | None
    name_full: str | None
    description: str | None
    ean: str | None
    category_node: int | None
    producer: int | None
    producer_name: str | None
    weight: Decimal | None
    weight_unit: str | None
    blocked: int | None
    external: int | None
    web_shop: int | None
    marker: str | None
    field1: str | None
    field2: str | None
    field3: str | None
    field4: str | None
    field5: str | None
    field6: str | None
    field7: str | None
    field8: str | None
    field9: str | None
    field10: str | None


FREE_FIELDS = {f"POLE{number}": f"field{number}" for number in range(1, 11)} | {"WYROZNIK": "marker"}
"""Free fields by the name the program shows."""

_KILOGRAMS = {
    "": Decimal(1),
    "kg": Decimal(1),
    "dag": Decimal("0.01"),
    "dkg": Decimal("0.01"),
    "g": Decimal("0.001"),
    "gram": Decimal("0.001"),
    "mg": Decimal("0.000001"),
    "t": Decimal(1000),
    "tona": Decimal(1000),
}
_DRAFT_INDEX = re.compile(r"\(\d+\)")
_DRAFT_NAME = re.compile(r"nowy artyku[łl] \(\d+\)")


def line(text: str | None) -> str:
    """One line of plain text: no control characters, HTML entities (both occur) as characters, single spaces."""
    if not text:
        return ""
    if "&" in text:
        text = unescape(text)
    return " ".join(clean(text).split())


class HasTexts(Protocol):
    """A row of cards, as far as its name and weight go."""

    name: str
    name2: str | None
    name_full: str | None
    weight: Decimal | None
    weight_unit: str | None


def full_name(card: HasTexts) -> str:
    return line(card.name_full) or line(f"{card.name or ''} {card.name2 or ''}")


def unfinished(card: Card) -> bool:
    """A card nobody finished: still being made, or saved under the program's own "(12345)", "nowy artykuł (12345)"."""
    if card.state:
        return True
    return bool(_DRAFT_INDEX.fullmatch(card.index.strip()) or _DRAFT_NAME.match((card.name or "").strip().casefold()))


@dataclass(frozen=True, slots=True)
class Grouping:
    """How variants of one shop product are told from cards: the connection's rule and option fields."""

    rule: str
    options: tuple[tuple[str, str], ...]
    """(attribute of Card, name of the option)"""

    @classmethod
    def of(cls, connection: WaproConnection) -> "Grouping":
        named = [
            (FREE_FIELDS.get(str(entry.get("field"))), str(entry.get("name") or ""))
            for entry in connection.option_fields
        ]
        return cls(connection.group_rule, tuple((field, name) for field, name in named if field and name))

    def group(self, card: Card) -> str:
        """The text of the chosen free field, or the index up to the last separator; empty for a product of its own."""
        if self.rule.startswith("prefix:"):
            separator = self.rule.removeprefix("prefix:")
            return card.index.strip().rpartition(separator)[0] if separator else ""
        field = FREE_FIELDS.get(self.rule)
        return line(getattr(card, field)) if field else ""

    def values(self, card: Card) -> tuple[tuple[str, str], ...]:
        found = ((name, line(getattr(card, field))) for field, name in self.options)
        return tuple((name, value) for name, value in found if value)


@dataclass(frozen=True, slots=True)
class Books:
    """What cards are read with."""

    units: Units
    vat: VatRates
    trees: CategoryTrees
    grouping: Grouping


def product(cards: Sequence[Card], books: Books, eans: Mapping[int, str]) -> Product:
    """The product of cards of one element, the leading one first. `eans`: bar codes kept apart, by card."""
    lead = cards[0]
    node = books.trees.of_card(lead.warehouse, lead.category_node)
    category = node.key if node else (f"{lead.warehouse}:{lead.category_node}" if lead.category_node else None)
    weight, weight_problem = kilograms(lead)
    rate = books.vat.get(lead.sale_vat)
    return Product(
        code=lead.index.strip(),
        name=full_name(lead),
        description=clean(lead.description or ""),
        ean=(lead.ean or "").strip() or eans.get(lead.id, ""),
        unit=books.units.key(books.units.sold_in(lead)),
        tax_rate=rate.code if rate else (lead.sale_vat or None),
        producer=producer_key(lead.producer, lead.producer_name),
        category=category,
        weight=weight,
        active=not lead.blocked,
        group=books.grouping.group(lead),
        options=books.grouping.values(lead) if books.grouping.options else (),
        aliases=aliases(cards),
        traits=_traits(cards, " > ".join(node.path) if node else ""),
        problems=tuple(_problems(cards, books, weight_problem)),
    )


def _problems(cards: Sequence[Card], books: Books, weight_problem: Problem | None) -> Iterable[Problem]:
    if weight_problem is not None:
        yield weight_problem
    code = cards[0].sale_vat
    if code and books.vat.get(code) is None:
        yield problem(Code.TAX_CODE_UNKNOWN, value=code)
    if len(cards) > 1:
        yield from _disagreements(cards, books.units)


def kilograms(card: HasTexts) -> tuple[Decimal | None, Problem | None]:
    if not card.weight:
        return None, None  # 0 stands for "unknown", in shops too
    factor = _KILOGRAMS.get(fold_unit(card.weight_unit or ""))
    if factor is None:
        return None, problem(Code.FIELD_UNREADABLE, field="JED_WAGI", value=card.weight_unit)
    return card.weight * factor, None


def aliases(cards: Iterable[Card]) -> tuple[str, ...]:
    found = {f"id:{card.id}": None for card in cards}
    found |= {f"index:{card.index.strip()}": None for card in cards}
    found |= {f"guid:{card.guid}": None for card in cards if card.guid}
    return tuple(found)


def _traits(cards: Sequence[Card], category: str) -> tuple[tuple[str, str], ...]:
    lead = cards[0]
    facts = [
        ("kind", (lead.kind or "").strip()),
        ("web_shop", "1" if lead.web_shop else "0"),
        ("external", "1" if lead.external else "0"),
        ("blocked", "1" if lead.blocked else "0"),
        ("unfinished", "1" if unfinished(lead) else "0"),
        ("warehouses", ",".join(str(card.warehouse) for card in sorted(cards, key=lambda card: card.warehouse or 0))),
    ]
    if category:
        facts.append(("category", category))
    for name, field in FREE_FIELDS.items():
        value = getattr(lead, field)
        if value and (text := line(value)):
            facts.append((name, text))
    return tuple(facts)


def _disagreements(cards: Sequence[Card], units: Units) -> Iterable[Problem]:
    """Two cards in one warehouse, and fields in which the cards of several warehouses must not differ."""
    per_warehouse = [card.warehouse for card in cards]
    if len(set(per_warehouse)) < len(cards):
        yield problem(Code.DUPLICATE_CODE, value=cards[0].index.strip(), count=len(cards))
    for field, values in (
        ("tax_rate", [(card, (card.sale_vat or "").casefold()) for card in cards]),
        ("unit", [(card, _unit_name(card, units)) for card in cards]),
        ("ean", [(card, (card.ean or "").strip()) for card in cards]),
    ):
        filled = [(card, value) for card, value in values if value]
        if len({value for _, value in filled}) > 1:
            shown = ", ".join(f"{value} ({card.warehouse})" for card, value in filled)
            yield problem(Code.CARDS_DISAGREE, field=field, value=shown)


def _unit_name(card: Card, units: Units) -> str:
    row = units.row(units.sold_in(card))
    stock = units.stock_symbol(card)
    sold = row.folded if row else ""
    return stock if sold == stock else f"{sold}/{stock}"
