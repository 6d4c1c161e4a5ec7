"""The dictionaries that the page of orders' mappings offers, read by a worker because somebody asked for them."""

from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from integrator.canonical.errors import PlanRefused
from integrator.canonical.problems import Code, Turn
from shops.models import ShopConnection
from syncjobs.models.orders import OrderTerms
from syncjobs.orders import arriving
from syncjobs.slices import Slice
from wapro.models import WaproConnection
from wapro.orders.draft import ErpWords


def read_dictionaries(connection: ShopConnection, work: Slice) -> dict[str, Any]:
    """WAPRO's first, then the shop's. What WAPRO gave is kept even when the shop does not answer. Raises
    IntegrationError."""
    erp = WaproConnection.objects.filter(client=connection.client_id).first()
    if erp is None:
        raise PlanRefused(Code.SETTING_MISSING, turn=Turn.CONNECTION, setting="erp")
    terms, _made = OrderTerms.objects.select_related("connection").get_or_create(connection=connection)
    words = work.orders(erp).words()
    with transaction.atomic():
        work.hold.check()
        terms.erp_words, terms.erp_words_at = msgspec.to_builtins(words), timezone.now()
        terms.save(update_fields=["erp_words", "erp_words_at"])
    arriving.learn_words(terms, work)
    return {"payments": len(words.payment_forms), "cards": len(words.service_cards)}


def erp_words_of(terms: OrderTerms) -> ErpWords:
    """As they were last read, empty before."""
    return msgspec.convert(terms.erp_words, ErpWords) if terms.erp_words else ErpWords()
