"""The floor: a bare client that only downloads the pages a synchronisation needs, and a bare cursor over its ERP rows.

Neither decodes, compares nor keeps anything. Run as a process of its own; prints one JSON object.
"""

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from shops.connectors.shoper.simulator import STATIC_TOKEN
from shops.connectors.shoper.simulator.generated import CATEGORIES, PRODUCERS, Generated

PAGE = 50
_CARD = (
    "ID_ARTYKULU ID_MAGAZYNU INDEKS_KATALOGOWY GUID_ARTYKUL FLAGA_STANU ID_JEDNOSTKI ID_JEDNOSTKI_SPRZ VAT_SPRZEDAZY "
    "RODZAJ NAZWA NAZWA2 NAZWA_CALA OPIS KOD_KRESKOWY ID_KATEGORII_TREE ID_PRODUCENTA PRODUCENT WAGA JED_WAGI "
    "ZABLOKOWANY AKTYWNY_DLA_SYS_ZEW DOSTEPNY_W_SKLEPIE_INTER WYROZNIK POLE1 POLE2 POLE3 POLE4 POLE5 POLE6 POLE7 "
    "POLE8 POLE9 POLE10 PROMOCJA_OD PROMOCJA_DO CENA_PROMOCJI_N CENA_PROMOCJI_B STAN ILOSC_EDYTOWANA ZAREZERWOWANO"
)
_QUERIES = (
    f"SELECT {', '.join(_CARD.split())} FROM ARTYKUL ORDER BY INDEKS_KATALOGOWY",
    "SELECT ID_ARTYKULU, ID_CENY, SYM_WAL, CENA_NETTO, CENA_BRUTTO FROM CENA_ARTYKULU ORDER BY ID_ARTYKULU",
    "SELECT ID_BLOBA, INDEKS_KATALOGOWY, NAZWA, DOMYSLNE, wapro_sha256(ZDJECIE), LENGTH(ZDJECIE) FROM ARTYKUL_BLOB "
    "ORDER BY INDEKS_KATALOGOWY",
    "SELECT ID_JEDNOSTKI, ID_ARTYKULU, SKROT, NAZWA, PRZELICZNIK, PODZIELNA FROM JEDNOSTKA",
    "SELECT KOD_VAT, NAZWA, STAWKA FROM STAWKA_VAT",
    "SELECT ID_KATEGORII_TREE, ID_FIRMY, ID_MAGAZYNU, NAZWA, KOD_TREE, POZIOM FROM KATEGORIA_ARTYKULU_TREE",
    "SELECT ID_KONTRAHENTA, NAZWA, NAZWA_PELNA FROM KONTRAHENT",
)


def pages(recipe: Generated) -> Iterator[tuple[str, dict[str, str]]]:
    """Path and query of every page of a fetch of all kinds, as the connector asks for them."""
    yield from _listed("units", "unit_id", 1)
    yield "taxes", {"limit": str(PAGE), "page": "1"}
    yield from _listed("producers", "producer_id", PRODUCERS)
    yield from _listed("categories", "category_id", CATEGORIES)
    yield "categories-tree", {}
    for first in range(1, recipe.products + 1, PAGE):
        yield _after("products", "product_id", first - 1)
        products = range(first, min(first + PAGE, recipe.products + 1))
        variants = [row for product in products for row in recipe.stock_ids(product)[1:]]
        for start in range(0, len(variants), PAGE):
            yield _filtered("product-stocks", "stock_id", {"in": variants[start : start + PAGE]})
    yield from _listed("product-images", "gfx_id", recipe.products * recipe.images)


def _listed(resource: str, key: str, count: int) -> Iterator[tuple[str, dict[str, str]]]:
    for first in range(0, count, PAGE):
        yield _after(resource, key, first)


def _after(resource: str, key: str, last: int) -> tuple[str, dict[str, str]]:
    if not last:
        return resource, {"limit": str(PAGE), "page": "1", "order": f"{key} ASC"}
    return _filtered(resource, key, {">": last})


def _filtered(resource: str, key: str, condition: dict[str, Any]) -> tuple[str, dict[str, str]]:
    text = json.dumps({key: condition}, separators=(",", ":"))
    return resource, {"limit": str(PAGE), "page": "1", "order": f"{key} ASC", "filters": text}


def download(address: str, products: int) -> dict[str, float]:
    """Seconds and CPU seconds of downloading every page, one after the other on one connection."""
    asked = list(pages(Generated(products)))
    size = 0
    started, cpu = time.perf_counter(), time.process_time()
    with httpx.Client(headers={"Authorization": f"Bearer {STATIC_TOKEN}"}, trust_env=False) as client:
        for path, query in asked:
            answer = client.get(f"{address}/webapi/rest/{path}", params=query)
            answer.raise_for_status()
            size += len(answer.content)
    seconds = time.perf_counter() - started
    return {"pages": len(asked), "bytes": size, "seconds": seconds, "cpu": time.process_time() - cpu}


def read(company: Path) -> dict[str, float]:
    """Seconds and CPU seconds of reading every row once; the digest of pictures is the database's work."""
    rows = 0
    started, cpu = time.perf_counter(), time.process_time()
    with closing(sqlite3.connect(f"file:{company}?mode=ro", uri=True)) as database:
        database.create_function("wapro_sha256", 1, lambda content: sha256(content).hexdigest(), deterministic=True)
        for query in _QUERIES:
            cursor = database.execute(query)
            while chunk := cursor.fetchmany(500):
                rows += len(chunk)
    return {"rows": rows, "seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    address, company, products = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    print(json.dumps({"shop": download(address, products), "erp": read(company)}))
