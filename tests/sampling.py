"""Choose the sample of many similar parameters that `bin/test` runs; `bin/test --all` runs all of them."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def sampled(values: Iterable[Any], usual: Collection[Any], mark: pytest.MarkDecorator) -> list[Any]:
    """Return parameters for all values; those that are not in `usual` get the mark.

    Raises ValueError if a usual value is not among the values, because a misspelt one would silently never run.
    """
    all_values = list(values)
    if unknown := [value for value in usual if value not in all_values]:
        raise ValueError(f"These usual values are not among the values: {unknown}")
    return [value if value in usual else pytest.param(*_arguments(value), marks=mark) for value in all_values]


def _arguments(value: Any) -> tuple[Any, ...]:
    """Return the value as the arguments of one set of parameters: a tuple is a set of several."""
    return value if isinstance(value, tuple) else (value,)
