"""What the shop does to HTML before it keeps it: HTML Purifier writes it anew, so a read-back may differ.

Tags come out in lower case and closed, void ones as `<br />`, comments are gone, and entities are characters but for
`&amp;`, `&lt;` and `&gt;`.
"""

from html import escape
from html.parser import HTMLParser

_VOID = frozenset({"br", "hr", "img", "col"})
_KNOWN = _VOID | {
    "a", "abbr", "b", "blockquote", "caption", "cite", "code", "del", "dd", "div", "dl", "dt", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "i", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span",
    "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
    "video", "source",
}  # fmt: skip


class _Purifier(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KNOWN:
            return
        kept = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if not name.startswith("on"))
        self.out.append(f"<{tag}{kept} />" if tag in _VOID else f"<{tag}{kept}>")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in self.open:
            inner = self.open.pop()
            self.out.append(f"</{inner}>")
            if inner == tag:
                return

    def handle_data(self, data: str) -> None:
        self.out.append(escape(data, quote=False))


def purified(html: str) -> str:
    """The HTML as the shop keeps it."""
    if "<" not in html and "&" not in html:
        return html
    purifier = _Purifier()
    purifier.feed(html)
    purifier.close()
    rest = [f"</{tag}>" for tag in reversed(purifier.open)]
    return "".join([*purifier.out, *rest])
