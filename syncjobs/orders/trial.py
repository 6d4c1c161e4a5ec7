"""What would become of an order if it were decided now, without asking WAPRO and without changing anything.

Cards are as of the last fetch; of a contractor that may have to be made it is known what WAPRO's columns take.
"""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils import timezone

from integrator.canonical.orders import Order
from integrator.canonical.records import Problem
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import contractors
from syncjobs.orders.arriving import order_in
from syncjobs.orders.buyers import unfit
from syncjobs.orders.catalogue import catalogue_for
from syncjobs.orders.deciding import proof_json
from syncjobs.orders.draft import draft
from syncjobs.orders.policy import Verdict, decide
from syncjobs.orders.terms import buyer_terms_of, map_of, rules_of
from wapro.models import WaproConnection
from wapro.orders.draft import DocumentForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`problems` would hold it, `remarks` say what would be adapted. `buyer`: whom WAPRO would be asked for."""

    order: ShopOrder
    verdict: Verdict
    document: DocumentForm
    buyer: Literal["company", "email", "private"]
    tax_number: str
    tax_number_valid: bool
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    proof: dict[str, Any] | None

    @property
    def goes_in(self) -> bool:
        return self.verdict.choice.brings_in and not self.problems


def try_order(terms: OrderTerms, erp: WaproConnection, row: ShopOrder) -> Trial:
    """Everything but the contractor, whom only WAPRO knows."""
    order, rules, now = order_in(row), rules_of(terms), timezone.now()
    verdict = decide(order, rules, now)
    form = rules.document_form(order)
    made = draft(
        order,
        map_of(terms),
        catalogue_for(terms, erp, [order]),
        contractor="",
        form=form,
        reserve=verdict.choice.reserves,
        placed=timezone.localtime(order.placed_at, timezone.get_default_timezone()).date(),
        today=timezone.localdate(timezone=timezone.get_default_timezone()),
        overruled=bool(row.overruled),
    )
    company = contractors.is_company(order)
    plain = contractors.tax_number(order.buyer.billing.tax_number) if company else ""
    return Trial(
        order=row,
        verdict=verdict,
        document=form,
        buyer="company" if company else "email" if order.buyer.email else "private",
        tax_number=plain,
        tax_number_valid=order.buyer.billing.country not in ("", "PL") or contractors.polish_tax_number_valid(plain),
        problems=made.problems,
        remarks=(*made.remarks, *_if_made(terms, erp, row, order)),
        proof=proof_json(made),
    )


def _if_made(terms: OrderTerms, erp: WaproConnection, row: ShopOrder, order: Order) -> list[Problem]:
    """What would hold it if WAPRO does not know the buyer and a contractor has to be made."""
    found = contractors.choose(order, [], [], False, buyer_terms_of(terms, erp))
    return unfit(order, row.erp_number or order.key, found)
