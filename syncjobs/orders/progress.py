"""From what became of an order in WAPRO to what the shop is told. Pure, and quiet when the shop knows already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integrator.canonical.orders import Order, OrderUpdate, OrderWords, Parcel, SaleDocument, Stage
from integrator.canonical.records import Key
from wapro.orders.draft import Progress

_RANK = {
    Stage.AWAITING_PAYMENT: 0,
    Stage.NEW: 1,
    Stage.OPEN: 2,
    Stage.SENT: 3,
    Stage.DONE: 4,
}
"""An order only moves forward: a shop that is further along is left alone."""


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


def update_for(order: Order, progress: Progress, terms: BackTerms, told: Sequence[str]) -> OrderUpdate | None:
    """What is new for the shop, None when nothing is. `order` as the shop holds it now; `told`: numbers of documents
    that it was told before."""
    if progress.gone or progress.unfinished:
        return None
    known = {parcel.number for parcel in order.parcels}
    parcels = tuple(one for one in parcels_of(progress) if one.number not in known) if terms.tracking else ()
    documents: tuple[SaleDocument, ...] = ()
    if terms.documents:
        documents = tuple(one for one in progress.documents if one.number not in told and not one.correction)
    paid = True if terms.payments and _is_paid(progress) and not order.payment.paid else None
    state = _state(order, progress, terms)
    if not parcels and not documents and paid is None and state is None:
        return None
    return OrderUpdate(key=order.key, state=state, paid=paid, parcels=parcels, documents=documents, notify=terms.notify)


def _state(order: Order, progress: Progress, terms: BackTerms) -> Key | None:
    stage = stage_of(progress)
    wanted = terms.states.get(stage)
    if wanted is None or wanted == order.state or order.stage.over:
        return None
    if stage is not Stage.CANCELLED and _RANK.get(order.stage, 0) >= _RANK.get(stage, 0):
        return None
    return wanted


def _is_paid(progress: Progress) -> bool:
    return bool(progress.documents) and progress.left_to_pay <= 0 and progress.paid > 0
