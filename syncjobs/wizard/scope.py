"""The flows of one shop where runs and orders find them: read, set, switched on and off."""

from collections.abc import Collection, Mapping
from datetime import time
from typing import Any

from django.db import transaction

from integrator.accounts.audit import record
from integrator.accounts.models import User
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs import queue
from syncjobs.models import OrderTerms, ShopSetup, SyncOptions
from syncjobs.options import ensure_options, save_options
from syncjobs.orders import resting
from syncjobs.orders.progress import default_states
from syncjobs.orders.terms import words_of
from syncjobs.wizard.flows import BACK, KINDS, OF_ORDERS, Flow, FlowState


def wizard_of(connection: ShopConnection) -> ShopSetup:
    """What was answered so far; of a connection that nobody has set up yet, not stored."""
    return ShopSetup.objects.filter(connection=connection).first() or ShopSetup(connection=connection)


def takes_orders(connection: ShopConnection) -> bool:
    known = platforms().get(connection.platform)
    return known is not None and known.orders


def flow_states(connection: ShopConnection, setup: ShopSetup) -> list[FlowState]:
    """Every flow as it is set now. Raises PlanRefused when the client has no ERP connection."""
    options = {option.kind: option for option in ensure_options(connection)}
    terms = OrderTerms.objects.filter(connection=connection).first() or OrderTerms(connection=connection)
    wanted = set(setup.answers.get("scope", ()))
    orders = takes_orders(connection)
    found = []
    for flow in Flow:
        if flow in OF_ORDERS:
            found.append(_of_orders(flow, terms, orders, flow in wanted))
        else:
            found.append(_of_kinds(flow, [options[k] for k in KINDS[flow] if k in options], flow in wanted))
    return found


def order_states(terms: OrderTerms) -> list[FlowState]:
    """The flows of orders as they are set now."""
    return [_of_orders(flow, terms, True, False) for flow in OF_ORDERS]


def _of_kinds(flow: Flow, options: list[SyncOptions], wanted: bool) -> FlowState:
    if not options:
        return FlowState(flow=flow, offered=False)
    # Of products the units and rates come first; what people mean is the product.
    lead = next((option for option in options if option.kind == "product"), options[0])
    return FlowState(
        flow=flow,
        wanted=wanted or lead.enabled,
        on=lead.enabled,
        interval=lead.interval_minutes,
        quiet_from=lead.quiet_from,
        quiet_to=lead.quiet_to,
    )


def _of_orders(flow: Flow, terms: OrderTerms, offered: bool, wanted: bool) -> FlowState:
    if flow is Flow.ORDERS:
        return FlowState(
            flow=flow,
            offered=offered,
            wanted=wanted or terms.enabled,
            on=terms.enabled,
            interval=terms.interval_minutes,
            quiet_from=terms.quiet_from,
            quiet_to=terms.quiet_to,
        )
    rests: Mapping[str, Any] = terms.rests.get(flow, {})
    begin, end = rests.get("quiet") or (None, None)
    on = terms.back_enabled and _told(terms, flow)
    return FlowState(
        flow=flow,
        offered=offered,
        wanted=wanted or on,
        on=on,
        interval=int(rests.get("interval") or 0),
        quiet_from=time.fromisoformat(begin) if begin else None,
        quiet_to=time.fromisoformat(end) if end else None,
    )


def _told(terms: OrderTerms, flow: Flow) -> bool:
    return {
        Flow.SHIPMENTS: terms.tell_tracking,
        Flow.PAYMENTS: terms.tell_payments,
        Flow.DOCUMENTS: terms.tell_documents,
        Flow.STATUSES: any(terms.back_states.values()) and not resting.is_off(terms, Flow.STATUSES),
    }[flow]


def save_scope(connection: ShopConnection, setup: ShopSetup, chosen: Collection[FlowState], user: User | None) -> None:
    """Keep what is agreed on with its times. A flow that is taken out of the scope stops at once; one that is put in
    starts with its stage."""
    before = {state.flow: state for state in flow_states(connection, setup)}
    with transaction.atomic():
        for state in chosen:
            if state.flow in KINDS:
                _save_times(connection, state, user)
        save_order_times(connection, [state for state in chosen if state.flow in OF_ORDERS])
        dropped = [state.flow for state in chosen if before[state.flow].on and not state.wanted]
        if dropped:
            turn(connection, dropped, on=False, user=user)
        setup.answers = {**setup.answers, "scope": [str(state.flow) for state in chosen if state.wanted]}


def _save_times(connection: ShopConnection, state: FlowState, user: User | None) -> None:
    times = {"interval_minutes": state.interval, "quiet_from": state.quiet_from, "quiet_to": state.quiet_to}
    for option in SyncOptions.objects.filter(connection=connection, kind__in=KINDS[state.flow]):
        if any(getattr(option, name) != value for name, value in times.items()):
            for name, value in times.items():
                setattr(option, name, value)
            save_options(option, user)


def save_order_times(connection: ShopConnection, states: Collection[FlowState]) -> None:
    """Keep when these flows of orders run and rest."""
    if not states:
        return
    terms, _made = OrderTerms.objects.select_for_update().get_or_create(connection=connection)
    rests = dict(terms.rests)
    for state in states:
        if state.flow is Flow.ORDERS:
            terms.interval_minutes = max(state.interval, 1)
            terms.quiet_from, terms.quiet_to = state.quiet_from, state.quiet_to
        else:
            quiet = [f"{at:%H:%M}" for at in (state.quiet_from, state.quiet_to) if at is not None]
            before = rests.get(str(state.flow), {})
            kept = {name: one for name, one in before.items() if name not in ("interval", "quiet")}
            rests[str(state.flow)] = kept | {
                "interval": state.interval,
                "quiet": quiet if len(quiet) == 2 else None,
            }
    terms.rests = rests
    terms.save(update_fields=["interval_minutes", "quiet_from", "quiet_to", "rests"])


def turn(connection: ShopConnection, flows: Collection[Flow], *, on: bool, user: User | None) -> None:
    """Switch flows on or off."""
    with transaction.atomic():
        kinds = [kind for flow in flows for kind in KINDS.get(flow, ())]
        for option in SyncOptions.objects.filter(connection=connection, kind__in=kinds).exclude(enabled=on):
            option.enabled = on
            save_options(option, user)
        if any(flow in OF_ORDERS for flow in flows):
            _turn_orders(connection, flows, on)
        verb = "wizard.on" if on else "wizard.off"
        record(user, verb, connection.name, client=connection.client, data={"flows": [str(flow) for flow in flows]})
        queue.nudge(connection)


def _turn_orders(connection: ShopConnection, flows: Collection[Flow], on: bool) -> None:
    terms, _made = OrderTerms.objects.select_for_update().get_or_create(connection=connection)
    # What runs is read before the master switch moves: what was never switched on must not come on with another.
    told = {flow: terms.back_enabled and _told(terms, flow) for flow in BACK}
    told |= {flow: on for flow in flows if flow in BACK}
    if Flow.ORDERS in flows:
        terms.enabled = on
    if any(flow in BACK for flow in flows):
        terms.back_enabled = any(told.values())
        terms.tell_tracking, terms.tell_payments = told[Flow.SHIPMENTS], told[Flow.PAYMENTS]
        terms.tell_documents = told[Flow.DOCUMENTS]
        proposed = {str(stage): key for stage, key in default_states(words_of(terms)).items()}
        if told[Flow.STATUSES]:
            terms.back_states = terms.back_states if any(terms.back_states.values()) else proposed
        else:
            # States that a person mapped stay as they are; those that nobody did are not proposed as if chosen.
            terms.back_states = terms.back_states or dict.fromkeys(proposed, "")
        resting.turn(terms, Flow.STATUSES, on=told[Flow.STATUSES])
    told_of = ["tell_tracking", "tell_payments", "tell_documents", "back_states", "rests"]
    terms.save(update_fields=["enabled", "back_enabled", *told_of])
