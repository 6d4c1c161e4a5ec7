"""What problems of a run say: gates, the guard, the options."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import Wording

RUNNING = {
    Code.SETTING_MISSING: Wording(
        (
            _("This setting is not chosen yet: %(setting)s."),
            _("A setting that this needs is not chosen yet."),
        ),
        (_("Choose it in the connection's settings."),),
        Turn.CONNECTION,
    ),
    Code.NOT_LEARNT: Wording(
        (_("The shop has not said what it can do: its version and whether its prices are net or gross."),),
        (_("Test the settings of the connection; the checks say what is missing."),),
        Turn.CONNECTION,
    ),
    Code.GATE_CLOSED: Wording(
        (
            _("Waits for %(kind)s: the latest run of that kind ended with errors (%(count)s)."),
            _("Waits for %(kind)s: the latest run of that kind did not end without errors."),
            _("Waits for a kind whose latest run did not end without errors."),
        ),
        (_("Mend those elements, or exclude them with a reason; then synchronise again."),),
        Turn.PERSON,
    ),
    Code.FETCH_INCOMPLETE: Wording(
        (
            _("%(system)s: %(count)s elements could not be read, so nothing was linked or written."),
            _("%(system)s: only %(received)s of %(known)s known elements arrived, so nothing was linked or written."),
            _("Not everything could be read, so nothing was linked or written."),
        ),
        (_("Mend the elements shown, or exclude them with a reason; then synchronise again."),),
        Turn.PERSON,
    ),
    Code.SIDE_EMPTY: Wording(
        (
            _("%(system)s sent no elements at all, though it had %(known)s before."),
            _("%(system)s sent no elements at all, though it had some before."),
        ),
        (_("Check the rights and the item filter. Nothing was written."),),
        Turn.PERSON,
    ),
    Code.TOO_MANY_DELETES: Wording(
        (
            _("The plan deletes %(count)s of %(total)s elements; the limit of this connection is %(limit)s."),
            _("The plan deletes %(count)s elements; deleting always waits for a person."),
            _("The plan deletes more elements than the limit of this connection."),
        ),
        (_("Look at the examples; approve only if that is what you want."),),
        Turn.PERSON,
    ),
    Code.TOO_MANY_HIDDEN: Wording(
        (
            _("The plan hides %(count)s of %(total)s elements in the shop; the limit is %(limit)s."),
            _("The plan hides more elements in the shop than the limit."),
        ),
        (_("Check whether WAPRO shows all its cards, then look at the examples before you approve."),),
        Turn.PERSON,
    ),
    Code.TOO_MANY_ZEROS: Wording(
        (
            _("The plan sets the stock of %(count)s of %(total)s products to zero; the limit is %(limit)s."),
            _("The plan sets the stock of %(count)s products to zero, more than the limit."),
            _("The plan sets the stock of more products to zero than the limit."),
        ),
        (_("Check the warehouses and the stock formula before you approve."),),
        Turn.PERSON,
    ),
    Code.PRICE_JUMP: Wording(
        (
            _("Prices that change by more than %(percent)s%%: %(count)s; the limit is %(limit)s."),
            _("The price changes by more than %(percent)s%%."),
            _("The price changes by more than the limit."),
        ),
        (_("Check the price type and whether prices are net or gross before you approve."),),
        Turn.PERSON,
    ),
    Code.SHARE_TOO_LARGE: Wording(
        (
            _("The plan changes %(count)s of %(total)s elements; the limit is %(limit)s."),
            _("The plan changes a larger share of elements than the limit."),
        ),
        (_("Look through the plan before you approve."),),
        Turn.PERSON,
    ),
    Code.APPROVAL_NEEDED: Wording(
        (_("The first write of this kind waits for a person to approve its plan."),),
        (_("Look through the plan, then approve or reject it."),),
        Turn.PERSON,
    ),
    Code.IMPORT_AND_DELETE: Wording(
        (_("Import from the shop and delete from the shop cannot both be on."),),
        (_("Choose one of them in the options."),),
        Turn.PERSON,
    ),
    Code.NOT_OFFERED: Wording(
        (
            _("%(system)s cannot do this for this kind (%(kind)s)."),
            _("%(system)s cannot do this."),
        ),
        (_("Choose another option."),),
        Turn.PERSON,
    ),
    Code.CANCELLED: Wording(
        (
            _("%(user)s cancelled the run; what was written before stays."),
            _("The run was cancelled; what was written before stays."),
        ),
        (_("Synchronise again when you want the rest."),),
        Turn.PERSON,
    ),
    Code.RESTORED: Wording(
        (_("The panel's database was restored from a backup in which this run was under way; it ended there."),),
        (_("Synchronise again: both sides are read anew, and the first plan of each kind waits for you."),),
        Turn.PERSON,
    ),
    Code.INTERNAL: Wording(
        (_("Something failed on our side: %(detail)s."), _("Something failed on our side.")),
        (_("Send the number of this run to our support."),),
        Turn.US,
    ),
}
