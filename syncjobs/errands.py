"""Small jobs that a person waits for, done by a worker in the interactive lane: pages never call another system."""

from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrator.accounts.models import User
from integrator.canonical.errors import IntegrationError, PlanRefused
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Check, Verdict
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Product
from integrator.log_setup import known_secrets
from shops.models import ShopConnection
from syncjobs import conflicts, queue, snapshots, stops, webhooks
from syncjobs.fetching import error_data, problem_data
from syncjobs.models import Errand
from syncjobs.models.choices import Side, Status
from syncjobs.orders.dictionaries import read_dictionaries
from syncjobs.setup import setup_of
from syncjobs.slices import Slice, contained
from syncjobs.wizard import working
from wapro.facts import read_facts
from wapro.models import WaproConnection
from wapro.probe import probe

WRITING = (Errand.Verb.WEBHOOKS_ON, Errand.Verb.WEBHOOKS_OFF, Errand.Verb.WEBHOOKS_LOOK, Errand.Verb.TRY_ORDERS)
"""Errands that may write to the shop or to WAPRO."""
ASKING = (Errand.Verb.TEST_SETTINGS, Errand.Verb.ORDER_WORDS, Errand.Verb.RECENT_ORDERS)
"""Errands that only ask."""


def request(
    verb: str,
    *,
    shop: ShopConnection | None = None,
    erp: WaproConnection | None = None,
    user: User | None = None,
    params: dict[str, Any] | None = None,
) -> Errand:
    """Queue an errand of one connection; one that already waits is returned instead of a second."""
    waiting = Errand.objects.filter(verb=verb, shop=shop, erp=erp, params=params or {}, status=Status.QUEUED).first()
    if waiting is not None:
        return waiting
    errand = Errand.objects.create(verb=verb, shop=shop, erp=erp, params=params or {}, requested_by=user)
    actor = shop if shop is not None else erp
    if actor is not None:
        queue.nudge(actor)
    return errand


def run_shop(connection: ShopConnection, work: Slice) -> None:
    for errand in Errand.objects.filter(shop=connection, status=Status.QUEUED).order_by("id"):
        with _told(errand):
            if errand.verb in WRITING or errand.verb in ASKING:
                stops.refuse(connection, reading=errand.verb in ASKING)
            if errand.verb == Errand.Verb.COUNT_FILTER:
                _finish(errand, {"count": _let_in(connection, errand.params), "of": _cards(connection)})
            elif errand.verb == Errand.Verb.ORDER_WORDS:
                _finish(errand, read_dictionaries(connection, work))
            elif errand.verb == Errand.Verb.DECIDE_ALIKE:
                _decide_alike(errand, connection, work)
            elif errand.verb in working.VERBS:
                _finish(errand, working.carry_out(errand.verb, connection, errand.params, work))
            elif errand.verb in webhooks.VERBS:
                _finish(errand, webhooks.carry_out(errand.verb, connection, work))
            else:
                _test(errand, connection, _checked(work, connection))


def run_erp(connection: WaproConnection, work: Slice) -> None:
    for errand in Errand.objects.filter(erp=connection, status=Status.QUEUED).order_by("id"):
        with _told(errand):
            stop = stops.reading_of_erp(connection)
            if stop is not None:
                raise PlanRefused(Code.STOPPED, turn=Turn.PERSON, **stops.told(stop).as_dict())
            checks = [as_json(check) for check in probe(connection)]
            _note_identity(connection, checks)
            _note_facts(connection)
            _test(errand, connection, checks)


def _told(errand: Errand) -> AbstractContextManager[None]:
    return contained(f"errand {errand.pk}", partial(_fail, errand))


def _fail(errand: Errand, error: IntegrationError) -> None:
    _finish(errand, {"problem": error_data(error)}, Status.FAILED)


def _checked(work: Slice, connection: ShopConnection) -> list[dict[str, Any]]:
    """The checks as far as they come: what stops them all is the last of them."""
    checks = []
    try:
        for check in work.whoever(connection).probe():
            checks.append(as_json(check))
        if all(check["verdict"] != Verdict.FAILED for check in checks):
            work.shop(connection)
    except IntegrationError as error:
        checks.append({"name": "connection", "verdict": Verdict.FAILED, "found": "", **error_data(error)})
    return checks


def as_json(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "verdict": str(check.verdict),
        "found": known_secrets.black_out(check.found),
        "code": check.problem.code if check.problem else "",
        "params": problem_data(check.problem)["params"] if check.problem else {},
        "turn": str(check.turn or ""),
    }


def _test(errand: Errand, connection: ShopConnection | WaproConnection, checks: list[dict[str, Any]]) -> None:
    failed = next((check for check in checks if check["verdict"] == Verdict.FAILED), None)
    side = Side.SHOP if isinstance(connection, ShopConnection) else Side.ERP
    with transaction.atomic():
        type(connection)._default_manager.filter(pk=connection.pk).update(
            checks=checks,
            checked_at=timezone.now(),
            healthy=failed is None,
            problem=None
            if failed is None
            else {key: failed[key] for key in ("code", "params", "turn")} | {"side": side},
            transport_failures=0,
            back_off_until=None,
        )
        _finish(errand, {"checks": checks})


def _note_identity(connection: WaproConnection, checks: list[dict[str, Any]]) -> None:
    """The first successful test remembers which database this is; a later test of another one fails by that."""
    seen = next((c["found"] for c in checks if c["name"] == "identity" and c["verdict"] == Verdict.PASSED), "")
    if seen and not connection.database_id:
        WaproConnection.objects.filter(pk=connection.pk).update(database_id=seen[:40])


def _note_facts(connection: WaproConnection) -> None:
    """Names for the forms. Where they cannot be read the checks have said why, and the names seen last stay."""
    try:
        facts = read_facts(connection)
    except IntegrationError:
        return
    WaproConnection.objects.filter(pk=connection.pk).update(facts=facts)


def _finish(errand: Errand, result: dict[str, Any], status: Status = Status.SUCCEEDED) -> None:
    errand.status, errand.result, errand.finished_at = status, result, timezone.now()
    errand.save(update_fields=["status", "result", "finished_at"])


def _decide_alike(errand: Errand, connection: ShopConnection, work: Slice) -> None:
    """Decide as many as the slice has time for. Left in the queue, the errand goes on where it stopped."""
    asked, done = errand.params, errand.result.get("done", 0)
    words = {name: asked[name] for name in ("kind", "field", "owner", "upto", "ruled")}
    alike = conflicts.Alike(connection=connection, **words)
    while batch := conflicts.decide_batch(alike, errand.requested_by):
        done += batch
        errand.result = {"done": done, "total": asked["total"]}
        errand.save(update_fields=["result"])
        if work.over:
            return
    conflicts.note_alike(alike, errand.requested_by, done)
    _finish(errand, {"done": done, "total": asked["total"]})


def _let_in(connection: ShopConnection, params: dict[str, Any]) -> int:
    setup = setup_of(connection)
    lets_in = type(setup.item_filter()).of(params) if params else setup.item_filter()
    items = snapshots.present(setup.erp_connection, Kind.PRODUCT)
    records = (snapshots.record_of(item) for item in items.iterator(chunk_size=snapshots.CHUNK))
    return sum(1 for record in records if isinstance(record, Product) and lets_in.lets_in(record))


def _cards(connection: ShopConnection) -> int:
    return snapshots.present(setup_of(connection).erp_connection, Kind.PRODUCT).count()
