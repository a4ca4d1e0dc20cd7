"""Read a folder of estimation cases; the format is described in tests/golden/README.md."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Case:
    """One case: what to estimate (`spec`, as in cases.jsonl) and the folder that its paths are relative to."""

    folder: Path
    spec: dict[str, Any]

    @property
    def case_id(self) -> str:
        """Name of the case, unique in its folder."""
        return self.spec["case_id"]

    @property
    def tolerance(self) -> float:
        """Relative tolerance of the case."""
        return DEFAULT_TOLERANCE if self.spec.get("tolerance") is None else float(self.spec["tolerance"])

    def get(self, field: str) -> Any:
        """The field of the case, or None where it is missing or null."""
        return self.spec.get(field)

    def sample_key(self) -> str:
        """Cases with the same key analyse the same rows with the same design columns: they share a response file."""
        fields = ["data", "where", "stratum", "psu", "weight", "population_size"]
        key = {field: self.get(field) for field in fields}
        # cells of these are respondents, weights other weights: their samples are not shared
        key |= {field: self.get(field) for field in ("trim", "replicates") if self.get(field)}
        if (self.get("calibration") or {}).get("totals"):
            key["totals"] = self.get("calibration")
        key["key"] = self.get("key") if self.get("statistic") == "weights" else None
        return json.dumps(key, sort_keys=True)

    def expected(self) -> dict[tuple[str, str, str, str], float]:
        """Expected values by (variable, level, segment, stat)."""
        with (self.folder / self.spec["expected"]).open(encoding="utf-8", newline="") as file:
            return {
                (row["variable"], row["level"], row["segment"], row["stat"]): float(row["value"])
                for row in csv.DictReader(file)
            }


SETS = ("cases.jsonl", "cases_v2.jsonl")


def read_cases(folder: Path) -> list[Case]:
    """All cases of the sets in a folder, in their order. Raises FileNotFoundError where it has neither set."""
    files = [folder / name for name in SETS if (folder / name).exists()]
    if not files:
        raise FileNotFoundError(f"{folder} has neither {' nor '.join(SETS)}")
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [Case(folder, json.loads(line)) for line in lines if line.strip()]
