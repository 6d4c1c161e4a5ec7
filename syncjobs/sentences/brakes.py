"""What brakes say: limits of a plan and of a day, the switch that stops all writing, another shop or database."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import Wording

_LOOK = (_("Look through the plan. If it is right, confirm it with the number typed; if not, reject it."),)
_DAY = (_("If that is meant, confirm the plan with the number typed: the day is then counted anew from that moment."),)

LIMITS = {
    Code.TOO_MANY_WRITES: Wording(
        (
            _("The plan makes %(count)s writes; the limit of one plan is %(limit)s."),
            _("The plan makes more writes than the limit of one plan."),
        ),
        _LOOK,
        Turn.PERSON,
    ),
    Code.TOO_MANY_PRICES: Wording(
        (
            _("The plan changes the prices of %(count)s of %(total)s products; the limit is %(limit)s."),
            _("The plan changes the prices of more products than the limit."),
        ),
        (_("Check the price type and whether prices are net or gross; then confirm the plan or reject it."),),
        Turn.PERSON,
    ),
    Code.WRITES_OF_DAY: Wording(
        (
            _("With this plan the day would come to %(count)s writes; the limit of a day is %(limit)s."),
            _("With this plan the day would come to more writes than its limit."),
        ),
        _DAY,
        Turn.PERSON,
    ),
    Code.DELETES_OF_DAY: Wording(
        (
            _("With this plan the day would come to %(count)s deletions; the limit of a day is %(limit)s."),
            _("With this plan the day would come to more deletions than its limit."),
        ),
        _DAY,
        Turn.PERSON,
    ),
    Code.HIDDEN_OF_DAY: Wording(
        (
            _("With this plan %(count)s of %(total)s elements would be hidden in one day; the limit is %(limit)s."),
            _("With this plan more elements would be hidden in one day than the limit."),
        ),
        _DAY,
        Turn.PERSON,
    ),
    Code.ZEROS_OF_DAY: Wording(
        (
            _("With this plan the stock of %(count)s of %(total)s products would go to zero in one day; the limit is "
              "%(limit)s."),
            _("With this plan the stock of more products would go to zero in one day than the limit."),
        ),
        _DAY,
        Turn.PERSON,
    ),
    Code.PRICES_OF_DAY: Wording(
        (
            _("With this plan the prices of %(count)s of %(total)s products would change in one day; the limit is "
              "%(limit)s."),
            _("With this plan the prices of more products would change in one day than the limit."),
        ),
        _DAY,
        Turn.PERSON,
    ),
    Code.SHARE_OF_DAY: Wording(
        (
            _("With this plan %(count)s of %(total)s elements would be changed in one day; the limit is %(limit)s."),
            _("With this plan more elements would be changed in one day than the limit."),
        ),
        _DAY,
        Turn.PERSON,
    ),
    Code.ORDERS_OF_DAY: Wording(
        (
            _("%(count)s orders were written to WAPRO today; the limit of a day is %(limit)s. The others are received "
              "and decided, and wait to be written."),
            _("More orders than the limit of a day would be written to WAPRO. They are received and wait."),
        ),
        (_("If so many orders are right, let them go on; else stop writing and look at the look-back and go-live."),),
        Turn.PERSON,
    ),
    Code.SECOND_PERSON: Wording(
        (
            _("%(who)s approved this plan. It is held by the brake, so a second person has to approve it as well."),
            _("This plan is held by the brake, so a second person has to approve it as well."),
        ),
        (_("Somebody else than whoever asked for it looks through the plan and approves it, or rejects it."),),
        Turn.PERSON,
    ),
}  # fmt: skip
STOPS = {
    Code.STOPPED: Wording(
        (
            _("All writing is stopped since %(when)s, by %(who)s: %(reason)s."),
            _("All writing is stopped since %(when)s, by %(who)s."),
            _("All writing is stopped."),
        ),
        (_("Once the cause is mended, release the stop. What is right is planned anew."),),
        Turn.PERSON,
    ),
    Code.STOPPED_BEFORE: Wording(
        (_("All writing was stopped after this was planned. What had not been written by then was dropped."),),
        (_("The next run plans it anew from fresh data, once the stop is released."),),
        Turn.PERSON,
    ),
    Code.SHOP_CHANGED: Wording(
        (
            _("Another shop answers at this address than before (%(fact)s: %(found)s instead of %(stored)s), so "
              "nothing is read from it or written to it."),
            _("Another shop answers at this address than before, so nothing is read from it or written to it."),
        ),
        (_("If it is the same shop, moved or restored, confirm it on the page of the connection; if not, mend the "
           "address."),),
        Turn.CONNECTION,
    ),
    Code.DATABASE_WENT_BACK: Wording(
        (
            _("This WAPRO database is older than it was: its highest numbers went back (%(what)s). It looks restored "
              "from a backup, so nothing is read from it or written to it."),
            _("This WAPRO database is older than it was, as if restored from a backup. Nothing is read from it or "
              "written to it."),
        ),
        (_("If it was restored on purpose, confirm that on the page of the WAPRO connection."),),
        Turn.CONNECTION,
    ),
}  # fmt: skip
