"""A user's first quarter of an hour in the panel, in a real browser, against the running demo."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from syncjobs.demo.differences import BROKEN_PRODUCER
from tests.e2e.conftest import RunningDemo

pytestmark = [pytest.mark.e2e, pytest.mark.processes]
PAGES = (
    "",
    "clients/1/",
    "shops/1/",
    "shops/1/options/product/",
    "shops/1/mapping/category/",
    "shops/1/unlinked/product/",
    "shops/1/conflicts/",
    "shops/1/links/product/",
    "shops/1/unlinked/product/sure/",
    "shops/1/actions/",
    "shops/1/runs/",
    "shops/1/orders/",
    "shops/1/orders/mapping/",
    "shops/1/orders/policy/",
    "shops/1/orders/settings/",
    "erp/1/",
    "alerts/",
    "firms/1/alerts/",
    "clients/1/alerts/",
    "clients/1/alerts/log/",
)
BAD = ("serious", "critical")
WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifted += one.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
MOST = 0.01
"""Layout shift of a page, as browsers count it."""


def finished(page: Page) -> None:
    """The run's page renews itself until the run is over or waits for a person; no reload is needed."""
    expect(page.locator("#live:not([hx-get]), #live .note-wait").first).to_be_visible(timeout=120_000)


def serious(page: Page) -> list[str]:
    """What axe finds serious or worse on the open page."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in BAD]


def step(page: Page, kind: str) -> str:
    """The row of one kind in the table of steps."""
    row = page.locator(f'.steps-t tr:has(th a[href$="?kind={kind}"])')
    return row.inner_text()


def test_from_the_first_preview_to_a_shop_in_step(demo: RunningDemo, signed_in: Page) -> None:
    page, trouble = signed_in, []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.goto(f"{demo.url}clients/1/")

    page.click("button[value=preview]")
    expect(page).to_have_url(re.compile(r"/runs/\d+/"))
    finished(page)
    assert "9" in step(page, "unit"), "the preview plans the nine units that the shop lacks"
    assert page.locator(".steps-t tr.blk").count() == 2, "products wait for producers, pictures for products"

    page.click('.steps-t a[href$="?kind=producer"]')
    page.click("details.ex summary")
    page.fill("details.ex input[name=reason]", f"{BROKEN_PRODUCER.element}: do poprawy w sklepie")
    page.click("details.ex form button")
    expect(page.locator(".toasts .note-success")).to_be_visible()

    write(page, demo)
    approved = approve_all(page)
    assert {"unit", "producer", "product", "stock", "image"} <= approved
    assert page.locator(".steps-t tr.blk").count() == 0
    page.goto(f"{demo.url}shops/1/conflicts/")
    expect(page.locator("main")).to_contain_text("FAR00002")
    assert trouble == []


def write(page: Page, demo: RunningDemo) -> None:
    """Start a run that writes. Excluding an element starts one by itself: where its plan waits already, we are asked
    whether the new run may replace it."""
    page.goto(f"{demo.url}clients/1/")
    page.click("button[value=apply]")
    page.wait_for_load_state()
    if not re.search(r"/runs/\d+/", page.url):
        page.locator("form:has(input[name=replace]) button").click()
    expect(page).to_have_url(re.compile(r"/runs/\d+/"))


def approve_all(page: Page) -> set[str]:
    """Approve each plan that waits, deletions included, until the run is over. Kinds that were approved."""
    run, approved = page.url.split("?")[0], set()
    for _ in range(12):
        finished(page)
        waiting = page.locator("#live .note-wait a[href*='/plan/']").first
        if waiting.count() == 0:
            break
        waiting.click()
        approved.add(approve(page))
        page.goto(run)
    return approved


def approve(page: Page) -> str:
    """Approve everything of the plan on screen; returns its kind."""
    kind = page.locator("a[href*='?kind=']").first.get_attribute("href") or ""
    page.check("input[name=scope][value=all]")
    typed = page.locator("input[name=typed]")
    if typed.count():
        typed.fill("4")
    page.click("form#decide button.btn-primary")
    page.wait_for_load_state()
    return kind.rsplit("=", 1)[-1]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_everyone_and_for_a_phone(demo: RunningDemo, signed_in: Page, path: str) -> None:
    signed_in.goto(f"{demo.url}{path}")
    assert serious(signed_in) == []
    signed_in.set_viewport_size({"width": 390, "height": 844})
    signed_in.reload()
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_pages_load(demo: RunningDemo, signed_in: Page, browser: Browser, width: int) -> None:
    """With an empty cache, on a desk and on a phone."""
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


def test_a_wrong_password_says_so_and_shows_nothing(demo: RunningDemo, page: Page) -> None:
    page.goto(demo.url)
    page.fill("input[name=email]", demo.email)
    page.fill("input[name=password]", "not the password")
    page.click("form.door-form button")
    expect(page.locator("form.door-form [role=alert], form.door-form .note-error").first).to_be_visible()
    page.goto(f"{demo.url}clients/1/")
    expect(page).to_have_url(re.compile(r"/login/"))
