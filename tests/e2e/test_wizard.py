"""A client is set up through the wizard, in a real browser, against the running demo."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import RunningDemo
from tests.e2e.test_panel import finished, serious

pytestmark = [pytest.mark.e2e, pytest.mark.processes]
PARTS = ("scope", "owners", "access", "process", "stages", "trial", "finish")


def empty_shop(demo: RunningDemo, page: Page) -> str:
    """The address of the wizard of the shop that was just opened."""
    page.goto(f"{demo.url}clients/3/")
    link = page.locator(".side a[href*='/setup/']").first.get_attribute("href") or ""
    return demo.url.rstrip("/") + link


def test_a_client_is_set_up_part_by_part(demo: RunningDemo, signed_in: Page) -> None:
    page, trouble = signed_in, []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    start = empty_shop(demo, page)

    page.goto(start)
    expect(page).to_have_url(re.compile(r"/setup/scope/"))
    page.check("input[name=stock-on]")
    page.check("input[name=prices-on]")
    page.fill("input[name=stock-every]", "10")
    page.fill("input[name=stock-from]", "22:00")
    page.fill("input[name=stock-to]", "06:00")
    page.click("button[value=next]")

    expect(page).to_have_url(re.compile(r"/setup/owners/"))
    page.check("input[name=stock][value=erp]")
    page.check("input[name=prices][value=erp]")
    page.click("button[value=next]")

    expect(page).to_have_url(re.compile(r"/setup/access/"))
    page.click("form[action$='/test/'] button >> nth=0")
    page.goto(start + "access/")
    page.check("input[name=samples]")
    page.click("button[value=next]")

    expect(page).to_have_url(re.compile(r"/setup/process/"))
    page.fill("textarea[name=exceptions]", "Karty podarunkowe tylko w sklepie")
    page.click("button[value=next]")

    expect(page).to_have_url(re.compile(r"/setup/stages/"))
    expect(page.locator("main")).to_contain_text("%")
    page.goto(start + "finish/")
    page.click("button[value=preview]")
    finished(page)

    page.goto(start + "access/")
    page.click("button[value=check_data]")
    expect(
        page.locator("section[aria-labelledby=dc] .card-h .meta, section[aria-labelledby=dc] time").first
    ).to_be_visible()

    page.goto(start + "agreement/")
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("22:00–06:00")
    expect(sheet).to_contain_text("Karty podarunkowe tylko w sklepie")
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 1, "one page to sign"
    assert trouble == []


@pytest.mark.parametrize("part", [*PARTS, "agreement"])
def test_every_part_is_for_everyone_and_for_a_phone(demo: RunningDemo, signed_in: Page, part: str) -> None:
    page = signed_in
    page.goto(f"{empty_shop(demo, page)}{part}/")
    assert serious(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
