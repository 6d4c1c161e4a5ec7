"""Making several elements with one body, without ever making one twice.

PrestaShop has no key that would make a POST repeatable, stops at the first element it refuses, keeps those before it
and does not say which one it was. So after a refusal what was made is looked up; the first that is missing is sent
alone, to hear whether it was that one, and the others follow.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Rejected
from integrator.canonical.problems import Code
from integrator.canonical.side import Result
from shops.connectors.prestashop.documents import NODES, Entity, entity_id, fill, serialised
from shops.connectors.prestashop.writing import Sending, Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """A new element. `natural` is what it is recognised by in the shop, and nothing else there."""

    token: str
    natural: Hashable
    fields: Entity


Look = Callable[[Sequence[Making]], Mapping[Hashable, str]]
"""Ids of those that the shop has, by their natural key."""


class Creating:
    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self.rest = writing.rest

    def make(self, resource: str, rows: Sequence[Making], look: Look) -> dict[str, Result]:
        """A result by token, its key the new id. Raises what concerns all rows when none was made."""
        results: dict[str, Result] = {}
        left = list(rows)
        try:
            while left:
                left = self._step(resource, left, look, results)
        except IntegrationError as error:
            if not any(result.ok for result in results.values()):
                raise
            for one in rows:
                results.setdefault(one.token, Result(token=one.token, error=error))
        return results

    def _step(self, resource: str, rows: list[Making], look: Look, results: dict[str, Result]) -> list[Making]:
        """What is left to be made after one try of all of them."""
        try:
            results |= self._post(resource, rows)
            return []
        except Rejected as error:
            if error.problem.code == Code.RIGHT_MISSING:
                raise
            if len(rows) == 1:
                results[rows[0].token] = self._refused(resource, rows[0], error)
                return []
        made = look(rows)
        for one in rows:
            if one.natural in made:
                results[one.token] = Result(token=one.token, key=made[one.natural])
        missing = [one for one in rows if one.natural not in made]
        if missing:
            suspect = missing[0]
            try:
                results |= self._post(resource, [suspect])
            except Rejected as error:
                results[suspect.token] = self._refused(resource, suspect, error)
        return missing[1:]

    def _refused(self, resource: str, one: Making, error: Rejected) -> Result:
        exchange = self.writing.exchange(_sending(resource, one), "POST", self.rest.root + resource)
        return Result(token=one.token, error=error, exchange=exchange)

    def _post(self, resource: str, rows: Sequence[Making]) -> dict[str, Result]:
        sendings = [_sending(resource, one) for one in rows]
        root = ElementTree.Element("prestashop")
        root.extend(one.node for one in sendings)
        made, answer = self.rest.write("POST", resource, serialised(root))
        ids = [entity_id(node) for node in made]
        if len(ids) != len(rows) or not all(ids):
            raise OutcomeUnknown(path=answer.path, status=answer.status, excerpt=answer.excerpt)
        return {
            one.token: Result(token=one.token, key=key, exchange=self.writing.shown(one, answer, node))
            for one, key, node in zip(sendings, ids, made, strict=True)
        }


def _sending(resource: str, one: Making) -> Sending:
    node = ElementTree.Element(NODES[resource])
    fill(node, one.fields)
    return Sending(token=one.token, node=node)
