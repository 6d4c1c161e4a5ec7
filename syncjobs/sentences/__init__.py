"""What each problem code says to people: what happened, where and why, what to do, and whose turn it is."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Turn
from syncjobs.sentences.brakes import LIMITS, STOPS
from syncjobs.sentences.checks import CHECKING
from syncjobs.sentences.elements import PLANNING, READING, WRITING
from syncjobs.sentences.erp_orders import ERP_ORDERS
from syncjobs.sentences.orders import ORDERS
from syncjobs.sentences.runs import RUNNING
from syncjobs.sentences.shop_checks import SHOP_CHECKS
from syncjobs.sentences.shop_settings import SHOP_SETTINGS
from syncjobs.sentences.systems import ANSWERS, ERP, REACHING
from syncjobs.sentences.undoing import UNDOING
from syncjobs.sentences.wording import PLACEHOLDER, Wording

__all__ = ["PLACEHOLDER", "TURNS", "WORDINGS", "Wording"]

TURNS: dict[Turn, str] = {
    Turn.ERP_DATA: _("to be corrected in WAPRO"),
    Turn.SHOP_DATA: _("to be corrected in the shop"),
    Turn.SHOP_SETTINGS: _("the shop's settings"),
    Turn.ERP_SETTINGS: _("the settings of WAPRO or its server"),
    Turn.SHOP_OUTAGE: _("the shop, by itself"),
    Turn.ERP_OUTAGE: _("WAPRO's server, by itself"),
    Turn.CONNECTION: _("the connection's settings"),
    Turn.PERSON: _("your decision"),
    Turn.US: _("our support"),
}

WORDINGS: dict[str, Wording] = {
    str(code): wording
    for group in (
        REACHING,
        ANSWERS,
        SHOP_SETTINGS,
        SHOP_CHECKS,
        ERP,
        ERP_ORDERS,
        ORDERS,
        CHECKING,
        READING,
        PLANNING,
        WRITING,
        RUNNING,
        LIMITS,
        STOPS,
        UNDOING,
    )
    for code, wording in group.items()
}
