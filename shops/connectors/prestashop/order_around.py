"""What belongs to orders: addresses, buyers, notes, vouchers, payments, parcels, details. One list each for a page of
orders, and only where an order says that there is something."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from integrator.canonical import coerce
from integrator.canonical.errors import MappingError
from integrator.canonical.records import Key
from integrator.canonical.text import clean
from shops.connectors.prestashop import order_amounts, order_mapping
from shops.connectors.prestashop.facts import TAXES, Facts
from shops.connectors.prestashop.mapping import ids
from shops.connectors.prestashop.order_mapping import Around
from shops.connectors.prestashop.reading import row_key
from shops.connectors.prestashop.rest import Listing, Rest, Row, row_id, version_numbers

ADDRESSES = Listing(
    resource="addresses",
    display=("id", "id_country", "alias", "company", "firstname", "lastname", "vat_number", "dni", "address1",
             "address2", "postcode", "city", "other", "phone", "phone_mobile"),
    size=200,
)  # fmt: skip
CUSTOMERS = Listing(resource="customers", display=("id", "email", "is_guest"), size=200)
"""Never in full: the web service would give hashes of passwords as well."""
MESSAGES = Listing(resource="messages", display=("id", "id_order", "id_employee", "private", "message"), size=200)
PAYMENTS = Listing(resource="order_payments", display=("id", "order_reference", "transaction_id"), size=200)
RULES = Listing(
    resource="order_cart_rules",
    display=("id", "id_order", "name", "value", "value_tax_excl", "free_shipping"),
    size=200,
)
DELETED_RULES = Listing(resource="order_cart_rules", display=(*RULES.display, "deleted"), size=RULES.size)
DELETED_RULES_SINCE = (1, 7, 7)
CARRIED = Listing(
    resource="order_carriers",
    display=("id", "id_order", "id_carrier", "id_order_invoice", "weight", "shipping_cost_tax_excl",
             "shipping_cost_tax_incl", "tracking_number", "date_add"),
    size=200,
)  # fmt: skip
"""In full, so that a row can be put back as it was read."""
DETAILS = Listing(
    resource="order_details",
    display=("id", "id_order", "id_tax_rules_group", "total_price_tax_incl", "total_price_tax_excl", "taxes[id]",
             "product_quantity_refunded", "product_quantity_return"),
    size=300,
)  # fmt: skip


class Surroundings:
    """One session. An address or a buyer is asked for once in it, notes and payments once for each state of their
    order: a session lasts seconds."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self.rest = rest
        self.facts = facts
        self._rows: dict[str, dict[str, Row]] = {}
        self._notes: dict[tuple[str, str], str] = {}
        self._transactions: dict[tuple[str, str], str] = {}

    @property
    def countries(self) -> set[str]:
        """Ids of all countries that addresses named so far."""
        return values(self._rows.get(ADDRESSES.resource, {}).values(), "id_country")

    def of(self, rows: Sequence[Row]) -> Around:
        addresses = values(rows, "id_address_invoice") | values(rows, "id_address_delivery")
        details, taxes = self._details(rows)
        return Around(
            addresses=self._pointed_to(ADDRESSES, addresses),
            customers=self._pointed_to(CUSTOMERS, values(rows, "id_customer")),
            notes=self._notes_of(rows),
            transactions=self._transactions_of(rows),
            rules=self._vouchers(rows),
            carried=self.parcels([row_key(row) for row in rows if row.get("shipping_number")]),
            details=details,
            taxes=taxes,
        )

    def _pointed_to(self, listing: Listing, wanted: set[str]) -> Mapping[str, Row]:
        known = self._rows.setdefault(listing.resource, {})
        missing = wanted - known.keys() - {"0"}
        if missing:
            known |= self.rest.by_ids(listing, sorted(missing))
        return known

    def _owned(self, listing: Listing, keys: Sequence[Key]) -> dict[str, list[Row]]:
        """Rows of a list that belong to these orders, by order."""
        wanted = sorted({key for key in keys if key}, key=int)
        found: dict[str, list[Row]] = {}
        for row in self.rest.among(listing, "id_order", wanted) if wanted else []:
            found.setdefault(str(row.get("id_order")), []).append(row)
        return found

    def parcels(self, keys: Sequence[Key]) -> dict[str, list[Row]]:
        """Rows of order_carriers, by order."""
        return self._owned(CARRIED, keys)

    def _vouchers(self, rows: Sequence[Row]) -> dict[str, list[Row]]:
        listing = DELETED_RULES if version_numbers(str(self.facts.shop["version"])) >= DELETED_RULES_SINCE else RULES
        return self._owned(listing, [row_key(row) for row in rows if _readable(row, _discounted)])

    def _notes_of(self, rows: Sequence[Row]) -> dict[str, str]:
        """What the buyer wrote with the order; talk with employees, and what is private, is left out."""
        known = self._notes
        missing = [row_key(row) for row in rows if row_key(row) and _version_of(row) not in known]
        found = self._owned(MESSAGES, missing)
        for row in rows:
            said = [
                clean(str(one.get("message") or ""))
                for one in found.get(row_key(row), ())
                if str(one.get("private") or "0") == "0" and str(one.get("id_employee") or "0") == "0"
            ]
            known.setdefault(_version_of(row), "\n".join(part for part in said if part))
        return {row_key(row): known[_version_of(row)] for row in rows}

    def _transactions_of(self, rows: Sequence[Row]) -> dict[str, str]:
        known = self._transactions
        paid = {
            _paid_version(row): str(row.get("reference"))
            for row in rows
            if _readable(row, order_mapping.paid_by_module)
        }
        missing = sorted({reference for version, reference in paid.items() if version not in known and reference})
        found: dict[str, str] = {}
        for one in self.rest.by_texts(PAYMENTS, "order_reference", missing) if missing else []:
            number = clean(str(one.get("transaction_id") or ""))
            if number:
                found[str(one.get("order_reference"))] = number
        for version, reference in paid.items():
            known.setdefault(version, found.get(reference, ""))
        return {reference: known[version] for version, reference in paid.items()}

    def _details(self, rows: Sequence[Row]) -> tuple[dict[str, Row], dict[str, Decimal]]:
        """Lines as the shop keeps them, of orders that cannot be read without, and the rates of their taxes."""
        asked = [row_key(row) for row in rows if _readable(row, order_mapping.unclear)]
        details = {str(row_id(one)): one for found in self._owned(DETAILS, asked).values() for one in found}
        taxes = {tax for one in details.values() if _readable(one, _taxed) for tax in ids(one, "taxes")}
        rates = self._pointed_to(TAXES, taxes) if taxes else {}
        known = {key for key in taxes & rates.keys() if _readable(rates[key], _rated)}
        return details, {key: coerce.decimal(rates[key], "rate") for key in known}


def values(rows: Iterable[Row], name: str) -> set[str]:
    return {str(row[name]) for row in rows if row.get(name) not in (None, "", 0, "0")}


def _version_of(row: Row) -> tuple[str, str]:
    return row_key(row), str(row.get("date_upd"))


def _paid_version(row: Row) -> tuple[str, str]:
    return row_key(row), str(row.get("total_paid_real"))


def _discounted(row: Row) -> bool:
    off = order_amounts.totals(row, "discounts")
    return bool(off.gross or off.net)


def _taxed(row: Row) -> bool:
    return bool(ids(row, "taxes"))


def _rated(row: Row) -> bool:
    return coerce.decimal(row, "rate") >= 0


def _readable(row: Row, ask: Callable[[Row], bool]) -> bool:
    """An answer about a row; no of one that cannot be read, which is said when it is."""
    try:
        return ask(row)
    except MappingError:
        return False
