"""Looking for what a create with a lost answer may have made, by what an element is called there."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from integrator.canonical.errors import Gone
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Image
from integrator.canonical.side import Found, NewElement
from integrator.canonical.text import fold, fold_unit
from shops.connectors.shoper import mapping
from shops.connectors.shoper.pictures import Pictures
from shops.connectors.shoper.rest import Row
from shops.connectors.shoper.variants import Variants


class Finding:
    def __init__(self, variants: Variants, pictures: Pictures) -> None:
        self.variants = variants
        self.pictures = pictures
        self.rest = variants.rest
        self.facts = variants.facts

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        if kind is Kind.PRODUCT:
            return self._products(wanted)
        if kind is Kind.PRODUCER:
            return self._producers(wanted)
        if kind is Kind.UNIT:
            return self._units(wanted)
        if kind is Kind.IMAGE:
            return {one.token: Found(keys=self._pictures(one)) for one in wanted}
        return {one.token: Found() for one in wanted}

    def _products(self, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        """By code: of a simple product its own, of a variant that of its parent first."""
        filters = [{"stock.code": {"=": one.group_code or _text(one, "code")}} for one in wanted]
        answers = self.rest.lookups("products", filters)
        found: dict[str, Found] = {}
        for one, rows in zip(wanted, answers, strict=True):
            keys = [key for row in rows for key in self._sellables(row, _text(one, "code"))]
            found[one.token] = Found(keys=tuple(dict.fromkeys(keys)))
        return found

    def _sellables(self, row: Row, code: str) -> list[str]:
        """Keys of a product or of its variants that have this code: a parent of that code is not sold itself."""
        product_id = mapping.coerce.key(row, "product_id")
        ids = mapping.variant_ids(row)
        if not ids:
            return [product_id] if str(row.get("code", "")) == code else []
        stocks = self.rest.by_ids("product-stocks", ids)
        return [f"{product_id}:{one}" for one, stock in stocks.items() if str(stock.get("code", "")) == code]

    def _producers(self, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        """By name; a shop that does not filter by it is read whole."""
        try:
            answers = self.rest.lookups("producers", [{"name": {"=": _text(one, "name")}} for one in wanted])
        except Gone:
            answers = [tuple(self.rest.rows("producers"))] * len(wanted)
        return {
            one.token: Found(
                keys=tuple(
                    mapping.coerce.key(row, "producer_id")
                    for row in rows
                    if fold(str(row.get("name", ""))) == fold(_text(one, "name"))
                )
            )
            for one, rows in zip(wanted, answers, strict=True)
        }

    def _units(self, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        by_name: dict[str, list[str]] = {}
        for row in self.rest.rows("units"):
            name = str(mapping.translation(row, self.facts.language).get("name", ""))
            by_name.setdefault(fold_unit(name), []).append(mapping.coerce.key(row, "unit_id"))
        return {one.token: Found(keys=tuple(by_name.get(fold_unit(_text(one, "symbol")), ()))) for one in wanted}

    def _pictures(self, wanted: NewElement) -> tuple[str, ...]:
        """Pictures of the owner with the same bytes; where the shop has changed them, those of that name and place."""
        if not wanted.owner.isdigit():
            return ()
        rows = {
            mapping.coerce.key(row, "gfx_id"): row
            for row in self.rest.rows("product-images", {"product_id": {"=": int(wanted.owner)}})
            if str(row.get("product_id")) == wanted.owner
        }
        images = {key: mapping.image(row, self.facts.language) for key, row in rows.items()}
        named = [key for key, image in images.items() if image.name == (wanted.fields.get("name") or image.name)]
        if wanted.content is not None:
            digest = sha256(wanted.content).digest()
            same = tuple(key for key in named if self._digest(key) == digest)
            if same:
                return same
        return tuple(key for key in named if _same_place(images[key], wanted))

    def _digest(self, key: str) -> bytes:
        try:
            return sha256(self.pictures.content(key)).digest()
        except Gone:
            return b""


def _text(wanted: NewElement, field: str) -> str:
    return str(wanted.fields.get(field) or "")


def _same_place(image: Image, wanted: NewElement) -> bool:
    place = wanted.fields.get("position")
    return bool(wanted.fields.get("name")) and str(image.position) == str(place)
