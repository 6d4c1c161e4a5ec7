"""A link broken, found again by its suggestion and taken back, all by keyboard, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import RunningDemo
from tests.e2e.test_panel import finished

pytestmark = [pytest.mark.e2e, pytest.mark.processes]


def test_a_link_is_broken_suggested_linked_and_taken_back_by_keyboard(demo: RunningDemo, signed_in: Page) -> None:
    page, trouble = signed_in, []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.goto(f"{demo.url}clients/1/")
    page.click("button[value=preview]")
    finished(page)

    page.goto(f"{demo.url}shops/1/links/unit/")
    page.keyboard.press("j")
    label = page.locator("li.cur a.ink").inner_text()
    page.keyboard.press("b")
    expect(page.locator(".toasts .note-success button[data-key=u]")).to_be_visible()

    page.goto(f"{demo.url}shops/1/unlinked/unit/")
    row = page.locator("#erp li.cur", has=page.get_by_role("link", name=label, exact=True))
    for _ in range(40):
        if row.count():
            break
        page.keyboard.press("j")
    expect(row).to_be_visible()
    page.keyboard.press("l")
    expect(page.locator(".toasts .note-success button[data-key=u]")).to_be_visible()
    expect(page.locator("#erp").get_by_role("link", name=label, exact=True)).to_have_count(0)

    page.keyboard.press("u")
    expect(page.locator("#erp").get_by_role("link", name=label, exact=True)).to_be_visible()

    page.goto(f"{demo.url}shops/1/actions/")
    page.keyboard.press("j")  # the link, taken back already
    page.keyboard.press("j")
    page.keyboard.press("u")
    expect(page.locator(".toasts .note-success")).to_be_visible()
    page.goto(f"{demo.url}shops/1/links/unit/")
    expect(page.get_by_role("link", name=label, exact=True).first).to_be_visible()
    assert trouble == []
