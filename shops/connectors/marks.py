"""What tells whether an order stands as it was seen, so that what belongs to it need not be asked for again. Pure.

A fetch looks minutes back, and what we write ourselves changes orders too: most of what a list shows is known.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Any

from integrator.canonical.orders import Known, Seen
from integrator.canonical.records import Key

Row = Mapping[str, Any]


class Marks:
    """Of the rows of one platform. `state` names the field of the state, `dates` those that say when it changed,
    `money` those that tell what is paid, and whatever else does not matter to whoever reads the order."""

    def __init__(self, key: str, state: str, dates: Collection[str], money: Collection[str] = ()) -> None:
        self._key = key
        self._state = state
        self._dates = frozenset(dates)
        self._money = frozenset(money)

    def of(self, rows: Iterable[Any]) -> dict[Key, str]:
        """By order; rows without a readable key have none."""
        return {str(row[self._key]): self._mark(row) for row in rows if isinstance(row, Mapping) and row.get(self._key)}

    def _mark(self, row: Row) -> str:
        goods = {name: value for name, value in row.items() if name not in {self._state, *self._dates, *self._money}}
        return f"{_digest(goods)}{_digest({name: row.get(name) for name in self._money})}"

    def sort(self, rows: Iterable[Any], marks: Mapping[Key, str], known: Known) -> tuple[list[Any], list[Row]]:
        """Rows of which anything may be new, and those that only moved: their state or what is paid. Those that stand
        as they were seen are in neither."""
        seen = known(marks.keys()) if marks else {}
        new: list[Any] = []
        moved: list[Row] = []
        for row in rows:
            key = str(row.get(self._key)) if isinstance(row, Mapping) else ""
            before = seen.get(key)
            if before is None or before.mark[:_LENGTH] != marks[key][:_LENGTH]:
                new.append(row)
            elif before != Seen(state=str(row.get(self._state)), mark=marks[key]):
                moved.append(row)
        return new, moved


_LENGTH = 16


def _digest(fields: Row) -> str:
    text = json.dumps(fields, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=_LENGTH // 2).hexdigest()
