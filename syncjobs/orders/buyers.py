"""Contractors that are to be made, before anything is written."""

from integrator.canonical.errors import Rejected
from integrator.canonical.orders import Order
from integrator.canonical.records import Problem
from syncjobs.orders import contractors
from syncjobs.orders.placing import new_contractor
from wapro.orders.contractors import fits


def unfit(order: Order, number: str, choice: contractors.Choice) -> list[Problem]:
    """What WAPRO's columns would refuse of the contractor that is to be made. `number`: of the order in WAPRO."""
    if not choice.create:
        return []
    try:
        fits(new_contractor(order, number, one_off=choice.one_off))
    except Rejected as error:
        return [error.problem]
    return []
