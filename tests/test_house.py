"""House rules that no tool knows."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

from tracker.application import create_app
from tracker.config import ROOT, Settings
from tracker.database import Database
from tracker.samples.evening import STATES as CONSOLE_STATES
from tracker.samples.platform_orders import STATES
from tracker.web.dev.gallery_console import FORMS
from tracker.web.dev.gallery_console import PAGES as CONSOLE_PAGES
from tracker.web.dev.gallery_shared import PAGES as SHARED_PAGES

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PARTS = [path for path in TEMPLATES if path.name.startswith("_")]
NOT_OF_THE_GALLERY = {
    "_keep.html": "it is part of the sign-in forms, which need no gallery: they can be opened by everybody",
}
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
LARGEST_MODULE = 250
LARGEST_FUNCTION = 40
MODULES = [path for room in ("tracker", "tests") for path in sorted((ROOT / room).rglob("*.py"))]
LARGER = {
    "tracker/migrations/versions/0002_orders.py _orders": "it is the columns of a table, one a line, and never changes",
    "tracker/migrations/versions/0002_orders.py _order_events": "the same",
}
LISTS_OF_STORIES = {
    *("tests/accounts/test_mail_queue.py", "tests/browser/test_order_page.py", "tests/engine/test_publishing.py"),
    *("tests/engine/test_fast_path.py", "tests/live/test_outbox.py", "tests/orders/operations/test_by_platform.py"),
    *("tests/processes/test_commands.py", "tests/stories/test_third_party_clients.py", "tests/test_database.py"),
    *(
        "tests/web/customer/test_pages.py",
        "tests/web/pusher_auth/test_pusher_auth.py",
        "tests/web/http/test_security.py",
    ),
    *("tests/web/session/test_sign_in.py", "tests/web/test_webhooks.py", "tests/web/session/test_sign_in_tickets.py"),
    *("tests/web/api/test_tokens.py", "tests/orders/operations/test_share_links.py"),
}
"""Files of tests that are longer than a module may be: many short stories of one thing, each to be read by itself."""
LARGEST_OWN_SCRIPTS = {"of one page": 500, "in all": 880}
"""Most lines of code, without comments and empty lines. A page's are all that it loads, also by the templates from
which it takes something; most of all has the console."""
LARGEST_STYLE_SHEETS = {"site.css": 16_000, "console.css": 8_000, "embed.css": 12_000, "instructions.css": 4_000}


def name_of(path: Path) -> str:
    """The template as messages name it."""
    return path.relative_to(ROOT / "templates").as_posix()


def without_jinja(text: str) -> str:
    """Only the HTML."""
    return re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)


class Roots(HTMLParser):
    """Collects the ids of the elements that are in no other."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.ids: list[str | None] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if not self.depth:
            self.ids.append(dict(attributes).get("id"))
        self.depth += tag not in VOID

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1


def test_a_part_has_one_root_whose_id_is_its_name() -> None:
    assert PARTS
    for path in PARTS:
        roots = Roots()

        roots.feed(without_jinja(path.read_text()))

        assert (roots.ids, roots.depth) == ([path.stem.removeprefix("_")], 0), name_of(path)


def test_a_template_never_calls_anything_safe_and_has_no_style_or_script_in_its_tags() -> None:
    assert TEMPLATES
    for path in TEMPLATES:
        text, name = path.read_text(), name_of(path)

        assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", text), name
        assert not re.search(r"<[^>]*\s(style|on[a-z]+|hx-on[^=]*|hx-vals)\s*=", without_jinja(text)), name
        assert not re.search(r"<[^>]*(javascript:|\bjs:)", text), name
        for tag in re.findall(r"<(?:script|style)\b[^>]*>", text):
            assert 'nonce="{{ csp_nonce() }}"' in tag, name


def test_every_part_is_to_be_seen_in_the_gallery(settings: Settings) -> None:
    client = create_app(settings, Database(settings.database)).test_client()
    pages = [f"/gallery/order/{state}" for state in STATES] + ["/gallery/orders"]
    pages += [f"/gallery{path}" for path in (*SHARED_PAGES, "/shared/confirmed")]
    pages += [f"/gallery/console{path}" for path in CONSOLE_PAGES]
    pages += [f"/gallery/console/order/{state}" for state in CONSOLE_STATES]
    pages += [f"/gallery/console/{form}/placed" for form in FORMS]
    pages += [f"/gallery/embed/{state}?layout=full" for state in STATES]
    seen = "".join(client.get(page).text for page in pages)

    missing = {part.name for part in PARTS if f'id="{part.stem.removeprefix("_")}"' not in seen}

    assert missing == set(NOT_OF_THE_GALLERY)


def scripts_of(template: Path) -> set[str]:
    """The scripts of our own that a page loads, also those that are named where it takes something from."""
    text = template.read_text()
    others = re.findall(r'{% (?:extends|include|import|from) "([^"]+)"', text)
    named = set(re.findall(r"\bjs/([\w-]+\.js)", text))
    return named.union(*(scripts_of(ROOT / "templates" / other) for other in others))


def lines_of_code(script: str) -> int:
    """How many lines of a script are neither empty nor only a comment."""
    without_blocks = re.sub(r"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*$", "", script, flags=re.M | re.S)
    return sum(not re.match(r"\s*(//|$)", line) for line in without_blocks.splitlines())


def test_our_own_scripts_and_style_stay_small() -> None:
    lines = {path.name: lines_of_code(path.read_text()) for path in (ROOT / "static/js").glob("*.js")}
    sheets = {path.name: path.stat().st_size for path in (ROOT / "static/css").glob("*.css")}

    pages = [sum(lines[script] for script in scripts_of(path)) for path in TEMPLATES]

    assert max(pages) <= LARGEST_OWN_SCRIPTS["of one page"]
    assert sum(lines.values()) <= LARGEST_OWN_SCRIPTS["in all"]
    assert [name for name, size in sheets.items() if size > LARGEST_STYLE_SHEETS[name]] == []


def test_our_own_scripts_turn_no_text_into_code_or_markup() -> None:
    forbidden = r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|setTimeout\(\s*[\"'`]"

    for script in (ROOT / "static/js").glob("*.js"):
        assert not re.search(forbidden, script.read_text()), script.name


def test_only_the_clock_asks_what_time_it_is() -> None:
    asked = re.compile(r"datetime\.(now|today|utcnow)\(|date\.today\(")

    guilty = [path for path in (ROOT / "tracker").rglob("*.py") if asked.search(path.read_text())]

    assert guilty == [ROOT / "tracker/clock.py"]


def test_whatever_there_is_to_forget_is_forgotten_by_the_worker() -> None:
    texts = [path.read_text() for path in (ROOT / "tracker").rglob("*.py")]
    forgetting = {name for text in texts for name in re.findall(r"^def (delete_old_\w+)", text, re.M)}

    done = set(re.findall(r"^            (delete_old_\w+)\(session", (ROOT / "tracker/worker.py").read_text(), re.M))

    assert len(done) >= 5
    assert done == forgetting


def lines_of_functions(path: Path) -> dict[str, int]:
    """How many lines each function of a module has, by the module's path and its name."""
    module, functions = ast.parse(path.read_text()), (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        f"{path.relative_to(ROOT)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(module)
        if isinstance(node, functions)
    }


def test_no_module_is_larger_than_one_can_keep_in_mind() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}

    larger = {path for path, count in lines.items() if count > LARGEST_MODULE}

    assert larger <= LISTS_OF_STORIES


def test_no_function_is_larger_than_a_screen_but_those_that_are_known() -> None:
    larger = {name for path in MODULES for name, lines in lines_of_functions(path).items() if lines > LARGEST_FUNCTION}

    assert larger == set(LARGER)
