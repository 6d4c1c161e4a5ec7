"""A configuration as text, and as entries: (section, path) -> value, words instead of keys. Pure."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrator.canonical.records import keepable
from syncjobs.configuration.schema import GROUPS, SECTIONS, Slot, slot_of

FORMAT = "integrator-configuration"
VERSION = 1
LARGEST = 2 * 1024 * 1024
"""Bytes. One with ten thousand mappings is half of that."""
DEEPEST = 12
Path = tuple[str, ...]
Flat = dict[tuple[str, Path], Any]
"""(section, path of the entry in it) -> value."""
_SECRET = re.compile(
    r"(?i)[\w.\- ]*"
    r"(passw|secret|token|api[_-]?key|credential|authorization|consumer[_-]?key|ws[_-]?key|private[_-]?key)"
    r"[\w.\- ]*"
)
_NAMED_BY_PEOPLE = ("policy", "order_mappings", "mappings")
"""Sections whose keys are words of the shop and of WAPRO: a payment may well be called *token*."""


class DocumentRefused(Exception):
    """The text cannot be taken as a configuration. `code` and `params` say why; the panel has the sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Document:
    entries: Flat
    platform: str = ""
    name: str = ""
    """Of the connection that it was made from."""
    unknown: tuple[str, ...] = ()
    """What stands in the text and means nothing to this version."""


def parse(text: bytes) -> Document:
    """Raises DocumentRefused: `too_big`, `not_json`, `other_file`, `version`, `secret`, `wrong`."""
    if len(text) > LARGEST:
        raise DocumentRefused("too_big", limit=LARGEST // (1024 * 1024))
    try:
        data = json.loads(text.decode("utf-8-sig"))
        # What no database keeps: numbers that are none, zeros, halves of a pair of surrogates.
        written = json.dumps(data, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        raise DocumentRefused("not_json") from None
    if "\\u0000" in written or keepable(written) != written:
        raise DocumentRefused("not_json")
    return of_data(data)


def of_data(data: Any) -> Document:
    """From what JSON gave. Raises DocumentRefused."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise DocumentRefused("other_file")
    if data.get("version") != VERSION or isinstance(data.get("version"), bool):
        raise DocumentRefused("version", found=str(data.get("version"))[:20], known=VERSION)
    if _deeper_than(data, DEEPEST):
        raise DocumentRefused("other_file")
    found = next(_secrets(data, ()), None)
    if found is not None:
        raise DocumentRefused("secret", where=".".join(found)[:200])
    entries: Flat = {}
    unknown: list[str] = []
    for section, content in _sections(data, unknown):
        _take(entries, unknown, section, content)
    _together(entries)
    return Document(entries, _short(data, "platform"), _short(data, "name"), tuple(unknown))


def _short(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    return keepable(value[:80]) if isinstance(value, str) else ""


def _deeper_than(value: Any, levels: int) -> bool:
    if not isinstance(value, list | dict):
        return False
    inner = value if isinstance(value, list) else value.values()
    return levels <= 0 or any(_deeper_than(one, levels - 1) for one in inner)


def _secrets(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, list):
        for one in value:
            yield from _secrets(one, path)
    elif isinstance(value, dict):
        for name, one in value.items():
            if not (path and path[0] in _NAMED_BY_PEOPLE) and _SECRET.fullmatch(name):
                yield (*path, name)
            yield from _secrets(one, (*path, name))


def _sections(data: Mapping[str, Any], unknown: list[str]) -> Iterator[tuple[str, Any]]:
    for name, content in data.items():
        if name in ("format", "version", "platform", "name"):
            continue
        if name in SECTIONS:
            yield name, content
        elif name in GROUPS:
            if not isinstance(content, dict):
                raise DocumentRefused("wrong", where=name)
            for part, inner in content.items():
                if f"{name}.{part}" in SECTIONS:
                    yield f"{name}.{part}", inner
                else:
                    unknown.append(f"{name}.{part}"[:200])
        else:
            unknown.append(name[:200])


def _take(entries: Flat, unknown: list[str], section: str, content: Any) -> None:
    if not isinstance(content, dict):
        raise DocumentRefused("wrong", where=section)
    for name, value in content.items():
        slot = slot_of(section, name)
        if slot is None:
            unknown.append(f"{section}.{name}"[:200])
            continue
        for path, leaf in _leaves(value, len(slot.path), (name,), section):
            entries[section, path] = _read(slot, leaf, section, path)


def _leaves(value: Any, depth: int, path: Path, section: str) -> Iterator[tuple[Path, Any]]:
    if not depth:
        yield path, value
        return
    if not isinstance(value, dict):
        raise DocumentRefused("wrong", where=".".join((section, *path))[:200])
    for name, inner in value.items():
        if len(name) > 300 or keepable(name) != name:
            raise DocumentRefused("wrong", where=".".join((section, *path))[:200])
        yield from _leaves(inner, depth - 1, (*path, name), section)


def _read(slot: Slot, value: Any, section: str, path: Path) -> Any:
    try:
        return slot.read(value)
    except (ValueError, TypeError, KeyError):
        raise DocumentRefused("wrong", where=".".join((section, *path))[:200]) from None


def _together(entries: Flat) -> None:
    """What is right one by one and not together."""
    sections = {section for section, _path in entries}
    for section in sorted(sections):
        both = [entries.get((section, (name,))) for name in ("import_unlinked", "delete_unlinked")]
        if all(both):
            raise DocumentRefused("import_and_delete", where=section)
        quiet = [entries.get((section, (name,))) for name in ("quiet_from", "quiet_to")]
        if (quiet[0] is None) != (quiet[1] is None):
            raise DocumentRefused("quiet", where=section)


def as_data(entries: Flat, *, platform: str, name: str) -> dict[str, Any]:
    """The document as JSON holds it."""
    data: dict[str, Any] = {"format": FORMAT, "version": VERSION, "platform": platform, "name": name}
    place = {section: number for number, section in enumerate(SECTIONS)}
    for section, path in sorted(entries, key=lambda entry: (place[entry[0]], entry[1])):
        here = data
        for part in section.split("."):
            here = here.setdefault(part, {})
        for part in path[:-1]:
            here = here.setdefault(part, {})
        here[path[-1]] = entries[section, path]
    return data


def as_text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
