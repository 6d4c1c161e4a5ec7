"""Which kinds a broken one keeps waiting."""

from integrator.canonical.kinds import Kind
from syncjobs.engine.order import held_up_by


def test_a_broken_producer_holds_up_products_and_through_them_images() -> None:
    assert held_up_by(Kind.PRODUCER) == (Kind.PRODUCT, Kind.IMAGE)
    assert held_up_by(Kind.PRODUCT) == (Kind.IMAGE,)
    assert held_up_by(Kind.STOCK) == ()
