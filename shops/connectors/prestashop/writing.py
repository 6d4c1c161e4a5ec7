"""Changing and deleting: many elements in one body, and halves of it when one of them is refused.

PrestaShop stops at the first element it refuses, keeps those before it and does not say which one it was. What is
written here is absolute, so it may be written again while the bad one is looked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from integrator.api_client import Answer
from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import Exchange, Result
from integrator.redaction import shorten
from shops.connectors.harvest import split_key
from shops.connectors.pagination import chunks
from shops.connectors.prestashop.documents import (
    NODES,
    Entity,
    Node,
    entity_id,
    fill,
    read_only,
    serialised,
    whole,
)
from shops.connectors.prestashop.errors import Crashed, names_one_element
from shops.connectors.prestashop.facts import Facts
from shops.connectors.prestashop.rest import FILTER_CHARACTERS, MANUFACTURERS, Listing, Rest

_KEPT = 1500
"""Characters of one element's request and answer that are kept for people."""
DELETED_AT_ONCE = 25
EXISTING = {
    "products": Listing(resource="products", display=("id", "combinations[id]"), size=500),
    "combinations": Listing(resource="combinations", display=("id",), size=500),
    "manufacturers": MANUFACTURERS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """New values of fields of one element. `token` is the caller's name for it."""

    token: str
    id: str
    fields: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One element as it goes into a body."""

    token: str
    node: Node


class Writing:
    def __init__(self, rest: Rest, facts: Facts) -> None:
        self.rest = rest
        self.facts = facts
        self._read_only: dict[str, frozenset[str]] = {}

    def change(self, resource: str, changes: Sequence[Change]) -> dict[str, Result]:
        """A result by token. Nothing but the named fields moves.

        Raises what concerns all of them when nothing was written; later such an error is the result of those that are
        left.
        """
        if not changes:
            return {}
        if self.facts.patches(resource):
            sendings = [Sending(token=one.token, node=_patch(resource, one)) for one in changes]
            return self._send("PATCH", resource, sendings)
        return self._put(resource, changes)

    def _put(self, resource: str, changes: Sequence[Change]) -> dict[str, Result]:
        """Without PATCH (versions 1.7, keys that do not have it): a PUT empties what is missing in it, so elements are
        read whole, changed and put back."""
        present = self._whole(resource, [one.id for one in changes])
        locked = self._locked(resource)
        results: dict[str, Result] = {}
        sendings: list[Sending] = []
        for one in changes:
            if one.id in present:
                node = whole(resource, present[one.id], one.fields, locked)
                sendings.append(Sending(token=one.token, node=node))
            else:
                results[one.token] = Result(token=one.token, error=Gone(key=one.token))
        return results | self._send("PUT", resource, sendings)

    def _whole(self, resource: str, ids: Sequence[str]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for chunk in chunks(ids, FILTER_CHARACTERS // 20):
            params = {"display": "full", "filter[id]": f"[{'|'.join(chunk)}]", "sort": "[id_ASC]"}
            root, _ = self.rest.xml(resource, params)
            found |= {entity_id(node): node for node in root.iter(NODES[resource]) if entity_id(node)}
        return found

    def _locked(self, resource: str) -> frozenset[str]:
        """Fields that cannot be written, by the shop's own description. Some versions give a broken one: then what is
        known of all of them has to do."""
        if resource not in self._read_only:
            try:
                root, _ = self.rest.xml(resource, {"schema": "synopsis"})
                self._read_only[resource] = read_only(root)
            except IntegrationError:
                self._read_only[resource] = frozenset()
        return self._read_only[resource]

    def _send(self, method: str, resource: str, sendings: Sequence[Sending]) -> dict[str, Result]:
        results: dict[str, Result] = {}
        crashes = [len(sendings).bit_length() + 1]
        try:
            self._halves(method, resource, sendings, results, crashes)
        except IntegrationError as error:
            if not any(result.ok for result in results.values()):
                raise
            left = [one.token for one in sendings if one.token not in results]
            results |= {token: Result(token=token, error=error) for token in left}
        return results

    def _halves(
        self, method: str, resource: str, sendings: Sequence[Sending], results: dict[str, Result], crashes: list[int]
    ) -> None:
        """`crashes`: how many more bodies the shop may die over before it counts as broken as a whole."""
        if not sendings:
            return
        try:
            made, answer = self.rest.write(method, resource, serialised(_root(sendings)))
        except IntegrationError as error:
            if not names_one_element(error):
                raise
            crashes[0] -= isinstance(error, Crashed)
            if len(sendings) == 1:
                one = sendings[0]
                results[one.token] = Result(
                    token=one.token, error=error, exchange=self.exchange(one, method, self.rest.root + resource)
                )
                return
            if crashes[0] < 0:
                raise
            middle = len(sendings) // 2
            self._halves(method, resource, sendings[:middle], results, crashes)
            self._halves(method, resource, sendings[middle:], results, crashes)
            return
        answered = {entity_id(node): node for node in made}
        for one in sendings:
            results[one.token] = self._written(one, answered.get(entity_id(one.node)), answer)

    def _written(self, one: Sending, node: Node | None, answer: Answer) -> Result:
        if node is None:
            error = OutcomeUnknown(path=answer.path, status=answer.status)
            return Result(token=one.token, error=error, exchange=answer.exchange)
        return Result(token=one.token, key=one.token, exchange=self.shown(one, answer, node))

    def shown(self, one: Sending, answer: Answer, node: Node) -> Exchange:
        """What was sent and answered of one element of a body of many."""
        return self.exchange(one, answer.method, answer.path, f"{answer.status}\n{_text(node)}")

    def exchange(self, one: Sending, method: str, path: str, answer: str = "") -> Exchange:
        redact = self.rest.api.redact
        sent = shorten(redact(f"{method} {path}\n{_text(one.node)}"), _KEPT)
        return Exchange(request=sent, answer=shorten(redact(answer), _KEPT))

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        """What is already gone counts as deleted. Deletions of several are refused whole when one is missing, so what
        is there is looked up first."""
        split = {key: split_key(key) for key in keys}
        if kind is Kind.PRODUCER:
            by_resource = {"manufacturers": {key: key for key in keys}}
        else:
            by_resource = {
                "products": {key: own for key, (own, combination) in split.items() if not combination},
                "combinations": {key: combination for key, (_, combination) in split.items() if combination},
            }
        results: dict[str, Result] = {}
        for resource, ids in by_resource.items():
            results |= self._delete(resource, ids)
        return [results[key] for key in keys]

    def _delete(self, resource: str, ids: dict[Key, str]) -> dict[str, Result]:
        present = self.rest.by_ids(EXISTING[resource], list(ids.values())) if ids else {}
        results = {key: Result(token=key, key=key) for key, one in ids.items() if one not in present}
        doomed: list[Key] = []
        for key, one in ids.items():
            row = present.get(one)
            if row is None:
                continue
            if row.get("associations"):
                # It has become the product of others, which would go with it.
                results[key] = Result(token=key, error=Rejected(Code.STALE, key=key))
            else:
                doomed.append(key)
        for chunk in chunks(doomed, DELETED_AT_ONCE):
            self._delete_halves(resource, {key: ids[key] for key in chunk}, results)
        return results

    def _delete_halves(self, resource: str, ids: dict[Key, str], results: dict[str, Result]) -> None:
        try:
            answer = self.rest.delete(resource, list(ids.values()))
        except IntegrationError as error:
            if not names_one_element(error):
                if not any(result.ok for result in results.values()):
                    raise
                results |= {key: Result(token=key, error=error) for key in ids}
                return
            if len(ids) == 1:
                key = next(iter(ids))
                gone = isinstance(error, Gone)
                results[key] = Result(token=key, key=key if gone else "", error=None if gone else error)
                return
            for half in chunks(list(ids), (len(ids) + 1) // 2):
                self._delete_halves(resource, {key: ids[key] for key in half}, results)
            return
        results |= {key: Result(token=key, key=key, exchange=answer.exchange) for key in ids}


def results_of(
    rows: Sequence[tuple[str, Callable[[], Change]]], write: Callable[[Sequence[Change]], dict[str, Result]]
) -> list[Result]:
    """A result per row, in their order; a row that cannot even be put into a body fails alone."""
    results: dict[str, Result] = {}
    changes: list[Change] = []
    for token, make in rows:
        try:
            changes.append(make())
        except IntegrationError as error:
            results[token] = Result(token=token, error=error)
    results |= write(changes)
    return [results[token] for token, _ in rows]


def _patch(resource: str, change: Change) -> Node:
    node = ElementTree.Element(NODES[resource])
    fill(node, {"id": change.id, **change.fields})
    return node


def _root(sendings: Sequence[Sending]) -> Node:
    root = ElementTree.Element("prestashop")
    root.extend(one.node for one in sendings)
    return root


def _text(node: Node) -> str:
    return ElementTree.tostring(node, encoding="unicode")
