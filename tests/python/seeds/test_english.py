"""English texts of the seeds write 22%, Danish ones 22 %: in every seed, whatever is added."""

from __future__ import annotations

import csv
import re

from support.project import PROJECT


def test_an_english_per_cent_sign_stands_close() -> None:
    wrong = []
    for file in sorted((PROJECT / "seeds").rglob("*.csv")):
        with file.open(encoding="utf-8", newline="") as content:
            for line, row in enumerate(csv.DictReader(content), start=2):
                wrong += [
                    f"{file.name}, line {line}, {column}: {text}"
                    for column, text in row.items()
                    if column and column.endswith("_en") and text and re.search(r"\d %", text)
                ]
    assert not wrong, "\n".join(wrong)
