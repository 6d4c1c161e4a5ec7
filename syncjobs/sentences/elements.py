"""What problems of one element say: reading it, planning it, writing it."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import CORRECT_THERE, Wording

READING = {
    Code.FIELD_UNREADABLE: Wording(
        (
            _("%(system)s: the field “%(field)s” holds %(value)s, which cannot be read."),
            _("%(system)s: the field “%(field)s” cannot be read."),
            _("%(system)s: a field of this element cannot be read."),
        ),
        (CORRECT_THERE,),
        Turn.SHOP_DATA,
        Turn.ERP_DATA,
    ),
    Code.FIELD_MISSING: Wording(
        (
            _("%(system)s: the element came without the field “%(field)s”."),
            _("%(system)s: the element came without a field it must have."),
        ),
        (_("Fill the field in at its source and synchronise again."),),
        Turn.SHOP_DATA,
        Turn.ERP_DATA,
    ),
    Code.PICTURE_MISSING: Wording(
        (_("The picture “%(name)s” is listed but its file is missing."), _("The file of the picture is missing.")),
        (_("Add the picture again at its source, or remove it from the list."),),
        Turn.ERP_DATA,
    ),
    Code.TAX_CODE_UNKNOWN: Wording(
        (
            _("The tax code “%(value)s” is not among the rates of %(system)s."),
            _("The tax code is not among the known rates."),
        ),
        (_("Correct the tax code on the card, or link the rate on the mapping page."),),
        Turn.ERP_DATA,
    ),
    Code.CARDS_DISAGREE: Wording(
        (
            _("Cards of this product in several warehouses disagree in the field “%(field)s”: %(value)s."),
            _("Cards of this product in several warehouses disagree in the field “%(field)s”."),
            _("Cards of this product in several warehouses disagree."),
        ),
        (_("Make the cards equal in WAPRO; until then this product is not written."),),
        Turn.ERP_DATA,
    ),
    Code.DUPLICATE_CODE: Wording(
        (
            _("The code “%(value)s” is used %(count)s times."),
            _("The code “%(value)s” is used more than once."),
            _("The code is used more than once."),
        ),
        (_("Give each product its own code, or link them by hand."),),
        Turn.ERP_DATA,
    ),
    Code.DUPLICATE_EAN: Wording(
        (
            _("The EAN %(value)s is used %(count)s times."),
            _("The EAN %(value)s is used more than once."),
            _("The EAN is used more than once."),
        ),
        (_("Give each product its own EAN; until then products are not linked by it."),),
        Turn.ERP_DATA,
    ),
}

PLANNING = {
    Code.REFERENCE_UNLINKED: Wording(
        (
            _("The field “%(field)s” points to “%(label)s”, which has no partner on the other side."),
            _("The field “%(field)s” points to the element %(key)s, which has no partner on the other side."),
            _("This element points to another one that has no partner on the other side."),
        ),
        (_("Link it on the mapping page (%(kind)s)."), _("Link it on the mapping page.")),
        Turn.PERSON,
    ),
    Code.TOO_LONG: Wording(
        (
            _("The field “%(field)s” is longer than the %(limit)s characters that %(system)s takes."),
            _("The field “%(field)s” is longer than %(system)s takes."),
            _("A text is longer than %(system)s takes."),
        ),
        (_("Shorten the text at its source, or choose that the field is left alone."),),
        Turn.ERP_DATA,
    ),
    Code.REQUIRED_EMPTY: Wording(
        (
            _("The field “%(field)s” is empty, and %(system)s demands it."),
            _("A field that %(system)s demands is empty."),
        ),
        (_("Fill the field in at its source."),),
        Turn.ERP_DATA,
    ),
    Code.EAN_INVALID: Wording(
        (_("The EAN %(value)s has a wrong check digit or length."), _("The EAN has a wrong check digit or length.")),
        (_("Correct the EAN on the card."),),
        Turn.ERP_DATA,
    ),
    Code.CHARACTERS_REFUSED: Wording(
        (
            _("The shop takes none of these characters in the field “%(field)s”: %(value)s"),
            _("The shop does not take some of the characters in a field."),
        ),
        (_("Write it without them on the card, or leave this field to the shop in the options."),),
        Turn.ERP_DATA,
    ),
    Code.PRICE_MISSING: Wording(
        (
            _("There is no price of the type “%(value)s” on the card."),
            _("The card has no price of the chosen type."),
        ),
        (_("Fill the price in on the card, or choose another price type in the shop connection's settings."),),
        Turn.ERP_DATA,
    ),
    Code.NO_GROUPING_RULE: Wording(
        (
            _("%(count)s new cards look like variants (%(examples)s), and no rule joins them: each becomes a product."),
            _("No rule joins cards into one product with variants, so this card would be a product of its own."),
        ),
        (_("Choose the grouping rule in the settings of the WAPRO connection, or accept simple products."),),
        Turn.CONNECTION,
    ),
    Code.CANNOT_CREATE: Wording(
        (
            _("%(system)s does not let us create elements of this kind (%(kind)s)."),
            _("%(system)s does not let us create this element."),
        ),
        (_("Create it there by hand, then link the two."),),
        Turn.PERSON,
    ),
    Code.CANNOT_UPDATE: Wording(
        (
            _("%(system)s does not let us change the field “%(field)s” of this element."),
            _("%(system)s does not let us change this element."),
        ),
        (_("Change it there by hand, or choose that the field is left alone."),),
        Turn.PERSON,
    ),
    Code.ALREADY_LINKED: Wording(
        (
            _("%(key)s or %(other)s is linked to another element already."),
            _("One of the two is linked to another element already."),
        ),
        (_("Break the other link first, then link these two."),),
        Turn.PERSON,
    ),
    Code.PARENT_UNLINKED: Wording(
        (
            _("The category above it, “%(parent)s”, is not linked in the shop, so there is no place to make it in."),
            _("The category above it is not linked in the shop, so there is no place to make it in."),
        ),
        (_("Link or create the category above it first, then synchronise again."),),
        Turn.PERSON,
    ),
    Code.CODE_TAKEN: Wording(
        (
            _("%(system)s has the code “%(value)s” already, under the name “%(other)s”."),
            _("%(system)s has the code “%(value)s” already."),
            _("%(system)s has this code already."),
        ),
        (_("If it is the same product, link the two; else change one of the codes."),),
        Turn.PERSON,
    ),
    Code.ELEMENT_EXCLUDED: Wording(
        (
            _("A person excluded this element: %(reason)s"),
            _("A person excluded this element."),
        ),
        (_("Take the exclusion back on the element's page to synchronise it again."),),
        Turn.PERSON,
    ),
    Code.NOT_IN_FILTER: Wording(
        (_("The item filter of this shop leaves the card out: %(reason)s."), _("The item filter leaves the card out.")),
        (_("Change the card or the item filter if it should take part."),),
        Turn.PERSON,
    ),
}

WRITING = {
    Code.REJECTED: Wording(
        (
            _("%(system)s refused the field “%(field)s”: “%(message)s”."),
            _("%(system)s refused the change: “%(message)s”."),
            _("%(system)s refused the change."),
        ),
        (_("Correct the value at its source, then retry."),),
        Turn.PERSON,
    ),
    Code.NOT_KEPT: Wording(
        (
            _("%(system)s accepted the field “%(field)s” but kept its own value."),
            _("%(system)s accepted the change but kept its own value."),
        ),
        (_("Change it in the shop's panel, or set the owner of this field to “ignore”."),),
        Turn.PERSON,
    ),
    Code.VARIANT_NOT_ATTACHED: Wording(
        (
            _("%(system)s did not attach the variant to the product “%(label)s”."),
            _("%(system)s did not attach the variant to its product."),
        ),
        (_("In the shop's panel give the product the group of options it needs, then retry."),),
        Turn.PERSON,
    ),
    Code.LOCKED: Wording(
        (
            _("%(system)s: the element is being edited by %(user)s."),
            _("%(system)s: somebody is editing the element right now."),
        ),
        (_("Close the element there; we try again in a few minutes."),),
        Turn.PERSON,
    ),
    Code.GONE: Wording(
        (
            _("%(system)s: the element %(key)s no longer exists."),
            _("%(system)s: the element no longer exists."),
        ),
        (_("Decide on the element's page: create it again or break the link."),),
        Turn.PERSON,
    ),
    Code.STALE: Wording(
        (_("The element changed after the plan was made, so the planned value was not written."),),
        (_("Nothing to do: the next run plans it anew from the fresh values."),),
        Turn.US,
    ),
    Code.HANDED_OVER: Wording(
        (_("The element waits for a person: it is in the import file and on the work list."),),
        (_("Read the file in WAPRO Mag, or add the element by hand."),),
        Turn.PERSON,
    ),
    Code.FOUND_SEVERAL: Wording(
        (
            _("%(system)s holds %(count)s elements that could be this one, so nothing was guessed."),
            _("%(system)s holds several elements that could be this one, so nothing was guessed."),
        ),
        (_("Choose the right one on the unlinked page."),),
        Turn.PERSON,
    ),
}
