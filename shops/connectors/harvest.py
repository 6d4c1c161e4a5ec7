"""Records and errors of one page as they are gathered: a row that cannot be read is one error, the others arrive. Pure.

And the keys of products with variants, which are one thing on every platform: `17` a product, `17:33` its variant 33.
"""

from collections.abc import Callable, Iterable
from typing import Any

from integrator.canonical.errors import MappingError
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key, Record
from integrator.canonical.side import ElementError, Keyed, ReadBack
from shops.connectors.notices import excerpt_of


def variant_key(product: Any, variant: Any) -> Key:
    return f"{product}:{variant}"


def split_key(key: Key) -> tuple[str, str]:
    """The shop's id of the product and that of the variant; the latter is empty for a simple product."""
    product, _, variant = key.partition(":")
    return product, variant


class Harvest:
    """`label` gives the name under which people know a row that could not be read."""

    def __init__(self, label: Callable[[Any], str]) -> None:
        self.items: list[Keyed] = []
        self.errors: list[ElementError] = []
        self._label = label

    def take(self, kind: Kind, key: Key, raw: Any, make: Callable[[], Record]) -> Record | None:
        """Keep the record that `make` gives, or the reason why it gave none."""
        try:
            record = make()
        except MappingError as error:
            self.fail(kind, key, raw, error)
            return None
        self.items.append(Keyed(key=key, record=record, kind=kind))
        return record

    def fail(self, kind: Kind, key: Key, raw: Any, error: MappingError) -> None:
        excerpt = excerpt_of(raw)
        self.errors.append(
            ElementError(key=key, kind=kind, problem=error.problem, excerpt=excerpt, label=self._label(raw))
        )

    def answered(self, kind: Kind, keys: Iterable[Key]) -> ReadBack:
        """Of what was gathered only what was asked for; what is neither there nor broken is gone. An error without a
        key may hide any of them, so then nothing counts as gone."""
        asked = dict.fromkeys(keys)
        items = tuple(item for item in self.items if item.kind is kind and item.key in asked)
        errors = tuple(one for one in self.errors if one.kind is kind and one.key in asked)
        told = {item.key for item in items} | {one.key for one in errors}
        hidden = any(not one.key for one in self.errors)
        return ReadBack(items=items, errors=errors, gone=() if hidden else tuple(k for k in asked if k not in told))
