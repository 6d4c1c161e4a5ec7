"""What a first page weighs as a browser loads it: compressed, with its styles, scripts, symbols and fonts."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests import lean_css

pytest_plugins = ("tests.web.signed_in",)

MOST = 150 * 1024
FONTS = ("vendor/inter/inter-lean.woff2", "vendor/inter/inter-lean-polish.woff2")
MONO = ("vendor/jetbrains-mono/jetbrains-mono-lean.woff2", "vendor/jetbrains-mono/jetbrains-mono-lean-polish.woff2")


def weight(name: str) -> int:
    """Bytes of a static file as they are sent: fonts are compressed already."""
    found = finders.find(name)
    assert isinstance(found, str), name
    content = Path(found).read_bytes()
    return len(content) if name.endswith(".woff2") else len(brotli.compress(content))


def of_page(html: str) -> int:
    """The page, everything it names, what its stylesheet imports, and both fonts of text and numbers."""
    named = set(re.findall(r'(?:href|src)="/static/([^"#]+)', html))
    imported = {"vendor/tabler/tabler.lean.css"}
    assert named >= {"css/app.css", "js/app.js", *FONTS}
    return len(gzip.compress(html.encode())) + sum(weight(name) for name in named | imported | {*MONO})


def test_the_first_page_stays_light(db: None, client: Client) -> None:
    assert of_page(client.get("/login/").content.decode()) < MOST


def test_the_home_page_stays_light(panel: Client) -> None:
    assert of_page(panel.get("/", follow=True).content.decode()) < MOST


def test_pages_are_sent_compressed(panel: Client) -> None:
    answer = panel.get("/", follow=True, headers={"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"


def test_the_lean_stylesheet_is_made_from_what_pages_use_now() -> None:
    assert lean_css.LEAN.read_text(encoding="utf-8") == lean_css.lean(), "run: python -m tests.lean_css"


@pytest.mark.parametrize("name", ["table", "btn", "form-control", "card"])
def test_what_pages_use_is_kept(name: str) -> None:
    assert f".{name}" in lean_css.LEAN.read_text(encoding="utf-8")
