"""What the checks of a shop on WordPress say, and what its refusals mean that no other shop has."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import Wording

SHOP_CHECKS = {
    Code.SHOP_VERSION_OLD: Wording(
        (
            _("%(system)s runs version %(version)s, and at least %(oldest)s is needed."),
            _("%(system)s: this version is too old."),
        ),
        (_("Let the shop be updated, then test the settings again."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.SHOP_VERSION_NEW: Wording(
        (
            _("%(system)s runs version %(version)s; we have tried versions up to %(newest)s."),
            _("%(system)s: this version is newer than those we have tried."),
        ),
        (_("Go on with care: look at the first plans closely, and tell our support if something looks odd."),),
        Turn.US,
    ),
    Code.PERMALINKS_PLAIN: Wording(
        (_("%(system)s uses plain addresses, with which its interface does not work."),),
        (_("In the shop's panel choose anything but “Plain” under Settings > Permalinks."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.TLS_UNNOTICED: Wording(
        (_("%(system)s does not notice that calls come encrypted, and so refuses every key."),),
        (
            _(
                "Let the shop's host make the proxy send X-Forwarded-Proto and wp-config.php trust it, so that "
                "WordPress sees https."
            ),
        ),
        Turn.SHOP_SETTINGS,
    ),
    Code.TAX_CALCULATION_OFF: Wording(
        (_("%(system)s reckons no VAT, so prices are sold as they are entered."),),
        (_("If the firm charges VAT, switch it on in the shop's panel: WooCommerce > Settings > General."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.TAX_CLASSES_MISSING: Wording(
        (_("%(system)s has the standard VAT rate only."),),
        (_("Make a tax class for each further rate in the shop's panel: WooCommerce > Settings > Tax."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.STOCK_NOT_COUNTED: Wording(
        (_("%(system)s does not count stock, so quantities that are sent there have no effect."),),
        (_("Switch stock management on in the shop's panel: WooCommerce > Settings > Products > Inventory."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.SHOP_TRANSLATED: Wording(
        (
            _("%(system)s holds translations of its products (%(plugin)s); they are listed as products of their own."),
            _("%(system)s holds translations of its products."),
        ),
        (_("Synchronise with care: link the products of one language, and leave the translations to the shop."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.IN_TRASH: Wording(
        (
            _("A product with the code %(value)s lies in the trash of %(system)s and keeps the code for itself."),
            _("A product with this code lies in the shop's trash and keeps the code for itself."),
        ),
        (_("In the shop's panel restore it from the trash or delete it for good, then synchronise again."),),
        Turn.PERSON,
    ),
}
