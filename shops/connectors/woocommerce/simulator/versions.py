"""What shops of different WooCommerce versions can do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Features:
    """What a version has. The brand taxonomy came before products could be written with it (issue #52504)."""

    version: str
    global_unique_id: bool
    brands: bool
    brands_on_products: bool
    all_variations: bool
    """`GET /variations`, and the global unique id on order lines."""
    date_ties_broken: bool
    modified_ties_broken: bool

    @classmethod
    def of(cls, version: str) -> "Features":
        number = tuple(int(part) for part in version.split("."))
        return cls(
            version=version,
            global_unique_id=number >= (9, 2),
            brands=number >= (9, 6),
            brands_on_products=number >= (9, 9),
            all_variations=number >= (10, 5),
            date_ties_broken=number >= (10, 0, 2),
            modified_ties_broken=number >= (10, 5),
        )
