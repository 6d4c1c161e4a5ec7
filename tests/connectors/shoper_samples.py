"""Small rows as Shoper sends them: loose types, texts by language, `[]` for empty maps."""

from typing import Any

STOCK: dict[str, Any] = {
    "stock_id": "512",
    "extended": "0",
    "price": "61.50",
    "price_type": "1",
    "stock": "12",
    "weight": "0.4",
    "weight_type": "1",
    "active": "1",
    "default": "1",
    "product_id": "301",
    "code": "KUB-01",
    "ean": "5900000000015",
    "comp_weight": "0.4",
    "comp_price": "61.50",
    "options": [],
}

PRODUCT: dict[str, Any] = {
    "product_id": "301",
    "producer_id": "9",
    "group_id": None,
    "tax_id": "2",
    "unit_id": "1",
    "category_id": "44",
    "categories": [44, 45],
    "currency_id": None,
    "code": "KUB-01",
    "ean": "5900000000015",
    "stock": STOCK,
    "translations": {
        "en_US": {"name": "Mug", "short_description": "", "description": "", "active": "0"},
        "pl_PL": {
            "name": "Kubek błękitny",
            "short_description": "<p>Mały</p>",
            "description": "<p>Opis&nbsp;kubka</p>",
            "active": "1",
            "isdefault": "0",
        },
    },
    "options": [],
    "attributes": {"5": []},
    "main_image": False,
}

PARENT: dict[str, Any] = {
    **PRODUCT,
    "product_id": "302",
    "group_id": "3",
    "code": "KOSZ",
    "ean": "",
    "stock": {**STOCK, "stock_id": "513", "product_id": "302", "code": "KOSZ", "default": "0"},
    "translations": {"pl_PL": {"name": "Koszulka", "active": "1"}},
    "options": [514, "515"],
}

VARIANT: dict[str, Any] = {
    **STOCK,
    "stock_id": "514",
    "product_id": "302",
    "extended": "1",
    "default": "1",
    "code": "KOSZ-S-CZ",
    "ean": "",
    "price": "5.00",
    "price_type": "2",
    "comp_price": "66.50",
    "stock": "2.5",
    "weight": "0",
    "comp_weight": "0.4",
    "options": {"10": "61", "11": "65"},
}
