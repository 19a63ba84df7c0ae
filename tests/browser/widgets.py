"""The widget as the gallery shows it, in one state, layout and language after the other."""

from urllib.parse import urlencode

from playwright.sync_api import Page

TELLING_LANGUAGES = ("en", "de", "ar")
"""The languages of each run: the first one, the one with the longest words, and one that is read from the right."""

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


def see(page: Page, state: str, **wish: str) -> None:
    """Look at the order in this state. What is another than in the look before is put into its place: among hundreds of
    looks, opening each anew would take most of the time."""
    address = f"/gallery/embed/{state}?{urlencode(wish)}"
    if "/gallery/embed/" in page.url:
        page.evaluate(SWAP, address)
    else:
        page.goto(address)
