"""Why an order waits, or what happens to it, in words."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import Wording

ORDERS = {
    Code.QUANTITY_NOT_POSITIVE: Wording(
        (
            _("The quantity of “%(name)s” is %(value)s."),
            _("The quantity of a line is not above zero."),
        ),
        (_("Correct the order in the shop, or cancel it there."),),
        Turn.SHOP_DATA,
    ),
    Code.AMOUNT_MISSING: Wording(
        (
            _("“%(name)s” came without an amount."),
            _("A line of the order came without an amount."),
        ),
        (_("Correct the order in the shop and retry it."),),
        Turn.SHOP_DATA,
    ),
    Code.LINE_DIFFERS: Wording(
        (
            _("“%(name)s” costs %(shop)s in the shop and would come to %(erp)s in WAPRO."),
            _("A line of the order would come to another amount in WAPRO."),
        ),
        (_("Enter this order in WAPRO by hand, or correct the line in the shop."),),
        Turn.PERSON,
    ),
    Code.RATE_DIFFERS: Wording(
        (
            _(
                "VAT %(rate)s: the shop charges %(shop)s and WAPRO would come to %(erp)s, "
                "a difference of %(difference)s."
            ),
            _("WAPRO would come to another amount for one VAT rate than the shop."),
        ),
        (_("Compare the lines and charges below; correct the order in the shop, or enter it in WAPRO by hand."),),
        Turn.PERSON,
    ),
    Code.TAX_DIFFERS: Wording(
        (
            _(
                "VAT %(rate)s: the shop reckons %(shop)s of tax and WAPRO would come to %(erp)s, "
                "a difference of %(difference)s."
            ),
            _("The shop reckons %(shop)s of VAT in all and WAPRO would come to %(erp)s."),
            _("WAPRO would come to another VAT than the shop."),
        ),
        (_("Check which code of WAPRO the shop's VAT rates are mapped to, and the VAT of this order in the shop."),),
        Turn.PERSON,
    ),
    Code.DISCOUNT_TOO_LARGE: Wording(
        (
            _(
                "The discount “%(name)s” of %(value)s has VAT %(rate)s, "
                "and the order holds only %(goods)s with that rate."
            ),
            _("A discount is larger than what the order holds with its VAT rate."),
        ),
        (_("Map this discount to a service card instead, or enter the order in WAPRO by hand."),),
        Turn.PERSON,
    ),
    Code.TOTAL_DIFFERS: Wording(
        (
            _("The shop's total is %(shop)s and WAPRO would come to %(erp)s: a difference of %(difference)s."),
            _("WAPRO would come to another total than the shop."),
        ),
        (_("Compare the lines and charges below; correct the order in the shop, or enter it in WAPRO by hand."),),
        Turn.PERSON,
    ),
    Code.ORDER_TEST: Wording(
        (_("The shop marks it as a test."),),
        (_("Nothing to do."),),
        Turn.PERSON,
    ),
    Code.ORDER_BEFORE_GO_LIVE: Wording(
        (_("It was placed before the go-live of this connection."),),
        (_("Import it anyway if it belongs in WAPRO."),),
        Turn.PERSON,
    ),
    Code.ORDER_TOO_OLD: Wording(
        (
            _("It is older than %(days)s days."),
            _("It is older than this connection looks back."),
        ),
        (_("Import it anyway if it belongs in WAPRO."),),
        Turn.PERSON,
    ),
    Code.ORDER_BY_TABLE: Wording(
        (
            _("The table says so for “%(payment)s” in the state %(state)s."),
            _("The table of payments and states says so."),
        ),
        (_("Nothing to do."),),
        Turn.PERSON,
    ),
    Code.ORDER_BY_DEFAULT: Wording(
        (
            _("That is what happens to “%(payment)s” in the state %(state)s unless the table says otherwise."),
            _("That is what happens unless the table says otherwise."),
        ),
        (_("Nothing to do."),),
        Turn.PERSON,
    ),
    Code.ORDER_CANCELLED_THERE: Wording(
        (_("It is cancelled in the shop."),),
        (_("Nothing to do."),),
        Turn.PERSON,
    ),
    Code.ORDER_STATE_UNKNOWN: Wording(
        (
            _("Nobody has said yet what the state %(state)s means."),
            _("Nobody has said yet what its state means."),
        ),
        (_("Say what this state means on the page of payments and states."),),
        Turn.CONNECTION,
    ),
    Code.PAYMENT_TYPE_UNKNOWN: Wording(
        (
            _("Nobody has said yet what sort of payment “%(payment)s” is."),
            _("Nobody has said yet what sort of payment it is."),
        ),
        (_("Say what sort of payment this is on the page of payments and states."),),
        Turn.CONNECTION,
    ),
    Code.PAYMENT_AWAITED: Wording(
        (
            _("It waits for the payment (%(payment)s)."),
            _("It waits for the payment."),
        ),
        (_("Nothing to do: it is imported when the shop says that it is paid."),),
        Turn.PERSON,
    ),
    Code.PAYMENT_OVERDUE: Wording(
        (
            _("The payment (%(payment)s) has been awaited for more than %(days)s days."),
            _("The payment has been awaited for too long."),
        ),
        (_("Ask the buyer, or cancel the order in the shop."),),
        Turn.PERSON,
    ),
    Code.TAX_NUMBER_MISSING: Wording(
        (
            _("“%(company)s” wants an invoice and gave no tax number."),
            _("A company wants an invoice and gave no tax number."),
        ),
        (_("Ask the buyer for the tax number and enter it in the shop."),),
        Turn.SHOP_DATA,
    ),
    Code.TAX_NUMBER_INVALID: Wording(
        (
            _("The tax number %(tax_number)s of “%(company)s” is not valid."),
            _("The tax number of the buyer is not valid."),
        ),
        (_("Ask the buyer for the right tax number and correct it in the shop."),),
        Turn.SHOP_DATA,
    ),
    Code.CONTRACTORS_SEVERAL: Wording(
        (
            _("WAPRO has %(count)s contractors with the tax number %(tax_number)s."),
            _("WAPRO has several contractors with this tax number."),
        ),
        (_("Leave one of them unblocked in WAPRO and retry the order."),),
        Turn.ERP_DATA,
    ),
    Code.CONTRACTOR_MISSING: Wording(
        (
            _("WAPRO has no contractor with the tax number %(tax_number)s (%(company)s)."),
            _("WAPRO has no contractor with this tax number."),
        ),
        (_("Add the contractor in WAPRO with the data below and retry the order, or let contractors be made."),),
        Turn.PERSON,
    ),
    Code.BUYER_MISSING: Wording(
        (
            _("%(name)s wants an invoice, and WAPRO has no private contractor with the e-mail %(email)s."),
            _("A private buyer wants an invoice and has no contractor in WAPRO."),
        ),
        (_("Add the contractor in WAPRO with the data below and retry the order, or let contractors be made."),),
        Turn.PERSON,
    ),
    Code.BUYERS_SEVERAL: Wording(
        (
            _("The buyer wants an invoice, and WAPRO has %(count)s private contractors with the e-mail %(email)s."),
            _("The buyer wants an invoice, and WAPRO has several private contractors with this e-mail."),
        ),
        (_("Leave one of them unblocked in WAPRO and retry the order."),),
        Turn.ERP_DATA,
    ),
    Code.BUYER_UNCERTAIN: Wording(
        (
            _(
                "WAPRO has %(count)s private contractors with the e-mail %(email)s, so the order went to none of them "
                "but to the contractor for unknown buyers."
            ),
            _("WAPRO has several private contractors with the buyer's e-mail, so the order went to none of them."),
        ),
        (_("Nothing to do. If orders of this buyer belong to one of them, leave only that one unblocked in WAPRO."),),
        Turn.PERSON,
    ),
    Code.CONTRACTOR_UNSET: Wording(
        (_("No contractor is chosen for private buyers."),),
        (_("Choose the contractor of retail sales in the settings of orders."),),
        Turn.CONNECTION,
    ),
    Code.PAYMENT_UNMAPPED: Wording(
        (
            _("The payment “%(name)s” has no form of payment in WAPRO yet."),
            _("The payment has no form of payment in WAPRO yet."),
        ),
        (_("Map it on the page of orders' mappings."),),
        Turn.CONNECTION,
    ),
    Code.DELIVERY_UNMAPPED: Wording(
        (
            _("The delivery “%(name)s” has no form of delivery in WAPRO yet."),
            _("The delivery has no form of delivery in WAPRO yet."),
        ),
        (_("Map it on the page of orders' mappings."),),
        Turn.CONNECTION,
    ),
    Code.CURRENCY_UNMAPPED: Wording(
        (
            _("There is no rate for %(currency)s."),
            _("There is no rate for the currency of the order."),
        ),
        (_("Enter the rate on the page of orders' mappings."),),
        Turn.CONNECTION,
    ),
    Code.TAX_UNMAPPED: Wording(
        (
            _("“%(name)s” has the VAT rate %(value)s, which has no rate in WAPRO yet."),
            _("A line has a VAT rate that has no rate in WAPRO yet."),
        ),
        (_("Map the VAT rate on the page of orders' mappings."),),
        Turn.CONNECTION,
    ),
    Code.CHARGE_UNMAPPED: Wording(
        (
            _("“%(name)s” with VAT %(value)s has no service card in WAPRO yet."),
            _("A charge of the order has no service card in WAPRO yet."),
        ),
        (_("Map the charge on the page of orders' mappings."),),
        Turn.CONNECTION,
    ),
    Code.RATE_OLD: Wording(
        (
            _("The rate of %(currency)s is of %(day)s, more than %(days)s days before the order."),
            _("The rate of the currency is too old for the order."),
        ),
        (_("Enter a newer rate on the page of orders' mappings and retry the order."),),
        Turn.CONNECTION,
    ),
    Code.ORDER_REFUNDED: Wording(
        (
            _("The shop has given %(value)s %(currency)s of this order back to the buyer."),
            _("The shop has given a part of this order back to the buyer."),
        ),
        (_("Enter what is left of it in WAPRO by hand and leave this order alone."),),
        Turn.PERSON,
    ),
    Code.ORDER_MERGED: Wording(
        (
            _("The shop has merged it with other orders (%(value)s): the same goods may stand in several of them."),
            _("The shop has merged it with other orders: the same goods may stand in several of them."),
        ),
        (_("Import the one that will be sent anyway, and leave the others alone."),),
        Turn.PERSON,
    ),
    Code.ORDER_EMPTY: Wording(
        (_("The order has no lines."),),
        (_("Look at the order in the shop."),),
        Turn.SHOP_DATA,
    ),
    Code.ORDER_TOO_LONG: Wording(
        (
            _("The order has %(count)s lines, more than %(limit)s."),
            _("The order has too many lines."),
        ),
        (_("Enter this order in WAPRO by hand."),),
        Turn.PERSON,
    ),
    Code.ORDER_KEY_TOO_LONG: Wording(
        (
            _("The shop's number of the order, %(key)s, is too long for WAPRO."),
            _("The shop's number of the order is too long for WAPRO."),
        ),
        (_("Enter this order in WAPRO by hand and tell our support."),),
        Turn.US,
    ),
    Code.ARTICLE_UNKNOWN: Wording(
        (
            _("“%(name)s” (%(value)s) is linked with no card of WAPRO."),
            _("A line of the order is linked with no card of WAPRO."),
        ),
        (_("Link the product with its card and retry the order."),),
        Turn.PERSON,
    ),
    Code.ARTICLE_AMBIGUOUS: Wording(
        (
            _("“%(name)s”: %(count)s cards of WAPRO have the code %(value)s."),
            _("Several cards of WAPRO have the code of a line."),
        ),
        (_("Link the product with the right card and retry the order."),),
        Turn.PERSON,
    ),
    Code.ORDER_DELETED_THERE: Wording(
        (
            _("The order %(number)s was deleted in WAPRO."),
            _("The order was deleted in WAPRO."),
        ),
        (_("Import it again if it is still wanted, or leave it."),),
        Turn.PERSON,
    ),
    Code.CHARACTERS_DROPPED: Wording(
        (
            _("“%(name)s”: characters that WAPRO cannot keep were left out: %(value)s."),
            _("Characters that WAPRO cannot keep were left out: %(value)s."),
            _("Characters that WAPRO cannot keep were left out."),
        ),
        (_("Nothing to do; the whole text stands in the shop."),),
        Turn.PERSON,
    ),
    Code.TEXT_SHORTENED: Wording(
        (
            _("“%(name)s”: a text of %(length)s characters was cut to %(limit)s."),
            _("A text of %(length)s characters was cut to %(limit)s."),
            _("A text was cut to what WAPRO can keep."),
        ),
        (_("Read the whole text in the shop."),),
        Turn.PERSON,
    ),
}
