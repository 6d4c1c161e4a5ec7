"""A problem as a sentence of the reader's language: what happened, where, why, what to do and whose turn it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Problem
from shops.models import ShopConnection
from syncjobs.fields import NUMBERS, field_label, kind_label, money, resource_label, written
from syncjobs.models.choices import Side
from syncjobs.sentences import PLACEHOLDER, TURNS, WORDINGS, Wording

SETTINGS = {
    "price_type": gettext_lazy("price type"),
    "warehouses": gettext_lazy("warehouses whose stock is summed"),
    "erp": gettext_lazy("the WAPRO connection"),
    "public_url": gettext_lazy("the panel's public address"),
    "order_prefix": gettext_lazy("prefix of order numbers"),
    "order_warehouse": gettext_lazy("warehouse of the orders"),
}
"""Settings that planning can miss, by their names in code."""
FACTS = {
    "licence": gettext_lazy("number of the licence"),
    "store": gettext_lazy("identity of the shop"),
    "installed": gettext_lazy("day of the installation"),
    "address": gettext_lazy("the shop's own address"),
}
"""What a shop says of itself (`integrator.canonical.side.Introduces`)."""
ABOUT_MONEY = {
    Code.LINE_DIFFERS,
    Code.RATE_DIFFERS,
    Code.TAX_DIFFERS,
    Code.TOTAL_DIFFERS,
    Code.ORDER_TOTAL_DIFFERS,
    Code.DISCOUNT_TOO_LARGE,
    Code.ORDER_REFUNDED,
}
AMOUNTS = ("shop", "erp", "difference", "found", "expected", "value", "goods")
"""Their parameters that are amounts of money."""
WITH_QUANTITY = (Code.QUANTITY_NOT_POSITIVE,)
SAID_AS_NUMBERS = ("limit", "percent", "rate")
"""Parameters that are numbers wherever they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`turn` is a value of `Turn`; `turn_label` says the same to people."""

    code: str
    sentence: str
    todo: str
    turn: str
    turn_label: str
    params: Mapping[str, str]

    def __str__(self) -> str:
        return self.sentence


def explain(
    problem: Problem | Mapping[str, Any],
    *,
    side: str = "",
    connection: ShopConnection | None = None,
    turn: str = "",
) -> Explained:
    """Explain a problem met on `side` (`erp` or `shop`) of `connection`; `turn` overrules the code's own.

    A stored problem is a mapping with `code`, `params` (a mapping or pairs) and, where known, `side` and `turn`. A code
    without a wording is explained as a failure of our own rather than an error.
    """
    code, params, stored = _parts(problem)
    side = side or str(stored.get("side") or params.get("side") or "")
    wording = WORDINGS.get(code) or WORDINGS[Code.INTERNAL]
    if code not in WORDINGS:
        params.setdefault("detail", code)
    words = {"system": _system(side, connection)} | _readable(code, params)
    todo = wording.erp_todo if side == Side.ERP and wording.erp_todo else wording.todo
    whose = _turn(turn or str(stored.get("turn") or ""), wording, side)
    return Explained(
        code=code,
        sentence=_first(wording.says, words),
        todo=_first(todo, words),
        turn=str(whose),
        turn_label=_(TURNS[whose]),
        params=params,
    )


def _parts(problem: Problem | Mapping[str, Any]) -> tuple[str, dict[str, str], Mapping[str, Any]]:
    if isinstance(problem, Problem):
        return problem.code, problem.as_dict(), {}
    params = problem.get("params") or {}
    pairs = params.items() if isinstance(params, Mapping) else params
    return str(problem.get("code", "")), {str(name): str(value) for name, value in pairs}, problem


def _readable(code: str, params: Mapping[str, str]) -> dict[str, str]:
    """Params as people read them: names of fields, kinds, resources and settings are translated, numbers written in the
    reader's way; empty ones count as absent."""
    words = {name: value for name, value in params.items() if value not in ("", "None")}
    numbers = SAID_AS_NUMBERS + ("value",) * (code in WITH_QUANTITY or words.get("field") in NUMBERS)
    words |= {name: written(words[name]) for name in numbers if name in words}
    if code in ABOUT_MONEY:
        words |= {name: money(words[name]) for name in AMOUNTS if name in words}
    if "field" in words:
        words["field"] = field_label(words["field"])
    if "resource" in words:
        words["resource"] = resource_label(words["resource"])
    if "fact" in words:
        words["fact"] = str(FACTS.get(words["fact"], words["fact"]))
    if "setting" in words:
        words["setting"] = str(SETTINGS.get(words["setting"], words["setting"]))
    if "kind" in words:
        words["kind"] = ", ".join(kind_label(kind.strip()) for kind in words["kind"].split(","))
    return words


def _system(side: str, connection: ShopConnection | None) -> str:
    if side == Side.ERP:
        return "WAPRO"
    if side == Side.SHOP and connection is not None:
        return connection.name
    return _("The shop") if side == Side.SHOP else _("The other system")


def _turn(named: str, wording: Wording, side: str) -> Turn:
    if named in [str(t) for t in Turn]:
        return Turn(named)
    if side == Side.ERP and wording.erp_turn is not None:
        return wording.erp_turn
    return wording.turn


def _first(sentences: tuple[str, ...], words: Mapping[str, str]) -> str:
    for msgid in sentences:
        if all(name in words for name in PLACEHOLDER.findall(msgid)):
            return _(msgid) % words if PLACEHOLDER.search(msgid) else _(msgid)
    raise LookupError(f"no sentence without placeholders: {sentences[0]}")
