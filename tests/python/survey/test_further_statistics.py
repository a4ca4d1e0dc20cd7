"""What a survey file may ask for beyond levels, on drawn responses, against the same worked out here with numpy."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from support.estimation_project import build
from support.project import PROJECT

from smv_ai.survey.file.expansion import expanded_rows

DESIGNS = 12
QUESTIONS = """\
survey: {id: reef, label: Revet | The reef}
tables: [total, size]
variance: {correction: true}
units: {posts: {label: Stillinger | Posts}}
questions:
  staff: {label: Ansatte | Staff, number: true, mean: posts, total: posts, quantiles: [0.25, 0.5, 0.9]}
  uses_ai: {label: Bruger AI | Uses AI, options: yes_no}
  trust: {label: Tillid | Trust, options: {1: Lav | Low, 2: Middel | Middle, 3: Høj | High}}
"""
STAFF_TOTAL, FIRMS = 21_000.5, {"small": 900, "middle": 500, "large": 200}
CALIBRATED = f"""\
calibrate:
  method: linear
  margins: {{size: {{{", ".join(f"{size}: {count}" for size, count in FIRMS.items())}}}}}
  totals: {{staff: {STAFF_TOTAL}}}
"""
REPLICATES = "replicates: {columns: 'rep_{01..08}', method: JK1}\n"
COMPARED = "compare: {size: [[large, small]]}\n"
CROSSED = "cross: [trust × uses_ai, staff × trust, uses_ai × size]\n"
SIZES = np.array(list(FIRMS))


def drawn(seed: int) -> dict[str, np.ndarray]:
    """Firms of three sizes in strata that cut across them, with unequal weights."""
    random = np.random.default_rng(seed)
    strata = int(random.integers(2, 8))
    size = int(random.integers(90, 240))
    stratum = np.concatenate([np.repeat(np.arange(strata), 3), random.integers(0, strata, size)])
    population = random.integers(200, 900, strata).astype(float)
    group = random.choice(SIZES, len(stratum), p=[0.5, 0.3, 0.2])
    group[:3] = SIZES
    replicate_of = random.integers(0, 8, len(stratum))
    weight = random.uniform(1, 6, len(stratum)).round(3)
    return {
        "stratum": stratum,
        "population": population[stratum],
        "weight": weight,
        "size": group,
        "staff": random.gamma(2.0, 8.0, len(stratum)).round(1) + 1,
        "uses_ai": random.integers(0, 2, len(stratum)),
        "trust": np.random.default_rng(seed + 100).integers(1, 4, len(stratum)),
        "replicates": np.where(replicate_of[:, None] == np.arange(8), 0.0, weight[:, None] * 8 / 7),
    }


def rows(found: dict[str, np.ndarray]) -> list[dict]:
    return [
        {
            "respondent_id": f"reef-{place:04d}",
            "stratum_id": f"s{found['stratum'][place]}",
            "design_weight": float(found["weight"][place]),
            "stratum_population_size": float(found["population"][place]),
            "size": str(found["size"][place]),
            "staff": float(found["staff"][place]),
            "uses_ai": int(found["uses_ai"][place]),
            "trust": int(found["trust"][place]),
            **{f"rep_{n + 1:02d}": float(found["replicates"][place, n]) for n in range(8)},
        }
        for place in range(len(found["stratum"]))
    ]


WAVES = {f"reef_{number:02d}": drawn(number) for number in range(1, DESIGNS + 1)}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("further")
    (folder / "files" / "surveys").mkdir(parents=True)
    (folder / "files" / "seeds").symlink_to(PROJECT / "seeds")
    for wave in WAVES:
        more = {"reef_01": CALIBRATED, "reef_02": REPLICATES, "reef_05": CROSSED, "reef_06": COMPARED}.get(wave, "")
        (folder / "files" / "surveys" / f"{wave}.yml").write_text(QUESTIONS + more, encoding="utf-8")
    tables = expanded_rows(folder / "files")
    models = "+int_estimates +int_group_differences +int_quantiles +int_shares_of_totals +int_independence_tests"
    waves = {("reef", wave): rows(found) for wave, found in WAVES.items()}
    return duckdb.connect(str(build(folder / "project", tables, waves, models)), read_only=True)


def difference(found: dict[str, np.ndarray], y: np.ndarray, a: str, b: str) -> tuple[float, float]:
    """The difference of two means, and its error: the linearised variable by stratum, with the finite correction."""
    w, z, means = found["weight"], np.zeros(len(y)), []
    for sign, group in ((1, a), (-1, b)):
        inside = found["size"] == group
        means.append((w * y)[inside].sum() / w[inside].sum())
        z += sign * inside * w * (y - means[-1]) / w[inside].sum()
    variance = 0.0
    for stratum in np.unique(found["stratum"]):
        part = z[found["stratum"] == stratum]
        n, population = len(part), found["population"][found["stratum"] == stratum][0]
        variance += (1 - n / population) * n / (n - 1) * ((part - part.mean()) ** 2).sum()
    return means[0] - means[1], float(np.sqrt(variance))


@pytest.mark.parametrize("wave", [wave for wave in WAVES if wave not in ("reef_01", "reef_02")])
@pytest.mark.parametrize("measure", ["staff_mean", "uses_ai"])
def test_a_difference_has_the_covariance_of_its_groups(built, wave, measure):
    found = WAVES[wave]
    y = found[measure.removesuffix("_mean")].astype(float)
    pairs = built.execute(
        "select segment_a, segment_b, difference, standard_error from intermediate.int_group_differences"
        " where design_id = ? and measure_id = ? and comparison_kind = 'pair' and breakdown_id = 'size'",
        [wave, measure],
    ).fetchall()
    assert len(pairs) == 3
    for a, b, value, error in pairs:
        assert (value, error) == pytest.approx(difference(found, y, a, b), rel=1e-9)


def estimate(built: duckdb.DuckDBPyConnection, wave: str, measure: str, segment: str | None) -> tuple[float, float]:
    return built.execute(
        "select estimate, standard_error from intermediate.int_estimates"
        " where design_id = ? and measure_id = ? and coalesce(segment, '') = coalesce(?, '')",
        [wave, measure, segment],
    ).fetchone()


def test_weights_meet_margins_and_the_total_of_a_number(built):
    assert estimate(built, "reef_01", "staff_total", None)[0] == pytest.approx(STAFF_TOTAL, rel=1e-9)
    users = [estimate(built, "reef_01", "staff_total", size)[0] for size in SIZES]
    assert sum(users) == pytest.approx(STAFF_TOTAL, rel=1e-9)
    means = [estimate(built, "reef_01", "staff_mean", size)[0] for size in SIZES]
    assert [total / mean for total, mean in zip(users, means, strict=True)] == pytest.approx(
        list(FIRMS.values()), rel=1e-9
    )


def test_errors_come_from_the_replicates(built):
    found = WAVES["reef_02"]
    for segment in (None, *SIZES):
        inside = np.ones(len(found["size"]), bool) if segment is None else found["size"] == segment
        y, w, replicates = found["staff"][inside], found["weight"][inside], found["replicates"][inside]
        again = (replicates * y[:, None]).sum(axis=0) / replicates.sum(axis=0)
        error = np.sqrt(7 / 8 * ((again - again.mean()) ** 2).sum())
        wanted = ((w * y).sum() / w.sum(), error)
        assert estimate(built, "reef_02", "staff_mean", segment) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("wave", ["reef_03", "reef_07"])
def test_a_quantile_is_the_least_number_with_enough_weight_below(built, wave):
    found = WAVES[wave]
    asked = built.execute(
        "select quantile, value, standard_error, ci_lower, ci_upper from intermediate.int_quantiles"
        " where design_id = ? and breakdown_id = 'total' order by quantile",
        [wave],
    ).fetchall()
    order = np.argsort(found["staff"])
    share = np.cumsum(found["weight"][order]) / found["weight"].sum()
    assert [q for q, *_ in asked] == [0.25, 0.5, 0.9]
    for q, value, error, lower, upper in asked:
        assert value == found["staff"][order][np.searchsorted(share, q - 1e-12)]
        assert lower <= value <= upper and error > 0


@pytest.mark.parametrize("wave", ["reef_03", "reef_07"])
def test_shares_of_a_total_add_up(built, wave):
    parts = built.execute(
        "select segment, share_of_total from intermediate.int_shares_of_totals"
        " where design_id = ? and measure_id = 'staff_total' and breakdown_id = 'size'",
        [wave],
    ).fetchall()
    found = WAVES[wave]
    wy = found["weight"] * found["staff"]
    assert dict(parts) == pytest.approx({size: wy[found["size"] == size].sum() / wy.sum() for size in SIZES}, rel=1e-9)


def breakdowns_of(built: duckdb.DuckDBPyConnection, table: str, wave: str, name: str = "measure_id") -> set[tuple]:
    """Which measures have rows by which breakdown, besides the total and the sizes, which all have."""
    query = f"select distinct {name}, breakdown_id from intermediate.{table} where design_id = ?"
    return {row for row in built.execute(query, [wave]).fetchall() if row[1] not in ("total", "size")}


def test_a_question_is_crossed_with_another_on_demand_and_no_other_is(built):
    """`uses_ai × size` stands in the tables already; a number has its mean and quantiles by the answers."""
    staff = {("staff_mean", "trust"), ("staff_total", "trust")}
    trust = {(f"trust_{code}", "uses_ai") for code in (1, 2, 3)}
    assert breakdowns_of(built, "int_estimates", "reef_05") == staff | trust
    assert breakdowns_of(built, "int_group_differences", "reef_05") == staff | trust
    assert breakdowns_of(built, "int_quantiles", "reef_05") == {("staff_mean", "trust")}
    assert breakdowns_of(built, "int_shares_of_totals", "reef_05") == {("staff_total", "trust")}
    assert breakdowns_of(built, "int_independence_tests", "reef_05", "item_id") == {("trust", "uses_ai")}
    assert breakdowns_of(built, "int_estimates", "reef_06") == set()


def test_only_the_pairs_that_are_asked_for_are_a_family(built):
    """A family of one adjusts nothing; the other pairs are there with their own p, and the rest is as it was."""
    query = (
        "select list_sort([segment_a, segment_b]), p_value, p_holm, p_bh, family_size, comparison_kind"
        " from intermediate.int_group_differences where design_id = ? and measure_id = 'staff_mean'"
    )
    found = built.execute(query, ["reef_06"]).fetchall()
    pairs = {tuple(groups): numbers for groups, *numbers, kind in found if kind == "pair"}
    p, by_holm, by_rate, size = pairs.pop(("large", "small"))
    assert (by_holm, by_rate, size) == (p, p, 1)
    assert len(pairs) == 2 and all(p > 0 and others == [None] * 3 for p, *others in pairs.values())
    assert [size for *_, size, kind in found if kind == "rest"] == [3, 3, 3]
    assert {size for *_, size, kind in built.execute(query, ["reef_07"]).fetchall()} == {3}


def test_the_answers_of_two_questions_are_tested_for_independence(built):
    """The statistic of the first order is Pearson's, of weighted shares and the number of answers (Rao and Scott)."""
    found = WAVES["reef_05"]
    table = np.array([
        [found["weight"][(found["trust"] == trust) & (found["uses_ai"] == use)].sum() for use in (0, 1)]
        for trust in (1, 2, 3)
    ])  # fmt: skip
    p = table / table.sum()
    expected = np.outer(p.sum(axis=1), p.sum(axis=0))
    pearson = len(found["weight"]) * ((p - expected) ** 2 / expected).sum()
    query = "select test, statistic, p_value from intermediate.int_independence_tests where design_id = 'reef_05'"
    tests = {test: rest for test, *rest in built.execute(f"{query} and breakdown_id = 'uses_ai'").fetchall()}
    assert tests["Chisq"][0] == pytest.approx(pearson, rel=1e-9)
    assert set(tests) == {"F", "Chisq", "Wald", "adjWald"} and all(0 < p < 1 for _, p in tests.values())


def test_a_crossed_group_has_the_share_of_its_own(built):
    found = WAVES["reef_05"]
    inside, w = found["uses_ai"] == 1, found["weight"]
    share = (w * (found["trust"] == 2))[inside].sum() / w[inside].sum()
    query = "select estimate from intermediate.int_estimates where design_id = 'reef_05' and measure_id = 'trust_2'"
    [(estimate,)] = built.execute(f"{query} and breakdown_id = 'uses_ai' and segment = '1'").fetchall()
    assert estimate == pytest.approx(share, rel=1e-9)
