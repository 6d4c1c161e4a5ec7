"""Sending what is new of many orders in one body, and finding out what became of it when one is refused.

PrestaShop stops at the first element it refuses, keeps those before it and does not say which one it was. What changes
an element is absolute and may be sent again. What makes one is looked for first: an order that is in its state, a
number that is there, must not get it twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from xml.etree import ElementTree

from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown
from integrator.canonical.side import Exchange
from integrator.redaction import shorten
from shops.connectors.pagination import chunks
from shops.connectors.prestashop.documents import Node, Unreadable, entity_id, fill, parsed, serialised
from shops.connectors.prestashop.errors import Crashed, names_one_element
from shops.connectors.prestashop.facts import Facts
from shops.connectors.prestashop.rest import FILTER_CHARACTERS, XML, Rest

Fields = Mapping[str, str]
Errors = dict[str, IntegrationError]
"""By token; a token without one was written."""
Look = Callable[[Sequence[str]], Mapping[str, bool | None]]
"""By token: whether what was to be made is there; None of an order that is gone."""
NODES = {
    "orders": "order",
    "order_carriers": "order_carrier",
    "order_histories": "order_history",
    "order_payments": "order_payment",
}
_ENOUGH = 3
"""Elements that PHP dies over, one after the other, until the shop counts as broken as a whole."""
_KEPT = 1500
_COMPUTED = frozenset({"associations", "id_default_image"})


class OrderSending:
    def __init__(self, rest: Rest, facts: Facts) -> None:
        self.rest = rest
        self.facts = facts
        self.exchanges: dict[str, list[Exchange]] = {}
        """What was sent and answered, by token."""

    def change(
        self, resource: str, changes: Mapping[str, tuple[str, Fields]], *, mail: bool = False, whole: bool = False
    ) -> Errors:
        """New values of fields of elements: token -> id and fields. Repeatable: the values are absolute. `whole`: the
        fields are all that such an element has, so without PATCH nothing needs to be read first."""
        patches = self.facts.patches(resource)
        if patches or whole:
            nodes = {token: _node(resource, {**fields, "id": one}) for token, (one, fields) in changes.items()}
            return self._changed("PATCH" if patches else "PUT", resource, nodes, mail)
        present = self._whole(resource, [one for one, _ in changes.values()])
        nodes = {token: _put(present[one], fields) for token, (one, fields) in changes.items() if one in present}
        gone: Errors = {token: Gone(key=token) for token in changes.keys() - nodes.keys()}
        return gone | self._changed("PUT", resource, nodes, mail)

    def _changed(self, method: str, resource: str, nodes: Mapping[str, Node], mail: bool) -> Errors:
        if not nodes:
            return {}
        try:
            self._write(method, resource, nodes, mail)
            return {}
        except IntegrationError as error:
            if not names_one_element(error):
                raise
            if len(nodes) == 1:
                return dict.fromkeys(nodes, error)
        return self._singly(nodes, lambda one: self._changed(method, resource, one, mail))

    def make(self, resource: str, wanted: Mapping[str, Fields], look: Look, *, mail: bool = False) -> Errors:
        """New elements by token. After anything but a clear yes the shop is asked what it made of them, so that a
        repetition makes only what is missing. When the answer was lost the shop may still be at work, so then nothing
        is sent again: OutcomeUnknown, unless it is there."""
        if not wanted:
            return {}
        nodes = {token: _node(resource, fields) for token, fields in wanted.items()}
        return self._made(resource, nodes, look, mail)

    def _made(self, resource: str, nodes: Mapping[str, Node], look: Look, mail: bool) -> Errors:
        try:
            self._write("POST", resource, nodes, mail)
            return {}
        except IntegrationError as error:
            trouble = error
        unknown = isinstance(trouble, OutcomeUnknown)
        if not unknown and not names_one_element(trouble):
            raise trouble
        there = look(list(nodes))
        errors: Errors = {token: Gone(key=token) for token in nodes if there.get(token) is None}
        left = {token: node for token, node in nodes.items() if there.get(token) is False}
        finished = not unknown or "status" in trouble.problem.as_dict()
        if len(nodes) == 1 or not finished:
            return errors | dict.fromkeys(left, trouble)
        return errors | self._singly(left, lambda one: self._made(resource, one, look, mail))

    def _singly(self, nodes: Mapping[str, Node], send: Callable[[dict[str, Node]], Errors]) -> Errors:
        errors: Errors = {}
        crashes = 0
        for token, node in nodes.items():
            if crashes >= _ENOUGH:
                errors[token] = errors[next(reversed(errors))]
                continue
            found = send({token: node})
            crashes = crashes + 1 if any(isinstance(one, Crashed | OutcomeUnknown) for one in found.values()) else 0
            errors |= found
        return errors

    def _write(self, method: str, resource: str, nodes: Mapping[str, Node], mail: bool) -> None:
        """`mail`: the shop may write to buyers about it. Raises OutcomeUnknown for an answer that is none."""
        root = ElementTree.Element("prestashop")
        root.extend(nodes.values())
        params = {"sendemail": "1"} if mail else None
        headers = XML | {"Accept": "text/xml"}
        try:
            answer = self.rest.call(method, resource, params=params, content=serialised(root), headers=headers)
        except IntegrationError as error:
            self._keep(method, resource, nodes, str(error.problem.code))
            raise
        try:
            parsed(answer.content)
        except Unreadable:
            raise OutcomeUnknown(path=answer.path, status=answer.status, excerpt=answer.excerpt) from None
        self._keep(method, resource, nodes, str(answer.status))

    def _keep(self, method: str, resource: str, nodes: Mapping[str, Node], answer: str) -> None:
        redact = self.rest.api.redact
        for token, node in nodes.items():
            sent = shorten(redact(f"{method} {resource}\n{ElementTree.tostring(node, encoding='unicode')}"), _KEPT)
            self.exchanges.setdefault(token, []).append(Exchange(request=sent, answer=answer))

    def _whole(self, resource: str, ids: Sequence[str]) -> dict[str, Node]:
        """Elements as a PUT needs them, which empties what is missing in it (versions without PATCH)."""
        found: dict[str, Node] = {}
        for chunk in chunks(list(dict.fromkeys(ids)), FILTER_CHARACTERS // 20):
            params = {"display": "full", "filter[id]": f"[{'|'.join(chunk)}]", "sort": "[id_ASC]"}
            root, _ = self.rest.xml(resource, params)
            found |= {entity_id(node): node for node in root.iter(NODES[resource]) if entity_id(node)}
        return found


def exchange_of(parts: Iterable[Exchange]) -> Exchange | None:
    """All that was sent about one order as one exchange."""
    listed = list(parts)
    if not listed:
        return None
    return Exchange(request="\n\n".join(one.request for one in listed), answer="\n".join(one.answer for one in listed))


def _node(resource: str, fields: Fields) -> Node:
    node = ElementTree.Element(NODES[resource])
    fill(node, fields)
    return node


def _put(present: Node, fields: Fields) -> Node:
    """The element as it was read, without what is computed and without attributes, with new values of some fields."""
    node = ElementTree.Element(present.tag)
    kept = {field.tag: field.text or "" for field in present if field.tag not in _COMPUTED}
    fill(node, {**kept, **fields})
    return node
