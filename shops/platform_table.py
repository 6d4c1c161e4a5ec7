"""The page of the documentation that says what can be done on which platform, made from what the connectors declare.

Capabilities that depend on the shop are taken from the platform's simulated shop: its newest version, with every
optional access given.
"""

from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from inspect import getmembers, isclass

from integrator.canonical.capabilities import Can, Capabilities, Find
from integrator.canonical.kinds import SYNC_KINDS, Kind
from shops.connectors.base import Platform
from shops.registry import platforms
from shops.simulation.server import serve
from shops.simulation.stand import Stand

_HEAD = """# What can be done on which platform

Written by `manage.py platform_table` from what the connectors declare; a test fails while it is out of date. The same
declarations decide what the panel offers, what a plan may hold and what the conformance suite asks for: what is not
claimed here is not offered anywhere.
"""
_ABILITIES = (
    (Can.READ, "read"),
    (Can.INCREMENTAL, "recent only"),
    (Can.CREATE, "create"),
    (Can.UPDATE, "update"),
    (Can.DEACTIVATE, "hide"),
    (Can.DELETE, "delete"),
)
_FINDS = {
    Find.OWN_KEY: "by our own key",
    Find.NATURAL_KEY: "by its natural key",
    Find.LISTING: "by listing",
    Find.NEVER: "not at all",
}
_WORDS = {Kind.TAX_RATE: "VAT rates", Kind.CATEGORY: "categories", Kind.STOCK: "stock"}


def page() -> str:
    """The whole page as Markdown."""
    sides = {one.label: (one, _declared(one)) for one in platforms().values()}
    parts = [_HEAD, _overview({label: side for label, (_, side) in sides.items()})]
    parts += [_section(platform, side) for platform, side in sides.values()]
    return "\n".join(parts)


def stand_of(platform: Platform) -> Stand:
    """The platform's simulated shop, at its newest version and with every optional access given."""
    module = import_module(f"shops.connectors.{platform.name}.simulator.stand")
    found = (one for _, one in getmembers(module, isclass) if issubclass(one, Stand))
    made: Stand = next(one for one in found if one.__module__ == module.__name__)()
    return made


def _declared(platform: Platform) -> Capabilities:
    stand = stand_of(platform)
    with serve(stand.app) as server, closing(stand):
        return stand.open(address=server.url, transport=None).capabilities


def _word(kind: Kind) -> str:
    return _WORDS.get(kind, f"{kind}s")


def _overview(sides: dict[str, Capabilities]) -> str:
    head = ["| | " + " | ".join(sides) + " |", "| --- |" + " --- |" * len(sides)]
    rows = [
        f"| {_word(kind)} | " + " | ".join(_abilities(side, kind) for side in sides.values()) + " |"
        for kind in SYNC_KINDS
    ]
    return "\n".join([*head, *rows, ""])


def _abilities(side: Capabilities, kind: Kind) -> str:
    found = [word for ability, word in _ABILITIES if side.can(kind, ability)]
    return ", ".join(found) or "–"


def _section(platform: Platform, side: Capabilities) -> str:
    hooks = "hints that start a synchronisation" if platform.webhooks else "none; changes are found by asking"
    lines = [
        f"## {platform.label}",
        "",
        f"- Logging in: {'; '.join(way.label.lower() for way in platform.login_ways)}.",
        f"- Prices are compared {side.price_basis}; stock is {'fractional' if side.fractions else 'in whole pieces'}.",
        f"- Webhooks: {hooks}.",
        f"- A page holds {side.page_size} elements.",
        *(f"- {line}" for line in _kinds(side)),
        "",
    ]
    return "\n".join(lines)


def _kinds(side: Capabilities) -> Iterator[str]:
    for kind in SYNC_KINDS:
        known = side.of(kind)
        parts = []
        if known.fields:
            parts.append("writes " + ", ".join(name.replace("_", " ") for name in known.fields))
        if Can.CREATE in known.can:
            parts.append(f"after a lost answer a new one is found {_FINDS[known.find]}")
        if known.can & (Can.CREATE | Can.UPDATE):
            parts.append(f"{side.batch_of(kind)} to a call")
        lacks = [word for ability, word in _ABILITIES if not side.can(kind, ability)]
        parts.append(f"not claimed: {', '.join(lacks) or 'nothing'}")
        yield f"**{_word(kind)}**: {'; '.join(parts)}.{' ' + known.remark if known.remark else ''}"
