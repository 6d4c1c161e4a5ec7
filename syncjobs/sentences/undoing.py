"""What is said of the undo of a run: why it waits, and why something is not taken back."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import Wording

_LEFT = _("It stays as it is now. Change it by hand if it should be otherwise.")

UNDOING = {
    Code.UNDO_ASKED: Wording(
        (_("This takes back what run %(run)s wrote; an undo always waits for a person."), _("An undo always waits.")),
        (_("Look through what goes back and what stays, leave out what should not, then approve."),),
        Turn.PERSON,
    ),
    Code.UNDO_CHANGED_SINCE: Wording(
        (
            _("“%(field)s” was written again by run %(run)s since: it is %(value)s now."),
            _("“%(field)s” was changed outside Integrator, by %(seen)s at the latest: it is %(value)s now."),
            _("“%(field)s” was changed outside Integrator since the last fetch: it is %(value)s now."),
            _("“%(field)s” was changed since the run."),
            _("It was changed since the run."),
        ),
        (_LEFT,),
        Turn.PERSON,
    ),
    Code.UNDO_MADE_CHANGED: Wording(
        (
            _("The run made it, and run %(run)s changed it since: “%(field)s” is %(value)s now."),
            _("The run made it, and somebody changed it since, by %(seen)s at the latest: “%(field)s” is %(value)s."),
            _("The run made it, and somebody changed it since: “%(field)s” is %(value)s now."),
            _("The run made it, and it was changed since."),
        ),
        (_("It is not deleted. Delete it by hand if nobody needs it."),),
        Turn.PERSON,
    ),
    Code.UNDO_GONE: Wording(
        (_("%(system)s does not have this element any more."),),
        (_("Nothing can be set back on it."),),
        Turn.PERSON,
    ),
    Code.UNDO_NOT_WRITABLE: Wording(
        (_("%(system)s does not let “%(field)s” be changed from outside now."), _("This cannot be written back.")),
        (_("Set it back by hand there."),),
        Turn.PERSON,
    ),
    Code.UNDO_WAS_EMPTY: Wording(
        (_("“%(field)s” was empty before, and it may not be emptied."), _("The value before was empty.")),
        (_LEFT,),
        Turn.PERSON,
    ),
    Code.UNDO_STAYS: Wording(
        (_("The run made it, and elements of this kind can be neither deleted nor hidden here from outside."),),
        (_("Delete it by hand if nobody needs it."),),
        Turn.PERSON,
    ),
    Code.UNDO_STAYS_BY_OPTIONS: Wording(
        (_("The run made it, and the options do not let it be removed: elements gone from WAPRO are not deleted."),),
        (_("Delete it by hand, or change what becomes of such elements in the options and undo once more."),),
        Turn.PERSON,
    ),
    Code.UNDO_NOT_MADE_AGAIN: Wording(
        (_("The run deleted it, and elements of this kind cannot be made here from outside."),),
        (_("Make it again by hand."),),
        Turn.PERSON,
    ),
    Code.UNDO_RECORD_UNKNOWN: Wording(
        (_("The run deleted it, and what it held is not known."),),
        (_("Make it again by hand."),),
        Turn.PERSON,
    ),
    Code.UNDO_VARIANT: Wording(
        (_("The run deleted one variant of a product; its place among the others is not known well enough."),),
        (_("Make the variant again in the shop."),),
        Turn.PERSON,
    ),
    Code.UNDO_PART_UNKNOWN: Wording(
        (_("The run deleted it, and its “%(field)s” is not known."), _("Not everything of it is known.")),
        (_("Make it again by hand."),),
        Turn.PERSON,
    ),
    Code.UNDO_REFERENCE_GONE: Wording(
        (
            _("The run deleted it, and what its “%(field)s” pointed to is gone as well."),
            _("What it pointed to is gone as well."),
        ),
        (_("Make it again by hand."),),
        Turn.PERSON,
    ),
    Code.UNDO_PICTURE_UNKNOWN: Wording(
        (_("The run deleted this picture, and WAPRO does not have its file."),),
        (_("Add the picture again in the shop."),),
        Turn.PERSON,
    ),
    Code.UNDO_THERE_AGAIN: Wording(
        (_("The run deleted it, and %(system)s has one like it again (%(key)s)."), _("One like it is there again.")),
        (_("Nothing is made a second time."),),
        Turn.PERSON,
    ),
    Code.UNDO_UNREADABLE: Wording(
        (_("%(system)s did not show how this element is now, so nothing is set back on it."),),
        (_("Undo once more when it can be read."),),
        Turn.PERSON,
    ),
    Code.UNDO_OUTCOME_UNKNOWN: Wording(
        (_("The run never learnt whether this was written."),),
        (_("Look at the element yourself."),),
        Turn.PERSON,
    ),
    Code.HELD_AFTER_UNDO: Wording(
        (
            _("Held after the undo of run %(run)s: no run writes it before somebody releases it."),
            _("Held after an undo: no run writes it before somebody releases it."),
        ),
        (_("Mend the cause first, then release it."),),
        Turn.PERSON,
    ),
}
