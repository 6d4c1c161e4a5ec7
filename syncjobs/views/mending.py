"""Where a problem is mended: the page that its "what to do" speaks of."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.http import urlencode

from integrator.canonical.kinds import REFERENCE_KINDS
from integrator.canonical.problems import Code, Turn
from shops.models import ShopConnection
from syncjobs.explain import Explained
from syncjobs.models.choices import Side

_SHOP_SETTINGS = {Code.PRICE_MISSING, Code.SETTING_MISSING, Code.NOT_IN_FILTER, Code.CURRENCY_DIFFERS}
_OPTIONS = {Code.CANNOT_UPDATE, Code.TOO_LONG, Code.NOT_KEPT}
_UNLINKED = {Code.CANNOT_CREATE, Code.FOUND_SEVERAL, Code.CODE_TAKEN, Code.ALREADY_LINKED}


def mend_url(told: Explained, connection: ShopConnection, kind: str, side: str) -> str:
    """Address of the page where this is put right, empty where that happens outside the panel."""
    code, params = told.code, told.params
    if code in (Code.REFERENCE_UNLINKED, Code.TAX_CODE_UNKNOWN):
        return _mapping(connection, params)
    if code in _SHOP_SETTINGS:
        return reverse("shop", kwargs={"shop": connection.pk})
    if code in _OPTIONS:
        return reverse("options_kind", kwargs={"shop": connection.pk, "kind": kind}) + "#own"
    if code in _UNLINKED:
        return reverse("unlinked_kind", kwargs={"shop": connection.pk, "kind": kind})
    if told.turn == Turn.CONNECTION:
        return _connection(connection, side)
    return ""


def _mapping(connection: ShopConnection, params: Mapping[str, str]) -> str:
    kind = params.get("kind", "tax_rate")
    if kind not in REFERENCE_KINDS:
        return ""
    words = params.get("label", "").rsplit(" / ", 1)[-1]
    query = {"show": "unmapped"} | ({"q": words} if words else {})
    return f"{reverse('mapping_kind', kwargs={'shop': connection.pk, 'kind': kind})}?{urlencode(query)}"


def _connection(connection: ShopConnection, side: str) -> str:
    erp = getattr(connection.client, "erp", None)
    if side == Side.ERP and erp is not None:
        return reverse("erp", kwargs={"erp": erp.pk})
    return reverse("shop", kwargs={"shop": connection.pk})
