"""The stored terms of a connection as the shapes that the pure modules take."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from integrator.canonical.orders import (
    ChargeKind,
    DeliveryEntry,
    OrderWords,
    PaymentEntry,
    PaymentKind,
    Stage,
    StateEntry,
)
from syncjobs.models.orders import OrderTerms
from syncjobs.orders import contractors, resting
from syncjobs.orders.draft import DeliveryMap, OrderMap, PaymentMap, Rate, Vat
from syncjobs.orders.policy import DOCUMENT_RULES, Again, Choice, DocumentRule, Rules, WhenUnpaid
from syncjobs.orders.progress import BackTerms
from wapro.models import WaproConnection


def rules_of(terms: OrderTerms) -> Rules:
    return Rules(
        go_live=terms.go_live,
        look_back=timedelta(days=terms.look_back_days),
        choices={_pair(key): Choice(value) for key, value in terms.choices.items()},
        payment_kinds={key: PaymentKind(value) for key, value in terms.payment_kinds.items()},
        stages={key: Stage(value) for key, value in terms.stages.items()},
        state_names={one.key: one.name for one in words_of(terms).states},
        payment_days=terms.payment_days,
        when_unpaid=WhenUnpaid(terms.when_unpaid),
        again=Again(terms.again),
        documents=tuple(msgspec.convert(one, DocumentRule) for one in terms.documents) or DOCUMENT_RULES,
    )


def map_of(terms: OrderTerms) -> OrderMap:
    return OrderMap(
        prefix=terms.prefix,
        warehouse=int(terms.warehouse) if terms.warehouse else None,
        payments={
            key: PaymentMap(form=one["form"], days=int(one.get("days") or 0)) for key, one in _mapped(terms.payments)
        },
        deliveries={
            key: DeliveryMap(form=_number(one.get("form")), carrier=_number(one.get("carrier")))
            for key, one in terms.deliveries.items()
        },
        charges={_charge(key): str(card) for key, card in terms.charges.items() if card},
        taxes={key: Vat(code=one["code"], percent=Decimal(one["percent"])) for key, one in _coded(terms.taxes)},
        rates={
            currency: Rate(value=Decimal(one["value"]), day=date.fromisoformat(one["day"]))
            for currency, one in terms.rates.items()
        },
        reserve=terms.reserve,
    )


def buyer_terms_of(terms: OrderTerms, erp: WaproConnection) -> contractors.Terms:
    return contractors.Terms(
        private=contractors.Private(terms.private), retail=erp.retail_contractor, create=erp.create_contractors
    )


def back_terms_of(terms: OrderTerms) -> BackTerms:
    told = {} if resting.is_off(terms, "statuses") else terms.back_states
    return BackTerms(
        states={Stage(stage): str(key) for stage, key in told.items() if key},
        tracking=terms.tell_tracking,
        payments=terms.tell_payments,
        documents=terms.tell_documents,
        notify=terms.notify,
    )


def words_of(terms: OrderTerms) -> OrderWords:
    """What the shop lists itself, and what its recent orders used besides."""
    listed = msgspec.convert(terms.words, OrderWords) if terms.words else OrderWords(states=())
    states, payments, deliveries = list(listed.states), list(listed.payments), list(listed.deliveries)
    for key, one in terms.seen.get("states", {}).items():
        if key not in {entry.key for entry in states}:
            states.append(StateEntry(key=key, name=one["name"] or key, stage=Stage(one.get("stage", "unknown"))))
    for key, one in terms.seen.get("payments", {}).items():
        if key not in {entry.key for entry in payments}:
            payments.append(
                PaymentEntry(key=key, name=one["name"] or key, kind=PaymentKind(one.get("kind", "unknown")))
            )
    for key, one in terms.seen.get("deliveries", {}).items():
        if key not in {entry.key for entry in deliveries}:
            deliveries.append(DeliveryEntry(key=key, name=one["name"] or key))
    return OrderWords(states=tuple(states), payments=tuple(payments), deliveries=tuple(deliveries))


def choice_key(payment: str, state: str) -> str:
    return f"{payment}|{state}"


def _pair(key: str) -> tuple[str, str]:
    payment, _, state = key.rpartition("|")
    return payment, state


def _charge(key: str) -> tuple[ChargeKind, str]:
    kind, _, code = key.partition("|")
    return ChargeKind(kind), code


def _mapped(entries: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, one) for key, one in entries.items() if one.get("form")]


def _coded(entries: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, one) for key, one in entries.items() if one.get("code")]


def _number(value: Any) -> int | None:
    return None if value in (None, "") else int(value)
