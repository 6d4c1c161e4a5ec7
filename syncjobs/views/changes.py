"""Changes as lists show them: searched, explained, with the labels of what their fields point to."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from shops.models import ShopConnection
from syncjobs.explain import Explained, explain
from syncjobs.fields import References, field_label, product_kind, references_of
from syncjobs.models import Change, SnapshotItem, Step
from syncjobs.models.choices import Action, ChangeStatus, Side
from syncjobs.tallies import is_large
from syncjobs.views.finding import keys_of
from syncjobs.views.mending import mend_url


def search(query: QuerySet[Change], words: str, step: Step) -> QuerySet[Change]:
    """Changes of a step that answer to the words. Where there are very many, the elements are looked for first: they
    have an index."""
    if not words:
        return query
    if not is_large(step):
        return query.filter(matching(words))
    kind = product_kind(step.kind)
    erp = getattr(step.connection.client, "erp", None)
    shop_keys, _more = keys_of(SnapshotItem.objects.filter(shop=step.connection, kind=kind), words)
    erp_keys = keys_of(SnapshotItem.objects.filter(erp=erp, kind=kind), words)[0] if erp else []
    mine = query.filter(connection=step.connection_id, kind=step.kind)
    return mine.filter(Q(erp_key__in=[*erp_keys, words]) | Q(shop_key__in=[*shop_keys, words]))


def matching(words: str) -> Q:
    """By code, label or key. SQLite folds the case of ASCII letters only, so the usual spellings are tried."""
    condition = Q(erp_key=words) | Q(shop_key=words)
    for spelling in {words, words.lower(), words.capitalize(), words.upper()} if not words.isascii() else {words}:
        condition |= Q(code__icontains=spelling) | Q(label__icontains=spelling)
    return condition


def described(changes: Sequence[Change], connection: ShopConnection) -> list[dict[str, Any]]:
    """Changes with their problem in words and the address of their element. At most two queries for a page."""
    labels = _problem_labels(changes, connection)
    return [_described(change, connection, labels) for change in changes]


def _described(change: Change, connection: ShopConnection, labels: References) -> dict[str, Any]:
    told, side = _told(change, connection, labels), destination(change)
    writes = change.status != ChangeStatus.BLOCKED
    return {
        "change": change,
        "told": told,
        "mend": mend_url(told, connection, change.kind, side) if told else "",
        "url": element_url(change),
        "side": side,
        "brief": change.fields[:1] if len(change.fields) == 1 and writes else [],
        "names": ", ".join(field_label(field["name"]) for field in change.fields),
    }


def _told(change: Change, connection: ShopConnection, labels: References) -> Explained | None:
    if not change.problem:
        return None
    problem = change.problem
    params = problem.get("params") or {}
    kind, key = params.get("kind", ""), params.get("key", "")
    label = labels.get((source(change), kind, key))
    if label:
        problem = {**problem, "params": {**params, "label": label}}
    return explain(problem, side=destination(change), connection=connection, turn=change.turn)


def _problem_labels(changes: Sequence[Change], connection: ShopConnection) -> References:
    """Names of the elements that blocked changes point to: a key alone says nothing to people."""
    wanted = [
        (source(change), params["field"], params["key"])
        for change in changes
        if change.problem and {"field", "key"} <= (params := change.problem.get("params") or {}).keys()
    ]
    erp = getattr(connection.client, "erp", None)
    return references_of(erp.pk if erp else None, connection.pk, wanted) if wanted else {}


def source(change: Change) -> str:
    """The side that a change takes its values from."""
    return str(Side.SHOP if destination(change) == Side.ERP else Side.ERP)


def destination(change: Change) -> str:
    """The side that a change writes to."""
    return Side.ERP if change.action in (Action.UPDATE_ERP, Action.CREATE_ERP) else Side.SHOP


def element_url(change: Change) -> str:
    """The element's own page, by the side on which it surely exists."""
    side = Side.ERP if change.erp_key else Side.SHOP
    key = change.erp_key or change.shop_key
    if not key:
        return ""
    return reverse("element", kwargs={"shop": change.connection_id, "kind": change.kind, "side": side, "key": key})


def page_references(changes: Sequence[Change], connection: ShopConnection) -> dict[tuple[str, str, str], str]:
    """Labels of what the fields of a page point to."""
    erp = getattr(connection.client, "erp", None)
    wanted = [
        (str(destination(change)), field["name"], value)
        for change in changes
        for field in change.fields
        for value in (field.get("old"), field.get("new"))
    ]
    return references_of(erp.pk if erp else None, connection.pk, wanted)
