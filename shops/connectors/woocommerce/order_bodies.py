"""What is sent about orders. Pure; batches are not checked by WooCommerce, so everything is checked here."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from integrator.canonical.errors import Rejected
from integrator.canonical.orders import OrderUpdate, Parcel, SaleDocument
from integrator.canonical.problems import Code
from shops.connectors.woocommerce.order_amounts import Row, rows
from shops.connectors.woocommerce.order_mapping import TRACKING, parcel_rows, plain

_PAYABLE = ("pending", "failed")
_PAID_BY = ("processing", "completed")
"""States that make an order paid when it enters them."""
SEPARATOR = "; "
Fields = Mapping[str, Any]


def state_body(row: OrderUpdate, present: Row, states: Sequence[str]) -> dict[str, Any]:
    """Raises Rejected for a state that the shop does not have: a batch would take it for `pending` without a word and
    give the stock back."""
    if row.state is None or row.state == present.get("status"):
        return {}
    if row.state not in states:
        raise Rejected(Code.REJECTED, field="status", message=row.state)
    return {"status": row.state}


def paid_body(row: OrderUpdate, present: Row, state: str) -> dict[str, Any]:
    """`state`: in which the order is after this update.

    `set_paid` works only where a payment is waited for; an order on hold is paid by being processed, one paid on
    delivery by being completed. Raises Rejected where WooCommerce has no way.
    """
    if row.paid is not True or present.get("date_paid_gmt"):
        return {}
    if state in _PAYABLE:
        return {"set_paid": True}
    if state == "on-hold" and row.state is None:
        return {"status": "processing"}
    entered = state != present.get("status")
    if entered and state in (("completed",) if present.get("payment_method") == "cod" else _PAID_BY):
        return {}
    raise Rejected(Code.CANNOT_UPDATE, field="paid")


def new_parcels(row: OrderUpdate, kept: Fields) -> list[Parcel]:
    """Raises MappingError where the order's field holds something else than parcels."""
    known = {plain(one, "tracking_number") for one in parcel_rows(kept)}
    return [one for one in {one.number: one for one in row.parcels}.values() if one.number not in known]


def parcel_field(parcels: Sequence[Parcel], kept: Fields, now: int) -> dict[str, Any]:
    """The field with all parcels: it is replaced as a whole."""
    made = [
        {
            **parcel_row(one),
            "date_shipped": now,
            "tracking_id": hashlib.md5(f"{one.carrier}-{one.number}".encode(), usedforsecurity=False).hexdigest(),
        }
        for one in parcels
    ]
    return {"key": TRACKING, "value": [*(dict(one) for one in parcel_rows(kept)), *made]}


def parcel_row(parcel: Parcel) -> dict[str, str]:
    """A carrier with an address of its own is a custom one; without one the plugin makes the address by the name."""
    row = {"tracking_provider": parcel.carrier, "custom_tracking_provider": "", "custom_tracking_link": ""}
    if parcel.url:
        row |= {"custom_tracking_provider": parcel.carrier, "custom_tracking_link": parcel.url}
    return {**row, "tracking_number": parcel.number}


def document_text(document: SaleDocument) -> str:
    return document.number + (f" ({document.ksef_number})" if document.ksef_number else "")


def documents_field(name: str, documents: Sequence[SaleDocument], kept: Fields) -> dict[str, Any] | None:
    """The field with all numbers, None when it holds them. A number that meanwhile got one of KSeF is replaced."""
    present = [one for one in str(kept.get(name) or "").split(SEPARATOR) if one]
    found = list(present)
    for document in documents:
        text = document_text(document)
        same = [place for place, one in enumerate(found) if one.partition(" (")[0] == document.number]
        if not same:
            found.append(text)
        elif document.ksef_number:
            found[same[0]] = text
    return None if found == present else {"key": name, "value": SEPARATOR.join(found)}


def parcel_note(parcels: Sequence[Parcel]) -> str:
    return "\n".join(" ".join(part for part in (one.carrier, one.number, one.url) if part) for one in parcels)


# fulfilments


def fulfilment(present: Row, made: Sequence[Row], parcels: Sequence[Parcel]) -> tuple[str, dict[str, Any]]:
    """Id ("": a new one) and body: pieces that nothing was sent of yet become one fulfilment with these parcels; where
    all is sent, the numbers join those of the last one. Fields that are left out are deleted, and a field without an
    `id` is dropped."""
    left = _unsent(present, made)
    numbers = [one.number for one in parcels]
    if left or not made:
        items = left or [{"item_id": one["id"], "qty": one["quantity"]} for one in rows(present, "line_items")]
        meta = {
            "_items": items,
            "_tracking_number": ", ".join(numbers),
            "_tracking_url": parcels[0].url,
            "_shipment_provider": parcels[0].carrier,
        }
        return "", {"status": "fulfilled", "is_fulfilled": True, "meta_data": _listed({}, meta)}
    last = made[-1]
    kept = {one["key"]: one.get("value") for one in rows(last, "meta_data")}
    told = [one for one in str(kept.get("_tracking_number") or "").split(", ") if one]
    return str(last["id"]), {
        "status": "fulfilled",
        "is_fulfilled": True,
        "meta_data": _listed(last, {**kept, "_tracking_number": ", ".join([*told, *numbers])}),
    }


def _listed(last: Row, meta: Fields) -> list[dict[str, Any]]:
    ids = {one["key"]: one["id"] for one in rows(last, "meta_data")} if last else {}
    return [{"id": ids.get(name, 0), "key": name, "value": value} for name, value in meta.items()]


def _unsent(present: Row, made: Sequence[Row]) -> list[dict[str, Any]]:
    sent: dict[str, int] = {}
    for one in made:
        for field in rows(one, "meta_data"):
            if field.get("key") == "_items" and isinstance(field.get("value"), list):
                for item in field["value"]:
                    sent[str(item["item_id"])] = sent.get(str(item["item_id"]), 0) + int(item["qty"])
    left = [
        {"item_id": line["id"], "qty": int(line["quantity"]) - sent.get(str(line["id"]), 0)}
        for line in rows(present, "line_items")
    ]
    return [one for one in left if one["qty"] > 0]


def fulfilled_numbers(made: Sequence[Row]) -> set[str]:
    return {
        number
        for one in made
        for field in rows(one, "meta_data")
        if field.get("key") == "_tracking_number"
        for number in str(field.get("value") or "").split(", ")
    }
