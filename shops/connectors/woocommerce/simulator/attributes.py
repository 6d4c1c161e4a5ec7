"""Attributes on products and variations: global ones by id with terms, own ones by name with texts."""

from collections.abc import Mapping
from typing import Any

from shops.connectors.woocommerce.simulator import php
from shops.connectors.woocommerce.simulator.product_rows import attribute_names
from shops.connectors.woocommerce.simulator.store import Store
from shops.simulation.tables import Row

Given = list[Mapping[str, Any]]


def declared_attributes(store: Store, given: Given) -> list[Row]:
    """Of a product. Options that are no terms yet become terms; a global attribute that does not exist is left out."""
    found = []
    for one in given:
        attribute_id, options = php.integer(one.get("id")), one.get("options")
        texts = [php.text(text).strip() for text in options] if isinstance(options, list) else []
        row: Row = {"id": attribute_id, "name": php.text(one.get("name")), "options": texts}
        row |= {"position": abs(php.integer(one.get("position")))}
        row |= {"visible": php.boolean(one.get("visible")), "variation": php.boolean(one.get("variation"))}
        if attribute_id:
            if attribute_id not in store.attributes:
                continue
            slug = store.attributes.get(attribute_id)["slug"]
            row["options"] = [_term(store, slug, text) for text in texts if text]
        elif not row["name"]:
            continue
        if row["options"]:
            found.append(row)
    return sorted(found, key=lambda row: row["position"])


def _term(store: Store, taxonomy: str, name: str) -> int:
    known = store.term_named(taxonomy, name)
    return store.insert_term(taxonomy, name) if known is None else known


def chosen_options(store: Store, parent: Row, given: Given) -> list[Row]:
    """Of a variation: only attributes that the parent has for variations count."""
    declared = [one for one in parent["attributes"] if one["variation"]]
    found = []
    for one in given:
        attribute_id, name = php.integer(one.get("id")), php.text(one.get("name"))
        match = next((row for row in declared if _is_meant(store, row, attribute_id, name)), None)
        if match is None:
            continue
        option: int | str = php.text(one.get("option")).strip()
        if match["id"]:
            term = store.term_named(store.attributes.get(match["id"])["slug"], str(option)) if option else None
            option = php.slug(option) if term is None else term
        found.append({"id": match["id"], "name": match["name"], "option": option})
    return found


def _is_meant(store: Store, declared: Row, attribute_id: int, name: str) -> bool:
    if attribute_id:
        return bool(declared["id"] == attribute_id)
    names = attribute_names(store, declared)
    return names is not None and php.slug(name) in {php.slug(one) for one in names}
