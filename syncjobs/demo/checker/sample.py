"""What a shop should show, worked out from the tables of the sample database with SQL and arithmetic of its own."""

import html
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

_CLARION = date(1800, 12, 28)
_NOTHING = (None, 0, "")
_GROSZ = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The settings of the connections as far as they decide what a shop shows."""

    leading: int
    warehouses: tuple[int, ...]
    price_type: int
    group_field: str
    """Column with the code that joins cards to one product with variants."""
    today: date


@dataclass(slots=True, kw_only=True)
class Offered:
    """One article as a shop should show it, per unit sold."""

    index: str
    name: str
    description: str
    ean: str
    unit: str
    tax: str
    """Code of the VAT rate: `23`, `zw`."""
    tax_name: str
    producer: str
    category: tuple[str, ...]
    weight: Decimal
    price: Decimal | None
    """Gross; None where the price list has none."""
    quantity: Decimal
    group: str
    options: tuple[str, str]
    """Colour and size of a variant, empty where it has none."""
    pictures: list[tuple[str, bytes]] = field(default_factory=list)
    """Name and content, the main one first."""
    disagrees: bool = False
    """Cards of the article contradict each other in what must be one."""


def offered(path: Path | str, terms: Terms) -> dict[str, Offered]:
    """By catalogue index: the articles that are for the web shop."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        try:
            return {item.index: item for item in _Reading(database, terms).articles()}
        finally:
            database.row_factory = None


def codes(path: Path | str) -> set[str]:
    """Every catalogue index there is, whatever its card is for."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return {row[0] for row in database.execute("SELECT DISTINCT INDEKS_KATALOGOWY FROM ARTYKUL")}


class _Reading:
    def __init__(self, database: sqlite3.Connection, terms: Terms) -> None:
        self._terms = terms
        self._day = (terms.today - _CLARION).days
        self._cards = self._grouped(database.execute("SELECT * FROM ARTYKUL ORDER BY ID_ARTYKULU"))
        self._units = {row["ID_JEDNOSTKI"]: row for row in database.execute("SELECT * FROM JEDNOSTKA")}
        self._rates = {row["KOD_VAT"].strip(): row for row in database.execute("SELECT * FROM STAWKA_VAT")}
        self._makers = dict(database.execute("SELECT ID_KONTRAHENTA, NAZWA FROM KONTRAHENT").fetchall())
        self._paths = self._tree(database.execute("SELECT * FROM KATEGORIA_ARTYKULU_TREE"))
        self._prices = {
            row["ID_ARTYKULU"]: row
            for row in database.execute("SELECT * FROM CENA_ARTYKULU WHERE ID_CENY = ?", (terms.price_type,))
            if (row["SYM_WAL"] or "").strip() in ("", "PLN")
        }
        self._pictures: dict[str, list[sqlite3.Row]] = {}
        for row in database.execute("SELECT * FROM ARTYKUL_BLOB ORDER BY DOMYSLNE <> 1, ID_BLOBA"):
            self._pictures.setdefault(row["INDEKS_KATALOGOWY"].strip().casefold(), []).append(row)

    @staticmethod
    def _grouped(rows: Any) -> dict[str, list[sqlite3.Row]]:
        groups: dict[str, list[sqlite3.Row]] = {}
        for row in rows:
            groups.setdefault(row["INDEKS_KATALOGOWY"].strip().casefold(), []).append(row)
        return groups

    @staticmethod
    def _tree(rows: Any) -> dict[int, tuple[str, ...]]:
        """Three digits of KOD_TREE are one level of one warehouse's tree."""
        nodes = {(row["ID_MAGAZYNU"], row["KOD_TREE"].strip()): row for row in rows}
        paths = {}
        for (warehouse, code), row in nodes.items():
            above = [nodes[warehouse, code[:end]]["NAZWA"] for end in range(3, len(code), 3)]
            paths[row["ID_KATEGORII_TREE"]] = (*above, row["NAZWA"])
        return paths

    def articles(self) -> Iterator[Offered]:
        for cards in self._cards.values():
            saved = [card for card in cards if not card["FLAGA_STANU"]] or cards
            lead = min(saved, key=lambda card: (card["ID_MAGAZYNU"] != self._terms.leading, card["ID_MAGAZYNU"]))
            wanted = lead["RODZAJ"] == "Towar" and lead["DOSTEPNY_W_SKLEPIE_INTER"] and not lead["ZABLOKOWANY"]
            if wanted and not lead["FLAGA_STANU"] and not lead["INDEKS_KATALOGOWY"].startswith("("):
                yield self._article(lead, saved)

    def _article(self, lead: sqlite3.Row, cards: list[sqlite3.Row]) -> Offered:
        unit = self._units[lead["ID_JEDNOSTKI_SPRZ"] or lead["ID_JEDNOSTKI"]]
        factor = _number(unit["PRZELICZNIK"]) if lead["ID_JEDNOSTKI_SPRZ"] else Decimal(1)
        rate = self._rates[lead["VAT_SPRZEDAZY"].strip()]
        index = lead["INDEKS_KATALOGOWY"].strip()
        grams = (lead["JED_WAGI"] or "").strip() == "g"
        weight = _number(lead["WAGA"]) / (1000 if grams else 1)
        price = self._price(lead)
        return Offered(
            index=index,
            name=_line(lead["NAZWA_CALA"] or f"{lead['NAZWA']} {lead['NAZWA2'] or ''}"),
            description=lead["OPIS"] or "",
            ean=(lead["KOD_KRESKOWY"] or "").strip(),
            unit=unit["SKROT"].strip(),
            tax=rate["KOD_VAT"].strip(),
            tax_name=rate["NAZWA"].strip(),
            producer=str(self._makers.get(lead["ID_PRODUCENTA"]) or lead["PRODUCENT"] or "").strip(),
            category=self._paths.get(lead["ID_KATEGORII_TREE"], ()),
            weight=weight,
            price=None if price is None else (price * factor).quantize(_GROSZ, ROUND_HALF_UP),
            quantity=self._quantity(lead, cards, factor, bool(unit["PODZIELNA"])),
            group=(lead[self._terms.group_field] or "").strip(),
            options=((lead["POLE2"] or "").strip(), (lead["POLE3"] or "").strip()),
            pictures=[(row["NAZWA"].strip(), row["ZDJECIE"]) for row in self._pictures.get(index.casefold(), [])],
            disagrees=self._disagrees(cards),
        )

    def _price(self, lead: sqlite3.Row) -> Decimal | None:
        if lead["PROMOCJA_OD"] and lead["PROMOCJA_OD"] <= self._day <= (lead["PROMOCJA_DO"] or 0):
            return _number(lead["CENA_PROMOCJI_B"])
        row = self._prices.get(lead["ID_ARTYKULU"])
        return _number(row["CENA_BRUTTO"]) or None if row is not None else None

    def _quantity(self, lead: sqlite3.Row, cards: list[sqlite3.Row], factor: Decimal, fractional: bool) -> Decimal:
        total = Decimal(0)
        for card in cards:
            if card["ID_MAGAZYNU"] in self._terms.warehouses and self._stock_unit(card) == self._stock_unit(lead):
                total += _number(card["STAN"]) - _number(card["ILOSC_EDYTOWANA"]) - _number(card["ZAREZERWOWANO"])
        sold = max(total / factor, Decimal(0))
        return sold if fractional else sold.to_integral_value(ROUND_FLOOR)

    def _stock_unit(self, card: sqlite3.Row) -> str:
        return str(self._units[card["ID_JEDNOSTKI"]]["SKROT"]).strip().casefold()

    def _disagrees(self, cards: list[sqlite3.Row]) -> bool:
        said = [
            {(card["VAT_SPRZEDAZY"] or "").strip() for card in cards},
            {self._stock_unit(card) for card in cards},
            {(card["KOD_KRESKOWY"] or "").strip() for card in cards} - {""},
        ]
        return any(len(values) > 1 for values in said)


def _number(value: Any) -> Decimal:
    return Decimal(0) if value in _NOTHING else Decimal(str(value))


def _line(text: str) -> str:
    return " ".join(html.unescape(text).split())
