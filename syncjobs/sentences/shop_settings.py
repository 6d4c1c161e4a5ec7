"""What the checks of a shop say when its key or its settings are not as they should be."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import Wording

SHOP_SETTINGS = {
    Code.KEY_NOT_RECEIVED: Wording(
        (
            _("The key did not reach %(system)s: its host drops it on the way."),
            _("The key did not reach the shop."),
        ),
        (
            _(
                "Let the host pass the Authorization header on to PHP (Apache: CGIPassAuth On), or choose the way that "
                "sends the key in the address."
            ),
        ),
        Turn.SHOP_SETTINGS,
    ),
    Code.KEY_INCOMPLETE: Wording(
        (_("The key does not have the length of a key of %(system)s."), _("The key is not complete.")),
        (_("Copy the whole key from the shop's panel once more: it has 32 characters."),),
        Turn.CONNECTION,
    ),
    Code.KEY_UNKNOWN: Wording(
        (_("%(system)s does not know the key, or it is switched off."), _("The key is unknown or switched off.")),
        (_("Check in the shop's panel that the key is there and enabled, and enter it anew."),),
        Turn.CONNECTION,
    ),
    Code.WEBSERVICE_OFF: Wording(
        (_("The web service of %(system)s is switched off."), _("The shop's web service is switched off.")),
        (_("Switch it on in the shop's panel under Advanced Parameters > Webservice."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.SEVERAL_SHOPS: Wording(
        (
            _("%(system)s holds %(count)s shops. Integrator works with one only, so it writes nothing there."),
            _("There are several shops in one. Integrator works with one only, so it writes nothing there."),
        ),
        (_("Leave one shop in this installation, or ask our support."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.COUNTRY_DIFFERS: Wording(
        (
            _("The default country of %(system)s is %(country)s, whose VAT rates are used."),
            _("The shop's default country is not Poland, and its VAT rates are used."),
        ),
        (_("If the shop sells in Poland, set its default country there: International > Localization."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.TAX_RATES_MISSING: Wording(
        (
            _("%(system)s has no tax rules for: %(rates)s."),
            _("The shop has no tax rules for all VAT rates."),
        ),
        (_("Make them in the shop's panel under International > Taxes > Tax Rules, or import Poland's pack."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.TAX_NOT_ADDED: Wording(
        (_("%(system)s adds no tax, so its net prices are what customers pay."), _("The shop adds no tax.")),
        (_("If the firm charges VAT, switch taxes on in the shop's panel under International > Taxes."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.STOCK_MANAGEMENT_OFF: Wording(
        (_("%(system)s does not keep stock, so what is sent there has no effect."), _("The shop does not keep stock.")),
        (_("Switch stock management on in the shop's panel under Shop Parameters > Product Settings."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.ADVANCED_STOCK_ON: Wording(
        (
            _("%(system)s reckons this stock from its own warehouses, so it cannot be written."),
            _("The shop reckons this stock from its own warehouses, so it cannot be written."),
        ),
        (_("Switch advanced stock management off in the shop's panel, or leave this shop's stock unsynchronised."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.ECOTAX_ON: Wording(
        (
            _("%(system)s adds ecotax to the prices of products that have one, so customers pay more than is sent."),
            _("The shop adds ecotax to the prices of products that have one, so customers pay more than is sent."),
        ),
        (_("Switch ecotax off in the shop's panel under International > Taxes, or leave it at 0 on the products."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.STOCK_ROW_LOST: Wording(
        (
            _("The stock of %(key)s in %(system)s belongs to no shop: another program wrote it without naming one."),
            _("The stock of this product belongs to no shop: another program wrote it without naming one."),
        ),
        (_("Save the product's quantity once in the shop's panel, then synchronise again."),),
        Turn.SHOP_DATA,
    ),
    Code.OPTIONS_TAKEN: Wording(
        (
            _("The product in %(system)s has a combination of these options already: “%(other)s”."),
            _("The product has a combination of these options already."),
        ),
        (_("If it is the same one, link the two; else correct the options."),),
        Turn.PERSON,
    ),
}
