"""What the shop does to HTML it is given: scripts, frames and handlers go, the rest is kept, so a read-back differs."""

import re
from html import escape
from html.parser import HTMLParser

_DROPPED_WITH_CONTENT = frozenset({"script", "style", "object", "embed"})
_SCHEMES = re.compile(r"^\s*(javascript|vbscript|data)\s*:", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img", "input", "col", "source", "wbr"})


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self.inside_dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self.inside_dropped += 1
            return
        if self.inside_dropped:
            return
        kept = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if _allowed(tag, name, value or ""))
        self.out.append(f"<{tag}{kept} />" if tag in _VOID else f"<{tag}{kept}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _DROPPED_WITH_CONTENT:
            self.handle_starttag(tag, attrs)
            if tag not in _VOID:
                self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self.inside_dropped = max(0, self.inside_dropped - 1)
        elif not self.inside_dropped and tag not in _VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.inside_dropped:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def _allowed(tag: str, name: str, value: str) -> bool:
    if name.startswith("on") or (tag == "iframe" and name == "src"):
        return False
    return not (name in ("href", "src", "action") and _SCHEMES.match(value))


def sanitised(html: str) -> str:
    """The HTML that the shop stores: comments, script and style gone, `on*`, iframe src and javascript: links gone."""
    if "<" not in html:
        return html
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return "".join(cleaner.out)
