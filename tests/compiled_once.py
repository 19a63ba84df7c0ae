"""What comes out the same for every application that a test makes is made once in each process.

Some thousand tests make an application each. Most of what one costs is that Werkzeug writes and compiles two functions
for each of its rules, and Jinja each of its templates: from the same text, with the same result.
"""

from types import CodeType
from typing import Any

from jinja2 import Environment
from werkzeug.routing import Rule


def make_once() -> None:
    """Have both remember what they have made."""
    _remember_builders()
    _remember_templates()


def _remember_builders() -> None:
    make, made = Rule._compile_builder, {}

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        converters = tuple(sorted((name, type(one).__qualname__) for name, one in rule._converters.items()))
        key = (rule.rule, str(rule.defaults), converters, append_unknown)
        if key not in made:
            made[key] = make(rule, append_unknown)
        return made[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]


def _remember_templates() -> None:
    make, made = Environment.compile, {}

    def remembered(environment: Environment, source: Any, name: Any = None, filename: Any = None, **more: Any) -> Any:
        if more or not isinstance(source, str):
            return make(environment, source, name, filename, **more)
        known = (tuple(sorted(environment.filters)), tuple(sorted(environment.tests)), environment.undefined)
        key = (source, name, filename, known)
        if key not in made:
            made[key] = make(environment, source, name, filename)
        code: CodeType = made[key]
        return code

    Environment.compile = remembered  # type: ignore[method-assign]
