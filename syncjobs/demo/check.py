"""The demo's own proof, for all shops at once: synchronise through the real worker, mend what closes a gate,
synchronise again, compare; then sell, and compare orders and stock."""

from collections.abc import Callable, Sequence
from functools import partial

from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from syncjobs.demo import seed
from syncjobs.demo.household import Household
from syncjobs.demo.order_trial import OrderTrial
from syncjobs.demo.rounds import side_by_side, synchronise, wait
from syncjobs.demo.storefronts import STOREFRONTS
from syncjobs.demo.trial import Report, Trial

_ORDERS_PATIENCE = 90.0
"""Seconds until all orders have come to rest."""
Say = Callable[[str], None]


def check(household: Household, say: Say) -> Report:
    """The report; its `ok` says whether everything ended as it should in every shop. Raises TooSlow."""
    user = User.objects.get(email=seed.ADMINISTRATOR)
    trials = [Trial(household, shop) for shop in STOREFRONTS]
    _check_catalogue(trials, user, say)
    orders = [OrderTrial(trial) for trial in trials]
    _check_orders(orders, user, say)
    reports = {one.trial.shop.platform: one.trial.report() | {"orders": one.report()} for one in orders}
    return {"ok": all(report["ok"] for report in reports.values()), "shops": reports}


def _check_catalogue(trials: Sequence[Trial], user: User, say: Say) -> None:
    connections = [trial.connection for trial in trials]
    side_by_side(trials, Trial.remember)
    say("First synchronisation: a producer that cannot be read closes the gate of products")
    for trial, run in zip(trials, synchronise(connections, user), strict=True):
        trial.gate_was_closed(run)
    say("Mending the producer in the shops; the first synchronisation goes on")
    for trial in trials:
        trial.mend_producer()
    for trial, run in zip(trials, synchronise(connections, user), strict=True):
        trial.first_has_ended(run)
    side_by_side(trials, Trial.compare_first)
    say("Second synchronisation: it must write nothing")
    again = synchronise(connections, user)
    side_by_side(trials, Trial.compare_second)
    for trial, run in zip(trials, again, strict=True):
        trial.second_wrote_nothing(run)
    say("Deciding the conflicts for WAPRO; the next run writes them")
    for trial in trials:
        trial.decide_conflicts(user)
    for trial, run in zip(trials, synchronise(connections, user), strict=True):
        trial.decisions_are_written(run)
    side_by_side(trials, Trial.compare_decided)


def _check_orders(trials: Sequence[OrderTrial], user: User, say: Say) -> None:
    say("Selling in all shops; the orders go into WAPRO")
    for one in trials:
        one.wait_for_us()
    _settle(trials)
    for one in trials:
        one.sell(shared=_shared(one, trials))
    _settle(trials)
    for one in trials:
        one.has_arrived()
    say("A transfer comes, a buyer cancels, the warehouse issues and sends; the shops are told")
    for one in trials:
        one.act()
    for name in ("first", "second"):
        _settle(trials)
        runs = synchronise([one.trial.connection for one in trials], user, [Kind.STOCK])
        for one, run in zip(trials, runs, strict=True):
            one.runs.append(run)
        side_by_side(trials, partial(OrderTrial.compare, name=name))
        if name == "first":
            say("Looking at all orders again: nothing must be sent")
    for one in trials:
        one.nothing_was_sent()


def _shared(one: OrderTrial, trials: Sequence[OrderTrial]) -> str:
    """The first article that another shop of the same client sells too."""
    others = [other for other in trials if other is not one and other.trial.shop.client == one.trial.shop.client]
    theirs = {goods.article for other in others for goods in other.goods()}
    return next((goods.article for goods in one.goods() if goods.article in theirs), "")


def _settle(trials: Sequence[OrderTrial]) -> None:
    """Look at shops and WAPRO now, and wait until every order has come to rest. Raises TooSlow."""
    for one in trials:
        one.look()
    wait(lambda: "; ".join(filter(None, (one.unsettled() for one in trials))), _ORDERS_PATIENCE)
