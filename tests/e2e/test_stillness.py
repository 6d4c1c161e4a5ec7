"""Nothing moves under the reader while a page loads, on a desk and on a phone, with an empty cache."""

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import RunningDemo

WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifted += one.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
MOST = 0.01


@pytest.mark.e2e
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_pages_load(demo: RunningDemo, signed_in: Page, browser: Browser, width: int) -> None:
    cookies = signed_in.context.cookies()
    addresses = {signed_in.url, f"{demo.url}profile/"}
    for link in signed_in.locator("nav a[href^='/']").all()[:12]:
        addresses.add(demo.url.rstrip("/") + str(link.get_attribute("href")))
    for address in sorted(addresses):
        fresh = browser.new_context(viewport={"width": width, "height": 900}, locale="pl-PL")
        fresh.add_cookies(cookies)  # type: ignore[arg-type]
        page = fresh.new_page()
        page.add_init_script(WATCH)
        page.goto(address, wait_until="networkidle")
        assert page.evaluate("window.shifted") <= MOST, address
        fresh.close()
