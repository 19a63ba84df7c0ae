"""A shop shows its customers' orders on its own pages, on another site than ours. Whatever styles and policies those
pages have, the widget is shown, is live, and looks as designed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hosts import NONCE, a_page
from tests.browser.other_sites import FITS, LAYOUTS, Elsewhere, elsewhere, frames_of, size_of, wait_on_page
from tracker.config import Settings
from tracker.orders.operations.by_restaurant import progress_order

HOSTILE = """
    * { all: revert !important; position: fixed !important; inset: 0 !important; transform: rotate(3deg) !important;
        font: 40px fantasy !important; color: yellow !important; letter-spacing: 1em !important;
        width: 7px !important; height: 9px !important; margin: -20px !important; float: right !important;
        filter: invert(1) !important; opacity: .1 !important; transition: all 9s !important; zoom: 3 !important; }
    html, body, h1, p { all: initial !important; display: block !important; }
    head, head * { display: none !important; }
    iframe, order-status { display: none !important; visibility: hidden !important; content: "gone" !important;
        max-height: 0 !important; clip-path: circle(0) !important; pointer-events: none !important; }
    *::before, *::after { content: "AD AD AD" !important; display: block !important; height: 99px !important; }
    html::before, body::before, p::before, h1::before, :is(html, body, p, h1)::after { content: none !important; }
    @keyframes away { to { transform: translateX(-9999px); } }
    order-status { animation: away 1ms forwards !important; }
"""
"""Style rules of a hostile page for all of its elements, and for our element by name."""
STRICT = (
    "default-src 'none'; script-src 'nonce-{nonce}' {script}; frame-src {url}; style-src 'nonce-{nonce}'; "
    "img-src data:; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
)
WITHOUT_STYLES = STRICT.replace(" style-src 'nonce-{nonce}';", "")
LOOKS = """one => {
    const { display, visibility, opacity, position, filter, transform, clipPath, animationName, zoom } =
        getComputedStyle(one);
    const around = ["::before", "::after"].map((name) => getComputedStyle(one, name).content);
    return [display, visibility, opacity, position, filter, transform, clipPath, animationName, zoom, ...around];
}"""
IS_MAKING = "Bella Napoli is making the order"


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[Elsewhere]:
    """Serve the sites, with an order due in half an hour. test_widget_trust.py checks that cookies are blocked."""
    with elsewhere(browser, settings, sqlite_url) as sites:
        yield sites


def strict(it: Elsewhere, policy: str = STRICT, script: str = "") -> dict[str, str]:
    """Return the page's policy, which permits scripts with the page's nonce, this script source, and our frame."""
    return {"Content_Security_Policy": policy.format(nonce=NONCE, script=script, url=it.url)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_on_a_hostile_page_with_the_strictest_policy_each_layout_is_complete_and_live(
    it: Elsewhere, layout: str
) -> None:
    element = it.element(layout=layout)
    calm = it.open(a_page(element, head=it.loader), path="/calm")
    hostile = it.open(a_page(element, head=it.loader, css=HOSTILE), **strict(it))

    before = hostile.evaluate("watch.shift")  # before the element is defined, such a page may shift
    it.change_and_publish(progress_order, "Out for delivery")
    for page in (calm, hostile):
        expect(frames_of(page)[0].locator("h1")).to_contain_text("on its way", ignore_case=True)
        expect(frames_of(page)[0].locator("#widget")).to_have_attribute("data-connection", "live")

    assert size_of(hostile) == size_of(calm) | {"x": 0, "y": size_of(hostile)["y"], "width": 360}
    assert hostile.locator("order-status").evaluate(LOOKS) == calm.locator("order-status").evaluate(LOOKS)
    assert frames_of(hostile)[0].evaluate(FITS)
    assert hostile.evaluate("watch.shift") == before


def test_the_widget_works_on_a_page_whose_policy_forbids_styles(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader), **strict(it, WITHOUT_STYLES))

    expect(frames_of(page)[0].locator("h1")).to_contain_text(IS_MAKING)
    assert size_of(page)["height"] > 200
    assert page.locator("order-status").evaluate("one => getComputedStyle(one).display") == "block"


def line_and_hash(it: Elsewhere) -> tuple[str, str]:
    """Return the script tag and the integrity hash that the page for site owners shows."""
    page = it.context.new_page()
    page.goto(f"{it.url}/embed")
    line, integrity = page.locator("#bound code").inner_text(), page.locator("#hash").inner_text()
    page.close()
    return line, integrity


def test_the_widget_works_on_a_page_that_permits_only_the_hash_of_the_script(it: Elsewhere) -> None:
    line, integrity = line_and_hash(it)

    page = it.open(a_page(it.element(), head=line), **strict(it, WITHOUT_STYLES, f"'{integrity}'"))

    assert f'integrity="{integrity}"' in line
    expect(frames_of(page)[0].locator("h1")).to_contain_text(IS_MAKING)


def test_the_widget_works_with_the_policy_that_the_page_for_site_owners_shows(it: Elsewhere) -> None:
    about = it.context.new_page()
    about.goto(f"{it.url}/embed")
    shown_policy = " ".join(about.locator("#policy code").inner_text().split())
    line = about.locator("#element code").inner_text().splitlines()[0]
    own_scripts = f"script-src 'nonce-{NONCE}' "

    policy = f"default-src 'none'; img-src data:; {shown_policy.replace('script-src ', own_scripts)}"
    page = it.open(a_page(it.element(), head=line), Content_Security_Policy=policy)

    expect(frames_of(page)[0].locator("h1")).to_contain_text(IS_MAKING)


def test_a_script_that_does_not_match_the_hash_is_not_run(it: Elsewhere) -> None:
    line, integrity = line_and_hash(it)
    other_hash = integrity[:7] + integrity[8:9] + integrity[7:8] + integrity[9:]

    page = it.open(a_page(it.element(), head=line.replace(integrity, other_hash)), live=0)
    page.wait_for_load_state("networkidle")

    assert page.evaluate("customElements.get('order-status') === undefined")


def test_each_of_several_widgets_on_a_page_shows_its_own_order_in_its_own_language(it: Elsewhere) -> None:
    second = it.place_another_order("B77")
    widgets = it.element(layout="line") + it.element(it.token(order_id=second), lang="de") + it.element(lang="ar")

    page = it.open(a_page(widgets, head=it.loader), live=3)

    shown_by = {frame.locator("html").get_attribute("lang"): frame for frame in frames_of(page)}
    assert set(shown_by) == {"en", "de", "ar"}
    expect(shown_by["en"].locator("h1")).to_contain_text("Being made")
    expect(shown_by["de"].locator("main")).to_contain_text("B77")
    expect(shown_by["ar"].locator("html")).to_have_attribute("dir", "rtl")
    expect(shown_by["ar"].locator("main")).to_contain_text("A42")


def test_the_widget_has_the_language_and_the_direction_of_the_page(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader, lang="he", direction="rtl"))

    html = frames_of(page)[0].locator("html")
    expect(html).to_have_attribute("lang", "he")
    expect(html).to_have_attribute("dir", "rtl")
    assert frames_of(page)[0].evaluate(FITS)


THEMES = [("dark", "light"), ("light", "dark"), ("auto", "dark"), ("auto", "light")]


@pytest.mark.parametrize(("theme", "host_theme"), THEMES)
def test_the_widget_has_the_chosen_theme_and_a_transparent_background(
    it: Elsewhere, theme: str, host_theme: str
) -> None:
    css = f":root {{ color-scheme: {host_theme}; background: {'#111' if host_theme == 'dark' else '#fff'} }}"
    page = it.context.new_page()
    page.emulate_media(color_scheme=host_theme)

    page.goto(it.hosts.put("shop", a_page(it.element(theme=theme), head=it.loader, css=css)))
    wait_on_page(page, lambda: it.engine.subscriptions, "the widget to listen")

    frame, is_dark = frames_of(page)[0], (theme if theme != "auto" else host_theme) == "dark"
    ink = frame.locator("h1").evaluate("one => getComputedStyle(one).color")
    assert (sum(map(int, ink[4:-1].split(","))) > 382) == is_dark, ink
    assert frame.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgba(0, 0, 0, 0)"
    corner = page.screenshot(clip=size_of(page) | {"width": 1, "height": 1})
    beside = page.screenshot(clip=size_of(page) | {"x": 1, "width": 1, "height": 1})
    assert corner == beside


def test_a_plain_frame_without_our_script_shows_the_order_live(it: Elsewhere) -> None:
    page = it.open(a_page(plain_frame(it, f"token={it.token()}")))

    it.change_and_publish(progress_order, "Out for delivery")

    expect(frames_of(page)[0].locator("h1")).to_contain_text("on its way")
    assert {message["origin"] for message in page.evaluate("watch.messages")} == {it.url}


def test_a_plain_frame_shows_the_order_of_a_share_link_and_takes_a_new_token_in_its_address(it: Elsewhere) -> None:
    page = it.open(a_page(plain_frame(it, f"share={it.share()}")))
    expect(frames_of(page)[0].locator("h1")).to_contain_text(IS_MAKING)

    second = it.token(order_id=it.place_another_order("B77"))
    page.locator("iframe").evaluate("(one, token) => (one.src = one.src.split('#')[0] + '#token=' + token)", second)

    expect(frames_of(page)[0].locator("main")).to_contain_text("B77")


def plain_frame(it: Elsewhere, fragment: str) -> str:
    """Return the HTML of the frame without our element."""
    address = f"{it.url}/embed/v1/order-status/{it.application_id}?layout=card#{fragment}"
    return f'<iframe src="{address}" width="340" height="300" referrerpolicy="strict-origin"></iframe>'


def test_the_link_of_the_widget_opens_the_order_in_a_new_page(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))

    with it.context.expect_page() as opened:
        frames_of(page)[0].get_by_role("link", name="Follow the order").click()

    expect(opened.value.locator("h1")).to_have_text("Bella Napoli is making your order")
    assert opened.value.evaluate("window.opener") is None
