"""`python -m syncjobs.demo.checker`: compares every owned field of every article of one shop. A question as JSON on
standard input, the answer as JSON on standard output.

The question: `sample` (path), `terms`, `platform`, `shop` (address and credentials), `departments` (categories that the
shop sells, none: all), `except` (article -> fields that may differ, `*` for all), `gone` (codes that the shop must not
have any more), `kept` and `right` (an earlier answer's; may be missing).
"""

import json
import sys
from datetime import date
from typing import Any

from syncjobs.demo.checker import prestashop, shoper, woocommerce
from syncjobs.demo.checker.comparing import compared, digest, rewritten, sells, touched
from syncjobs.demo.checker.sample import Terms, offered
from syncjobs.demo.checker.sold import Reader

SHOPS: dict[str, type] = {"shoper": shoper.Shop, "woocommerce": woocommerce.Shop, "prestashop": prestashop.Shop}
_SHOWN = 20


def reader(platform: str, address: str, **credentials: str) -> Reader:
    """A shop to be read, logged in."""
    shop: Reader = SHOPS[platform](address, **credentials)
    return shop


def compare(question: dict[str, Any], shown: int = _SHOWN) -> dict[str, Any]:
    """How many articles and fields were compared, what differs, is missing, should be gone and is not, was touched and
    should not have been; of each at most `shown` one by one. `kept` and `right` are for the next question."""
    terms = Terms(**{**question["terms"], "today": date.fromisoformat(question["terms"]["today"])})
    departments = [tuple(one) for one in question["departments"]]
    articles = [one for one in offered(question["sample"], terms).values() if sells(departments, one)]
    shop = reader(question["platform"], **question["shop"])
    done = compared(articles, shop, question["except"])
    left = [code for code in question["gone"] if code in done.codes]
    kept = shop.kept()
    changed = [*touched(question.get("kept", {}), kept, question["gone"]), *rewritten(question.get("right", {}), done)]
    return {
        "articles": done.articles,
        "fields": done.fields,
        "differences": len(done.different) + len(done.missing) + len(left) + len(changed),
        "different": done.different[:shown],
        "missing": done.missing[:shown],
        "not_gone": left,
        "touched": changed[:shown],
        "kept": kept,
        "right": done.right,
        "shop": digest(shop.everything()),
        "writes": shop.writes(),
    }


if __name__ == "__main__":
    json.dump(compare(json.load(sys.stdin)), sys.stdout, ensure_ascii=False)
