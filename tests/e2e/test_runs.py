"""A run watched to its end, half a plan approved, the language switched: in a real browser, without an error."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import RunningDemo

pytestmark = [pytest.mark.e2e, pytest.mark.processes]
SHOP = 2
"""Another shop than the one of the first quarter of an hour, which begins with its own first preview."""


@pytest.fixture
def quiet(signed_in: Page) -> Iterator[Page]:
    """A page that may leave no error in the console."""
    trouble: list[str] = []
    signed_in.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    signed_in.on("pageerror", lambda error: trouble.append(str(error)))
    yield signed_in
    assert trouble == []


def start(page: Page, demo: RunningDemo, mode: str, kind: str) -> None:
    page.goto(f"{demo.url}shops/{SHOP}/runs/")
    page.select_option("select[name=kind]", kind)
    page.click(f"button[name=mode][value={mode}]")
    page.wait_for_load_state()
    replace = page.locator("form:has(input[name=replace]) button")
    if replace.count():
        replace.click()
    expect(page).to_have_url(re.compile(r"/runs/\d+/"))


def test_a_run_is_watched_to_its_end_without_a_reload(demo: RunningDemo, quiet: Page) -> None:
    page = quiet
    start(page, demo, "preview", "unit")
    page.evaluate("document.body.dataset.loaded = 'once'")
    page.focus("#live .steps-t th a")
    expect(page.locator("#live")).not_to_have_attribute("hx-get", re.compile("."), timeout=120_000)
    assert page.evaluate("document.body.dataset.loaded") == "once", "the page was never loaded again"
    assert page.evaluate("document.activeElement.closest('.steps-t') !== null"), "the focus stayed where it was"
    expect(page.locator("#results")).to_contain_text(re.compile(r"\d"))


def test_the_keys_of_a_page_are_shown_in_a_dialog_and_close_again(demo: RunningDemo, quiet: Page) -> None:
    page = quiet
    page.goto(f"{demo.url}shops/{SHOP}/runs/")
    page.keyboard.press("?")
    expect(page.locator("dialog#help")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    expect(page.locator("dialog#help")).to_be_hidden()


def test_half_a_plan_is_approved_and_the_other_half_is_left_out(demo: RunningDemo, quiet: Page) -> None:
    page = quiet
    start(page, demo, "apply", "unit")
    waiting = page.locator("#live .note-wait a[href*='/plan/']")
    expect(waiting).to_be_visible(timeout=120_000)
    waiting.click()
    rows = page.locator("li[data-row]")
    half = rows.count() // 2
    assert half > 0
    for at in range(half):
        rows.nth(at).locator("input[name=pick]").check()
    page.click("button[name=leave][value=picked]")
    expect(page.locator("li[data-row].out")).to_have_count(half)
    page.check("input[name=scope][value=all]")
    page.click("form#decide button.btn-primary")
    expect(page).to_have_url(re.compile(r"/runs/\d+/"))
    expect(page.locator("#live")).not_to_have_attribute("hx-get", re.compile("."), timeout=120_000)
    run = page.url.split("?")[0]
    for show, count in (("skipped", half), ("written", None)):
        page.goto(f"{run}?kind=unit&show={show}")
        written = page.locator("#results tbody tr[data-row]")
        if count is None:
            assert written.count() > 0
        else:
            expect(written).to_have_count(count)


def test_the_language_is_switched_where_one_stands(demo: RunningDemo, quiet: Page) -> None:
    page = quiet
    address = f"{demo.url}shops/{SHOP}/runs/"
    page.goto(address)
    expect(page.locator("h1")).to_contain_text("Przebiegi")
    page.click("button[name=language][value=en]")
    expect(page.locator("h1")).to_contain_text("Runs")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == address
    page.click("button[name=language][value=pl]")
    expect(page.locator("h1")).to_contain_text("Przebiegi")
