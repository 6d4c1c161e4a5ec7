"""The proof's report as a table per shop, for people."""

from collections.abc import Iterator
from typing import Any

from syncjobs.demo.differences import Outcome

_WIDTH = 11


def tables(report: dict[str, Any]) -> Iterator[str]:
    """Lines of text: how many of the planted differences of each kind ended as they should, and what was compared."""
    for shop in report["shops"].values():
        yield ""
        yield from _table(shop)


def _table(shop: dict[str, Any]) -> Iterator[str]:
    yield f"{shop['name']}: {'as planned' if shop['ok'] else 'NOT as planned'}"
    cells: dict[str, dict[str, str]] = {}
    for found in shop["ended"]:
        told = f"{found['ended']} of {found['planted']}"
        cells.setdefault(found["kind"], {})[found["outcome"]] = told
    yield _line("", [str(one) for one in Outcome])
    for kind, row in cells.items():
        yield _line(kind, [row.get(one, "") for one in Outcome])
    for name, told in (("first", "first run"), ("second", "second run"), ("decided", "conflicts decided")):
        answer = shop["checker"][name]
        yield (
            f"  {told:<18}{answer.get('articles', 0)} articles, {answer.get('fields', 0)} fields compared, "
            f"{answer['differences']} differences, {len(answer.get('touched', ()))} touched without need"
        )
    written = sum(row[name] for row in shop["second"].values() for name in ("created", "updated", "deleted"))
    same = shop["checker"]["first"].get("shop") == shop["checker"]["second"].get("shop")
    yield f"  the second run wrote {written} elements; the shop's content is {'the same' if same else 'ANOTHER'}"
    yield from _orders(shop["orders"])
    yield from (f"  ! {problem}" for problem in shop["problems"][:20])


def _orders(orders: dict[str, Any]) -> Iterator[str]:
    """What was sold and how each order ended on both sides."""
    first, second = orders["checker"]["first"], orders["checker"]["second"]
    yield (
        f"  orders            {first.get('orders', 0)} sold, {first.get('in_company', 0)} in WAPRO for "
        f"{first.get('gross', 0)} zł, {first.get('parcels', 0)} parcels known to the shop, "
        f"{len(first.get('differences', ()))} differences"
    )
    fates: dict[str, list[str]] = {}
    for one in orders["sold"]:
        fates.setdefault(one["fate"], []).append(one["what"])
    for fate, names in fates.items():
        yield f"    {fate:<12}{len(names)}: {', '.join(names)}"
    sent, same = second.get("writes", 0) - first.get("writes", 0), first.get("shop") == second.get("shop")
    yield f"  a second round sent {sent} writing requests; the shop's orders are {'the same' if same else 'OTHERS'}"


def _line(name: str, cells: list[str]) -> str:
    return f"  {name:<10}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells)
