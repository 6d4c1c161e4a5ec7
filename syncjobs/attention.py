"""What needs a person, most urgent first, then oldest; each matter with its one next action."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrator.accounts.models import RANK, Role
from shops.models import ShopConnection
from syncjobs import brake_matters, unlinked_matters, webhooks
from syncjobs.explain import explain
from syncjobs.matters import Matter
from syncjobs.models import Conflict, Step, WebhookSetup
from syncjobs.models.choices import OPEN_STATUSES, KindName, Side, Status
from syncjobs.models.orders import NEEDS_A_LOOK, WANTS_DOCUMENT, OrderTerms, ShopOrder
from syncjobs.navigation import address
from syncjobs.undoing import matters as hold_matters
from syncjobs.words import in_words
from wapro.models import WaproConnection

URGENCY = (
    "down",
    "failed",
    "orders",
    "webhooks",
    "plan",
    "conflicts",
    "held",
    "blocked",
    "unlinked",
    "ambiguous",
    "setup",
)
"""Sorts of matters, most urgent first."""


def matters(
    shops: Sequence[ShopConnection], erps: Iterable[WaproConnection], steps: Iterable[Step]
) -> dict[int, list[Matter]]:
    """Matters by client. `steps` are the latest ones (`health.latest_steps`). Few queries, however many shops."""
    by_shop = {shop.pk: shop for shop in shops}
    found: dict[int, list[Matter]] = defaultdict(list)
    for erp in erps:
        found[erp.client_id] += _of_connection(erp, "erp", address("erp", erp=erp.pk))
    steps = list(steps)
    tried = {step.connection_id for step in steps if step.status not in OPEN_STATUSES}
    for shop in shops:
        found[shop.client_id] += _of_connection(shop, shop, address("shop", shop=shop.pk)) or _next_step(
            shop, tried=shop.pk in tried
        )
    blocked: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        shop = by_shop[step.connection_id]
        if step.status == Status.BLOCKED:
            blocked[shop.pk].append(step)
        else:
            found[shop.client_id] += _of_step(step, shop)
    for pk, waiting in blocked.items():
        found[by_shop[pk].client_id].append(_blocked(waiting, by_shop[pk]))
    for client, stopped in brake_matters.stopped(shops):
        found[client].append(stopped)
    for matter, shop in [
        *_orders(by_shop),
        *brake_matters.noticed(by_shop),
        *_webhooks(by_shop),
        *_conflicts(by_shop),
        *hold_matters.held(by_shop),
        *unlinked_matters.unlinked(by_shop),
    ]:
        found[shop.client_id].append(matter)
    return {client: sorted(rows, key=_order) for client, rows in found.items()}


def for_role(found: Sequence[Matter], role: str) -> list[Matter]:
    """The matters as this role has them: no address that is closed to it, no action that is not its own."""
    rank = RANK[Role(role)]
    return [
        dataclasses.replace(
            matter,
            url=matter.url if rank >= RANK[Role(matter.opens)] else "",
            action=matter.action if rank >= RANK[Role(matter.acts)] else "",
        )
        for matter in found
    ]


def _order(matter: Matter) -> tuple[int, float]:
    return URGENCY.index(matter.sort), matter.since.timestamp() if matter.since else 0.0


def _of_connection(connection: ShopConnection | WaproConnection, side: Any, url: str) -> list[Matter]:
    if connection.healthy is False or connection.problem:
        shop = connection if isinstance(connection, ShopConnection) else None
        where = Side.SHOP if shop else Side.ERP
        told = explain(connection.problem, side=where, connection=shop).sentence if connection.problem else ""
        detail = told or _failed_checks(connection.checks)
        return [
            Matter(
                sort="down",
                tone="fail",
                icon="circle-x",
                word=_("Error"),
                title=_("%(name)s: the connection does not work") % {"name": connection.name},
                detail=detail,
                side=side,
                since=connection.checked_at,
                url=url,
                action=_("Check"),
                brief=_("no connection"),
            )
        ]
    if connection.checked_at is None:
        return [
            Matter(
                sort="setup",
                tone="off",
                icon="circle-dashed",
                word=_("To do"),
                title=_("%(name)s: the settings were never tested") % {"name": connection.name},
                detail=_(
                    "The test says by name what works, what does not, and what to do about it. It writes nothing."
                ),
                side=side,
                since=connection.created_at,
                url=url,
                action=_("Test settings"),
                brief=_("not tested"),
            )
        ]
    return []


def _next_step(shop: ShopConnection, *, tried: bool) -> list[Matter]:
    """What is left of setting up a shop that answers: what it sells at, from which warehouses, and at last writing."""
    url = address("shop_edit", shop=shop.pk)
    if not shop.price_type or not shop.warehouses:
        title = _("%(name)s: price type and warehouses are not chosen")
        detail = _("Without them no price and no stock can be compared.")
        return [_to_do(shop, title, detail, url, _("Choose"))]
    if tried and not shop.writes_enabled:
        title = _("%(name)s: only reads so far")
        detail = _(
            "Once the plans of the preview look right, switch writing on. The first plan of each kind still waits."
        )
        return [_to_do(shop, title, detail, f"{url}#s-switches", _("Settings"))]
    return []


def _to_do(shop: ShopConnection, title: str, detail: str, url: str, action: str) -> Matter:
    return Matter(
        sort="setup",
        tone="off",
        icon="circle-dashed",
        word=_("To do"),
        title=title % {"name": shop.name},
        detail=detail,
        side=shop,
        since=shop.created_at,
        url=url,
        action=action,
        brief=_("set-up"),
        opens=Role.IMPLEMENTER,
        acts=Role.IMPLEMENTER,
    )


def _failed_checks(checks: list[dict[str, Any]]) -> str:
    failed = sum(1 for check in checks if check.get("verdict") == "failed")
    return ngettext("%(count)s check failed.", "%(count)s checks failed.", failed) % {"count": failed}


def _first_problem(step: Step, shop: ShopConnection) -> str:
    return explain(step.problems[0], connection=shop).sentence if step.problems else ""


def _of_step(step: Step, shop: ShopConnection) -> list[Matter]:
    kind = capfirst(str(KindName(step.kind).label))
    if step.status == Status.WAITING:
        return [_plan(step, shop, kind)]
    if step.status not in (Status.FAILED, Status.PARTLY):
        return []
    failed = int(step.counts.get("failed", 0))
    broken = step.status == Status.FAILED
    errors = ngettext("%(count)s element failed.", "%(count)s elements failed.", failed) % {"count": failed}
    return [
        Matter(
            sort="failed",
            tone="fail" if broken else "part",
            icon="circle-x" if broken else "circle-half-2",
            word=_("Error") if broken else _("Partly"),
            title=(_("%(kind)s: the run failed") if broken else _("%(kind)s: not everything went through"))
            % {"kind": kind},
            detail=_first_problem(step, shop) or (errors if failed else ""),
            side=shop,
            since=step.finished_at or step.run.created_at,
            url=address("run", run=step.run_id),
            action=_("See what failed"),
            acts=Role.VIEWER,
            count=max(failed, 1),
            brief=_("error: %(kind)s") % {"kind": KindName(step.kind).label},
            about=step.kind,
        )
    ]


def _plan(step: Step, shop: ShopConnection, kind: str) -> Matter:
    planned = int(step.counts.get("planned", 0))
    braked = step.braked_at is not None
    title = ngettext(
        "%(kind)s: a plan with %(count)s change waits for approval",
        "%(kind)s: a plan with %(count)s changes waits for approval",
        planned,
    )
    if braked:
        title = ngettext(
            "%(kind)s: the brake holds a plan with %(count)s change",
            "%(kind)s: the brake holds a plan with %(count)s changes",
            planned,
        )
    return Matter(
        sort="plan",
        tone="fail" if braked else "wait",
        icon="alert-triangle" if braked else "hourglass",
        word=_("Brake") if braked else _("Approval"),
        title=title % {"kind": kind, "count": planned},
        detail=" ".join(filter(None, (_first_problem(step, shop), _left_alone(step)))),
        side=shop,
        since=step.sealed_at or step.run.created_at,
        url=address("plan", step=step.pk) or address("run", run=step.run_id),
        action=_("Review the plan"),
        brief=_("plan: %(kind)s") % {"kind": KindName(step.kind).label},
        about=step.kind,
    )


def _left_alone(step: Step) -> str:
    until = step.kept_until
    if until is None:
        return _("Nothing is written before somebody agrees.")
    text = _(
        "Nothing is written before somebody agrees; scheduled runs leave this kind out until then, or until %(time)s."
    )
    return text % {"time": in_words(until, timezone.now())}


def _blocked(steps: list[Step], shop: ShopConnection) -> Matter:
    names = ", ".join(str(KindName(step.kind).label) for step in steps)
    return Matter(
        sort="blocked",
        tone="block",
        icon="lock",
        word=_("Blocked"),
        title=_("Waiting for something else first: %(kinds)s") % {"kinds": names},
        detail=_first_problem(steps[0], shop),
        side=shop,
        since=min(step.finished_at or step.run.created_at for step in steps),
        url=address("run", run=steps[0].run_id),
        action=_("See why"),
        acts=Role.VIEWER,
        count=len(steps),
        brief=_("blocked: %(kinds)s") % {"kinds": names},
    )


def _webhooks(shops: dict[int, ShopConnection]) -> list[tuple[Matter, ShopConnection]]:
    """Webhooks that the shop had switched off, that somebody removed, or that the shop does not tell of."""
    lately = timezone.now() - webhooks.SHOWN_FOR
    found = []
    for setup in WebhookSetup.objects.filter(connection__in=list(shops)).exclude(url="").defer("secret"):
        shop = shops[setup.connection_id]
        if setup.missing:
            title, since = _("%(name)s: webhooks are missing in the shop"), setup.checked_at
        elif setup.problem:
            title, since = _("%(name)s: the shop does not say how its webhooks are"), setup.checked_at
        elif setup.revived_at is not None and setup.revived_at > lately:
            title, since = _("%(name)s: the shop had switched its webhooks off"), setup.revived_at
        else:
            continue
        matter = Matter(
            sort="webhooks",
            tone="part",
            icon="circle-half-2",
            word=_("Webhooks"),
            title=title % {"name": shop.name},
            detail=_("Nothing is lost: polling finds what they do not tell, only later."),
            side=shop,
            since=since,
            url=address("webhooks", shop=shop.pk),
            action=_("Look at the webhooks"),
            acts=Role.VIEWER,
            brief=_("webhooks"),
        )
        found.append((matter, shop))
    return found


_STANDS = (Q(problem__isnull=False) | Q(erp_problem__isnull=False)) & (Q(enabled=True) | Q(back_enabled=True))


def _orders(shops: dict[int, ShopConnection]) -> list[tuple[Matter, ShopConnection]]:
    """Lanes of orders that stand still, and single orders that wait for a person."""
    found = []
    for terms in OrderTerms.objects.filter(connection__in=list(shops)).filter(_STANDS):
        shop = shops[terms.connection_id]
        title = _("%(name)s: orders stand still")
        told = explain(terms.trouble or {}, connection=shop).sentence
        found.append((_order_matter(shop, title, told, None, 0), shop))
    rows = ShopOrder.objects.filter(NEEDS_A_LOOK | WANTS_DOCUMENT, connection__in=list(shops)).values_list("connection")
    counted = rows.annotate(
        looks=Count("id", filter=NEEDS_A_LOOK),
        since=Min("seen_at", filter=NEEDS_A_LOOK),
        documents=Count("id", filter=WANTS_DOCUMENT),
        wanted=Min("seen_at", filter=WANTS_DOCUMENT),
    )
    for pk, looks, since, documents, wanted in counted.order_by():
        if looks:
            text = ngettext("%(count)s order waits for a person", "%(count)s orders wait for a person", looks)
            detail = _("Each says what holds it and what to do; all other orders go on.")
            found.append((_order_matter(shops[pk], text, detail, since, looks), shops[pk]))
        if documents:
            text = ngettext("%(count)s order wants its document", "%(count)s orders want their documents", documents)
            detail = _("Make the documents in WAPRO from the orders; their numbers are read back.")
            found.append((_order_matter(shops[pk], text, detail, wanted, documents, show="document"), shops[pk]))
    return found


def _order_matter(
    shop: ShopConnection, title: str, detail: str, since: datetime | None, count: int, show: str = "look"
) -> Matter:
    """`count` 0: it is about all orders of the shop. `show`: the filter of the list that shows them."""
    url = address("orders", shop=shop.pk)
    return Matter(
        sort="orders",
        tone="wait" if count else "fail",
        icon=("receipt" if show == "document" else "hourglass") if count else "circle-x",
        word=_("Orders"),
        title=title % {"name": shop.name, "count": count},
        detail=detail,
        side=shop,
        since=since,
        url=f"{url}?status={show}" if count else url,
        action=_("Look at them"),
        acts=Role.VIEWER,
        count=max(count, 1),
        brief=_("orders: %(count)s") % {"count": count} if count else _("orders stand still"),
        about=show if count else "lane",
    )


def _conflicts(shops: dict[int, ShopConnection]) -> list[tuple[Matter, ShopConnection]]:
    rows = (
        Conflict.objects.filter(connection__in=list(shops), status=Conflict.Status.OPEN)
        .values_list("connection")
        .annotate(count=Count("id"), since=Min("opened_at"))
        .order_by()
    )
    found = []
    for pk, count, since in rows:
        text = ngettext("%(count)s field changed on both sides", "%(count)s fields changed on both sides", count) % {
            "count": count
        }
        matter = Matter(
            sort="conflicts",
            tone="wait",
            icon="hourglass",
            word=_("Conflicts"),
            title=text,
            detail=_("Everything else of these elements goes on; only these fields are held."),
            side=shops[pk],
            since=since,
            url=address("conflicts", shop=pk),
            action=_("Decide"),
            count=count,
            brief=ngettext("%(count)s conflict", "%(count)s conflicts", count) % {"count": count},
        )
        found.append((matter, shops[pk]))
    return found
