"""What the page of orders' mappings offers is read by a worker, from WAPRO and from the shop."""

from syncjobs import errands
from syncjobs.models import Errand
from syncjobs.models.choices import Status
from syncjobs.orders.dictionaries import erp_words_of
from syncjobs.orders.mapping_table import rows_of
from syncjobs.orders.terms import words_of
from syncjobs.views.orders_mapping import stored_of
from tests.pipeline.selling import Shop


def test_the_dictionaries_of_both_sides_are_read_and_fill_the_page(shop: Shop) -> None:
    shop.sell()
    errand = errands.request(Errand.Verb.ORDER_WORDS, shop=shop.lab.shop_connection)
    shop.work()
    errand.refresh_from_db()
    assert errand.status == Status.SUCCEEDED, errand.result
    shop.terms.refresh_from_db()
    words = erp_words_of(shop.terms)
    assert "przelew" in {form.key for form in words.payment_forms}
    assert any(card.vat_code == "23" for card in words.service_cards)
    assert words_of(shop.terms).states
    rows = rows_of(stored_of(shop.terms), words_of(shop.terms), words)
    used = {row.key: row.count for row in rows["payments"]}
    assert used["cod"] == 1
    assert all(row.mapped for row in rows["taxes"] if row.count)
