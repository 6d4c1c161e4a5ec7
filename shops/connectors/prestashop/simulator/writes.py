"""Writes of entities: POST, PUT, PATCH and DELETE with everything they damage on the way."""

from dataclasses import dataclass, field
from typing import Any

from shops.connectors.prestashop.simulator import bodies, validation
from shops.connectors.prestashop.simulator.bodies import Element
from shops.connectors.prestashop.simulator.effects import READY, SETTERS, STORED, replace_list
from shops.connectors.prestashop.simulator.errors import Refused
from shops.connectors.prestashop.simulator.fields import Field
from shops.connectors.prestashop.simulator.purifier import purified
from shops.connectors.prestashop.simulator.resources import Resource
from shops.connectors.prestashop.simulator.store import Store
from shops.connectors.prestashop.simulator.versions import Version
from shops.simulation.tables import Row


@dataclass
class Written:
    """One entity after its write, with the texts as they were sent: the answer shows those, not what is stored."""

    row_id: int
    sent: dict[str, str] = field(default_factory=dict)


class Writes:
    """Changes a store as the Webservice of one version does. Raises `Refused` and `Blank`; nothing is rolled back."""

    def __init__(self, store: Store, version: Version) -> None:
        self.store = store
        self.version = version

    def save(self, resource: Resource, method: str, found: list[Element]) -> list[Written]:
        """Writes the entities one after the other and stops at the first bad one; earlier ones stay written."""
        bodies.check_ids(found, method)
        return [self._save_one(resource, method, entity) for entity in found]

    def delete(self, resource: Resource, ids: list[int]) -> None:
        """Deletes all of them, or none when one is missing."""
        table = self.store.tables[resource.name]
        missing = [str(row_id) for row_id in ids if row_id not in table]
        if missing or not ids:
            raise Refused(404, (87, f"Id(s) not exists: {', '.join(missing)}"))
        for row_id in ids:
            self.store.remove(resource.name, row_id)

    def _save_one(self, resource: Resource, method: str, entity: Element) -> Written:
        table = self.store.tables[resource.name]
        given = bodies.row_id(entity)
        if method != "POST" and given not in table:
            raise Refused(404, (92, "Invalid ID"))
        old = None if given is None else table.get(given)
        fields = resource.shown(self.version.major)
        row = dict(old) if old is not None else self.store.new_row(resource.name, {})
        sent: dict[str, str] = {}
        texts = False
        for name, described in fields.items():
            if name == "id":
                continue
            texts = self._take(resource, method, described, entity.find(name), row, sent) or texts
        if texts:
            self._check_texts(resource, fields, row)
        self._check_values(resource, fields, row | sent)
        for name, text in sent.items():
            if not fields[name].dynamic:
                row[name] = fields[name].stored(text)
        self._purify(fields, row)
        return Written(self._store(resource, entity, given, row), sent)

    def _take(
        self, resource: Resource, method: str, described: Field, element: Element | None, row: Row, sent: dict[str, str]
    ) -> bool:
        """Takes one field from the body into the row or `sent`; whether the resource has texts by language."""
        name, required = described.name, self.version.major < described.required
        if described.kind == "texts":
            self._take_texts(described, method, element, row)
            return True
        if element is not None:
            if described.readonly:
                told = f'parameter "{name}" not writable. Please remove this attribute of this XML'
                raise Refused(400, (93, told))
            sent[name] = bodies.text_of(element)
            setter = SETTERS.get((resource.name, name))
            if setter and method != "POST":
                setter(self.store, row, sent[name])
        elif method == "PATCH":
            return False
        elif required:
            raise Refused(400, (41, f'parameter "{name}" required'))
        elif not described.dynamic and not described.readonly:
            row[name] = described.empty
        return False

    def _take_texts(self, described: Field, method: str, element: Element | None, row: Row) -> None:
        """Languages left out become empty, unless the model needs the field; a plain text gives single letters."""
        if element is None:
            if method == "PUT" and not described.required:
                row[described.name] = {}
            return
        languages = self.store.languages()
        given = bodies.languages_of(element)
        if given is None:
            plain = bodies.text_of(element)
            given = {language: plain[language : language + 1] for language in languages}
        kept = row[described.name] if described.required else {}
        texts = {str(k): given[k] if k in given else kept.get(str(k), "") for k in languages}
        if described.required:
            spare = texts.get(str(self.store.default_language)) or next(filter(None, texts.values()), "")
            texts = {k: text or spare for k, text in texts.items()}
        row[described.name] = texts

    def _check_texts(self, resource: Resource, fields: dict[str, Field], row: Row) -> None:
        for described in fields.values():
            if described.kind == "texts":
                for text in row[described.name].values() or [""]:
                    if told := validation.finding(resource.model, described, text, self.version):
                        raise Refused(400, (84, told))

    def _purify(self, fields: dict[str, Field], row: Row) -> None:
        if self.store.setting("PS_USE_HTMLPURIFIER") == "1":
            for name, described in fields.items():
                if described.format == "isCleanHtml":
                    row[name] = {language: purified(text) for language, text in row[name].items()}

    def _check_values(self, resource: Resource, fields: dict[str, Field], row: Row) -> None:
        """All of them, those that were not sent too: old bad data blocks every write."""
        for name, described in fields.items():
            if described.kind in ("texts", "none") or described.dynamic or name == "id":
                continue
            if told := validation.finding(resource.model, described, str(row[name]), self.version):
                raise Refused(400, (85, told))

    def _store(self, resource: Resource, entity: Element, given: int | None, row: Row) -> int:
        made = given is None
        self._stamp(resource, row, made)
        if ready := READY.get(resource.name):
            ready(self.store, self.version, row, made)
        if given is None:
            row_id = self.store.insert(resource.name, row)
        else:
            row_id = given
            with self.store.tables[resource.name].editing(row_id) as kept:
                kept.update(row)
        if stored := STORED.get(resource.name):
            stored(self.store, row_id, made)
        self._associate(resource, entity, row_id)
        return row_id

    def _stamp(self, resource: Resource, row: Row, made: bool) -> None:
        """Dates in the body are of no use: the shop sets them."""
        names = {described.name for described in resource.fields}
        now: Any = self.store.now_text()
        if "date_upd" in names:
            row["date_upd"] = now
        if made and "date_add" in names:
            row["date_add"] = now

    def _associate(self, resource: Resource, entity: Element, row_id: int) -> None:
        for name, members in bodies.lists_of(entity):
            association = resource.association(name)
            if association is None:
                raise Refused(400, (86, f'The association "{name}" does not exists'))
            if association.writable:
                replace_list(self.store, resource.name, row_id, name, members)
