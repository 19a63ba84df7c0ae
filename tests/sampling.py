"""Which of many alike values each run of the tests takes; `bin/test --all` takes them all."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def sampled(values: Iterable[Any], usual: Collection[Any], mark: pytest.MarkDecorator) -> list[Any]:
    """Return parameters for all values, of which those that are not usual have the mark.

    Raises ValueError if there is no such usual value: else a misspelt one would silently leave the sample.
    """
    every = list(values)
    if unknown := [value for value in usual if value not in every]:
        raise ValueError(f"These are none of the values: {unknown}")
    return [value if value in usual else pytest.param(value, marks=mark) for value in every]
