"""The shops of the demo: whose they are, what they sell, how the panel logs in to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from shops.connectors.prestashop.simulator import API_KEY
from shops.connectors.shoper.simulator import LOGIN, PASSWORD
from shops.connectors.woocommerce.simulator import APPLICATION_PASSWORD, CONSUMER_KEY, CONSUMER_SECRET, USER
from wapro.sample.categories import TREES

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storefront:
    """One shop of one client. What it sells is set by the categories of its item filter."""

    name: str
    platform: str
    """Also the name of its simulator's process and file: each platform has one shop in the demo."""
    client: str
    leading: bool = True
    departments: tuple[Path, ...] = ()
    """Categories that it sells with all below them; empty: the whole assortment."""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    def sells(self, category: Path) -> bool:
        return not self.departments or any(category[: len(one)] == one for one in self.departments)

    def category_keys(self) -> list[str]:
        """Keys of the ERP's categories of what it sells, in the trees of both warehouses."""
        return [*self._keys()] if self.departments else []

    def _keys(self) -> Iterator[str]:
        for warehouse, nodes in TREES.items():
            yield from (f"{warehouse}:{node.id}" for node in nodes.values() if self.sells(node.path))


FIRST_CLIENT, SECOND_CLIENT, THIRD_CLIENT = "Zagroda i Warsztat", "Ogród pod Lipą", "Szkółka Wierzba"
SHOPER, WOOCOMMERCE, PRESTASHOP = "shoper", "woocommerce", "prestashop"
_SHOPER_LOGIN = {"user": LOGIN, "password": PASSWORD}

STOREFRONTS = (
    Storefront(name="Sklep Zagroda", platform=SHOPER, client=FIRST_CLIENT, credentials=_SHOPER_LOGIN),
    Storefront(
        name="Dom i upominki",
        platform=WOOCOMMERCE,
        client=SECOND_CLIENT,
        departments=(("Dom",), ("Książki i upominki",), ("Ogród", "Doniczki i skrzynki")),
        credentials={
            "consumer_key": CONSUMER_KEY,
            "consumer_secret": CONSUMER_SECRET,
            "media_user": USER,
            "media_password": APPLICATION_PASSWORD,
        },
    ),
    Storefront(
        name="Balkon i ogród",
        platform=PRESTASHOP,
        client=SECOND_CLIENT,
        leading=False,
        departments=(
            ("Ogród", "Podlewanie"),
            ("Ogród", "Doniczki i skrzynki"),
            ("Ogród", "Meble ogrodowe"),
            ("Ogród", "Grill"),
            ("Ogród", "Nasiona i cebulki"),
            ("Zwierzęta i ptaki",),
            ("Książki i upominki", "Bony i bilety"),
        ),
        credentials={"key": API_KEY},
    ),
)
"""The shops that `demo --check` synchronises, each differing from its client's company by the table of differences."""
EMPTY = Storefront(name="Nowy sklep", platform=SHOPER, client=THIRD_CLIENT, credentials=_SHOPER_LOGIN)
"""As it was opened: for whoever wants to set up a connection from the beginning."""


def storefront(platform: str) -> Storefront:
    return next(one for one in STOREFRONTS if one.platform == platform)
