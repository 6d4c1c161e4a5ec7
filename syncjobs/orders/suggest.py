"""Which entry of WAPRO's dictionaries a shop's own way to pay, to deliver, to charge or to tax most likely is. Pure.

Suggestions only fill the page of mappings; nothing counts before a person has saved it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from rapidfuzz import fuzz

from integrator.canonical.orders import ChargeKind, PaymentKind
from integrator.canonical.text import fold
from syncjobs.orders.draft import SPREAD
from wapro.orders.draft import PaymentForm, ServiceCard, VatCode, Word

ENOUGH = 80
"""A name must be at least this like another to be suggested: a wrong form of payment ships unpaid goods."""
W = TypeVar("W", bound=Word)

_PAYMENT_WORDS: Mapping[PaymentKind, tuple[str, ...]] = {
    PaymentKind.COD: ("pobranie", "pobraniem", "pobraniowa"),
    PaymentKind.TRANSFER: ("przelew",),
    PaymentKind.ONLINE: ("online", "internetowa", "elektroniczna", "platnosc elektroniczna"),
    PaymentKind.DEFERRED: ("odroczona", "odroczony", "kredyt", "termin"),
}
"""Words of Polish companies, folded, the surest first. Installations name their forms freely."""
_CHARGE_WORDS: Mapping[ChargeKind, tuple[str, ...]] = {
    ChargeKind.SHIPPING: ("transport", "przesylka", "wysylka", "dostawa", "kurier", "koszty wysylki"),
    ChargeKind.COD: ("pobranie", "pobraniem", "oplata za pobranie"),
    ChargeKind.PACKING: ("pakowanie", "opakowanie"),
    ChargeKind.OTHER: (),
    ChargeKind.DISCOUNT: (),
}


def alike(name: str, words: Sequence[W]) -> W | None:
    """The entry of that name, else the only one that is nearly called so; None where two are as likely."""
    wanted = fold(name).strip()
    if not wanted:
        return None
    usable = [word for word in words if word.active]
    same = [word for word in usable if fold(word.name).strip() == wanted]
    if same:
        return same[0]
    scored = sorted(((fuzz.token_set_ratio(wanted, fold(word.name)), word.key) for word in usable), reverse=True)
    if not scored or scored[0][0] < ENOUGH or (len(scored) > 1 and scored[1][0] == scored[0][0]):
        return None
    return next(word for word in usable if word.key == scored[0][1])


def payment_form(name: str, kind: PaymentKind, forms: Sequence[PaymentForm]) -> PaymentForm | None:
    """By its name, else by what sort of payment it is."""
    return alike(name, forms) or _with_word(_PAYMENT_WORDS.get(kind, ()), forms)


def delivery(name: str, forms: Sequence[Word], carriers: Sequence[Word]) -> tuple[Word | None, Word | None]:
    """Form of delivery and carrier: `InPost Paczkomaty` is brought by the carrier whose name it holds."""
    carrier = alike(name, carriers) or _named_in(name, carriers)
    return alike(name, forms) or _named_in(name, forms), carrier


def charge_card(kind: ChargeKind, vat_code: str, cards: Sequence[ServiceCard], warehouse: int | None) -> str:
    """Key of the service card that a charge is most likely booked on, SPREAD for discounts, empty where none is. Only
    cards of the VAT rate and of the orders' warehouse come into question."""
    if kind is ChargeKind.DISCOUNT:
        return SPREAD
    fitting = [
        card
        for card in cards
        if card.active and card.vat_code == vat_code and (warehouse is None or warehouse in card.warehouses)
    ]
    found = _with_word(_CHARGE_WORDS[kind], fitting)
    return found.key if found else ""


def vat_code(name: str, percent: Decimal | None, codes: Sequence[VatCode]) -> VatCode | None:
    """By the code itself (`23%` is `23`), else by the percent where only one active code has it: several have 0."""
    plain = fold(name).replace("%", "").replace("vat", "").strip()
    usable = [code for code in codes if code.active and code.percent is not None]
    same = [code for code in usable if fold(code.key).strip() == plain]
    if same and (percent is None or same[0].percent == percent):
        return same[0]
    equal = [code for code in usable if percent is not None and code.percent == percent]
    return equal[0] if len(equal) == 1 else None


def _with_word(wanted: Sequence[str], entries: Sequence[W]) -> W | None:
    """The only active entry that holds the surest of these words."""
    for word in wanted:
        found = [entry for entry in entries if entry.active and word in fold(entry.name)]
        if len(found) == 1:
            return found[0]
    return None


def _named_in(text: str, entries: Sequence[W]) -> W | None:
    """The only active entry whose whole name is among the words of a text."""
    words = set(fold(text).split())
    found = [entry for entry in entries if entry.active and entry.name and set(fold(entry.name).split()) <= words]
    return found[0] if len(found) == 1 else None
