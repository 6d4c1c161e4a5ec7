"""Decisions in a real browser, on one demo: two people open the same conflict and the slower one is told; a link is
broken, found again by its suggestion and taken back, all by keyboard."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from syncjobs.demo.differences import BROKEN_PRODUCER
from tests.e2e.conftest import RunningDemo
from tests.e2e.test_panel import approve_all, finished, write

pytestmark = [pytest.mark.e2e, pytest.mark.processes]
SECOND = "druga.osoba@klient.example"


def complaints(page: Page) -> list[str]:
    """What the page's console says is wrong. That a form was refused (409) is what is tried here."""
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if m.type == "error" and "409" not in m.text else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def invited(page: Page, browser: Browser, demo: RunningDemo) -> Page:
    """A second person, who has joined by the link that the first one was shown."""
    page.goto(f"{demo.url}clients/1/people/")
    page.fill("main input[name=email]", SECOND)
    page.select_option("main select[name=role]", "operator")
    page.locator("main form", has=page.locator("select[name=role]")).locator("button").click()
    link = page.locator("code.secret").inner_text()
    other = browser.new_context(locale="pl-PL", viewport={"width": 1280, "height": 900}).new_page()
    other.set_default_timeout(20_000)
    other.goto(link)
    other.fill("input[name=name]", "Druga Osoba")
    other.fill("input[name=password]", "trzy zwykłe słowa")
    other.click("form.door-form button")
    expect(other).to_have_url(re.compile(r"/clients/1/"))
    return other


def write_all(page: Page, demo: RunningDemo) -> None:
    """Put the broken producer aside, let everything be written; the prices that both sides changed stay in conflict."""
    page.goto(f"{demo.url}clients/1/")
    page.click("button[value=preview]")
    expect(page).to_have_url(re.compile(r"/runs/\d+/"))
    finished(page)
    page.click('.steps-t a[href$="?kind=producer"]')
    page.click("details.ex summary")
    page.fill("details.ex input[name=reason]", f"{BROKEN_PRODUCER.element}: do poprawy w sklepie")
    page.click("details.ex form button")
    expect(page.locator(".toasts .note-success")).to_be_visible()
    write(page, demo)
    approve_all(page)


def test_two_people_resolve_the_same_conflict_at_once(demo: RunningDemo, signed_in: Page, browser: Browser) -> None:
    page, trouble = signed_in, complaints(signed_in)
    write_all(page, demo)
    other = invited(page, browser, demo)
    trouble_there = complaints(other)
    for one in (page, other):
        one.goto(f"{demo.url}shops/1/conflicts/")
        expect(one.locator("#card input[value=erp]").first).to_be_visible()
    page.locator("#card input[value=erp]").first.check()
    other.locator("#card input[value=shop]").first.check()
    page.locator("#card button[data-key=d]").click()
    expect(page.locator(".toasts .note-success")).to_be_visible()
    other.locator("#card button[data-key=d]").click()
    expect(other.locator("[role=alert]").first).to_be_visible()
    page.goto(f"{demo.url}shops/1/conflicts/?show=decided")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody tr button[name=conflict]").click()
    expect(page.locator(".toasts .note-success")).to_be_visible()
    other.goto(f"{demo.url}shops/1/conflicts/")
    other.locator("#card input[value=shop]").first.check()
    other.keyboard.press("d")
    expect(other.locator(".toasts .note-success")).to_be_visible()
    assert (trouble, trouble_there) == ([], [])


def test_a_link_is_broken_suggested_linked_and_taken_back_by_keyboard(demo: RunningDemo, signed_in: Page) -> None:
    page, trouble = signed_in, complaints(signed_in)
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
