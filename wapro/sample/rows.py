"""Articles as the rows of the program's tables."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count
from zlib import crc32

from wapro.clarion import to_day
from wapro.sample.articles import RETAIL, WHOLESALE, Article
from wapro.sample.assortment import FIRST_PRICES
from wapro.sample.categories import flat_id, node_of
from wapro.sample.codes import guid
from wapro.sample.fixed import COMPANY_ID, MAKER_IDS, UNIT_IDS
from wapro.sample.pricing import gross_of
from wapro.sample.schema import Row

ARTICLE_TABLES = ("ARTYKUL", "JEDNOSTKA", "CENA_ARTYKULU", "KOD_KRESKOWY", "ARTYKUL_BLOB", "DEFINICJA_PRODUKTU")
_FIRST_CARD, _FIRST_CARD_UNIT = 1001, 1001
_SHELVES = "ABCDEF"
_NO_PROMOTION: Row = {"PROMOCJA_OD": 0, "PROMOCJA_DO": 0, "CENA_PROMOCJI_N": Decimal(0), "CENA_PROMOCJI_B": Decimal(0)}


class RowWriter:
    """Gives out the ids of cards, units, prices, codes and pictures while it turns articles into rows.

    One writer makes one company: ids follow the order in which the articles come.
    """

    def __init__(self) -> None:
        self._cards = count(_FIRST_CARD)
        self._units = count(_FIRST_CARD_UNIT)
        self._prices = count(1)
        self._codes = count(1)
        self._pictures = count(1)
        self._parts = count(1)
        self._card_ids: dict[tuple[str, int], int] = {}

    def rows(self, articles: Iterable[Article]) -> dict[str, list[Row]]:
        """Rows of these articles by table; the components of a set must have come before it."""
        found: dict[str, list[Row]] = {name: [] for name in ARTICLE_TABLES}
        for article in articles:
            for warehouse in article.stocks:
                self._card(article.card(warehouse), warehouse, found)
            found["ARTYKUL_BLOB"].extend(self._picture_rows(article))
        return found

    def _card(self, card: Article, warehouse: int, found: dict[str, list[Row]]) -> None:
        card_id = card.card_id or next(self._cards)
        units = self._unit_rows(card, card_id)
        unit_ids: dict[str, int] = {row["SKROT"]: row["ID_JEDNOSTKI"] for row in units}
        if _may_be_part(card):
            self._card_ids[card.index, warehouse] = card_id
        found["JEDNOSTKA"].extend(units)
        found["ARTYKUL"].append(_card_row(card, warehouse, card_id, unit_ids))
        found["CENA_ARTYKULU"].extend(self._price_rows(card, card_id))
        found["KOD_KRESKOWY"].extend(self._code_rows(card, warehouse, card_id, unit_ids))
        found["DEFINICJA_PRODUKTU"].extend(self._part_rows(card, warehouse, card_id))

    def _unit_rows(self, card: Article, card_id: int) -> list[Row]:
        return [
            {
                "ID_JEDNOSTKI": next(self._units),
                "ID_ARTYKULU": card_id,
                "ID_FIRMY": COMPANY_ID,
                "NAZWA": unit.name,
                "SKROT": unit.symbol,
                "PRZELICZNIK": unit.factor,
                "PODZIELNA": int(unit.fractional),
                "WZORZEC_INNEJ": 0,
                "ARCHIWALNA": 0,
            }
            for unit in card.units
        ]

    def _price_rows(self, card: Article, card_id: int) -> Iterator[Row]:
        for price_type, net in card.prices.items():
            yield _price_row(next(self._prices), card_id, price_type, net, card.vat)
        if card.euro_net is not None:
            row = _price_row(next(self._prices), card_id, WHOLESALE, card.euro_net, card.vat)
            yield row | {"SYM_WAL": "EUR", "PRZELICZNIK_WAL": Decimal("4.3")}

    def _code_rows(self, card: Article, warehouse: int, card_id: int, unit_ids: dict[str, int]) -> Iterator[Row]:
        further = [(code, 0, Decimal(1)) for code in card.codes]
        further += [(unit.code, unit_ids[unit.symbol], Decimal(1)) for unit in card.units if unit.code]
        for code, unit_id, quantity in further:
            yield {
                "ID_MAGAZYNU": warehouse,
                "KOD_KRESKOWY": code,
                "ID_ARTYKULU": card_id,
                "ID_JEDNOSTKI": unit_id,
                "DOM_ILOSC": quantity,
                "OPIS": "",
                "ID_KODU_KRESKOWEGO": next(self._codes),
            }

    def _part_rows(self, card: Article, warehouse: int, card_id: int) -> Iterator[Row]:
        for position, (index, quantity) in enumerate(card.components, start=1):
            yield {
                "ID_DEFINICJI": next(self._parts),
                "ID_ARTYKULU": card_id,
                "ID_WARIANTU": 0,
                "ID_SKLADNIKA": self._card_ids[index, warehouse],
                "JEDNOSTKA": "kg" if quantity % 1 else "szt.",
                "ILOSC": quantity,
                "PRZELICZNIK": Decimal(1),
                "OPIS": "",
                "KOLEJNOSC": position,
            }

    def _picture_rows(self, article: Article) -> Iterator[Row]:
        for picture in article.pictures:
            yield {
                "ID_BLOBA": next(self._pictures),
                "INDEKS_KATALOGOWY": article.index,
                "ZDJECIE": picture.content,
                "NAZWA": picture.name,
                "DOMYSLNE": int(picture.main),
                "GUID_ARTYKUL_BLOB": guid(f"picture {picture.name}"),
            }


def _may_be_part(card: Article) -> bool:
    """Whether a set may be made of it: an ordinary article. The ids of a generated company's cards need not be kept."""
    return len(card.index) == 8


def _price_row(price_id: int, card_id: int, price_type: int, net: Decimal, vat: str) -> Row:
    return {
        "ID_ARTYKULU": card_id,
        "ID_CENY": price_type,
        "SYM_WAL": "",
        "PRZELICZNIK_WAL": Decimal(1),
        "OBL_WG_CEN_ZAK": 0,
        "CENA_NETTO": net,
        "CENA_BRUTTO": gross_of(net, vat),
        "UWAGI": "",
        "ID_CENA_ARTYKULU": price_id,
    }


def _card_row(card: Article, warehouse: int, card_id: int, unit_ids: dict[str, int]) -> Row:
    """All columns of ARTYKUL that hold something; the rest keeps the defaults of the table."""
    node = node_of(warehouse, card.place)
    return {
        "ID_ARTYKULU": card_id,
        "ID_MAGAZYNU": warehouse,
        "ID_KATEGORII": flat_id(warehouse, card.flat),
        "ID_KATEGORII_TREE": node.id if node else None,
        "ID_CENY_DOM": RETAIL,
        "ID_JEDNOSTKI": UNIT_IDS[card.unit],
        "ID_JEDNOSTKI_ZAK": unit_ids.get(card.purchase_unit, 0),
        "ID_JEDNOSTKI_SPRZ": unit_ids.get(card.sale_unit, 0),
        "VAT_ZAKUPU": card.vat,
        "VAT_SPRZEDAZY": card.vat,
        "ID_PRODUCENTA": MAKER_IDS.get(card.maker),
        **_texts(card),
        **_quantities(card, warehouse),
        **_purchase(card),
        **_measures(card),
        **_promotion(card),
        **_states(card),
    }


def _texts(card: Article) -> Row:
    name, name2 = card.two_names
    return {
        "NAZWA": name,
        "NAZWA2": name2,
        "NAZWA_ORYG": "",
        "NAZWA_CALA": card.name,
        "INDEKS_KATALOGOWY": card.index,
        "INDEKS_HANDLOWY": card.trade_index,
        "GUID_ARTYKUL": guid(f"article {card.index}"),
        "RODZAJ": card.kind,
        "KOD_KRESKOWY": card.ean,
        "PRODUCENT": card.maker,
        "OPIS": card.description,
        "UWAGI": "",
        "KRAJ_POCHODZENIA": "PL",
        "WYROZNIK": card.marker,
        **{f"POLE{number}": card.fields.get(number, "") for number in range(1, 11)},
    }


def _states(card: Article) -> Row:
    return {
        "SEMAFOR": card.editor,
        "FLAGA_STANU": int(card.unfinished),
        "ZABLOKOWANY": int(card.blocked),
        "AKTYWNY_DLA_SYS_ZEW": int(card.external),
        "DOSTEPNY_W_SKLEPIE_INTER": int(card.web_shop),
        "DOSTEPNY_W_AUKCJACH": int(card.auctions),
        "JEST_ZDJECIE": int(bool(card.pictures)),
    }


def _purchase(card: Article) -> Row:
    day = to_day(FIRST_PRICES + timedelta(days=crc32(card.index.encode()) % 600))
    return {
        "CENA_ZAKUPU_NETTO": card.purchase_net,
        "CENA_ZAKUPU_BRUTTO": gross_of(card.purchase_net, card.vat),
        "DATA_ZM_CZ": day,
        "SYM_WAL": "",
        "LOKALIZACJA": f"{_SHELVES[day % 6]}-{day % 24 + 1:02d}-{day % 5 + 1}" if card.purchase_net else "",
    }


def _quantities(card: Article, warehouse: int) -> Row:
    """In both directions on order: ZAMOWIONO is the sum of what suppliers owe us and we owe customers."""
    stock = card.stocks[warehouse]
    return {
        "STAN": stock.on_hand,
        "ILOSC_EDYTOWANA": stock.in_edit,
        "ZAREZERWOWANO": stock.reserved,
        "DO_REZERWACJI": Decimal(0),
        "OD_DOSTAWCOW": stock.from_suppliers,
        "DO_ODBIORCOW": stock.for_customers,
        "ZAMOWIONO": stock.from_suppliers + stock.for_customers,
        "STAN_MINIMALNY": Decimal(0),
        "STAN_MAKSYMALNY": Decimal(0),
    }


def _measures(card: Article) -> Row:
    height, width, depth = card.sizes or (None, None, None)
    return {
        "WAGA": card.weight,
        "JED_WAGI": card.weight_unit if card.weight is not None else "",
        "WYMIAR_W": height,
        "WYMIAR_S": width,
        "WYMIAR_G": depth,
        "JED_WYMIARU": "cm" if card.sizes else "",
    }


def _promotion(card: Article) -> Row:
    promotion = card.promotion
    if promotion is None:
        return _NO_PROMOTION
    return {
        "PROMOCJA_OD": to_day(promotion.first),
        "PROMOCJA_DO": to_day(promotion.last),
        "CENA_PROMOCJI_N": promotion.net,
        "CENA_PROMOCJI_B": gross_of(promotion.net, card.vat),
    }
