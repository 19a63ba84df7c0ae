"""Rules of this project that no linter checks."""

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
    "_keep.html": "it is part of the sign-in forms, which anybody can open without the gallery",
}
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
LARGEST_MODULE = 250
LARGEST_FUNCTION = 40
MODULES = [path for room in ("tracker", "tests") for path in sorted((ROOT / room).rglob("*.py"))]
LARGER = {
    "tracker/migrations/versions/0002_orders.py _orders": "it lists the columns of a table, and never changes",
    "tracker/migrations/versions/0002_orders.py _order_events": "it lists the columns of a table, and never changes",
}
LISTS_OF_STORIES = {
    *(
        "tests/demo/test_runner.py",
        "tests/accounts/test_mail_queue.py",
        "tests/browser/test_order_page.py",
        "tests/engine/test_publishing.py",
    ),
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
"""Files of tests that may be longer than a module: each consists of many short tests that can be read one by one."""
LARGEST_OWN_SCRIPTS = {"of one page": 500, "in all": 880}
"""The largest permitted numbers of lines of code, without comments and empty lines. The scripts of a page are all that
it loads, also by the templates that it extends, includes or imports. The console loads most."""
LARGEST_STYLE_SHEETS = {"site.css": 16_000, "console.css": 8_000, "embed.css": 12_000, "instructions.css": 4_000}


def name_of(path: Path) -> str:
    """Return the path of the template below templates/, for messages."""
    return path.relative_to(ROOT / "templates").as_posix()


def without_jinja(text: str) -> str:
    """Return the text of a template without its Jinja tags, so that only HTML remains."""
    return re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)


class Roots(HTMLParser):
    """Collects the ids of the elements that are not inside another element."""

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


def test_a_partial_template_has_one_root_with_its_name_as_id() -> None:
    assert PARTS
    for path in PARTS:
        roots = Roots()

        roots.feed(without_jinja(path.read_text()))

        assert (roots.ids, roots.depth) == ([path.stem.removeprefix("_")], 0), name_of(path)


def test_a_template_marks_nothing_as_safe_and_has_no_style_or_script_in_its_tags() -> None:
    assert TEMPLATES
    for path in TEMPLATES:
        text, name = path.read_text(), name_of(path)

        assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", text), name
        assert not re.search(r"<[^>]*\s(style|on[a-z]+|hx-on[^=]*|hx-vals)\s*=", without_jinja(text)), name
        assert not re.search(r"<[^>]*(javascript:|\bjs:)", text), name
        for tag in re.findall(r"<(?:script|style)\b[^>]*>", text):
            assert 'nonce="{{ csp_nonce() }}"' in tag, name


def test_every_partial_template_is_shown_in_the_gallery(settings: Settings) -> None:
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
    """Return our own scripts that a page loads, including those of the templates that it extends or includes."""
    text = template.read_text()
    others = re.findall(r'{% (?:extends|include|import|from) "([^"]+)"', text)
    named = set(re.findall(r"\bjs/([\w-]+\.js)", text))
    return named.union(*(scripts_of(ROOT / "templates" / other) for other in others))


def lines_of_code(script: str) -> int:
    """Return how many lines of a script are neither empty nor only a comment."""
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


def test_only_the_clock_module_reads_the_time() -> None:
    clock_access = re.compile(r"datetime\.(now|today|utcnow)\(|date\.today\(")

    readers = [path for path in (ROOT / "tracker").rglob("*.py") if clock_access.search(path.read_text())]

    assert readers == [ROOT / "tracker/clock.py"]


def test_the_worker_calls_every_function_that_deletes_old_data() -> None:
    texts = [path.read_text() for path in (ROOT / "tracker").rglob("*.py")]
    deleting_functions = {name for text in texts for name in re.findall(r"^def (delete_old_\w+)", text, re.M)}

    called_functions = set(
        re.findall(r"^            (delete_old_\w+)\(session", (ROOT / "tracker/worker.py").read_text(), re.M)
    )

    assert len(called_functions) >= 5
    assert called_functions == deleting_functions


def lines_of_functions(path: Path) -> dict[str, int]:
    """Return the number of lines of each function of a module, by the module's path and the function's name."""
    module, functions = ast.parse(path.read_text()), (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        f"{path.relative_to(ROOT)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(module)
        if isinstance(node, functions)
    }


def test_no_module_is_larger_than_250_lines() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}

    larger = {path for path, count in lines.items() if count > LARGEST_MODULE}

    assert larger <= LISTS_OF_STORIES


def test_no_function_is_larger_than_40_lines() -> None:
    larger = {name for path in MODULES for name, lines in lines_of_functions(path).items() if lines > LARGEST_FUNCTION}

    assert larger == set(LARGER)
