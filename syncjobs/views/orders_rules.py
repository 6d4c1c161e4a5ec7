"""The rules of which document an order asks for, in words."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncjobs.forms_orders import DOCUMENT_FORMS
from syncjobs.models.orders import OrderTerms
from syncjobs.orders.policy import DOCUMENT_RULES, DocumentRule, never_reached, takes_everything
from syncjobs.orders.terms import rules_of

BUYERS = {
    (None, None): gettext_lazy("Every buyer"),
    (None, True): gettext_lazy("Who asks for an invoice"),
    (None, False): gettext_lazy("Who asks for no invoice"),
    (True, None): gettext_lazy("A company with a tax number"),
    (True, True): gettext_lazy("A company with a tax number that asks for an invoice"),
    (True, False): gettext_lazy("A company with a tax number that asks for no invoice"),
    (False, None): gettext_lazy("A buyer without a tax number"),
    (False, True): gettext_lazy("A buyer without a tax number who asks for an invoice"),
    (False, False): gettext_lazy("A buyer without a tax number who asks for no invoice"),
}
"""(tax number, wish) -> whom a rule is about."""


def shown(terms: OrderTerms) -> dict[str, Any]:
    """The list as the page shows it."""
    rules = rules_of(terms).documents
    dead = never_reached(rules)
    return {
        "rows": [
            {
                "who": who(rule, last=place > 0 and place == len(rules) - 1),
                "form": DOCUMENT_FORMS[rule.form],
                "dead": place in dead,
                "first": place == 0,
                "last": place == len(rules) - 1,
            }
            for place, rule in enumerate(rules)
        ],
        "dead": len(dead),
        "usual": rules == DOCUMENT_RULES,
        "only": len(rules) == 1,
        "rest": not takes_everything(rules),
        "seen": digest(rules),
    }


def who(rule: DocumentRule, *, last: bool = False) -> str:
    """Whom a rule is about."""
    everybody = rule.tax_number is None and rule.wanted is None
    said = _("Everybody else") if everybody and last else str(BUYERS[rule.tax_number, rule.wanted])
    if not rule.countries:
        return said
    said = str(BUYERS[None, None]) if everybody else said
    return _("%(who)s, country %(codes)s") % {"who": said, "codes": ", ".join(sorted(rule.countries))}


def sentence(rule: DocumentRule) -> str:
    return f"{who(rule)}: {DOCUMENT_FORMS[rule.form]}"


def stored(rules: Sequence[DocumentRule]) -> list[dict[str, Any]]:
    """As the terms keep them."""
    return [msgspec.to_builtins(rule) | {"countries": sorted(rule.countries)} for rule in rules]


def digest(rules: Sequence[DocumentRule]) -> str:
    """Of the list that a page shows: a move by number is meant for that list alone."""
    return hashlib.sha256(msgspec.json.encode(stored(rules))).hexdigest()[:16]
