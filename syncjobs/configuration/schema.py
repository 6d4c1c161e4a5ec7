"""What a configuration holds: sections, their entries, and of which type each is. Pure.

A field of the pipeline's tables that is not named here is named in `LEFT_OUT`; a test holds both against the models.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from integrator.canonical.kinds import REFERENCE_KINDS, SYNC_KINDS
from integrator.canonical.orders import ChargeKind, PaymentKind, Stage
from integrator.canonical.records import keepable, plain_number
from syncjobs.engine.policy import Criterion, ErpGone, FirstAgreement, Linked, Owner
from syncjobs.orders.contractors import Private
from syncjobs.orders.policy import Again, Choice, WhenUnpaid

Read = Callable[[Any], Any]
"""Takes a value of a document, gives it in its one way of writing; raises ValueError, TypeError or KeyError."""
LONGEST = 300
_EXPONENTS = range(-20, 10)


def yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or keepable(value) != value:
        raise TypeError
    return value


def texts(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > 1000:
        raise TypeError
    return [text(one) for one in value]


def number(low: int, high: int) -> Read:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError
        return value

    return read


def amount(value: Any) -> str:
    """A decimal number that is not negative, as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    try:
        found = Decimal(text(str(value)))
    except InvalidOperation:
        raise ValueError from None
    # Written out, 1e-999999999 would be a gigabyte.
    if not found.is_finite() or not 0 <= found < Decimal(10) ** 9 or int(found.as_tuple().exponent) not in _EXPONENTS:
        raise ValueError
    return plain_number(found)


def time_or_none(value: Any) -> str | None:
    return None if value is None else time.fromisoformat(text(value)).strftime("%H:%M")


def day(value: Any) -> str:
    return date.fromisoformat(text(value)).isoformat()


def one_of(*words: object) -> Read:
    known = {str(word) for word in words}

    def read(value: Any) -> str:
        if value not in known:
            raise ValueError
        return str(value)

    return read


def scalar(value: Any) -> Any:
    return value if isinstance(value, bool) else text(value)


def parts(**types: Read) -> Read:
    """An object of exactly these parts."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or set(value) != set(types):
            raise TypeError
        return {name: kind(value[name]) for name, kind in types.items()}

    return read


def _or_none(kind: Read) -> Read:
    return lambda value: None if value is None else kind(value)


def _options(value: Any) -> list[dict[str, str]]:
    """What tells variants apart."""
    if not isinstance(value, list) or len(value) > 3:
        raise TypeError
    return [parts(field=text, name=text)(one) for one in value]


def _rules(value: Any) -> list[dict[str, Any]]:
    """Rules of the document form, in order."""
    if not isinstance(value, list) or len(value) > 100:
        raise TypeError
    forms = one_of("invoice", "receipt", "issue")
    read = parts(form=forms, tax_number=_or_none(yes_no), wanted=_or_none(yes_no), countries=texts)
    return [read(one) for one in value]


def rest(value: Any) -> dict[str, Any]:
    """When a part of the way back is told: `interval` in minutes, `quiet` from and to."""
    if not isinstance(value, dict) or not set(value) <= {"interval", "quiet"}:
        raise TypeError
    found: dict[str, Any] = {}
    if value.get("interval") is not None:
        found["interval"] = number(1, 10080)(value["interval"])
    if value.get("quiet"):
        begins, ends = value["quiet"]
        found["quiet"] = [time_or_none(begins), time_or_none(ends)]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One entry, or a table of entries. `path`, `value`, `parts`: from which dictionary the words in its keys, its
    value, the parts of its value are; an empty name: not from a dictionary."""

    read: Read
    path: tuple[str, ...] = ()
    value: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)


SCHEDULE: Mapping[str, Slot] = {
    "interval_minutes": Slot(read=number(1, 10080)),
    "quiet_from": Slot(read=time_or_none),
    "quiet_to": Slot(read=time_or_none),
}
"""When a flow runs. A further field of `SyncOptions` of that sort needs one line here."""
ORDER_SCHEDULE: Mapping[str, Slot] = {
    "interval_minutes": Slot(read=number(1, 1440)),
    "quiet_from": Slot(read=time_or_none),
    "quiet_to": Slot(read=time_or_none),
    "rests": Slot(read=rest, path=("",)),
}
"""As above, of `OrderTerms`."""
FREE = [f"POLE{n}" for n in range(1, 11)]
ERP: Mapping[str, Slot] = {
    "identity_key": Slot(read=one_of("index", "guid", "id")),
    "leading_warehouse": Slot(read=text, value="warehouses"),
    "snapshot_max_age": Slot(read=number(0, 2_000_000)),
    "group_rule": Slot(read=text),
    "option_fields": Slot(read=_options),
    "tracking_field": Slot(read=one_of("NUMER_PRZESYLKI", *FREE)),
}
DATA: Mapping[str, Slot] = {
    "price_type": Slot(read=text, value="price_types"),
    "promotions": Slot(read=yes_no),
    "warehouses": Slot(read=texts, value="warehouses"),
    "stock_formula": Slot(read=one_of("on_hand-in_edit-reserved", "on_hand-reserved", "on_hand")),
    "stock_buffer": Slot(read=amount),
    "default_category": Slot(read=text, value="shop.category"),
}
FILTER: Mapping[str, Slot] = {
    "kinds": Slot(read=texts),
    "web_shop": Slot(read=yes_no),
    "external": Slot(read=yes_no),
    "blocked": Slot(read=yes_no),
    "categories": Slot(read=texts, value="erp.category"),
    "warehouses": Slot(read=texts, value="warehouses"),
    "field": Slot(read=one_of("", *FREE, "WYROZNIK")),
    "value": Slot(read=text),
}
LIMITS: Mapping[str, Slot] = {
    "deletes": Slot(read=number(0, 1_000_000)),
    "share_changed": Slot(read=amount),
    "share_zeroed": Slot(read=amount),
    "share_deactivated": Slot(read=amount),
    "price_jumps": Slot(read=number(0, 1_000_000)),
    "price_jump_percent": Slot(read=amount),
    "small": Slot(read=number(0, 1_000_000)),
    "writes": Slot(read=number(0, 10_000_000)),
    "share_prices": Slot(read=amount),
    "writes_day": Slot(read=number(0, 10_000_000)),
    "deletes_day": Slot(read=number(0, 1_000_000)),
    "share_changed_day": Slot(read=amount),
    "share_zeroed_day": Slot(read=amount),
    "share_deactivated_day": Slot(read=amount),
    "share_prices_day": Slot(read=amount),
    "orders_day": Slot(read=number(0, 10_000_000)),
    "two_people": Slot(read=yes_no),
}
KIND: Mapping[str, Slot] = {
    **SCHEDULE,
    "fetch_all": Slot(read=yes_no),
    "criterion": Slot(read=one_of("", *Criterion)),
    "linked": Slot(read=one_of(*Linked)),
    "owners": Slot(read=one_of(*Owner), path=("",)),
    "first_agreement": Slot(read=one_of(*FirstAgreement)),
    "erp_gone": Slot(read=one_of(*ErpGone)),
    "import_unlinked": Slot(read=yes_no),
    "export_unlinked": Slot(read=yes_no),
    "delete_unlinked": Slot(read=yes_no),
}
ORDERS: Mapping[str, Slot] = {
    **ORDER_SCHEDULE,
    "warehouse": Slot(read=text, value="warehouses"),
    "reserve": Slot(read=yes_no),
    "look_back_days": Slot(read=number(1, 365)),
    "payment_days": Slot(read=number(1, 365)),
    "when_unpaid": Slot(read=one_of(*WhenUnpaid)),
    "again": Slot(read=one_of(*Again)),
    "private": Slot(read=one_of(*Private)),
    "tell_tracking": Slot(read=yes_no),
    "tell_payments": Slot(read=yes_no),
    "tell_documents": Slot(read=yes_no),
    "notify": Slot(read=yes_no),
    "back_states": Slot(read=text, path=("",), value="states"),
}
POLICY: Mapping[str, Slot] = {
    "choices": Slot(read=one_of(*Choice), path=("payments", "states")),
    "payment_kinds": Slot(read=one_of(*PaymentKind), path=("payments",)),
    "stages": Slot(read=one_of(*Stage), path=("states",)),
}
DOCUMENTS: Mapping[str, Slot] = {"rules": Slot(read=_rules)}
ORDER_MAPPINGS: Mapping[str, Slot] = {
    "payments": Slot(read=parts(form=text, days=number(0, 365)), path=("payments",), parts={"form": "payment_forms"}),
    "deliveries": Slot(
        read=parts(form=text, carrier=text),
        path=("deliveries",),
        parts={"form": "delivery_forms", "carrier": "carriers"},
    ),
    "taxes": Slot(read=text, path=("",), value="vat_codes"),
    "charges": Slot(read=text, path=("", "vat_codes"), value="service_cards"),
    "rates": Slot(read=parts(value=amount, day=day), path=("",)),
}
LINKS: Mapping[str, Mapping[str, Slot]] = {
    kind: {
        "links": Slot(read=text, path=(f"erp.{kind}",), value=f"shop.{kind}"),
        "ways_back": Slot(read=text, path=(f"shop.{kind}",), value=f"erp.{kind}"),
    }
    for kind in map(str, REFERENCE_KINDS)
}
SWITCHES: Mapping[str, Slot] = {str(name): Slot(read=yes_no) for name in (*SYNC_KINDS, "orders", "orders_back")}
SECTIONS: Mapping[str, Mapping[str, Slot] | None] = {
    "erp": ERP,
    "data": DATA,
    "filter": FILTER,
    "platform_settings": None,
    **{f"kinds.{kind}": KIND for kind in SYNC_KINDS},
    **{f"mappings.{kind}": slots for kind, slots in LINKS.items()},
    "limits": LIMITS,
    "orders": ORDERS,
    "policy": POLICY,
    "documents": DOCUMENTS,
    "order_mappings": ORDER_MAPPINGS,
    "webhooks": {"wanted": Slot(read=yes_no)},
    "switches": SWITCHES,
}
"""In the order of the page. None: the names are those that a platform declares."""
ANY = Slot(read=scalar)
SAFE_OFF = ("webhooks", "switches")
"""Sections that set something going: never ticked unless a person does."""
GROUPS = ("kinds", "mappings")
"""Sections that hold sections."""
CHARGE_KINDS = frozenset(map(str, ChargeKind))

LEFT_OUT: Mapping[str, frozenset[str]] = {
    "SyncOptions": frozenset(
        {"id", "connection", "kind", "next_at", "options_version", "refs_version", "approved_at", "approved_by"}
    ),
    "OrderTerms": frozenset(
        {"id", "connection", "next_at", "prefix", "go_live", "words", "seen", "erp_words", "erp_words_at", "since"}
        | {"let_go_at", "anonymised_at", "cursor", "fetch_began_at", "words_at", "attempts", "not_before", "problem"}
        | {"erp_attempts", "erp_not_before", "erp_problem"}
    ),
}
"""What is state, is decided for one connection alone (prefix, go-live, approval) or follows from the rest."""


def slot_of(section: str, name: str) -> Slot | None:
    """The entry of that name; None when a configuration has none."""
    slots = SECTIONS.get(section, {})
    return ANY if slots is None else slots.get(name)
