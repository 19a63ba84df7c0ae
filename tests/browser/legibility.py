"""Check that all text of a widget can be read: no text is cut off, and no text covers another."""

from playwright.sync_api import Frame, Page

SPACED = """
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }
"""
"""The text spacing that a reader may apply to every page, from WCAG 1.4.12."""
TWICE_AS_LARGE = "html { font-size: 200% !important }"
UNREADABLE = """() => {
    const found = [], all = [];
    const texts = document.createTreeWalker(document.getElementById("widget"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const { parentElement: parent, textContent } = texts.currentNode, said = textContent.trim();
        // In a small line the words of the link have no room; all of the line is the link.
        const isLink = parent.matches(".line .foot a") && !parent.clientWidth;
        if (!said || isLink || parent.closest(".unseen, noscript") || !parent.checkVisibility()) continue;
        const range = document.createRange(), edges = [[0, 0, innerWidth, Infinity]];
        range.selectNodeContents(texts.currentNode);
        for (let one = parent; one.id !== "widget"; one = one.parentElement) {
            const { left, top, right, bottom } = one.getBoundingClientRect();
            const cuts = getComputedStyle(one).overflow !== "visible" || one.id === "status";
            if (cuts) edges.push([left, top, right, bottom]);
        }
        const boxes = [...range.getClientRects()].filter((one) => one.width);
        const isIn = ({ left, right, top, bottom, height }) => edges.every(([l, t, r, b]) =>
            left > l - 1 && right < r + 1 && top > t - height / 4 && bottom < b + height / 4);
        if (!boxes.every(isIn)) found.push(`cut: ${said}`);
        for (const box of boxes) {
            const isOver = ([other]) => Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1
                && Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > box.height * .4;
            found.push(...all.filter(isOver).map(([, other]) => `over each other: ${said} / ${other}`));
        }
        all.push(...boxes.map((box) => [box, said]));
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push("it can be moved sideways");
    return found;
}"""
HEIGHT = "document.getElementById('widget').getBoundingClientRect().height"


def unreadable(page: Page | Frame) -> list[str]:
    """Return each text of a widget that cannot be read, with the reason."""
    return list(page.evaluate(UNREADABLE))


def height(page: Page | Frame) -> float:
    """Return the height of the widget in CSS pixels."""
    return float(page.evaluate(HEIGHT))
