"""The shapes of an order on the ERP's side. Money and quantities are Decimal, keys are opaque text of the ERP."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from integrator.canonical.orders import SaleDocument
from integrator.canonical.records import Key
from integrator.canonical.side import Exchange

Basis = Literal["Netto", "Brutto"]
"""Which of its prices WAPRO computes the totals from (OBLICZANIE_WG_CEN)."""
DocumentForm = Literal["invoice", "receipt", "issue"]
"""What an order asks for (FAKTURA_DO_ZAMOWIENIA): 1, 2, or 0 for neither, so that only goods are issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaproLine:
    """Prices are final unit prices after every discount, in the order's currency, per `unit`, with 4 decimals."""

    card: Key
    """The product as snapshots name it: the identity key, not the id of a card."""
    vat_code: str
    quantity: Decimal
    unit: str = ""
    """Abbreviation (SKROT); empty: the unit the card is sold in, with its factor."""
    factor: Decimal = Decimal(1)
    """Stock units in one `unit`."""
    net: Decimal
    gross: Decimal
    note: str = ""
    reserve: Decimal = Decimal(0)
    """How much of the quantity to reserve, in `unit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaproOrder:
    number: str
    """NR_ZAMOWIENIA_KLIENTA, at most 30 characters: what makes placing repeatable."""
    placed: date
    due: date
    warehouse: int
    basis: Basis = "Brutto"
    contractor: Key
    payment_form: str
    """By name, as WAPRO keeps it."""
    payment_days: int = 0
    document: DocumentForm = "receipt"
    reserve: bool = True
    delivery_form: int | None = None
    carrier: int | None = None
    notes: str = ""
    info: str = ""
    person: str = ""
    """Who ordered (OSOBA_ZAMAWIAJACA)."""
    internet: bool = True
    paid_online: bool = False
    currency: str = "PLN"
    rate: Decimal = Decimal(1)
    """Zloty for one of `currency`."""
    rate_day: date | None = None
    lines: tuple[WaproLine, ...]
    expected_net: Decimal | None = None
    expected_gross: Decimal
    """In the order's currency. Nothing is kept when WAPRO comes to another total."""

    @property
    def foreign(self) -> bool:
        return self.currency not in ("", "PLN")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """`ordered` and `done` in the unit of the line, `reserved` in stock units, of which one unit has `factor`. (So the
    stand-ins keep it; in which unit the vendor's procedures do is not known.)"""

    card: Key
    ordered: Decimal
    reserved: Decimal
    done: Decimal
    factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An order as it stands in WAPRO; `found`: it was there before. Money in the order's currency."""

    key: Key
    number: str
    net: Decimal
    gross: Decimal
    lines: tuple[PlacedLine, ...]
    found: bool = False
    exchange: Exchange = field(default_factory=Exchange, compare=False)
    """The calls that were made, for people to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressLine:
    """Units as in PlacedLine; `missing` is in stock units, too."""

    key: Key
    card: Key
    """Empty where the card is gone."""
    ordered: Decimal
    done: Decimal
    reserved: Decimal
    missing: Decimal
    """Wanted for reservation and not there yet."""
    factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaproDocument(SaleDocument):
    """A document that realises the order, with what is paid of it. A correction has negative amounts."""

    key: Key
    day: date | None = None
    gross: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    left: Decimal = Decimal(0)
    settled: bool = False
    correction: bool = False
    receipt_number: str = ""
    """What the fiscal printer gave it."""
    ksef_status: str = ""
    advance: bool = False
    """An invoice for an advance: it realises nothing of the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What became of an order in WAPRO. Of one that is gone nothing but the key is known."""

    key: Key
    gone: bool = False
    number: str = ""
    client_number: str = ""
    contractor: Key = ""
    unfinished: bool = False
    """Begun and never approved (FLAGA_STANU 1)."""
    state: str = ""
    """STAN_REALIZ: `N` not realised, `Z` realised; others are not known."""
    status: str = ""
    """STATUS_ZAM: a code of the installation's dictionary, empty for none; `A` cancels."""
    net: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)
    lines: tuple[ProgressLine, ...] = ()
    tracking: tuple[str, ...] = ()
    carrier: str = ""
    tracking_url: str = ""
    documents: tuple[WaproDocument, ...] = ()
    paid: Decimal = Decimal(0)
    """Of all trade documents together, in zloty."""
    left_to_pay: Decimal = Decimal(0)
    has_ksef: bool = False
    """Whether this WAPRO keeps numbers of KSeF."""

    @property
    def cancelled(self) -> bool:
        return self.status == CANCELLED

    @property
    def realised(self) -> Literal["no", "partly", "fully"]:
        """`fully` when WAPRO says so or nothing is left of any line."""
        if self.state == REALISED or (self.lines and all(line.done >= line.ordered for line in self.lines)):
            return "fully"
        return "partly" if any(line.done for line in self.lines) else "no"


REALISED, CANCELLED = "Z", "A"
SERVICE = "Usługa"
"""RODZAJ of a card that is no goods: never reserved, never issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContractor:
    """Limits are those of KONTRAHENT; nothing is cut: what does not fit is refused by the name of its field."""

    name: str
    """At most 50 characters, shown in lists."""
    full_name: str = ""
    """At most 200; empty: as the name."""
    tax_number: str = ""
    country: str = "PL"
    street: str = ""
    postcode: str = ""
    city: str = ""
    email: str = ""
    phone: str = ""
    payment_form: str = ""
    payment_days: int = 0
    one_off: bool = False
    marker: str = ""
    """WYROZNIK: the shop's number of the buyer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundContractor:
    key: Key
    number: int | None
    """As the program shows it."""
    name: str
    full_name: str = ""
    tax_number: str = ""
    email: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    payment_form: str = ""
    payment_days: int = 0
    one_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorsFound:
    """All that fit, lowest id first; those that are blocked are told apart and never used."""

    found: tuple[FoundContractor, ...] = ()
    blocked: tuple[FoundContractor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """An entry of a dictionary of WAPRO. `key` is what an order carries: of a payment form that is its name."""

    key: Key
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentForm(Word):
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCard(Word):
    """`key` is the identity key of the card."""

    vat_code: str
    unit: str
    warehouses: tuple[int, ...]
    """Where it has a card that is not blocked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VatCode(Word):
    percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpWords:
    """What the mapping page offers. Entries that are switched off in WAPRO are listed as inactive."""

    payment_forms: tuple[PaymentForm, ...] = ()
    delivery_forms: tuple[Word, ...] = ()
    carriers: tuple[Word, ...] = ()
    service_cards: tuple[ServiceCard, ...] = ()
    vat_codes: tuple[VatCode, ...] = ()
    users: tuple[Word, ...] = ()
    statuses: tuple[Word, ...] = ()
    """`key` is the code of one character."""
    warehouses: tuple[Word, ...] = ()
