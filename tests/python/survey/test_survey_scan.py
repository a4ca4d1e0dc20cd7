"""The scan counts and adds what pandas and exact arithmetic do, whatever columns are called, with any threads."""

from __future__ import annotations

from fractions import Fraction

import duckdb
import pandas as pd
import pytest
from support.survey_waves import RESERVED, cells_query, design, moments, scan, wave_of, write

from smv_ai.survey.columns import columns_of
from smv_ai.survey.description import Item, Ratio
from smv_ai.survey.head import Head, read_head
from smv_ai.survey.levels import levelled, needed_levels, shift_of, unit_of
from smv_ai.survey.looks import exponent_of, number_of, seen_of, suspects_of
from smv_ai.survey.rows import rows_of
from smv_ai.survey.scan import is_proved, keys_of

NO_ANSWER, NO_NUMBER = -2, -9000000002.0
# SQL words, leading digits, quotes, and names that the scan itself makes
ODD_NAMES = ["group", "order", "select", "2024_size", 'say "so"', "it's", "c0", "k0", "n0", "s0", "cell_id", "counts"]


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_column_may_have_any_name(tmp_path, session, name: str) -> None:
    """As a breakdown and as an item: the cells are those of pandas."""
    rows = [design(n) | {name: f"part {n % 3}", f"{name} item": n % 4 - 2} for n in range(60)]
    items = (Item("asked", f"{name} item", "code", (0, 1)),)
    wave = wave_of(write(tmp_path, rows), items=items, attributes=(name,))
    found = {
        (one["stratum_id"], one[name], one["code"]): one["respondents"]
        for one in moments(session, scan(session, wave))
        if one["status"] == "valid" and one["code"] is not None and one["respondents"]
    }
    frame = pd.DataFrame(rows)
    frame = frame[frame[f"{name} item"].isin([0, 1])]
    assert found == frame.groupby(["stratum_id", name, f"{name} item"]).size().to_dict()


def exact_sums(rows: list[dict], letters: str) -> Fraction:
    """The sum of products in exact arithmetic: d weight, y amount, x size."""
    total = Fraction(0)
    for row in rows:
        product = Fraction(1)
        for letter in letters:
            product *= Fraction(row[{"d": "design_weight", "y": "amount", "x": "size"}[letter]])
        total += product
    return total


@pytest.mark.parametrize("in_cell", [True, False])
def test_sums_are_exact(tmp_path, session, in_cell: bool) -> None:
    """Sums of y, x, d and their products, with the weight in the cell and without; reserved numbers have no part."""
    rows = [
        design(n, 3.0 if in_cell else 1 + n % 7 / 3)
        | {"amount": NO_NUMBER if n % 10 == 0 else n * 7919 % 1003 / 7.0, "size": 1.0 + n % 5}
        for n in range(400)
    ]
    items = (Item("amount", "amount", "number"), Item("size", "size", "number"))
    wave = wave_of(write(tmp_path, rows), items=items, ratios=(Ratio("amount", "size"),), amounts=frozenset({"amount"}))
    found = moments(session, scan(session, wave, in_cell=in_cell))
    for stratum in "ab":
        answered = [row for row in rows if row["stratum_id"] == stratum and row["amount"] >= 0]
        [ratio] = [one for one in found if one["variable"] == "amount/size" and one["stratum_id"] == stratum]
        assert ratio["respondents"] == len(answered)
        assert sorted(ratio["largest_values"]) == sorted(row["amount"] for row in answered)[-2:]
        assert ratio.pop("sum_absolute") == pytest.approx(sum(abs(row["amount"]) for row in answered), rel=1e-15)
        sums = {name: value for name, value in ratio.items() if name.startswith("sum_")}
        assert set(sums) >= {"sum_yx"} and ("sum_ddyx" in sums) == (not in_cell)
        for name, value in sums.items():
            assert value == pytest.approx(float(exact_sums(answered, name.removeprefix("sum_"))), rel=1e-15), name


@pytest.mark.parametrize("size", [1e7, -1e7, 20_240_101.0, 1e12])
def test_numbers_that_lie_close_together_keep_what_tells_them_apart(tmp_path, session, size: float) -> None:
    """In kind NIST's NumAcc4: the sum of squares about the mean is right to 1e-9 though 14 digits cancel."""
    rows = [design(2 * n) | {"amount": size + [0.2, 0.1, 0.3][n % 3]} for n in range(1001)]
    wave = wave_of(write(tmp_path, rows), items=(Item("amount", "amount", "number"),))
    [found] = [one for one in moments(session, scan(session, wave)) if one["variable"] == "amount"]
    values = [Fraction(row["amount"]) for row in rows]
    mean = sum(values) / len(values)
    about_mean = sum((value - mean) ** 2 for value in values)
    squares = found["sum_yy"] - found["sum_y"] ** 2 / found["respondents"]
    assert squares == pytest.approx(float(about_mean), rel=1e-9)


@pytest.mark.parametrize(
    ("lowest", "highest", "shift", "exponent"),
    [
        (1990.0, 2025.0, 1990.0, 6),
        (-2025.0, -1990.0, -1990.0, 6),
        (0.0, 8.0, 0.0, 3),
        (1.0, 1000.0, 0.0, 10),
        (-5.0, 5.0, 0.0, 3),
        (7.0, 7.0, 7.0, 0),
        (None, None, 0.0, 0),
    ],
)
def test_the_shift_is_the_value_next_to_zero_of_numbers_with_small_spread(lowest, highest, shift, exponent) -> None:
    """Only numbers whose spread is at most the one next to 0 are shifted: the difference is then exact."""
    found = number_of("c1", lowest, highest)
    assert (found.shift, found.exponent) == (shift, exponent)
    assert lowest is None or max(abs(lowest), abs(highest)) <= 2.0**found.size


def levels_in(session, tmp_path, numbers: dict[str, list[float]]) -> list[tuple] | None:
    """Shift and unit of each stratum with these numbers, None where the column needs none."""
    rows = [
        design(place) | {"stratum_id": stratum, "amount": value, "respondent_id": f"{stratum}{place:03d}"}
        for stratum, values in numbers.items()
        for place, value in enumerate(values)
    ]
    wave = wave_of(write(tmp_path, rows), items=(Item("amount", "amount", "number"),))
    head = read_head(session, wave.files)
    read = rows_of(wave, head, columns_of(wave, head), RESERVED)
    found = seen_of(session, wave, read, RESERVED, ["stratum_id"], in_cell=True, finds_leading=False)
    needed = needed_levels(session, read, found, ["stratum_id"], RESERVED)
    if not needed:
        return None
    query, own = levelled(read, found.numbers, needed, ["stratum_id"], RESERVED)
    number, stratum = own["amount"], read.names["stratum_id"]
    query = f"select distinct {stratum}, {shift_of(number)}, {unit_of(number)} from ({query}) order by all"
    return session.execute(query).fetchall()


@pytest.mark.parametrize(
    "numbers",
    [
        {"a": [0.0, 5.0, 900.0], "b": [10.0, 20.0, 1000.0]},
        {"a": [2019.0, 2020.0], "b": [2024.0, 2025.0]},
        {"a": [1e12, 1e12 + 1], "b": [1e12 + 2, 1e12 + 9]},
        {"a": [0.0, 0.0], "b": [1.0, 1e12]},
        {"a": [NO_NUMBER], "b": [1.0, 2.0]},
    ],
    ids=["alike", "years", "far and close", "nothing but zero", "without numbers"],
)
def test_numbers_at_about_one_level_share_a_shift(tmp_path, session, numbers) -> None:
    assert levels_in(session, tmp_path, numbers) is None


def test_groups_at_different_levels_have_a_shift_and_a_unit_of_their_own(tmp_path, session) -> None:
    """The unit is the power of two by which what is left is at most 1, exactly, also where that is a power of two."""
    numbers = {
        "a": [1e12, 1e12 + 8], "b": [1e12, 1e12 + 9], "c": [-5e9, -5e9 - 3], "d": [0.0, 0.125], "e": [0.0, 3.0],
        "f": [7.0, 7.0], "g": [NO_NUMBER, NO_NUMBER], "h": [-1.0, 1e12],
    }  # fmt: skip
    assert levels_in(session, tmp_path, numbers) == [
        ("a", 1e12, 2.0**-3), ("b", 1e12, 2.0**-4), ("c", -5e9, 2.0**-2), ("d", 0.0, 8.0), ("e", 0.0, 2.0**-2),
        ("f", 7.0, 1.0), ("g", None, 1.0), ("h", 0.0, 2.0**-40),
    ]  # fmt: skip


@pytest.mark.parametrize("largest", [1e-300, 0.1, 1.0, 1.5, 2.0, 1024.0, 1025.0, 1e300])
def test_the_exponent_covers_the_largest_value_and_no_more(largest: float) -> None:
    exponent = exponent_of(largest)
    assert largest <= 2.0**exponent
    assert exponent == -200 or largest > 2.0 ** (exponent - 1)


def test_results_are_the_same_bits_for_any_number_of_threads_and_order_of_rows(tmp_path) -> None:
    """Sums that depend on the order of addition in floating point do not here."""
    rows = [design(n, 1 + n * 31 % 7 / 3) | {"amount": n * 7919 % 100_003 / 7.0 + 1e-7 * n} for n in range(300_000)]
    items = (Item("amount", "amount", "number"),)
    found = []
    for name, ordered in (("forward", rows), ("backward", rows[::-1])):
        folder = tmp_path / name
        folder.mkdir()
        wave = wave_of(write(folder, ordered), items=items)
        for threads in (1, 2, 8):
            with duckdb.connect(config={"threads": threads}) as session:
                query = cells_query(scan(session, wave, in_cell=False))
                found.append(session.execute(query).fetchall())
    assert all(one == found[0] for one in found)
    floats = [value for row in found[0] for value in row[12]]
    assert any(value != int(value) for value in floats)


def test_answers_that_are_none_are_counted_unless_the_footer_proves_that_there_are_none(tmp_path, session) -> None:
    rows = [design(n) | {"q": [0, 1, -2, 7][n % 4], "clean": n % 2, "gone": None if n == 3 else 1} for n in range(40)]
    items = tuple(Item(name, name, "code", (0, 1)) for name in ("q", "clean", "gone"))
    wave = wave_of(write(tmp_path, rows), items=items)
    unknown: dict[str, int] = {}
    for one in moments(session, scan(session, wave)):
        if one["status"] == "unknown":
            unknown[one["variable"]] = unknown.get(one["variable"], 0) + one["respondents"]
    assert unknown == {"q": 10, "gone": 1}


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ({"q": (0, 1)}, True),
        ({"q": (-3, 1)}, True),
        ({"q": (-3, 2)}, False),
        ({"q": (-4, 1)}, False),
        ({"q": (None, None)}, False),
        ({}, False),
        ({"q": (0, 2_000)}, False),
    ],
)
def test_a_footer_proves_an_item_whose_whole_range_is_known(ranges: dict, expected: bool) -> None:
    assert is_proved(Item("q", "q", "code", (0, 1)), Head({"q": "INTEGER"}, ranges), RESERVED) is expected


def test_sampling_units_make_cells_only_where_they_are_wanted(tmp_path, session) -> None:
    rows = [design(n) | {"psu_id": f"u{n // 2}", "q": n % 2} for n in range(40)]
    wave = wave_of(write(tmp_path, rows), items=(Item("q", "q", "code", (0, 1)),))
    assert len(session.execute(cells_query(scan(session, wave))).fetchall()) == 2
    assert len(session.execute(cells_query(scan(session, wave, by_unit=True))).fetchall()) == 40


def test_more_aggregates_than_one_turn_takes_stand_side_by_side(tmp_path, session) -> None:
    names = [f"q{number}" for number in range(100)]
    rows = [design(n) | {name: (n + place) % 2 for place, name in enumerate(names)} for n in range(50)]
    wave = wave_of(write(tmp_path, rows), items=tuple(Item(name, name, "code", (0, 1)) for name in names))
    found = {
        (one["stratum_id"], one["variable"], one["code"]): one["respondents"]
        for one in moments(session, scan(session, wave))
    }
    for place, name in enumerate(names):
        for code in (0, 1):
            wanted = sum(row[name] == code for row in rows if row["stratum_id"] == "a")
            assert found["a", name, code] == wanted, (place, name, code)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), "nan"])
def test_a_number_that_is_not_finite_is_found_and_nothing_is_added_up(tmp_path, session, value) -> None:
    rows = [design(n) | {"amount": float(n), "fine": NO_NUMBER if n else 1.0} for n in range(10)]
    files = write(tmp_path, rows)
    odd = f"if(amount = 3, cast('{value}' as double), amount) as amount"
    session.execute(f"create table answers as select * replace ({odd}) from '{files}'")
    session.execute(f"copy answers to '{tmp_path / 'responses.parquet'}' (format parquet)")
    items = (Item("amount", "amount", "number"), Item("fine", "fine", "number"))
    wave = wave_of(files, items=items)
    head = read_head(session, files)
    rows_read = rows_of(wave, head, columns_of(wave, head), RESERVED)
    seen = seen_of(session, wave, rows_read, RESERVED, ["stratum_id"], in_cell=True, finds_leading=False)
    numbers, [problem] = seen.numbers, seen.problems
    assert (problem.rule, problem.subject) == ("number_finite", "amount")
    assert numbers["fine"].shift == 1.0


@pytest.mark.parametrize(
    ("ids", "expected"), [(lambda n: n, (0, 0)), (lambda n: f"demo_{n:03d}", (0, 10)), (lambda n: 9 - n, (9, 0))]
)
def test_ids_that_do_not_rise_or_are_made_up_are_counted(tmp_path, session, ids, expected) -> None:
    wave = wave_of(write(tmp_path, [design(n) | {"respondent_id": ids(n)} for n in range(10)]))
    head = read_head(session, wave.files)
    found = suspects_of(session, wave, rows_of(wave, head, columns_of(wave, head), RESERVED))
    assert (found["unordered"], found["misplaced"]) == expected


@pytest.mark.parametrize(
    ("odd", "leading"),
    [
        ({}, ["stratum_id", "sector"]),
        ({"design_weight": 20.0}, ["stratum_id", "sector", "design_weight"]),
        ({"size": None}, ["stratum_id", "sector", "size"]),
        ({"stratum_population_size": None}, ["stratum_id", "stratum_population_size", "sector"]),
    ],
)
def test_the_scan_groups_by_the_columns_that_decide_the_cell(tmp_path, session, odd: dict, leading: list[str]) -> None:
    """The stratum decides size, weight and population until the last respondent differs; cells stay the same."""
    rows = [design(n) | {"size": "ab"[n % 2] * 2, "sector": n % 3, "q": n % 2} for n in range(60)]
    rows[-1] |= odd
    items, attributes = (Item("q", "q", "code", (0, 1)),), ("sector", "size")
    wave = wave_of(write(tmp_path, rows), items=items, attributes=attributes)
    head = read_head(session, wave.files)
    rows_read = rows_of(wave, head, columns_of(wave, head), RESERVED)
    keys = keys_of(wave, by_unit=False, in_cell=True)
    seen = seen_of(session, wave, rows_read, RESERVED, keys, in_cell=True, finds_leading=True)
    assert seen.leading == leading
    planned = scan(session, wave)
    assert f"group by {', '.join(rows_read.names[key] for key in leading)})" in planned.query
    columns = ["stratum_id", "size", "sector", "design_weight", "stratum_population_size"]
    counted = sorted(pd.DataFrame(rows).groupby(columns, dropna=False).size().to_list())
    assert sorted(one["respondents"] for one in moments(session, planned) if one["variable"] == "") == counted
