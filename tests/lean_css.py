"""`python -m tests.lean_css`: writes the part of Tabler's stylesheet that the panel uses.

The whole stylesheet weighs more than everything else of a page together. A rule stays when every class of its selector
occurs as a word in a template, in our script or in Python code; animations and variables stay when something that stays
names them. Too much may stay, too little may not: a word is taken for a class wherever it stands.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHOLE = ROOT / "static/vendor/tabler/tabler.min.css"
LEAN = ROOT / "static/vendor/tabler/tabler.lean.css"
HEAD = "/*! Tabler 1.6.1, MIT, see LICENSE: the rules that the panel uses (python -m tests.lean_css) */\n"
PYTHON = ("syncjobs", "integrator", "shops", "wapro")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_CLASS = re.compile(r"\.(-?[A-Za-z_](?:[\w-]|\\.)*)")
_TAG = re.compile(r"(?:^|[\s>+~(,])([a-z][a-z0-9]*)")
_DECLARATION = re.compile(r"""(?<=[{;])(--[\w-]+):(?:"[^"]*"|'[^']*'|[^;{}"'])*(;|(?=\}))""")
NESTED = ("@media", "@supports", "@layer", "@container")


def words() -> set[str]:
    """Everything that could be a class or a tag of a page."""
    found: set[str] = set()
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static/js").glob("*.js")]
    files += [path for package in PYTHON for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]
    for path in files:
        found.update(_WORD.findall(path.read_text(encoding="utf-8")))
    return found | {"html", "body", "root"}


def blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """(what stands before a block, its content) one after another; None where a statement has no block."""
    at = 0
    while at < len(css):
        opening, ending = css.find("{", at), css.find(";", at)
        if opening < 0:
            return
        if 0 <= ending < opening:
            yield css[at:ending].strip(), None
            at = ending + 1
            continue
        close = _closing(css, opening)
        yield css[at:opening].strip(), css[opening + 1 : close]
        at = close + 1


def _closing(css: str, opening: int) -> int:
    depth, quote = 0, ""
    for at in range(opening, len(css)):
        sign = css[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                return at
    raise ValueError("a block of the stylesheet does not end")


def pieces(selector: str) -> list[str]:
    """The selectors of a list; commas inside brackets divide nothing."""
    found, depth, begin = [], 0, 0
    for at, sign in enumerate(selector):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            found.append(selector[begin:at])
            begin = at + 1
    return [*found, selector[begin:]]


def wanted(selector: str, known: set[str]) -> bool:
    """Whether something on a page may match: what stands in brackets is not asked."""
    plain = selector
    while (shorter := re.sub(r"\([^()]*\)|\[[^\]]*\]", "", plain)) != plain:
        plain = shorter
    classes = {name.replace("\\", "") for name in _CLASS.findall(plain)}
    tags = set(_TAG.findall(re.sub(r"::?[\w-]+", "", plain)))
    return classes <= known and tags <= known


def kept(css: str, known: set[str]) -> str:
    """The stylesheet without rules that nothing can match."""
    parts = []
    for head, body in blocks(css):
        if body is None or head.startswith(("@keyframes", "@font-face", "@property")):
            parts.append(f"{head};" if body is None else f"{head}{{{body}}}")
        elif head.startswith(NESTED):
            inner = kept(body, known)
            parts.append(f"{head}{{{inner}}}" if inner else "")
        else:
            left = [one for one in pieces(head) if wanted(one, known)]
            parts.append(f"{','.join(left)}{{{body}}}" if left and body else "")
    return "".join(parts)


def _if_named(named: set[str], found: re.Match[str]) -> str:
    return found[0] if found[1] in named else ""


def unused_gone(css: str, ours: str) -> str:
    """Without variables and animations that nothing names any more, as often as that frees others."""
    while True:
        named = set(re.findall(r"var\(\s*(--[\w-]+)", css + ours))
        shorter = _DECLARATION.sub(partial(_if_named, named), css)
        shorter = re.sub(r"(?:^|(?<=\}))[^{}@]+\{\}", "", shorter)
        for name in set(re.findall(r"@keyframes ([\w-]+)", shorter)):
            rule = next(body for head, body in _flat(shorter) if head == f"@keyframes {name}")
            text = f"@keyframes {name}{{{rule}}}"
            if not re.search(rf"\b{re.escape(name)}\b", shorter.replace(text, "") + ours):
                shorter = shorter.replace(text, "")
        if shorter == css:
            return css
        css = shorter


def _flat(css: str) -> Iterator[tuple[str, str]]:
    for head, body in blocks(css):
        if body is None:
            continue
        yield head, body
        if head.startswith(NESTED):
            yield from _flat(body)


def lean() -> str:
    """The stylesheet as it should stand in `tabler.lean.css`."""
    whole = re.sub(r"/\*.*?\*/", "", WHOLE.read_text(encoding="utf-8"), flags=re.S)
    ours = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "static/css").glob("*.css")))
    return HEAD + unused_gone(kept(whole, words()), ours) + "\n"


if __name__ == "__main__":
    LEAN.write_text(lean(), encoding="utf-8")
    print(f"{LEAN.relative_to(ROOT)}: {LEAN.stat().st_size:,} bytes of {WHOLE.stat().st_size:,}")
