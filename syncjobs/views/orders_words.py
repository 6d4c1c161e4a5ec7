"""An order in words: where it stands, why it waits, what happened to it, and what to do next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from integrator.canonical.problems import Code
from shops.models import ShopConnection
from syncjobs.explain import Explained, explain
from syncjobs.fields import money, written
from syncjobs.models.orders import OrderEvent, ShopOrder
from syncjobs.navigation import address
from wapro.orders.draft import Progress

Status = ShopOrder.Status
LOOKS = {
    Status.WAITING: ("off", "clock"),
    Status.HELD: ("wait", "hourglass"),
    Status.INTENDED: ("run", "arrow-right"),
    Status.PLACED: ("ok", "circle-check"),
    Status.CANCELLING: ("run", "circle-minus"),
    Status.CANCELLED: ("off", "circle-minus"),
    Status.IGNORED: ("off", "circle-dashed"),
    Status.DONE: ("ok", "check"),
}
"""Colour and icon of each status."""
_AHEAD = {
    Status.WAITING: gettext_lazy("goes into WAPRO once what it waits for has come"),
    Status.HELD: gettext_lazy("goes into WAPRO once that is mended"),
    Status.INTENDED: gettext_lazy("is written into WAPRO"),
    Status.PLACED: gettext_lazy("finished once WAPRO shows it realised and the shop knows"),
    Status.CANCELLING: gettext_lazy("is cancelled in WAPRO"),
}
"""What comes next at each status."""
MAPPED = {
    Code.PAYMENT_UNMAPPED,
    Code.DELIVERY_UNMAPPED,
    Code.CURRENCY_UNMAPPED,
    Code.RATE_OLD,
    Code.TAX_UNMAPPED,
    Code.CHARGE_UNMAPPED,
}
CLASSIFIED = {Code.PAYMENT_TYPE_UNKNOWN, Code.ORDER_STATE_UNKNOWN}
BY_RULE = {Code.ORDER_BY_DEFAULT, Code.ORDER_BY_TABLE}
_AMOUNT_WITHIN = re.compile(r"(?<=[×:] )-?[0-9]+\.[0-9]+")
"""Amounts in what `orders.changes.content` makes of lines and charges."""
ARTICLES = {Code.ARTICLE_UNKNOWN, Code.ARTICLE_AMBIGUOUS}
FIELDS = {
    "total": gettext_lazy("total"),
    "currency": gettext_lazy("currency"),
    "payment": gettext_lazy("payment"),
    "delivery": gettext_lazy("delivery"),
    "pickup": gettext_lazy("pick-up point"),
    "billing": gettext_lazy("invoice address"),
    "address": gettext_lazy("delivery address"),
    "charges": gettext_lazy("charges"),
    "refunded": gettext_lazy("given back to the buyer"),
    "deleted": gettext_lazy("deleted in the shop"),
}
"""Parts of an order that can differ from what was imported."""
DOCUMENTS = {
    "invoice": gettext_lazy("invoice"),
    "receipt": gettext_lazy("receipt"),
    "issue": gettext_lazy("goods issue"),
    "other": gettext_lazy("document"),
}
REALISED = {
    "no": gettext_lazy("not realised"),
    "partly": gettext_lazy("realised in part"),
    "fully": gettext_lazy("realised"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The one thing to do about an order, and where."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One line of the timeline. `exchange`: the exact call, empty where there was none."""

    event: OrderEvent
    side: Any
    icon: str
    tone: str
    text: str
    detail: str = ""
    exchange: Mapping[str, str] | None = None


def look(row: ShopOrder) -> tuple[str, str, str]:
    """Tone, icon and word of where an order stands."""
    tone, icon = LOOKS[Status(row.status)]
    if row.alert and tone != "wait":
        tone, icon = "wait", "alert-triangle"
    return tone, icon, capfirst(str(Status(row.status).label))


def reasons(row: ShopOrder, connection: ShopConnection) -> list[tuple[Explained, str]]:
    """Why it waits or is left out, as sentences with what to do, each with what was met. Of an order that went in,
    only what was adapted or went wrong since: that it went in by rule is told by its timeline."""
    went_in = row.in_erp or row.status in (Status.INTENDED, Status.DONE)
    return [
        (explain(reason, connection=connection), str(reason.get("excerpt", "")))
        for reason in row.reasons
        if not (went_in and reason.get("code") in BY_RULE)
    ]


def way(row: ShopOrder) -> str:
    """How far an order is in WAPRO, in a few words; empty before it is there."""
    if not row.in_erp or not row.progress:
        return ""
    progress = msgspec.convert(row.progress, Progress)
    parts = [str(REALISED[progress.realised])] if progress.realised != "no" else []
    parts += [one.number for one in progress.documents if one.kind != "issue"]
    if count := len(progress.tracking):
        parts.append(ngettext("%(n)s parcel", "%(n)s parcels", count) % {"n": count})
    return ", ".join(parts)


def ahead(row: ShopOrder) -> str:
    """What is expected to happen next, empty when nothing is."""
    return str(_AHEAD.get(Status(row.status), ""))


def next_action(row: ShopOrder, connection: ShopConnection) -> Next | None:
    """Where to mend what holds it; None when nothing waits for a person."""
    if not row.alert and row.status != Status.HELD:
        return None
    codes = {str(reason.get("code", "")) for reason in row.reasons}
    shop = connection.pk
    offers = [
        (MAPPED, _("Map"), address("orders_mapping", shop=shop)),
        (CLASSIFIED, _("Classify"), address("orders_policy", shop=shop)),
        ({Code.SETTING_MISSING}, _("Settings"), address("orders_settings", shop=shop)),
        (ARTICLES, _("Link"), address("unlinked_kind", shop=shop, kind="product")),
    ]
    for wanted, label, url in offers:
        if url and codes & {str(code) for code in wanted}:
            return Next(label=label, url=url)
    return Next(label=_("Look at it"), url=address("order", order=row.pk))


def differs(row: ShopOrder) -> list[dict[str, str]]:
    """How the order differs now from what was imported."""
    return [_differs(one) for one in row.edited]


def _differs(one: Mapping[str, Any]) -> dict[str, str]:
    field, before, now = (str(one.get(name, "")) for name in ("field", "before", "now"))
    if field in ("total", "refunded"):
        before, now = money(before or 0), money(now or 0)
    elif field == "charges" or field.startswith("line:"):
        before, now = (_AMOUNT_WITHIN.sub(lambda found: written(found[0]), text) for text in (before, now))
    return {"label": part(field), "before": before, "now": now}


def part(name: str) -> str:
    if name.startswith("line:"):
        return _("line")
    return str(FIELDS.get(name, name))


def quantity(value: Any) -> str:
    return number_format(Decimal(str(value)).normalize(), use_l10n=True) if Decimal(str(value)) else "0"


def happened(event: OrderEvent, connection: ShopConnection, states: Mapping[str, str]) -> Happened:
    """An event as a sentence. `states`: names of the shop's states by key."""
    data = event.data
    icon, tone, text = _sentence(event, states)
    reasons = data.get("reasons") or ([data["reason"]] if isinstance(data.get("reason"), dict) else [])
    details = [explain(one, connection=connection).sentence for one in reasons]
    if isinstance(data.get("reason"), str) and data["reason"]:
        details.append(data["reason"])
    details += [_told_of(data, states)[1]] if event.verb == "told" else []
    details += [f"KSeF {data['ksef']}"] if event.verb == "document" and data.get("ksef") else []
    side = {OrderEvent.Side.SHOP: connection, OrderEvent.Side.ERP: "erp"}.get(OrderEvent.Side(event.side))
    detail = " ".join(details)
    return Happened(
        event=event, side=side, icon=icon, tone=tone, text=text, detail=detail, exchange=data.get("exchange")
    )


def _sentence(event: OrderEvent, states: Mapping[str, str]) -> tuple[str, str, str]:
    data, side = event.data, event.side
    makes = _SENTENCES.get((side, event.verb))
    if makes is None:
        return "info-circle", "", event.verb
    icon, tone, says = makes
    values = {name: str(value) for name, value in data.items() if isinstance(value, (str, int))}
    values |= {
        "state": states.get(str(data.get("now") or data.get("state") or ""), str(data.get("now") or data.get("state"))),
        "how": str(REALISED.get(str(data.get("how")), "")),
        "document": str(DOCUMENTS.get(str(data.get("kind")), DOCUMENTS["other"])),
        "fields": ", ".join(dict.fromkeys(part(str(name)) for name in data.get("fields", []))),
        "what": _told_of(data, states)[0],
        "total": money(data.get("total", "0")),
        "gross": money(data.get("gross", "0")),
    }
    for name in ("number", "carrier", "key", "choice", "payment"):
        values.setdefault(name, "")
    if event.verb == "decided":
        values["choice"] = str(CHOICES.get(values["choice"], values["choice"]))
    return icon, tone, capfirst((_(says) % values).strip(" ,"))


def _told_of(data: Mapping[str, Any], states: Mapping[str, str]) -> tuple[str, str]:
    """What the shop was told: its state, and the numbers beside it; the numbers alone where the state stays."""
    state = str(data.get("state") or "")
    numbers = ", ".join(map(str, [*data.get("parcels", []), *data.get("documents", [])]))
    return (states.get(state, state), numbers) if state else (numbers, "")


CHOICES = {
    "import": gettext_lazy("into WAPRO, without reserving"),
    "reserve": gettext_lazy("into WAPRO, goods reserved"),
    "wait": gettext_lazy("wait"),
    "cancel": pgettext_lazy("order", "cancelled"),
    "ignore": gettext_lazy("left alone"),
}
"""What the policy can say."""
_SENTENCES: dict[tuple[str, str], tuple[str, str, Any]] = {
    ("shop", "placed"): ("shopping-cart", "", gettext_lazy("placed in the shop: %(total)s, %(payment)s")),
    ("shop", "state"): ("refresh", "", gettext_lazy("state in the shop: %(state)s")),
    ("shop", "paid"): ("cash", "", gettext_lazy("paid")),
    ("shop", "edited"): ("pencil", "wait", gettext_lazy("changed in the shop: %(fields)s")),
    ("shop", "deleted"): ("trash", "wait", gettext_lazy("deleted in the shop")),
    ("shop", "told"): ("arrow-back-up", "", gettext_lazy("the shop was told: %(what)s")),
    ("shop", "not_told"): ("alert-triangle", "wait", gettext_lazy("the shop could not be told")),
    ("us", "decided"): ("route", "", gettext_lazy("decided: %(choice)s")),
    ("us", "held"): ("hourglass", "wait", gettext_lazy("held")),
    ("us", "cancels"): ("circle-minus", "", gettext_lazy("is to be cancelled in WAPRO")),
    ("erp", "contractor"): ("user-plus", "", gettext_lazy("contractor made: %(key)s")),
    ("erp", "placed"): ("file-text", "", gettext_lazy("%(number)s in WAPRO, %(gross)s")),
    ("erp", "refused"): ("circle-x", "wait", gettext_lazy("WAPRO refused it")),
    ("erp", "cancelled"): ("circle-minus", "", gettext_lazy("cancelled in WAPRO")),
    ("erp", "realised"): ("box", "", gettext_lazy("%(how)s in WAPRO")),
    ("erp", "document"): ("receipt", "", gettext_lazy("%(document)s %(number)s")),
    ("erp", "parcel"): ("truck", "", gettext_lazy("parcel %(number)s, %(carrier)s")),
    ("erp", "paid"): ("cash", "", gettext_lazy("settled in WAPRO")),
    ("erp", "another"): ("arrows-diff", "wait", gettext_lazy("%(number)s is another order in WAPRO now")),
    ("erp", "deleted"): ("trash", "wait", gettext_lazy("%(number)s was deleted in WAPRO")),
    ("person", "retry"): ("refresh", "", gettext_lazy("to be decided again")),
    ("person", "overrule"): ("player-skip-forward", "", gettext_lazy("import anyway")),
    ("person", "leave"): ("circle-dashed", "", gettext_lazy("left alone")),
    ("person", "cancel"): ("circle-minus", "", gettext_lazy("to be cancelled in WAPRO")),
    ("person", "seen"): ("eye", "", gettext_lazy("left as it is in WAPRO")),
}
"""(side, verb) of an event -> icon, tone, sentence."""
