"""Inputs that once gave a wrong figure without a word: refused with all that helps, or read exactly.

All refusals are of one build, all figures of another.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from support.estimation_project import MEASURE, build, plain_catalogue, respondents, write_wave

from smv_ai.errors import BuildError

PLAIN = respondents({"a": 20, "b": 20})
ISLANDS = "Fyn og småøerne"
APART = unicodedata.normalize("NFD", ISLANDS)
RAKED = {"calibration_method": "raking", "residual_weights": "base"}


def changed(column: str, values: dict[int, object]) -> list[dict]:
    """Respondents with other values of a column at some places; the others keep theirs."""
    return [row | ({column: values[place]} if place in values else {}) for place, row in enumerate(PLAIN)]


def everybody(**columns: object) -> list[dict]:
    """Respondents who all have these values; a function is called with the place."""
    return [
        row | {name: value(place) if callable(value) else value for name, value in columns.items()}
        for place, row in enumerate(PLAIN)
    ]


# By wave: rows, what its design says otherwise, margins, and what the message says.
REFUSED: dict[str, tuple[list[dict], dict, list[tuple], list[str]]] = {
    "apart": (
        everybody(sector=lambda place: APART if place % 4 else ISLANDS),
        {},
        [],
        [
            "column sector: 40 respondents",
            "'Fyn og sm[U+00E5][U+00F8]erne' × 10",
            "'Fyn og sma[U+030A][U+00F8]erne' × 30 (letters and their marks written apart)",
        ],
    ),
    "space_after": (
        changed("size", {0: "small ", 2: "small\u00a0"}),
        {},
        [],
        [
            "column size: 20 respondents",
            "'small' × 18",
            "'small[U+0020]' × 1 (white space at its ends)",
            "'small[U+00A0]' × 1",
        ],
    ),
    "zero_width": (changed("size", {0: "small\u200b"}), {}, [], ["'small[U+200B]' × 1 (invisible characters)"]),
    "double_space": (
        everybody(sector=lambda place: "real  estate" if place else "real estate"),
        {},
        [],
        ["'real  estate' × 39 (white space that is not one space)"],
    ),
    "nan_breakdown": (changed("size", {5: "nan"}), {}, [], ["column size: 1 respondents", "'nan' × 1 (a placeholder"]),
    "empty_breakdown": (changed("size", {5: ""}), {}, [], ["column size: 1 respondents", "'' × 1 (empty)"]),
    "na_stratum": (changed("stratum_id", {1: "<NA>"}), {}, [], ["column stratum_id: 1 respondents", "'<NA>' × 1"]),
    "stratum_apart": (
        everybody(stratum_id=lambda place: "å" if place % 2 else "a\u030a"),
        {},
        [],
        ["column stratum_id: 40 respondents", "'[U+00E5]' × 20", "'a[U+030A]' × 20"],
    ),
    "unit_space": (
        changed("psu_id", {1: " u1", 2: "u1"}),
        {"has_psu": "true"},
        [],
        ["column psu_id: 2 respondents", "'[U+0020]u1' × 1"],
    ),
    "id_space": (
        changed("respondent_id", {1: "a-0000 "}),
        {},
        [],
        ["1 respondent ids are not clear text: 'a-0000[U+0020]'"],
    ),
    "id_nan": (changed("respondent_id", {1: "nan"}), {}, [], ["1 respondent ids", "'nan': a placeholder for no value"]),
    "id_apart": (
        changed("respondent_id", {1: "a\u030a1", 2: "å1"}),
        {},
        [],
        ["1 respondent ids", "'a[U+030A]1': letters"],
    ),
    "null_code": (
        changed("q1", {4: None, 5: None, 6: 7}),
        {},
        [],
        ["item q1 has 3 answers that are neither an option", "null × 2, 7 × 1", "rows: 3 (respondents a-0004, a-0005"],
    ),
    "half_code": (changed("q1", {4: 0.5}), {}, [], ["item q1 has 1 answers", "0.5 × 1"]),
    "text_code": (
        everybody(q1="1"),
        {},
        [],
        ["column q1 must hold whole-number codes, it is VARCHAR", "cast(q1 as integer)"],
    ),
    "text_weight": (
        everybody(design_weight="10,5"),
        {},
        [],
        ["design_weight must hold numbers", "cast(design_weight as double)"],
    ),
    "list_stratum": (
        everybody(stratum_id=lambda place: ["a"]),
        {},
        [],
        ["stratum_id must hold text or numbers, it is VARCHAR[]"],
    ),
    "shares": (
        PLAIN,
        RAKED,
        [("size", "small", 0.27), ("size", "large", 0.73)],
        ["fewer firms than answered", "sum of margins 1, sum of weights 400, sum of populations 2,000, respondents 40"],
    ),
    "per_cent": (
        PLAIN,
        RAKED,
        [("size", "small", 27), ("size", "large", 73)],
        ["more than ten times the population", "margins 100,"],
    ),
    "thousands": (
        PLAIN,
        RAKED,
        [("size", "small", 800_000), ("size", "large", 1_200_000)],
        ["sum of margins 2,000,000"],
    ),
    "heavy_weights": (
        everybody(design_weight=1000.0),
        RAKED,
        [("size", "small", 900), ("size", "large", 1100)],
        ["the weights add up to more than ten times the margins", "sum of weights 40,000"],
    ),
    "relative_total": (
        everybody(design_weight=0.5),
        {"measure_set_id": "counted"},
        [],
        ["measure firms is a total", "weights 20,"],
    ),
    "heavy_total": (
        everybody(design_weight=1000.0),
        {"measure_set_id": "counted"},
        [],
        ["more than ten times the population", "measure firms is a total"],
    ),
}


def with_totals(catalogue: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """The catalogue with a second set of measures: the number of firms."""
    catalogue["estimation_measures"].append(
        {
            **MEASURE,
            "measure_set_id": "counted",
            "measure_id": "firms",
            "statistic": "population",
            "interval_method": "wald",
        }
    )
    return catalogue


@pytest.fixture(scope="module")
def message(tmp_path_factory) -> str:
    catalogue = with_totals(plain_catalogue(list(REFUSED)))
    catalogue["calibration_margins"] = []
    for design in catalogue["estimation_designs"]:
        name = design["design_id"]
        _, other, margins, _ = REFUSED[name]
        design.update(other, **({"margin_set_id": name} if margins else {}))
        catalogue["calibration_margins"] += [
            {"margin_set_id": name, "column_name": column, "category": category, "population_count": count}
            for column, category, count in margins
        ]
    waves = {("test", name): rows for name, (rows, *_) in REFUSED.items()}
    with pytest.raises(BuildError) as error:
        build(tmp_path_factory.mktemp("refused") / "project", catalogue, waves, "+int_response_problems")
    return str(error.value)


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_wrong_in_silence_is_refused_by_name(message: str, name: str) -> None:
    found = [line for line in message.splitlines() if f"wave {name}: " in line]
    texts = REFUSED[name][3]
    assert any(all(text in line for text in texts) for line in found), found or message[:2000]


def test_nothing_else_is_said(message: str) -> None:
    """One message a wave: the fault, not what follows from it."""
    said = [line.split("wave ")[1].split(":")[0] for line in message.splitlines() if "Survey test, wave " in line]
    assert sorted(said) == sorted(REFUSED)


# By wave: how the columns of the file are read from the plain ones.
TYPES = {
    "plain": "*",
    "decimals": (
        "* replace (cast(design_weight as decimal(12, 4)) as design_weight, cast(amount as decimal(15, 2)) as amount,"
        " cast(stratum_population_size as decimal(18, 0)) as stratum_population_size)"
    ),
    "doubles": "* replace (cast(q1 as double) as q1)",
    "floats": "* replace (cast(q1 as float) as q1, cast(design_weight as float) as design_weight)",
    "unsigned": "* replace (cast(q1 as ubigint) as q1, cast(design_weight as utinyint) as design_weight)",
    "huge": "* replace (cast(q1 as hugeint) as q1, cast(amount as hugeint) as amount)",
    "ticks": "* replace (cast(q1 as boolean) as q1)",
    "decimal_codes": "* replace (cast(q1 as decimal(4, 0)) as q1)",
    "dictionary": "* replace (cast(size as enum ('small', 'large')) as size)",
    "numeric_strata": "* replace (case stratum_id when 'a' then 1 else 2 end as stratum_id)",
    "double_strata": "* replace (case stratum_id when 'a' then 1.0::double else 2.0 end as stratum_id)",
    "numeric_ids": "* replace (row_number() over () as respondent_id)",
}
RELATIVE = {"relative": 0.5, "per_firm": 1.0, "sum_one": 1 / 40}


@pytest.fixture(scope="module")
def estimates(tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("types") / "project"
    names = [*TYPES, *RELATIVE]
    catalogue = plain_catalogue(names)
    catalogue["response_items"] += [
        {**row, "item_id": "amount", "column_name": "amount", "value_kind": "number"}
        for row in catalogue["response_items"]
    ]
    catalogue["estimation_measures"].append(
        {**MEASURE, "measure_set_id": "plain", "measure_id": "average", "item_id": "amount", "statistic": "mean",
         "interval_method": "wald"}
    )  # fmt: skip
    waves = {("test", name): everybody(design_weight=weight) for name, weight in RELATIVE.items()}
    rows = pd.DataFrame(PLAIN)  # noqa: F841 - read by DuckDB
    for name, columns in TYPES.items():
        write_wave(folder / "responses", "test", name, PLAIN)
        with duckdb.connect() as connection:
            target = folder / "responses" / "survey_id=test" / f"survey_wave_id={name}" / "responses.parquet"
            connection.execute(f"copy (select {columns} from rows) to '{target}' (format parquet)")
    database: Path = build(folder, catalogue, waves, "+int_estimates")
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute("select * from intermediate.int_estimates order by measure_id, segment").df()


FIGURES = ["estimate", "standard_error", "ci_lower", "ci_upper"]


@pytest.mark.parametrize("name", [name for name in TYPES if name != "plain"])
def test_a_type_that_converts_exactly_is_read(estimates: pd.DataFrame, name: str) -> None:
    plain, other = (estimates[estimates["design_id"] == wave].reset_index(drop=True) for wave in ("plain", name))
    assert len(other) == 10
    for column in (*FIGURES, "design_effect", "effective_sample_size", "segment"):
        assert other[column].to_list() == plain[column].to_list(), column


@pytest.mark.parametrize("name", RELATIVE)
def test_the_scale_of_weights_moves_no_share_and_no_mean(estimates: pd.DataFrame, name: str) -> None:
    """Where weights add up to the respondents or less, the effective sample size is Kish's: here all of them."""
    plain, other = (estimates[estimates["design_id"] == wave].reset_index(drop=True) for wave in ("plain", name))
    for column in FIGURES:
        assert other[column].to_list() == pytest.approx(plain[column].to_list(), rel=1e-12), column
    assert other["effective_sample_size"].to_list() == pytest.approx(other["respondents"].to_list(), rel=1e-12)
    assert other["design_effect"].isna().all()
