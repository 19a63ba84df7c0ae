"""The documents are held to the code: paths they name exist, the map lists every room, renamed words are gone."""

import re
import tokenize
from pathlib import Path

import pytest

from tracker.config import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
NAMED_PATH = re.compile(
    r"`((?:tracker|templates|static|tests|docs|bin|orders|web|live|upstream|accounts)/[\w./-]*\w\.\w+)`"
)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
SPEAK_OF_OLD_TABLES = ("database_of_0004.py", "test_migrations.py", "test_migration_of_typed_events.py")
MADE_UP = "sample_pos"
"""The platform that docs/adding-a-platform.md adds; its files are only there while that document's test runs."""
WRITTEN_WORDS = re.compile(r"`(\w+)`")


def name_of(path: Path) -> str:
    """The path as messages name it."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_and_link_of_a_document_leads_somewhere(document: Path) -> None:
    text = document.read_text()

    paths = [
        path
        for path in NAMED_PATH.findall(text)
        if not ((ROOT / path).exists() or (ROOT / "tracker" / path).exists() or MADE_UP in path)
    ]
    links = [link for link in LINK.findall(text) if not (document.parent / link).exists()]

    assert paths == []
    assert links == []


def test_the_map_of_rooms_lists_every_package_and_module_of_the_top() -> None:
    architecture = (ROOT / "docs/architecture.md").read_text()
    top = [path for path in (ROOT / "tracker").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    web = [path for path in (ROOT / "tracker/web").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    rooms = [f"tracker/{path.name}{'/' if path.is_dir() else ''}" for path in top if path.name != "__init__.py"]
    rooms += [path.name for path in web if path.name != "__init__.py"]

    assert [room for room in rooms if f"`{room}`" not in architecture] == []


def avoided_words() -> dict[str, str]:
    """Return the words of code that the glossary's last column avoids, each with the word that is used for it."""
    rows = [line.strip("|").split("|") for line in (ROOT / "docs/glossary.md").read_text().splitlines()]
    return {word: row[0].strip() for row in rows if len(row) == 3 for word in WRITTEN_WORDS.findall(row[2])}


def identifiers_of(path: Path) -> set[str]:
    """Return the names in a Python module, without its texts and comments."""
    with path.open("rb") as file:
        return {token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.NAME}


def test_no_identifier_has_a_word_that_the_glossary_avoids() -> None:
    avoided = avoided_words()
    modules = [path for room in ("tracker", "tests") for path in (ROOT / room).rglob("*.py")]

    found = [
        f"{name_of(path)}: {name} (say {avoided[word]})"
        for path in modules
        if not {"migrations", *SPEAK_OF_OLD_TABLES} & set(path.parts)
        for name in sorted(identifiers_of(path))
        if not name.startswith("test_")  # they are sentences
        for word in avoided
        if word in (name, name.removesuffix("s")) or f"_{word}_" in f"_{name}_"
    ]

    assert len(avoided) >= 9
    assert found == []


def test_every_test_that_guards_against_a_fault_exists() -> None:
    faults = (ROOT / "docs/faults.md").read_text()
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    named = re.findall(r"`(test_\w+?)(…?)`", faults)
    missing = [name for name, is_cut in named if f"def {name}" + ("" if is_cut else "(") not in tests]

    assert len(named) > 30
    assert missing == []
