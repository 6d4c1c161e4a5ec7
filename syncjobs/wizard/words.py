"""The wizard's words on screen and on paper."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from syncjobs.engine.policy import Owner
from syncjobs.wizard.flows import Flow, Stage

FLOWS = {
    Flow.ORDERS: (_("Orders"), _("from the shop into WAPRO"), _("Should orders of the shop go into WAPRO?")),
    Flow.STOCK: (_("Stock"), _("from WAPRO to the shop"), _("Should stock be updated in the shop?")),
    Flow.PRICES: (_("Prices"), _("from WAPRO to the shop"), _("Should the shop sell at the prices of WAPRO?")),
    Flow.PRODUCTS: (
        _("Products"),
        _("as the owners of the data say"),
        _("Are products added in WAPRO, to appear in the shop, or the other way round?"),
    ),
    Flow.SHIPMENTS: (
        _("Shipments"),
        _("from WAPRO to the shop"),
        _("Should the shop learn the numbers of parcels?"),
    ),
    Flow.STATUSES: (
        _("Statuses"),
        _("from WAPRO to the shop"),
        _("Should the order's state in the shop follow WAPRO?"),
    ),
    Flow.PAYMENTS: (
        _("Payments"),
        _("from WAPRO to the shop"),
        _("Should the shop learn that an order is paid?"),
    ),
    Flow.DOCUMENTS: (
        _("Documents"),
        _("from WAPRO to the shop"),
        _("Should the shop learn the numbers of invoices and receipts?"),
    ),
}
"""Name, direction, the question to ask."""
GROUPS = {
    "stock": _("Stock"),
    "prices": _("Prices"),
    "codes": _("VAT, EAN, units and weight of products"),
    "texts": _("Names and descriptions"),
    "places": _("Category and producer of products"),
    "visibility": _("Visibility in the shop"),
    "images": _("Images"),
    "dictionaries": _("Units, categories, producers, VAT rates themselves"),
    "other": _("Other fields of products"),
}
OWNERS = {
    str(Owner.ERP): pgettext_lazy("who rules", "WAPRO"),
    str(Owner.SHOP): pgettext_lazy("who rules", "the shop"),
    str(Owner.ASK): pgettext_lazy("who rules", "whoever changed last; a person when both did"),
    str(Owner.IGNORE): pgettext_lazy("who rules", "each side its own, nothing is carried over"),
    "mixed": pgettext_lazy("who rules", "field by field, as the options say"),
}
STAGES = {
    Stage.ORDERS: _("Orders"),
    Stage.STOCK: _("Stock, prices and products"),
    Stage.SHIPMENTS: _("Shipments, statuses, payments"),
    Stage.DOCUMENTS: _("Documents"),
}
CRITERIA = {
    "sides_tested": _("Connections whose test passed"),
    "orders_missing": _("Points that orders still need"),
    "orders_placed": _("Orders that are in WAPRO"),
    "orders_held": _("Orders that are held for a person"),
    "linked_percent": _("Products of the shop that are linked, %"),
    "settings_missing": _("Settings missing: price type, warehouses"),
    "good_runs": _("Latest runs of stock in a row that ended well"),
    "stock_failed": _("Elements that failed in the latest run of stock"),
    "parcels_told": _("Orders whose parcel number the shop was told"),
    "not_told": _("Orders of which the shop took no message"),
}
PARTS = {
    "scope": _("Scope"),
    "owners": _("Who rules which data"),
    "access": _("Access and test environment"),
    "process": _("Logic of the process"),
    "stages": _("Stages"),
    "trial": _("Trial"),
    "finish": _("Preview and agreement"),
}
"""The wizard's parts in order, by the word in the address."""
