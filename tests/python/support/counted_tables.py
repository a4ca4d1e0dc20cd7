"""Surveys at random, the numbers of firms that the SQL of the suppressions shows of them, and what follows from these.

The models run as they stand in the project, on the small relations that they read: no dbt, milliseconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import duckdb
import jinja2
import numpy as np
import pandas as pd
import yaml
from scipy.optimize import linprog
from support.project import PROJECT

MODELS = (
    "int_disclosure_cells", "int_suppressions_one_way", "int_suppressions_crossed", "int_suppressions_by_measure",
    "int_response_rates_protected",
)  # fmt: skip
THRESHOLD = 5
COLUMNS = ("sector", "size", "area", "age")
TABLES = ("", "sector", "size", "area", "sector;size", "sector;area", "size;area", "sector;size;area")
# by what the sample was drawn; none of the columns: strata of the register, which no table shows
STRATA = (("size",), ("sector",), ("size", "area"), ("sector", "size"), ("sector", "size", "area"), ())
RATES = [f"{start}response_rate_{number}" for start in ("", "weighted_") for number in range(1, 5)]


@cache
def model_sql(model: str) -> str:
    """The SQL of a model with the names of the models that it reads as they are."""
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    text = (PROJECT / "models" / "intermediate" / "estimation" / f"{model}.sql").read_text(encoding="utf-8")
    return jinja2.Environment(autoescape=False).from_string(text).render(
        ref=lambda name: name, var=variables.__getitem__, disclosure_threshold=lambda: f"greatest(3, {THRESHOLD})"
    )  # fmt: skip


@dataclass
class Survey:
    """A survey at random: the relations that the models read, and the firms behind them by pattern.

    patterns: stratum, sector, size, area and, where there is one, age, by number; firms: of each measure, how many by
    pattern.
    """

    patterns: np.ndarray
    strata: int
    firms: dict[str, np.ndarray]
    relations: dict[str, pd.DataFrame] = field(default_factory=dict)

    def answered(self) -> np.ndarray:
        """How many firms of each stratum answered."""
        return np.bincount(self.patterns[:, 0], self.firms["firms"], self.strata).astype(int)

    def inside(self, columns: Iterable[str], categories: Iterable[str]) -> np.ndarray:
        """Which patterns belong to a group of a table."""
        found = np.ones(len(self.patterns), dtype=bool)
        for column, category in zip(columns, categories, strict=True):
            found &= self.patterns[:, 1 + COLUMNS.index(column)] == int(category)
        return found


def random_survey(seed: int, *, is_unruly: bool = False) -> Survey:
    """Some 15 to 600 firms in up to seven tables, drawn by strata of some kind; two amounts that few firms make up.

    `is_unruly`: the strata are cells of all columns thrown together.
    """
    random = np.random.default_rng(seed)
    levels = [int(random.integers(*ends)) for ends in ((2, 7), (2, 4), (2, 4))]
    drawn_by = STRATA[random.integers(len(STRATA))]
    combinations = np.array(list(itertools.product(*(range(level) for level in levels))))
    if drawn_by:
        places = [COLUMNS.index(column) for column in drawn_by]
        stratum = np.unique(combinations[:, places], axis=0, return_inverse=True)[1].ravel()
        patterns = np.column_stack([stratum, combinations])
    else:
        patterns = np.array([(h, *row) for h in range(random.integers(2, 5)) for row in combinations])
    if is_unruly:
        thrown = random.integers(0, 4, len(combinations))
        patterns = np.column_stack([np.unique(thrown, return_inverse=True)[1], combinations])
    evenness, number = random.choice([0.4, 1.5]), int(np.exp(random.uniform(np.log(15), np.log(600))))
    shares = np.ones(len(patterns))
    for at, level in enumerate(levels):
        shares = shares * random.dirichlet(np.full(level, evenness))[patterns[:, 1 + at]]
    everybody = random.poisson(number * shares / shares.sum())
    asked = random.binomial(everybody, random.choice([0.6, 0.9, 0.98]))
    tables = [TABLES[0], *random.permutation(TABLES[1:])[: random.integers(2, 7)]]
    survey = Survey(
        patterns, int(patterns[:, 0].max()) + 1,
        {"firms": everybody, "sales": everybody, "item": asked, "staff": asked},
    )  # fmt: skip
    survey.relations = _relations(survey, tables, random)
    return survey


def tabled_survey(
    firms: list, tables: Iterable[str], strata: list | None = None, dominated: str | None = None
) -> Survey:
    """A survey of so many firms by sector, size, area and age, all in all measures.

    `firms` has a level for each of the first columns, and `strata` is the stratum of each number of it, or of each
    along its last columns; it is the size where nothing is said. `dominated`: the one sector with a dominated amount.
    """
    numbers = np.array(firms)
    places = np.argwhere(np.ones_like(numbers))
    drawn = places[:, 1] if strata is None else np.broadcast_to(strata, numbers.shape).ravel()
    columns = np.zeros((len(places), len(COLUMNS)), dtype=int)
    columns[:, : numbers.ndim] = places
    survey = Survey(
        np.column_stack([drawn, columns]), int(drawn.max()) + 1,
        dict.fromkeys(("firms", "sales", "item", "staff"), numbers.ravel()),
    )  # fmt: skip
    survey.relations = _relations(survey, ["", *tables], np.random.default_rng(1))
    estimates = survey.relations["int_estimates"]
    is_dominated = (estimates["breakdown_id"] == "sector") & (estimates["segment"] == dominated)
    estimates["two_largest_share"] = np.where(is_dominated & estimates["is_amount"], 0.9, 0.1)
    return survey


def _relations(survey: Survey, tables: list[str], random: np.random.Generator) -> dict[str, pd.DataFrame]:
    estimates, segments = [], []
    amounts = {
        measure: [np.sort(random.lognormal(3, 1.3, number))[::-1] for number in survey.firms[measure]]
        for measure in ("sales", "staff")
    }
    groups = [
        (table, [column for column in table.split(";") if column], group)
        for table in tables
        for group in sorted({tuple(map(str, row)) for row in survey.patterns[:, [
            1 + COLUMNS.index(column) for column in table.split(";") if column
        ]]})
    ]  # fmt: skip
    for segment, (table, columns, group) in enumerate(groups):
        inside = survey.inside(columns, group)
        there = inside & (survey.firms["firms"] > 0)
        segments += [
            {
                "design_id": "d",
                "breakdown_id": table or "total",
                "segment_number": segment,
                "design_cell": int(cell),
                "column_names": columns,
                "categories": list(group),
            }
            for cell in np.flatnonzero(there)
        ]
        for number, (measure, firms) in enumerate(survey.firms.items()):
            if not firms[inside].sum():
                continue
            values = (
                np.sort(np.concatenate([amounts[measure][at] for at in np.flatnonzero(inside)]))[::-1]
                if measure in amounts
                else np.array([1.0])
            )
            estimates.append({
                "estimate_number": number * 1_000_000_000 + segment, "design_id": "d", "measure_id": measure,
                "breakdown_id": table or "total", "column_names": columns, "categories": list(group),
                "segment": "|".join(group), "is_change": False, "is_amount": measure in amounts,
                "two_largest_share": values[:2].sum() / values.sum(), "smallest_respondents": int(firms[inside].sum()),
                "segment_unit_count": 10**6,
            })  # fmt: skip
    answered = survey.answered()
    here = np.flatnonzero(survey.firms["firms"])
    return {
        "int_estimates": pd.DataFrame(estimates),
        "int_design_segments": pd.DataFrame(segments),
        "int_design_cells": pd.DataFrame({
            "design_id": "d", "design_cell": here, "respondents": survey.firms["firms"][here],
            "stratum_key": [f"w|stratum {number:02d}" for number in survey.patterns[here, 0]],
        }),
        "stg_responses__estimation_designs": pd.DataFrame(
            {"design_id": ["d"], "survey_wave_id": ["w"], "change_column": pd.Series([None], dtype="str")}
        ),
        "stg_responses__response_rates": rates_of(answered, random.integers(1, 4, survey.strata) * answered),
        "int_disclosure_bases": pd.DataFrame(
            {"design_id": ["none"], "measure_id": "none", "dependent_id": "none", "is_wider": True}
        ),
        "int_disclosure_rarest_answers": pd.DataFrame({"estimate_number": [-1], "rarest_answer_count": 0.0}),
    }  # fmt: skip


def rates_of(answered: np.ndarray, sampled: np.ndarray) -> pd.DataFrame:
    """Rows of response rates by stratum, and of all, of a wave w."""
    rows = [(f"stratum {number:02d}", *counts) for number, counts in enumerate(zip(answered, sampled, strict=True))]
    return pd.DataFrame([
        {
            "survey_id": "s", "survey_wave_id": "w", "is_total": stratum == "total", "source_file": "f",
            "stratum_id": None if stratum == "total" else stratum, "stratum_population_size": 900.0,
            "sampled_count": int(asked), "complete_count": int(count), "partial_count": 0, "eligible_share": 1.0,
            **dict.fromkeys(RATES, 50.0),
        }
        for stratum, count, asked in [*rows, ("total", answered.sum(), sampled.sum())]
    ])  # fmt: skip


def released(
    survey: Survey, switched: Mapping[str, str] | None = None, *, with_rates: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells with the reason why each is hidden, and the protected rates; `switched`: other SQL of models."""
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        for name, relation in survey.relations.items():
            connection.register(name, relation)
        for model in MODELS if with_rates else MODELS[:-1]:
            connection.execute(f"create temp table {model} as {(switched or {}).get(model, model_sql(model))}")
        cells = connection.execute("""
            select cells.*, cells.estimate_number % 1000000000 as segment_number, suppressed.suppression_reason,
                truth.is_amount and truth.two_largest_share > 0.85 as is_dominated_truly
            from int_disclosure_cells as cells
            inner join int_estimates as truth using (estimate_number)
            left join int_suppressions_by_measure as suppressed using (estimate_number) order by all
        """).df()
        rates = connection.execute(f"from {MODELS[-1]} order by is_total, stratum_id").df() if with_rates else None
    return cells, pd.DataFrame() if rates is None else rates


def too_narrow(survey: Survey, cells: pd.DataFrame, rates: pd.DataFrame) -> list[tuple]:
    """Numbers of firms of sensitive cells and strata that all that is shown bounds within less than the threshold.

    A group that no row is about has no firms. Measures on the same firms tell of each other; of a measure that not all
    answered, the attacker knows that in no cell more did than answered at all.
    """

    def inside(row: Any) -> np.ndarray:
        return survey.inside(row.column_names, row.categories)

    found = []
    for measures in (("firms", "sales"), ("item", "staff")):
        own = cells[cells["measure_id"].isin(measures)]
        shown = own[own["suppression_reason"].isna()].drop_duplicates("segment_number")
        hidden = own[own["suppression_reason"].notna() & own["is_sensitive"]].drop_duplicates("segment_number")
        program = _Program(survey, is_everybody=measures[0] == "firms", is_absent=_absent(survey, own))
        for row in shown.itertuples():
            program.equal(inside(row), row.firm_count)
        for row in rates.itertuples():
            if not row.is_withheld:
                program.answered(_stratum(survey, row.stratum_id), row.answered_count)
        wanted = [
            (f"{measures[0]} {row.breakdown_id} {row.categories}", inside(row), row.firm_count)
            for row in hidden.itertuples()
        ]
        if program.is_everybody and len(rates):
            answered = survey.answered()
            wanted += [
                (_name(at), _stratum(survey, _name(at)), answered[at])
                for at in np.flatnonzero((answered > 0) & (answered < THRESHOLD))
            ]
        for name, where, truth in wanted:
            least, most = program.bounds(where)
            assert least - 1e-6 <= truth <= most + 1e-6, name
            if most - least < THRESHOLD - 1e-6:
                found.append((name, truth, round(least, 3), round(most, 3)))
    return found


def _name(stratum: int) -> str:
    return f"stratum {stratum:02d}"


def _stratum(survey: Survey, name: str | None) -> np.ndarray:
    if name is None or name != name:  # the whole sample
        return np.ones(len(survey.patterns), dtype=bool)
    return survey.patterns[:, 0] == int(name[-2:])


def _absent(survey: Survey, cells: pd.DataFrame) -> np.ndarray:
    """The patterns that a table has no row of."""
    absent = np.zeros(len(survey.patterns), dtype=bool)
    for _, table in cells.drop_duplicates("segment_number").groupby("breakdown_id"):
        if len(table["column_names"].iloc[0]) > 1 and table["suppression_reason"].notna().all():
            continue  # no row of it is released
        absent |= ~np.any([survey.inside(row.column_names, row.categories) for row in table.itertuples()], axis=0)
    return absent


class _Program:
    """Firms by pattern, as many as answered and as many as are in a measure, and what is known of their sums.

    `is_absent`: the patterns of which nobody is in the measure.
    """

    def __init__(self, survey: Survey, *, is_everybody: bool, is_absent: np.ndarray) -> None:
        self.count, self.is_everybody, self.is_absent = len(survey.patterns), is_everybody, is_absent
        self.rows: list[np.ndarray] = []
        self.sums: list[float] = []

    def _row(self, inside: np.ndarray, *, of_measure: bool) -> np.ndarray:
        row = np.zeros(self.count * (1 if self.is_everybody else 2))
        start = 0 if self.is_everybody or of_measure else self.count
        row[start : start + self.count] = inside
        return row

    def equal(self, inside: np.ndarray, number: float) -> None:
        """So many firms of the measure are in these patterns."""
        self.rows.append(self._row(inside, of_measure=True))
        self.sums.append(number)

    def answered(self, inside: np.ndarray, number: float) -> None:
        """So many firms with these patterns answered."""
        self.rows.append(self._row(inside, of_measure=False))
        self.sums.append(number)

    def bounds(self, inside: np.ndarray) -> tuple[float, float]:
        """The least and the most firms of the measure that may be in these patterns."""
        known = {"A_eq": np.array(self.rows), "b_eq": self.sums} if self.rows else {}
        if not self.is_everybody:
            known |= {"A_ub": np.hstack([np.eye(self.count), -np.eye(self.count)]), "b_ub": np.zeros(self.count)}
        most = np.where(self.is_absent, 0.0, np.inf)
        most = most if self.is_everybody else np.concatenate([most, np.full(self.count, np.inf)])
        limits, ends = np.column_stack([np.zeros(len(most)), most]), []
        for side in (1.0, -1.0):
            result = linprog(side * self._row(inside, of_measure=True), **known, bounds=limits)
            ends.append(side * result.fun if result.status == 0 else side * -np.inf)
        return ends[0], ends[1]


def shown_openly(cells: pd.DataFrame, rates: pd.DataFrame) -> list[tuple]:
    """What is shown though its own rule hides it, and what one of two measures on the same firms hides alone."""
    is_shown = cells["suppression_reason"].isna()
    wrong = cells[is_shown & ((cells["firm_count"] < THRESHOLD) | cells["is_dominated_truly"])]
    found = [(row.measure_id, row.breakdown_id, row.categories) for row in wrong.itertuples()]
    for first, other in (("firms", "sales"), ("item", "staff")):
        hidden = [set(cells[~is_shown & (cells["measure_id"] == name)]["segment_number"]) for name in (first, other)]
        found += [(first, other, segment) for segment in sorted(hidden[0] ^ hidden[1])]
    if len(rates):
        few = rates[~rates["is_withheld"] & (rates[["sampled_count", "answered_count"]].min(axis=1) < THRESHOLD)]
        found += [("rates", row.stratum_id) for row in few.itertuples()]
        total = rates[rates["is_total"]]
        if rates["is_withheld"].any() and total["weighted_response_rate_1"].notna().any():
            found += [("rates", "weighted rates of a whole with hidden strata")]
    return found
