"""A fingerprint tells changed records from unchanged ones and nothing else."""

from decimal import Decimal

from integrator.canonical.fingerprint import fingerprint
from integrator.canonical.records import Price, Product, from_json, to_json


def test_trailing_zeros_are_not_a_change():
    assert fingerprint(Price(price=Decimal("1.50"))) == fingerprint(Price(price=Decimal("1.5")))


def test_an_aside_attribute_is_a_change():
    plain = Product(code="A", name="Młotek")
    assert fingerprint(plain) != fingerprint(Product(code="A", name="Młotek", aliases=("id:1",)))


def test_a_record_survives_the_journey_through_json():
    product = Product(code="A", name="Młotek", weight=Decimal("1.250"), options=(("Kolor", "Czerwony"),), active=False)
    assert from_json(Product, to_json(product)) == product
