"""From what became of an order in WAPRO to what the shop is told. Pure, and quiet when the shop knows already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from integrator.canonical.orders import Order, OrderUpdate, OrderWords, Parcel, SaleDocument, Stage
from integrator.canonical.problems import Code
from integrator.canonical.records import Key, Problem, plain_number, problem
from wapro.orders.draft import Progress, WaproDocument

_RANK = {
    Stage.AWAITING_PAYMENT: 0,
    Stage.NEW: 1,
    Stage.OPEN: 2,
    Stage.SENT: 3,
    Stage.DONE: 4,
}
"""An order only moves forward: a shop that is further along is left alone, and so is a state nobody has explained."""
FOLLOWED_FOR = timedelta(days=14)
"""How long a realised order is followed at most: one that is picked up never gets a parcel, and nobody says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTerms:
    """What a connection wants told, and in which of the shop's own states."""

    states: Mapping[Stage, Key] = field(default_factory=dict)
    """Stage in WAPRO -> the shop's state; a stage that is missing changes nothing."""
    tracking: bool = True
    payments: bool = False
    documents: bool = True
    notify: bool = False
    """Whether the shop writes to the buyer about it."""


def default_states(words: OrderWords) -> dict[Stage, Key]:
    """The first of the shop's states that means each stage, as a proposal for the mapping page."""
    found: dict[Stage, Key] = {}
    for entry in words.states:
        if entry.stage in (Stage.OPEN, Stage.SENT, Stage.CANCELLED):
            found.setdefault(entry.stage, entry.key)
    done = next((entry.key for entry in words.states if entry.stage is Stage.DONE), "")
    if done:
        # WooCommerce knows no state between "being prepared" and "completed".
        found.setdefault(Stage.SENT, done)
    return found


def stage_of(progress: Progress) -> Stage:
    if progress.cancelled:
        return Stage.CANCELLED
    if progress.realised == "fully":
        return Stage.SENT
    return Stage.OPEN


def parcels_of(progress: Progress) -> tuple[Parcel, ...]:
    return tuple(
        Parcel(number=number, carrier=progress.carrier, url=progress.tracking_url) for number in progress.tracking
    )


def update_for(order: Order, progress: Progress, terms: BackTerms, told: Mapping[str, str]) -> OrderUpdate | None:
    """What is new for the shop, None when nothing is. `order` as the shop holds it now, with the stage that people gave
    its state; `told`: numbers of documents that it was told before, each with its number of KSeF."""
    if progress.gone or progress.unfinished:
        return None
    known = {parcel.number for parcel in order.parcels}
    parcels = tuple(one for one in parcels_of(progress) if one.number not in known) if terms.tracking else ()
    documents: tuple[SaleDocument, ...] = ()
    if terms.documents:
        found = (one for one in progress.documents if not one.correction)
        plain = (SaleDocument(number=one.number, kind=one.kind, ksef_number=one.ksef_number) for one in found)
        documents = tuple(one for one in plain if is_news(one, told))
    paid = True if terms.payments and is_paid(order, progress) and not order.payment.paid else None
    state = _state(order, progress, terms)
    if not parcels and not documents and paid is None and state is None:
        return None
    return OrderUpdate(key=order.key, state=state, paid=paid, parcels=parcels, documents=documents, notify=terms.notify)


def is_news(document: SaleDocument, told: Mapping[str, str]) -> bool:
    """Whether the shop does not know it, or not the number that KSeF gave it since."""
    before = told.get(document.number)
    return before is None or bool(document.ksef_number and document.ksef_number != before)


def _state(order: Order, progress: Progress, terms: BackTerms) -> Key | None:
    stage = stage_of(progress)
    wanted = terms.states.get(stage)
    if wanted is None or wanted == order.state or order.stage.over:
        return None
    if stage is Stage.CANCELLED:
        return wanted
    if order.stage not in _RANK or _RANK[order.stage] >= _RANK[stage]:
        return None
    return wanted


def is_paid(order: Order, progress: Progress) -> bool:
    """Whether documents show the whole order paid. What is paid is known in zloty, so nothing is said of an order in
    another currency."""
    return order.currency == "PLN" and progress.left_to_pay <= 0 and progress.paid >= order.total > 0


def is_sold(progress: Progress) -> bool:
    """Whether WAPRO shows a sale document of it; goods issued are none, and neither is an invoice for an advance."""
    return bool(_sales(progress))


def has_document(progress: Progress, asked: str) -> bool:
    """Whether WAPRO shows the document that the order asks for: of one that asks for a goods issue alone, that."""
    return is_sold(progress) or (asked == "issue" and any(not one.correction for one in progress.documents))


def _sales(progress: Progress) -> list[WaproDocument]:
    return [one for one in progress.documents if one.kind != "issue" and not one.correction and not one.advance]


def is_over(order: Order, progress: Progress, terms: BackTerms, realised_for: timedelta) -> bool:
    """Whether a realised order is followed no more: all that the shop is to be told is there, or it was waited for long
    enough. That is its sale document, with the number of KSeF of an invoice where WAPRO keeps them, its parcel, and its
    payment, each where it is told."""
    if progress.realised != "fully":
        return False
    if realised_for >= FOLLOWED_FOR:
        return True
    unnumbered = (one.kind == "invoice" and not one.ksef_number for one in _sales(progress))
    if terms.documents and (not is_sold(progress) or (progress.has_ksef and any(unnumbered))):
        return False
    if terms.tracking and not progress.tracking:
        return False
    return not terms.payments or order.payment.paid or is_paid(order, progress)


def still_reserved(progress: Progress) -> Problem | None:
    """What people have to free: goods that a cancelled order holds on."""
    held = [f"{line.card} × {plain_number(line.reserved)}" for line in progress.lines if line.reserved > 0]
    if not progress.cancelled or not held:
        return None
    return problem(Code.ORDER_STILL_RESERVED, number=progress.number, examples=", ".join(held))
