"""What problems with orders say that were met in the ERP."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import Wording

_RETRY = _("Put it right, then retry the order. Nothing of it was kept in WAPRO.")

ERP_ORDERS = {
    Code.ORDER_VALUE_INVALID: Wording(
        (
            _("WAPRO cannot take the value %(value)s of the field “%(field)s” in line %(line)s of the order."),
            _("WAPRO cannot take the value %(value)s of the field “%(field)s” of the order."),
            _("WAPRO cannot take a value of the order."),
        ),
        (_("Correct the order in the shop, or enter it in WAPRO by hand."),),
        Turn.SHOP_DATA,
    ),
    Code.ORDER_LINES_TOO_MANY: Wording(
        (
            _("The order has %(count)s lines; this database takes %(limit)s at once."),
            _("The order has more lines than this database takes at once."),
        ),
        (_("Enter this order in WAPRO by hand."),),
        Turn.PERSON,
    ),
    Code.ORDER_REFUSED: Wording(
        (
            _("WAPRO refused line %(line)s of the order (%(procedure)s): “%(message)s”."),
            _("WAPRO refused the order (%(procedure)s): “%(message)s”."),
            _("WAPRO refused the order."),
        ),
        (_RETRY,),
        Turn.ERP_DATA,
    ),
    Code.ORDER_UNDONE: Wording(
        (
            _("The procedure %(procedure)s of WAPRO ended the order without saying why (%(detail)s)."),
            _("The procedure %(procedure)s of WAPRO ended the order without saying why."),
            _("A procedure of WAPRO ended the order without saying why."),
        ),
        (_("Look in WAPRO for a half-made order, then retry. If it happens again, tell our support."),),
        Turn.US,
    ),
    Code.ORDER_TOTAL_DIFFERS: Wording(
        (
            _("WAPRO comes to a total of %(found)s, the order in the shop has %(expected)s."),
            _("WAPRO comes to another total than the shop."),
        ),
        (_("Nothing was kept in WAPRO. Look at the money proof of the order: it names the line."),),
        Turn.PERSON,
    ),
    Code.ORDER_NOT_APPROVED: Wording(
        (
            _("WAPRO took the order and did not approve it as it was given (%(detail)s)."),
            _("WAPRO took the order and did not approve it as it was given."),
        ),
        (_("Nothing of it was kept. Tell our support the version of WAPRO Mag."),),
        Turn.US,
    ),
    Code.ORDER_NUMBER_TAKEN: Wording(
        (
            _("WAPRO has another order under the number %(number)s already (%(found)s): %(differences)s."),
            _("WAPRO has another order under this number already."),
        ),
        (_("Compare both orders and decide which one is right; nothing was changed in WAPRO."),),
        Turn.PERSON,
    ),
    Code.ORDER_UNFINISHED: Wording(
        (
            _("The order %(number)s stands in WAPRO half-made: it was begun and never approved."),
            _("The order stands in WAPRO half-made: it was begun and never approved."),
        ),
        (_("Approve or delete it in WAPRO, then retry."),),
        Turn.ERP_DATA,
    ),
    Code.ORDER_STATUS_SET: Wording(
        (
            _("The order has the status “%(value)s” in WAPRO already, so it was not changed."),
            _("The order has a status in WAPRO already, so it was not changed."),
        ),
        (_("Change the status in WAPRO by hand if that is right."),),
        Turn.PERSON,
    ),
    Code.ORDER_REALISED: Wording(
        (_("Goods of this order went out in WAPRO already, so it was not cancelled."),),
        (_("Settle the return in WAPRO by a correction."),),
        Turn.PERSON,
    ),
    Code.ORDER_DOCUMENTED: Wording(
        (_("WAPRO has a document for this order already, so it was not cancelled."),),
        (_("Settle the document in WAPRO, then cancel the order there by hand."),),
        Turn.PERSON,
    ),
    Code.ORDER_NOT_OURS: Wording(
        (
            _("In the place of the order %(number)s WAPRO now has another one: %(found)s."),
            _("In the place of the order %(number)s WAPRO now has another one."),
            _("In the place of this order WAPRO now has another one."),
        ),
        (
            _(
                "Was the database restored from a copy? Then import the order again. Did somebody change the customer’s"
                " number in WAPRO? Then leave the order alone."
            ),
        ),
        Turn.PERSON,
    ),
    Code.ORDER_STILL_RESERVED: Wording(
        (
            _("The order was cancelled in WAPRO, and its goods are still reserved there: %(examples)s."),
            _("The order was cancelled in WAPRO, and its goods are still reserved there."),
        ),
        (_("Take the reservation off in WAPRO; until then nobody can buy these goods."),),
        Turn.ERP_DATA,
    ),
    Code.ERP_VALUE_UNKNOWN: Wording(
        (
            _("WAPRO has no “%(value)s” for the field “%(field)s”. It knows: %(known)s."),
            _("WAPRO has no “%(value)s” for the field “%(field)s”."),
            _("WAPRO does not know a value of the order."),
        ),
        (_("Choose an existing one in the settings of the connection or on the mapping page of orders."),),
        Turn.CONNECTION,
    ),
    Code.ERP_USER_UNSET: Wording(
        (
            _("No user of WAPRO is chosen that orders are written as. There are: %(known)s."),
            _("No user of WAPRO is chosen that orders are written as."),
        ),
        (_("Choose one in the settings of the connection; a user of its own for this is best."),),
        Turn.CONNECTION,
    ),
    Code.CARD_NOT_IN_WAREHOUSE: Wording(
        (
            _("The item “%(card)s” has no card in the warehouse %(warehouse)s, only in %(known)s."),
            _("The item “%(card)s” has no card in the warehouse %(warehouse)s."),
            _("An item of the order has no card in the order’s warehouse."),
        ),
        (_("Create the card in that warehouse in WAPRO, or choose another warehouse for orders of this shop."),),
        Turn.ERP_DATA,
    ),
    Code.CARD_BLOCKED: Wording(
        (
            _("The card “%(card)s” is blocked in the warehouse %(warehouse)s."),
            _("A card of the order is blocked."),
        ),
        (_("Unblock the card in WAPRO, or exchange the item in the order."),),
        Turn.ERP_DATA,
    ),
    Code.CONTRACTOR_BLOCKED: Wording(
        (
            _("The contractor %(value)s is blocked in WAPRO."),
            _("The contractor is blocked in WAPRO."),
        ),
        (_("Unblock the contractor in WAPRO, or choose another one for this order."),),
        Turn.ERP_DATA,
    ),
    Code.SERVICE_CARDS_MISSING: Wording(
        (
            _("The warehouse %(warehouse)s has no service card that delivery and other charges could be put on."),
            _("There is no service card that delivery and other charges could be put on."),
        ),
        (_("Create a service card (kind “Usługa”) in that warehouse for each VAT rate of your charges."),),
        Turn.ERP_DATA,
    ),
    Code.DOCUMENTS_BY_PEOPLE: Wording(
        (
            _(
                "People make the documents of orders in WAPRO; we read their numbers back. No list of these procedures "
                "is proven to tie a document to its order: %(procedures)s."
            ),
            _("People make the documents of orders in WAPRO; we read their numbers back."),
        ),
        (_("Nothing to do: a document that is not tied to its order would leave its goods reserved twice."),),
        Turn.US,
    ),
    Code.ORDERS_HALF_MADE: Wording(
        (
            _("%(count)s orders were begun and never approved: %(examples)s."),
            _("Some orders were begun and never approved."),
        ),
        (_("Approve or delete them in WAPRO: they were left behind by somebody or by an interrupted program."),),
        Turn.ERP_DATA,
    ),
}
