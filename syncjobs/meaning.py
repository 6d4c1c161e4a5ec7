"""What a set of options comes to, in sentences: shown beside the form, so nobody has to work it out."""

from django.utils.formats import time_format
from django.utils.translation import gettext as _

from integrator.canonical.kinds import PRODUCT_STATE_KINDS
from syncjobs.engine.policy import ErpGone, FirstAgreement, Owner
from syncjobs.fields import field_label
from syncjobs.forms import CRITERION_LABELS, Offer
from syncjobs.models import SyncOptions


def meaning(options: SyncOptions, offer: Offer) -> list[str]:
    """Sentences in the order of the steps: when, a, b, c, d."""
    said = [_when(options), _fetch(options)]
    if offer.criteria:
        said.append(_linking(options))
    if offer.updates:
        said += _linked(options, offer)
    if offer.creates:
        said += _unlinked(options)
    if options.approved_at is None and _writes(options):
        said.append(_("The first write of this kind waits for your approval of its plan."))
    return said


def _when(options: SyncOptions) -> str:
    if not options.enabled:
        return _("Nothing runs by itself; a run starts only when somebody starts it.")
    if options.quiet_from and options.quiet_to:
        return _("Runs by itself %(often)s, but not between %(from)s and %(to)s.") % {
            "often": every(options.interval_minutes),
            "from": time_format(options.quiet_from, "H:i"),
            "to": time_format(options.quiet_to, "H:i"),
        }
    return _("Runs by itself %(often)s.") % {"often": every(options.interval_minutes)}


def every(minutes: int) -> str:
    """An interval in words: "every 15 min", "once a day"."""
    if minutes == 1440:
        return _("once a day")
    if minutes % 60 == 0:
        return _("every %(n)s h") % {"n": minutes // 60}
    return _("every %(n)s min") % {"n": minutes}


def _fetch(options: SyncOptions) -> str:
    if options.fetch_all:
        return _("All elements of both sides are fetched, so changes and deletions are noticed.")
    return _("Only recent elements are fetched from the shop: changes and deletions made elsewhere may go unnoticed.")


def _linking(options: SyncOptions) -> str:
    label = next((str(label) for c, label in CRITERION_LABELS.items() if c == options.criterion), options.criterion)
    return _("Elements are linked by: %(criterion)s. Several candidates are never guessed; a person chooses.") % {
        "criterion": label[:1].lower() + label[1:] if not label.isupper() else label
    }


def _linked(options: SyncOptions, offer: Offer) -> list[str]:
    names: dict[str, list[str]] = {}
    for name in offer.owners:
        names.setdefault(options.owners.get(name, str(Owner.IGNORE)), []).append(field_label(name))
    if set(names) <= {str(Owner.IGNORE)}:
        return [_("Linked elements are left unchanged.")]
    wordings = {
        Owner.ERP: _("From WAPRO to the shop: %(fields)s."),
        Owner.SHOP: _("From the shop to WAPRO: %(fields)s."),
        Owner.ASK: _("Both ways, and a person is asked when both sides changed: %(fields)s."),
        Owner.IGNORE: _("Never touched: %(fields)s."),
    }
    said = [wordings[owner] % {"fields": ", ".join(names[owner])} for owner in wordings if owner in names]
    said.append(_first(options))
    return said


def _first(options: SyncOptions) -> str:
    return {
        FirstAgreement.ERP: _("Where a new pair differs from the start, WAPRO wins."),
        FirstAgreement.SHOP: _("Where a new pair differs from the start, the shop wins."),
        FirstAgreement.ASK: _("Where a new pair differs from the start, a person is asked."),
    }[FirstAgreement(options.first_agreement)]


def _unlinked(options: SyncOptions) -> list[str]:
    said = [
        _("Elements only in WAPRO are created in the shop.")
        if options.export_unlinked
        else _("Elements only in WAPRO are left alone.")
    ]
    if options.import_unlinked:
        said.append(_("Elements only in the shop are created in WAPRO or handed over to a person."))
    elif options.delete_unlinked:
        said.append(_("Elements only in the shop are deleted there, each time after a person types their number."))
    else:
        said.append(_("Elements only in the shop are left alone."))
    if options.kind not in PRODUCT_STATE_KINDS:
        said.append(_gone(options))
    return said


def _gone(options: SyncOptions) -> str:
    return {
        ErpGone.DEACTIVATE: _("A linked element that disappears from WAPRO is hidden in the shop."),
        ErpGone.DELETE: _("A linked element that disappears from WAPRO is deleted from the shop."),
        ErpGone.LEAVE: _("A linked element that disappears from WAPRO stays in the shop as it is."),
    }[ErpGone(options.erp_gone)]


def _writes(options: SyncOptions) -> bool:
    ruled = any(owner != Owner.IGNORE for owner in options.owners.values())
    return ruled or options.export_unlinked or options.import_unlinked or options.delete_unlinked
