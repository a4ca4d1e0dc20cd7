"""Seeds with a fault: rows of a copy changed, and the message that the check gives."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from smv_ai.errors import BadInputError
from smv_ai.seeds.check import check_seeds

FIGURES = "published/published_ti_2025.csv"


def edit(path: Path, change: Callable[[list[dict[str, str]]], None]) -> None:
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def message_of(seeds: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        check_seeds(seeds)
    assert caught.value.exit_code == 2
    return str(caught.value)
