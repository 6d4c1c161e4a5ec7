"""What the rows of orders point to: states, carriers, countries, currencies. Kept with the connection.

A carrier gets a new id each time it is edited and countries hardly change, so what is known stays known; an id that is
not is asked for. States are asked for again whenever the shop's words are.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

from integrator.canonical import coerce
from integrator.canonical.errors import MappingError
from integrator.canonical.orders import Stage
from shops.connectors.prestashop.facts import Facts
from shops.connectors.prestashop.mapping import Row
from shops.connectors.prestashop.order_mapping import Carrier
from shops.connectors.prestashop.order_terms import OWN_STATES, State, first_text, state
from shops.connectors.prestashop.rest import Listing, Rest, row_id

STATES = Listing(
    resource="order_states",
    display=("id", "paid", "shipped", "delivery", "deleted", "name", "template"),
    size=200,
)
CARRIERS = Listing(resource="carriers", display=("id", "id_reference", "name", "active", "deleted", "delay"), size=200)
COUNTRIES = Listing(resource="countries", display=("id", "iso_code"), size=300)
CURRENCIES = Listing(resource="currencies", display=("id", "iso_code"), size=200)
SETTINGS = Listing(resource="configurations", display=("id", "name", "value"))
_SHOP = "0"
"""A carrier of this name is called as the shop is: the buyer fetches the goods."""


class Dictionaries:
    def __init__(self, rest: Rest, facts: Facts, memory: MutableMapping[str, Any]) -> None:
        self._rest = rest
        self._facts = facts
        self._memory = memory

    @property
    def _kept(self) -> dict[str, dict[str, Any]]:
        """By name of the dictionary and id; forgotten together with everything else of another address."""
        found: dict[str, dict[str, Any]] = self._memory.setdefault("orders", {})
        return found

    def _known(self, name: str, listing: Listing, ids: Iterable[str], make: Callable[[Row], Any]) -> dict[str, Any]:
        known = self._kept.get(name, {})
        missing = {one for one in ids if one.isdigit() and one != "0"} - known.keys()
        if missing:
            rows = self._rest.by_ids(listing, sorted(missing))
            known = self._kept[name] = {**known, **_readable(rows.values(), make)}
        return known

    # states

    def states(self, ids: Iterable[str] = ()) -> dict[str, State]:
        """All states by id; read again when one of `ids` is not among them."""
        if self._kept.get("states") is None or set(ids) - self._kept["states"].keys() - {"0"}:
            self.read_states()
        return {
            key: State(name=one["name"], stage=Stage(one["stage"]), paid=one["paid"], deleted=one["deleted"])
            for key, one in self._kept["states"].items()
        }

    def read_states(self) -> None:
        names = "|".join(OWN_STATES)
        rows = list(self._rest.rows(SETTINGS, {"name": f"[{names}]"}))
        own = {str(row.get("value")): str(row.get("name")) for row in rows}
        found: dict[str, Any] = {}
        for row in self._rest.rows(STATES):
            one = self._state(row, own)
            found[str(row_id(row))] = {
                "name": one.name, "stage": str(one.stage), "paid": one.paid, "deleted": one.deleted,
            }  # fmt: skip
        self._kept["states"] = found
        self._kept["own"] = {name: value for value, name in own.items()}

    def _state(self, row: Row, own: Mapping[str, str]) -> State:
        """A state whose row is damaged says nothing, but its orders are still orders."""
        try:
            return state(row, own, self._facts.language)
        except MappingError:
            return State(name=f"#{row_id(row)}", stage=Stage.UNKNOWN, paid=False)

    def own_state(self, setting: str) -> str:
        """Id of one of PrestaShop's own states, empty where the shop has none."""
        self.states()
        return str(self._kept.get("own", {}).get(setting, ""))

    # the others

    def carriers(self, ids: Iterable[str]) -> dict[str, Carrier]:
        return {key: Carrier(key=one[0], name=one[1]) for key, one in self._carriers(ids).items()}

    def _carriers(self, ids: Iterable[str]) -> dict[str, Any]:
        return self._known("carriers", CARRIERS, ids, self._carrier)

    def read_carriers(self) -> dict[str, Carrier]:
        """Those that buyers can choose, by what stays the same of them; all that were read are kept by id."""
        rows = list(self._rest.rows(CARRIERS))
        self._kept["carriers"] = {**self._kept.get("carriers", {}), **_readable(rows, self._carrier)}
        offered = [row for row in rows if str(row.get("deleted") or "0") == "0" and str(row.get("active")) == "1"]
        found = [Carrier(key=key, name=name) for key, name in _readable(offered, self._carrier).values()]
        return {one.key: one for one in found}

    def _carrier(self, row: Row) -> tuple[str, str]:
        own = str(row_id(row))
        name = coerce.text(row, "name", "")
        if name in ("", _SHOP):
            name = first_text(row, "delay", self._facts.language) or own
        return coerce.optional_key(row, "id_reference") or own, name

    def countries(self, ids: Iterable[str]) -> dict[str, str]:
        """Two letters by id."""
        shop = self._facts.shop
        home = {str(shop["country"]): str(shop["country_code"])}
        return home | self._known("countries", COUNTRIES, set(ids) - home.keys(), _iso)

    def read_currencies(self) -> None:
        self._kept["currencies"] = _readable(self._rest.rows(CURRENCIES), _iso)

    def currencies(self, ids: Iterable[str]) -> dict[str, str]:
        return self._known("currencies", CURRENCIES, ids, _iso)


def _readable(rows: Iterable[Row], make: Callable[[Row], Any]) -> dict[str, Any]:
    """What was made of each row, by id. One that cannot be read is left out: orders then show its id."""
    found = {}
    for row in rows:
        try:
            found[coerce.key(row, "id")] = make(row)
        except MappingError:
            continue
    return found


def _iso(row: Row) -> str:
    return coerce.text(row, "iso_code", "").upper()
