"""The README agrees with the code."""

from pydantic import SecretStr

from tracker.cli import MODULES
from tracker.config import ROOT, Settings

README = (ROOT / "README.md").read_text()


def settings_table() -> str:
    """Return the table of settings that the README must contain."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown_default = "needed" if field.is_required() else f"`{default}`" if default not in ("", (), None) else ""
        shown_default = "`var` of the checkout" if name == "data_dir" else shown_default
        rows.append(f"| `TRACKER_{name.upper()}` | {shown_default} | {field.description} |")
    return "\n".join(rows)


def test_the_readme_lists_every_setting_as_it_is() -> None:
    listed = README.split("<!-- settings -->\n")[1].split("\n<!-- /settings -->")[0]

    assert listed == settings_table()


def test_the_readme_names_only_commands_that_exist() -> None:
    words = [
        line.split("bin/tracker ")[1].split()[0].strip("`.,)") for line in README.splitlines() if "bin/tracker " in line
    ]

    assert words
    assert set(words) <= set(MODULES)


def test_every_picture_of_the_readme_exists() -> None:
    pictures = [part.split('"')[0] for part in README.split('<img src="')[1:]]

    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
