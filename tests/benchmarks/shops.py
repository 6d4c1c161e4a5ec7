"""The generated shop of each platform as the ERP sees it: its sellables, its login, the fewest writes it allows."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from integrator.canonical.kinds import Kind
from shops.connectors.prestashop.simulator import API_KEY
from shops.connectors.prestashop.simulator import generated as presta
from shops.connectors.shoper.simulator import STATIC_TOKEN
from shops.connectors.shoper.simulator import generated as shoper
from shops.connectors.woocommerce.simulator import CONSUMER_KEY, CONSUMER_SECRET
from shops.connectors.woocommerce.simulator import generated as woo

SIZES = ("S", "M", "L")
"""Options of the variants of every generated product that has any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sellable:
    """A simple product or one variant, with all that the shop shows of it."""

    product: int
    """Number of the product, from 1; the code holds it too."""
    variant: int
    """Which of the three, from 1; 0: a simple product."""
    code: str
    name: str
    description: str = ""
    ean: str
    maker: str
    gross: Decimal
    quantity: int
    weight: Decimal | None
    pictures: tuple[str, ...]
    """Names of the product's pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A platform's generated shop. Its simulator, started with a number of products, shows just these `sellables`."""

    platform: str
    label: str
    credentials: Mapping[str, str]
    sellables: Callable[..., Iterator[Sellable]]
    """Of so many products (and, if given, another share of products with variants than 0.3), in the order of ids."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    most: Mapping[Kind, int]
    """Changed elements that one write request of the API can hold."""
    variants_apart: bool = False
    """Whether a request can hold variants of one parent only."""

    def fewest(self, kind: Kind, changed: Collection[Sellable]) -> int:
        """Write requests that the API needs for these changes at least."""
        alone = sum(not one.variant for one in changed) if self.variants_apart else len(changed)
        parents = Counter(one.product for one in changed if one.variant) if self.variants_apart else Counter[int]()
        return sum(-(-count // self.most[kind]) for count in (alone, *parents.values()))


def some(of: Iterable[Sellable], count: int, *, variants: bool) -> list[Sellable]:
    """The first simple products; of variants whole products, at most so many."""
    found = [one for one in of if bool(one.variant) is variants]
    return found[: count - count % len(SIZES) if variants else count]


def _shoper(products: int, variants_share: float = 0.3) -> Iterator[Sellable]:
    recipe = shoper.Generated(products, variants_share)
    for product in range(1, products + 1):
        base, *variants = recipe.stock_ids(product)
        name = shoper.name(product)
        for variant, row in enumerate(variants, start=1) if variants else ((0, base),):
            yield Sellable(
                product=product,
                variant=variant,
                code=shoper.code(product, variant),
                name=name,
                description=f"{name}, opis towaru numer {product}.",
                ean=shoper.ean(row),
                maker=f"Producent {product % shoper.PRODUCERS + 1}",
                gross=Decimal(shoper.price(product)),
                quantity=int(shoper.quantity(row)),
                weight=Decimal(1),
                pictures=tuple(f"{name} {place}" for place in range(1, recipe.images + 1)),
            )


def _woocommerce(products: int, variants_share: float = 0.3) -> Iterator[Sellable]:
    recipe = woo.Generated(products, variants_share)
    for product in range(1, products + 1):
        name = woo.name(product)
        for row in recipe.variations(product) or [product * woo.BLOCK]:
            variant = row % woo.BLOCK
            yield Sellable(
                product=product,
                variant=variant,
                code=woo.sku(product, variant),
                name=name,
                description=f"{name}, opis towaru numer {product}.",
                ean=woo.ean(row),
                maker=f"Producent {product % woo.BRANDS + 1:02d}",
                gross=Decimal(woo.price(product)),
                quantity=woo.quantity(row),
                weight=None if variant else Decimal(1),
                pictures=(name,) * recipe.images,
            )


def _prestashop(products: int, variants_share: float = 0.3) -> Iterator[Sellable]:
    recipe = presta.Generated(products, variants_share)
    for product in range(1, products + 1):
        base, *rows = recipe.owned("stock_availables", product)
        for variant, row in enumerate(rows, start=1) if rows else ((0, base),):
            yield Sellable(
                product=product,
                variant=variant,
                code=presta.reference(product, variant),
                name=presta.name(product),
                ean=presta.ean(row),
                maker=f"Producent {product % presta.MANUFACTURERS + 1}",
                gross=(Decimal(presta.price(product)) * Decimal("1.23")).quantize(Decimal("0.01")),
                quantity=presta.quantity(row),
                weight=Decimal(product % 50) / 10 or None,
                pictures=(presta.name(product),) * recipe.images,
            )


SHOPS = {
    shop.platform: shop
    for shop in (
        Shop(
            platform="shoper",
            label="Shoper",
            credentials={"token": STATIC_TOKEN},
            sellables=_shoper,
            most=dict.fromkeys((Kind.STOCK, Kind.PRICE, Kind.PRODUCT), 25),
        ),
        Shop(
            platform="woocommerce",
            label="WooCommerce",
            credentials={"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET},
            settings={"unit": ""},
            sellables=_woocommerce,
            most=dict.fromkeys((Kind.STOCK, Kind.PRICE, Kind.PRODUCT), 100),
            variants_apart=True,
        ),
        Shop(
            platform="prestashop",
            label="PrestaShop",
            credentials={"key": API_KEY},
            sellables=_prestashop,
            # PrestaShop sets no bound of its own: so many elements are what a cheap host answers for in time.
            most={Kind.STOCK: 200, Kind.PRICE: 25, Kind.PRODUCT: 25},
        ),
    )
}
