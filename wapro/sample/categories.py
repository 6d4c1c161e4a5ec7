"""The category trees of the two warehouses, alike but not the same, and the flat categories."""

from dataclasses import dataclass

from wapro.sample.articles import MAIN, SHOP
from wapro.sample.catalogue import Path
from wapro.sample.catalogue_garden import GARDEN
from wapro.sample.catalogue_home import HOME
from wapro.sample.catalogue_tools import TOOLS
from wapro.sample.codes import guid
from wapro.sample.schema import Row

FAMILIES = GARDEN + HOME + TOOLS
CLOTHES: Path = ("Narzędzia", "Odzież robocza i BHP", "Odzież")
SHOES: Path = ("Narzędzia", "Odzież robocza i BHP", "Obuwie")
VOUCHERS: Path = ("Książki i upominki", "Bony i bilety")
HOSES: Path = ("Ogród", "Podlewanie", "Węże i zraszacze")
SETS: Path = ("Książki i upominki", "Zestawy")

RENAMED_IN_SHOP: dict[str, str] = {"Narzędzia ręczne": "Narzędzia ręczne i warsztat", "Porządki": "Sprzątanie"}
"""Categories that the shop's warehouse names otherwise."""
MISSING_IN_SHOP: tuple[Path, ...] = (
    ("Ogród", "Meble ogrodowe"),
    ("Dom", "Kuchnia", "Spiżarnia"),
    ("Narzędzia", "Mocowania", "Liny i łańcuchy"),
    ("Narzędzia", "Odzież robocza i BHP", "Ochrona osobista"),
)
"""Categories that the shop's warehouse does not have: its cards hang one level higher."""
ONLY_IN_SHOP: tuple[Path, ...] = (("Wyprzedaż",), ("Wyprzedaż", "Końcówki serii"), ("Wyprzedaż", "Sezon"))

FLAT_CATEGORIES: tuple[tuple[str, str, str], ...] = (
    ("Towary", "TOW#####", "23"),
    ("Ogród", "OGR#####", "8"),
    ("Dom", "DOM#####", "23"),
    ("Narzędzia", "NAR#####", "23"),
    ("Usługi", "USL###", "23"),
    ("Zestawy", "ZST####", "23"),
)
"""Name, mask of the next catalogue index, default VAT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    id: int
    warehouse: int
    path: Path
    """As this warehouse names it."""
    code: str
    """Three digits a level: the code of the parent is its beginning."""


def _places() -> list[Path]:
    """Every category once, parents before children, in the order of the catalogue."""
    leaves = [one.place for one in FAMILIES] + [CLOTHES, SHOES, VOUCHERS, SETS]
    found: dict[Path, None] = {}
    for leaf in leaves:
        for depth in range(1, len(leaf) + 1):
            found.setdefault(leaf[:depth])
    return list(found)


def _nodes(warehouse: int, places: list[Path], names: dict[str, str]) -> dict[Path, Node]:
    nodes: dict[Path, Node] = {}
    children: dict[Path, int] = {}
    for place in places:
        parent = place[:-1]
        children[parent] = children.get(parent, 0) + 1
        above = nodes[parent].code if parent else ""
        nodes[place] = Node(
            id=warehouse * 1000 + len(nodes) + 1,
            warehouse=warehouse,
            path=tuple(names.get(name, name) for name in place),
            code=f"{above}{children[parent]:03d}",
        )
    return nodes


_ALL = _places()
TREES: dict[int, dict[Path, Node]] = {
    MAIN: _nodes(MAIN, _ALL, {}),
    SHOP: _nodes(SHOP, [p for p in _ALL if p not in MISSING_IN_SHOP] + list(ONLY_IN_SHOP), RENAMED_IN_SHOP),
}
"""Nodes of each warehouse by the path the main warehouse has for them."""


def node_of(warehouse: int, place: Path | None) -> Node | None:
    """The category of a place in a warehouse, or the nearest above it; None for an article without category."""
    while place:
        if place in TREES[warehouse]:
            return TREES[warehouse][place]
        place = place[:-1]
    return None


def tree_rows(company: int) -> list[Row]:
    return [
        {
            "ID_FIRMY": company,
            "ID_MAGAZYNU": warehouse,
            "ID_KATEGORII_TREE": node.id,
            "NAZWA": node.path[-1],
            "KOD_TREE": node.code,
            "POZIOM": len(node.path),
            "GUID_KATEGORIA_TREE": guid(f"category {warehouse} {node.code}"),
        }
        for warehouse, nodes in TREES.items()
        for node in nodes.values()
    ]


def flat_id(warehouse: int, name: str) -> int:
    names = [flat[0] for flat in FLAT_CATEGORIES]
    return warehouse * 100 + names.index(name) + 1


def flat_rows() -> list[Row]:
    return [
        {
            "ID_KATEGORII": flat_id(warehouse, name),
            "ID_MAGAZYNU": warehouse,
            "NAZWA": name,
            "MASKA_I_KATALOG": mask,
            "MASKA_I_HANDL": "",
            "KOD_VAT": vat,
            "KOD_VAT_ZAK": vat,
            "ID_DOMYSLNEJ_CENY": 1,
            "GUID_KATEGORIA": guid(f"flat {warehouse} {name}"),
            "DOMYSLNA": int(name == "Towary"),
        }
        for warehouse in (MAIN, SHOP)
        for name, mask, vat in FLAT_CATEGORIES
    ]
