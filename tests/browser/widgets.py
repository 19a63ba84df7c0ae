"""Show the widget of the gallery in one state, layout and language after the other."""

from urllib.parse import urlencode

from playwright.sync_api import Page

TELLING_LANGUAGES = ("en", "de", "ar")
"""The languages of each run: English, the one with the longest words, and one that is written from right to left."""

SWAP = """async (address) => {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address} was answered with ${response.status}.`);
    const theirs = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const { name } of [...document.documentElement.attributes]) document.documentElement.removeAttribute(name);
    for (const { name, value } of theirs.documentElement.attributes) document.documentElement.setAttribute(name, value);
    const sheets = theirs.querySelectorAll("style");
    document.querySelectorAll("style").forEach((one, at) => {
        if (!sheets[at]) one.remove();
        else if (one.textContent !== sheets[at].textContent) one.textContent = sheets[at].textContent;
    });
    document.title = theirs.title;
    document.body.replaceChildren(...theirs.body.childNodes);
}"""


def see(page: Page, state: str, **options: str) -> None:
    """Show the order in this state, with these options of the widget.

    If the page shows the widget already, only the differences are replaced: opening the page anew for each of
    hundreds of cases would take most of the time.
    """
    address = f"/gallery/embed/{state}?{urlencode(options)}"
    if "/gallery/embed/" in page.url:
        page.evaluate(SWAP, address)
    else:
        page.goto(address)
