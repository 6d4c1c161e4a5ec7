"""What the panel's own pages offer to be sent: fields of forms with their values, parameters of links. Found in the
pages themselves, so that a new form is fuzzed from the day on which it stands on a page."""

from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from django.test import Client as Browser
from django.urls import Resolver404, resolve

Fields = list[tuple[str, str]]


@dataclass
class Offered:
    """By name of the address: the forms that are sent to it, the parameters that it is asked with."""

    forms: dict[str, list[Fields]] = field(default_factory=lambda: defaultdict(list))
    parameters: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))

    def read(self, browser: Browser, where: str) -> None:
        answer = browser.get(where)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            return
        page = _Page()
        page.feed(answer.content.decode())
        for form in page.forms:
            self._take(form, where)
        for link in page.links:
            parts = urlsplit(link)
            self.parameters[name_of(parts.path or where)] |= set(parse_qsl(parts.query))

    def _take(self, form: "_Form", where: str) -> None:
        parts = urlsplit(form.action or where)
        name = name_of(parts.path or where)
        if form.method == "post":
            if form.fields not in self.forms[name]:
                self.forms[name].append(form.fields)
        else:
            self.parameters[name] |= set(form.fields)


def name_of(path: str) -> str:
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


@dataclass
class _Form:
    action: str
    method: str
    fields: Fields = field(default_factory=list)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.links: list[str] = []
        self._inside: _Form | None = None
        self._by_id: dict[str, _Form] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = _Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._inside)
            self._by_id[given.get("id", "")] = self._inside
        for name in ("href", "hx-get"):
            if given.get(name, "").startswith(("/", "?")):
                self.links.append(given[name])
        if tag == "select":
            self._select = given.get("name", "")
        form = self._by_id.get(given["form"]) if "form" in given else self._inside
        if form is None:
            return
        if tag == "option" and self._select:
            form.fields.append((self._select, given.get("value", "")))
        elif tag in ("input", "button", "textarea", "select") and given.get("name"):
            form.fields.append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        if tag == "select":
            self._select = ""
