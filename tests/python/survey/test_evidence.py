"""Published figures and estimates from responses, loaded or made up, beside each other, and never mixed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from support.evidence_project import FEW_FIRMS, FREE_TEXT, UNRELIABLE, VARIABLES, build

from smv_ai.golden.build import BUILD_FILE, build_arguments, run_dbt
from smv_ai.releases.export import columns_of

# Computed from responses alone: without any, empty.
OF_RESPONSES = {
    "fct_estimates", "fct_differences", "fct_independence_tests", "fct_quantiles", "fct_shares_of_totals",
    "fct_response_rates", "fct_reproduction", "fct_matched_comparisons", "fct_match_balance",
}  # fmt: skip
# Tables that hold rows of several evidence types: the others must be the same with and without responses.
MIXED = {
    "fct_observations": "evidence_type = 'published'",
    "fct_changes": "evidence_type = 'published'",
    "mart_adoption": "evidence_type = 'published'",
    "mart_all_themes": "evidence_type = 'published'",
    "mart_barriers": "evidence_type = 'published'",
    "mart_productivity": "evidence_type = 'published'",
} | dict.fromkeys(OF_RESPONSES, "false")


@pytest.fixture(scope="module")
def built(evidence_folder) -> duckdb.DuckDBPyConnection:
    """The built file: responses of a panel and of the manufacturing survey, the published figures."""
    return duckdb.connect(str(evidence_folder / BUILD_FILE), read_only=True)


@pytest.fixture(scope="module")
def published_only(tmp_path_factory) -> Path:
    """A build of the same project without any response."""
    folder = tmp_path_factory.mktemp("published") / "project"
    return build(folder, with_responses=False, arguments=build_arguments())


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory) -> Path:
    """The folder of a demonstration of the manufacturing survey, built as far as the data tests about it need."""
    folder = tmp_path_factory.mktemp("demonstrated") / "project"
    build(folder, demo=True, arguments=AS_FAR_AS_THEY)
    return folder


def test_every_track_is_there(built):
    found = built.execute(
        "select evidence_type, list(distinct survey_id order by survey_id) from marts.fct_observations"
        " where evidence_type <> 'published' group by all order by all"
    ).fetchall()
    assert found == [("estimated", ["deb", "ti"])]


def differing_rows(one: Path, other: Path) -> dict[str, int]:
    """Published rows of one built file that the other lacks, by table of the marts; tables without any are left out."""
    with duckdb.connect() as connection:
        for name, path in (("one", one), ("other", other)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        tables = [table for table in columns_of(connection, "one") if not table.startswith("meta_")]
        found = {}
        for table in tables:
            rows = f"marts.{table} where {MIXED.get(table, 'true')}"
            [count] = connection.execute(
                f"select count(*) from (select * from one.{rows} except all select * from other.{rows})"
            ).fetchone()
            if count:
                found[table] = count
        return found


def test_responses_change_no_published_row(evidence_folder, published_only):
    assert differing_rows(evidence_folder / BUILD_FILE, published_only) == {}
    assert differing_rows(published_only, evidence_folder / BUILD_FILE) == {}


def test_the_demonstration_changes_no_published_row(demo_dir, published_only):
    released = (demo_dir / "current" / "smv_ai.duckdb").resolve()
    assert differing_rows(released, published_only) == {}
    assert differing_rows(published_only, released) == {}


def test_every_table_with_several_evidence_types_is_compared(built):
    tables = built.execute("select table_name from duckdb_columns() where column_name = 'evidence_type'"
                       " and schema_name = 'marts'").fetchall()  # fmt: skip
    assert {table for (table,) in tables} - {"fct_published_figures"} == set(MIXED)
    published = [built.execute(f"select count(*) from marts.{one} where evidence_type = 'published'").fetchone()
                 for one in OF_RESPONSES]  # fmt: skip
    assert published == [(0,)] * len(OF_RESPONSES)


def test_a_changed_published_row_would_be_noticed(published_only, tmp_path):
    changed = Path(shutil.copy(published_only, tmp_path / "changed.duckdb"))
    with duckdb.connect(str(changed)) as connection:
        connection.execute(
            "update marts.mart_barriers set rank_in_question = rank_in_question + 1"
            " where evidence_type = 'published' and rank_in_question = 3"
        )
    assert set(differing_rows(changed, published_only)) == {"mart_barriers"}


# The data tests that judge demonstrations alone.
ABOUT_DEMONSTRATIONS = (
    "ninety_five_per_cent_of_covered_figures_are_reproduced", "published_figures_are_reproduced_or_say_why",
)  # fmt: skip
AS_FAR_AS_THEY = (
    "build", "--indirect-selection", "cautious", "--select", *(f"+{test}" for test in ABOUT_DEMONSTRATIONS),
)  # fmt: skip
# A fault, and the data test that must find it.
FAULTS = {
    "no_calculation_crosses_evidence_types": [
        "update marts.fct_changes set from_observation_id = (select min(observation_id)"
        " from marts.fct_observations where evidence_type = 'published') where evidence_type = 'estimated'",
        "update marts.mart_barriers set items_in_question = 6"
        " where survey_wave_id = 'ti_2025' and items_in_question = 3",
        "update marts.mart_productivity set previous_wave_value = 4.8"
        " where evidence_type = 'estimated' and region_id = 'hub_hovedstaden'"
        " and indicator_id = 'productivity_indicator' and previous_wave_value is not null",
        "update marts.fct_headline_figures set observation_id = (select min(observation_id)"
        " from marts.fct_observations where evidence_type = 'estimated') where headline_id = (select min(headline_id)"
        " from marts.fct_headline_figures where observation_id is not null)",
    ],
    "no_difference_crosses_comparability_groups": [
        "update marts.fct_observations set evidence_type = 'synthetic' where observation_id ="
        " (select min(from_observation_id) from marts.fct_changes where evidence_type = 'estimated')",
    ],
    "no_rank_crosses_comparability_groups": [
        "update marts.mart_barriers set evidence_type = 'published', rank_in_question = rank_in_question + 1"
        " where evidence_type = 'estimated'",
    ],
    "a_change_is_the_difference_of_its_levels": [
        "update marts.fct_changes set difference = difference + 0.001 where evidence_type = 'estimated'",
    ],
    "a_value_is_missing_only_where_it_is_withheld": [
        "update marts.fct_observations set observation_value = 1 where observation_status = 'suppressed'",
        "update marts.fct_observations set observation_value = null where observation_status = 'normal'",
        "update marts.fct_observations set sample_size = 3 where observation_status = 'suppressed'",
    ],
    "a_withheld_estimate_shows_no_figure_and_says_why": [
        "update marts.fct_estimates set standard_error = 1 where is_withheld",
        "update marts.fct_estimates set suppression_reason = null where is_suppressed",
        "update marts.fct_estimates set sample_size = 3 where is_suppressed",
    ],
    "a_reproduction_tells_nothing_of_a_withheld_estimate": [
        "update marts.fct_reproduction set estimate = 1 where reproduction_reason = 'suppressed'",
        "update marts.fct_reproduction set is_within_precision = true where reproduction_reason = 'suppressed'",
    ],
    "synthetic_rows_say_so": [
        "update marts.mart_barriers set evidence_notice_da = null where evidence_type = 'estimated'",
        "update marts.fct_changes set evidence_notice_en = null where evidence_type = 'estimated'",
    ],
    "published_figures_are_reproduced_or_say_why": [
        "update intermediate.int_published_figures_reproduced set is_within_precision = false"
        " where evidence_type = 'synthetic'",
        "update intermediate.int_published_figures_reproduced set reproduction_reason = null"
        " where not is_covered and evidence_type = 'synthetic'",
    ],
    "ninety_five_per_cent_of_covered_figures_are_reproduced": [
        "update intermediate.int_published_figures_reproduced set is_within_precision = false"
        " where figure_id = (select min(figure_id) from intermediate.int_published_figures_reproduced"
        " where is_covered and evidence_type = 'synthetic')",
        "delete from intermediate.int_published_figures_reproduced where evidence_type = 'synthetic'",
    ],
    "a_figure_is_tried_where_a_codebook_covers_it": [
        "update marts.fct_reproduction set is_within_precision = null where is_covered",
        "update marts.fct_reproduction set is_within_precision = false where not is_covered",
        "update marts.fct_reproduction set reproduction_reason = null where not is_covered",
    ],
    "an_interval_contains_its_estimate": [
        "update marts.fct_estimates set ci_lower = estimate + 1 where is_change and estimate is not null",
        "update marts.fct_estimates set ci_upper = estimate - 1 where estimate is not null",
        "update marts.fct_estimates set ci_upper = null where estimate is not null",
    ],
    "a_printed_difference_has_no_test": [
        "update marts.fct_changes set p_value = 0.5 where evidence_type = 'published'",
        "update marts.fct_changes set t_statistic = 2 where evidence_type = 'published'",
    ],
    "a_printed_range_has_its_lower_end_first": [
        "update marts.fct_published_figures set printed_upper = printed_lower - 1 where value_form = 'digits'",
    ],
    "distributions_sum_to_one_hundred": [
        "update intermediate.int_estimates_described set estimate = estimate + 0.001"
        " where answer_category_id = 'large_increase' and region_id = 'total'",
    ],
    "no_row_is_lost_between_seeds_and_marts": [
        "delete from marts.fct_estimates where is_change",
        "delete from marts.fct_observations where evidence_type = 'estimated'",
        "delete from marts.fct_source_checks where outcome = 'rounding'",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("test", "fault"), [(test, fault) for test, faults in FAULTS.items() for fault in faults])
def test_a_data_test_finds_the_fault(test, fault, request, tmp_path):
    """The compiled test is silent on the build, and speaks on a copy with the fault."""
    folder = request.getfixturevalue("demonstrated" if test in ABOUT_DEMONSTRATIONS else "evidence_folder")
    [compiled] = (folder / "target" / "compiled").rglob(f"{test}.sql")
    query = compiled.read_text(encoding="utf-8").replace(f'"{Path(BUILD_FILE).stem}".', '"copy".')
    with duckdb.connect(str(shutil.copy(folder / BUILD_FILE, tmp_path / "copy.duckdb"))) as connection:
        assert connection.execute(query).fetchall() == []
        assert connection.execute(fault).fetchone()[0] > 0, "the fault changes nothing"
        assert connection.execute(query).fetchall() != []


@pytest.mark.long
def test_the_rules_of_seeds_and_tables_hold_in_dbt_too(evidence_folder, tmp_path):
    """What the build of these tests leaves out, and a plain `dbt build` does not."""
    project = shutil.copytree(evidence_folder, tmp_path / "project", symlinks=True)
    run_dbt(project, ["test", "--select", "test_type:generic"], VARIABLES, is_recorded=True)
    results = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert len(results) > 300


def test_withheld_rows_stay_with_their_status_and_sign(built):
    columns = "observation_status, value_text_da, value_text_en, observation_value, ci_lower, no_interval_reason"
    found = {
        region: row
        for region, *row in built.execute(
            f"select region_id, {columns} from marts.mart_productivity where survey_wave_id = 'deb_2025_autumn'"
            " and evidence_type = 'estimated' and answer_category_id = 'moderate_increase'"
        ).fetchall()
    }
    assert found[FEW_FIRMS] == ["suppressed", "..", "..", None, None, "suppressed"]
    # its partner in secondary suppression
    assert found[UNRELIABLE] == ["suppressed", "..", "..", None, None, "suppressed"]
    reasons = built.execute(
        "select distinct suppression_reason from marts.fct_estimates where is_suppressed"
    ).fetchall()
    # why exactly would tell that a figure is small: it stays in the build file
    assert reasons == [("confidential",)]
    exact = built.execute("select distinct suppression_reason from intermediate.int_suppressions_united").fetchall()
    assert ("few_firms",) in exact and ("secondary",) in exact
    statuses = built.execute("select distinct observation_status from marts.fct_observations").fetchall()
    assert {"suppressed", "unreliable"} <= {status for (status,) in statuses}


def test_estimates_keep_the_interval_of_the_engine(built):
    """Level for level the bounds of the engine, rounded, in the unit of the row; never called approximate."""
    rows = built.execute("""
        select observations.ci_lower, engine.ci_lower * factor, observations.ci_upper, engine.ci_upper * factor,
            observations.standard_error, engine.standard_error * factor,
            observations.interval_method = engine.interval_method, rounded.error_step
        from marts.fct_observations as observations
        inner join marts.fct_estimates as estimates on observations.observation_id = estimates.observation_id
        inner join (
            select *, case when statistic = 'share' then 100 else 1 end as factor from intermediate.int_estimates
        ) as engine
            on estimates.design_id = engine.design_id and estimates.measure_id = engine.measure_id
            and estimates.breakdown_id = engine.breakdown_id and estimates.segment = engine.segment
        inner join intermediate.int_estimates_rounded as rounded using (estimate_number)
        where observations.observation_value is not null
    """).fetchall()
    assert len(rows) > 80
    # the figure and the half width are rounded, by half a step each
    assert all(abs(row[at] - row[at + 1]) <= 1.0001 * row[7] for row in rows for at in (0, 2))
    assert all(abs(row[4] - row[5]) <= row[7] and row[6] for row in rows)
    assert built.execute(
        "select count_if(is_interval_approximate) from marts.fct_observations where evidence_type <> 'published'"
    ).fetchone() == (0,)


def test_the_change_of_a_panel_knows_the_firms_in_both_waves(built):
    """Answers of a firm last, so the standard error of the change is below that of independent groups."""
    changes = built.execute("""
        select changes.standard_error, sqrt(earlier.standard_error ** 2 + later.standard_error ** 2), changes.p_value,
            changes.t_statistic, changes.estimate / changes.standard_error
        from intermediate.int_estimates as changes
        inner join marts.fct_estimates as released
            on changes.design_id = released.design_id and changes.measure_id = released.measure_id
            and changes.breakdown_id = released.breakdown_id and changes.segment = released.segment
        inner join staging.stg_responses__estimation_designs as designs on changes.design_id = designs.design_id
        inner join staging.stg_responses__estimation_designs as levels
            on designs.measure_set_id = levels.measure_set_id and levels.change_column is null
        inner join intermediate.int_estimates as later
            on levels.design_id = later.design_id and levels.survey_wave_id = designs.survey_wave_id
            and changes.measure_id = later.measure_id and changes.column_names = later.column_names
            and changes.categories = later.categories
        inner join staging.stg_responses__estimation_designs as earlier_levels
            on designs.measure_set_id = earlier_levels.measure_set_id and earlier_levels.change_column is null
            and earlier_levels.survey_wave_id = designs.earlier_survey_wave_id
        inner join intermediate.int_estimates as earlier
            on earlier_levels.design_id = earlier.design_id and changes.measure_id = earlier.measure_id
            and changes.column_names = earlier.column_names and changes.categories = earlier.categories
        where changes.is_change and released.estimate is not null
    """).fetchall()
    assert len(changes) > 20
    assert all(error < independent for error, independent, *_ in changes)
    assert all(0 <= p_value <= 1 for _, _, p_value, *_ in changes)
    assert all(abs(t_statistic - ratio) < 1e-4 for *_, t_statistic, ratio in changes)
    assert built.execute(
        "select distinct interval_method, p_value between 0 and 1 from marts.fct_changes"
        " where change_type = 'wave' and evidence_type = 'estimated' and p_value is not null"
    ).fetchall() == [("design_difference", True)]
    assert built.execute(
        "select count(*) from marts.fct_changes where p_value is not null and interval_method <> 'design_difference'"
    ).fetchone() == (0,)


def test_a_breakdown_outside_the_dimensions_reaches_the_marts(built):
    rows = built.execute(
        "select distinct segment_label_en, observation_id is null from marts.fct_estimates"
        " where breakdown_columns = 'firm_age_group' and not is_change order by all"
    ).fetchall()
    assert rows == [
        ("firm_age_group = old", False), ("firm_age_group = old", True),
        ("firm_age_group = young", False), ("firm_age_group = young", True),
    ]  # fmt: skip
    rows = built.execute(
        "select distinct own_group_id, own_group_label_en from marts.mart_productivity"
        " where contains(own_group_id, 'age_group') and industry_id = 'total' order by all"
    ).fetchall()
    assert rows == [
        ("firm_age_group=old", "firm_age_group = old"), ("firm_age_group=young", "firm_age_group = young")
    ]  # fmt: skip


def test_what_few_firms_wrote_is_no_group_of_the_marts(built):
    groups = built.execute("select distinct own_group_id from marts.mart_all_themes").fetchall()
    assert groups and not [group for (group,) in groups if "reason" in group or FREE_TEXT in group]


def test_a_value_outside_the_code_lists_is_hidden_with_its_figures(built):
    """What few firms wrote identifies them; the rows stay, without the text."""
    rows = built.execute(
        "select distinct segment, segment_label_da, estimate, is_suppressed from marts.fct_estimates"
        " where breakdown_columns = 'reason'"
    ).fetchall()
    assert rows == [(None, "..", None, True)]


def test_a_crossing_whose_numbers_of_firms_are_all_hidden_has_no_rows(built):
    """Which of its groups have none would tell which have no firms."""
    estimated = built.execute(
        "select array_to_string(column_names, ';') as columns, bool_and(is_suppressed)"
        " from intermediate.int_estimates_rounded where design_id = 'ti_2025' group by columns order by columns"
    ).fetchall()
    assert estimated == [("", False), ("industry_id;region_id", True), ("region_id", True)]
    rows = built.execute(
        "select distinct breakdown_columns from marts.fct_estimates where design_id = 'ti_2025' order by all"
    ).fetchall()
    assert rows == [("",), ("region_id",)]
    observed = built.execute(
        "select distinct industry_id, region_id from marts.fct_observations"
        " where survey_wave_id = 'ti_2025' and evidence_type = 'estimated' order by all"
    ).fetchall()
    assert ("total", FEW_FIRMS) in observed and {industry for industry, _ in observed} == {"total"}


def test_responses_of_the_printed_shares_give_them_back(built):
    rows = built.execute(
        "select figure_id, is_within_precision from marts.fct_reproduction"
        " where is_covered and survey_wave_id = 'ti_2025'"
    ).fetchall()
    assert len(rows) == 11 and all(is_within for _, is_within in rows)


def test_reasons_name_the_part_of_the_key_that_no_codebook_has(built):
    found = dict(
        built.execute(
            "select figure_id, reproduction_reason from marts.fct_reproduction where not is_covered"
        ).fetchall()
    )
    assert found["deb_0030_a"] == "indicator_not_in_codebook"  # drivers
    assert found["deb_0339_a"] == "answer_not_in_codebook"  # increase in total
    assert found["deb_0061_a"] == "process_figure"  # responses
    assert all(reason for reason in found.values())
    suppressed = built.execute(
        "select distinct reproduction_reason, estimate from marts.fct_reproduction"
        " where estimate_observation_id is not null and indicator_id = 'productivity_indicator'"
        " and figure_id in ('deb_0387_a', 'deb_0387_b')"
    ).fetchall()
    assert suppressed == [("suppressed", None)]


def test_without_responses_only_the_catalogue_speaks(published_only):
    with duckdb.connect(str(published_only), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.fct_estimates").fetchone() == (0,)
        assert connection.execute("select count(*) from marts.fct_reproduction").fetchone() == (0,)
        assert connection.execute("select distinct evidence_type from marts.fct_observations").fetchall() == [
            ("published",)
        ]


def test_a_demonstration_that_misses_the_published_figures_stops_the_build(tmp_path, monkeypatch):
    from support import evidence_project

    from smv_ai.errors import BuildError

    monkeypatch.setitem(evidence_project.BARRIERS, "data_technology_infrastructure", 60)
    with pytest.raises(BuildError) as caught:
        build(tmp_path / "project", demo=True, arguments=AS_FAR_AS_THEY)
    assert all(test in str(caught.value) for test in ABOUT_DEMONSTRATIONS)


def test_the_command_counts_rows_by_track(evidence_folder, tmp_path):
    """`smv-ai` counts what was estimated from responses beside the published rows."""
    from smv_ai.build.headlines import headlines
    from smv_ai.reader import Release

    (tmp_path / "release").mkdir()
    shutil.copy(evidence_folder / BUILD_FILE, tmp_path / "release" / "smv_ai.duckdb")
    text = headlines(Release("test", "2026-01-01", tmp_path / "release"))
    assert "Published rows: mart_adoption 158, mart_barriers 40, mart_productivity 36." in text
    assert "Rows estimated from loaded responses: mart_barriers 9, mart_productivity" in text
    assert "made-up" not in text and "emonstration" not in text
    assert text.count("Productivity indicator, Autumn 2025: 2.2") == 1
