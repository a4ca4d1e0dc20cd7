"""Nothing that is withheld follows by arithmetic from what stands beside it, in any table; and every rule is needed."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import ANY

import duckdb
import pytest
from support.algebra_attack import figures_of_withheld, found_by, read_by
from support.switched_off import Switched

from smv_ai import environment
from smv_ai.environment import Kind

DIFFERENCES, SHARES = "int_group_differences_shown", "int_shares_of_totals_shown"
TESTS, QUANTILES = "int_independence_tests_shown", "int_quantiles_shown"
CELLS, RATES = "int_disclosure_cells", "int_response_rates_protected"
NOTHING = "select null::bigint as estimate_number, null::varchar as suppression_reason limit 0"
DOMINATED = """
    select * replace (
        statistic in ('mean', 'total') as is_amount,
        case when {0} and statistic in ('mean', 'total') then 0.95 else 0.2 end as two_largest_share
    ) from smv_ai.intermediate.int_estimates
"""
NUMBERS = "estimate_number // 1000000000 as measure_number, estimate_number % 1000000000 as segment_number"
STRATA = {"north": 50, "south": 30, "east": 6, "west": 3}
# The demonstration, and what it lacks: the tables in which a rule has something to do. Nothing is found in any of them.
CASES: dict[str, dict] = {
    "the demonstration": {},
    # so many small cells that partners are needed; without rare answers, which hide more than they must
    "small cells": {"few": 40, "models": {
        "int_disclosure_rarest_answers": "select 0 as estimate_number, 0.0 as rarest_answer_count limit 0",
        "int_disclosure_digits": "from smv_ai.intermediate.int_disclosure_digits limit 0",
    }},
    "dominated groups": {"models": {"int_estimates": DOMINATED.format(
        "len(column_names) = 1 and segment = min(segment) over (partition by design_id, measure_id, breakdown_id)"
    )}},
    "dominated totals": {"models": {"int_estimates": DOMINATED.format("len(column_names) = 0")}},
    "shares and quantiles of everything": {"models": {
        "int_shares_of_totals": f"""
            select {NUMBERS}, 0.5::double as share_of_total, 0.1::double as standard_error, 0.4::double as ci_lower,
                0.6::double as ci_upper, 9.0 as degrees_of_freedom
            from smv_ai.intermediate.int_estimates where not is_change
        """,
        "int_quantiles": f"""
            select {NUMBERS}, 0.9 as quantile, 'math' as quantile_rule, 'mean' as interval_method,
                10.0::double as value, 1.0::double as standard_error, 8.0::double as ci_lower,
                12.0::double as ci_upper, 9.0 as degrees_of_freedom, respondents
            from smv_ai.intermediate.int_estimates where not is_change
        """,
    }},
    "degrees of freedom by segment": {"models": {
        "stg_responses__estimation_designs": """
            select * replace ('segment' as degrees_of_freedom_rule)
            from smv_ai.staging.stg_responses__estimation_designs
        """,
        "int_estimates": """
            select * replace (respondents - 1.0 as degrees_of_freedom) from smv_ai.intermediate.int_estimates
        """,
        "int_group_differences": """
            select * replace (respondents_a + respondents_b as degrees_of_freedom)
            from smv_ai.intermediate.int_group_differences
        """,
    }},
    "a hidden wave": {"models": {"int_suppressions_by_measure": """
        from smv_ai.intermediate.int_suppressions_by_measure
        union all by name
        select estimate_number, design_id, measure_id, column_names, categories, 'secondary' as suppression_reason
        from smv_ai.intermediate.int_estimates where design_id = 'deb_2025_spring'
    """}},
    "levels that would tell": {"models": {"int_disclosure_digits": """
        select estimate_number, 1.0 as released_step, 1.0 as error_step, null::double as size_step,
            1.0 as least_error_ratio, 1.0 as most_error_ratio, true as is_telling
        from smv_ai.intermediate.int_estimates where design_id = 'deb_2025_spring'
        union all by name
        from smv_ai.intermediate.int_disclosure_digits where estimate_number not in (
            select estimate_number from smv_ai.intermediate.int_estimates where design_id = 'deb_2025_spring'
        )
    """}},
    # as wide as the interval of a change beside a hidden count is
    "a limit of width": {"models": {"int_quality_rules": """
        select * replace (case when metric = 'interval_width' then (
            select max(ci_upper - ci_lower) from smv_ai.intermediate.int_estimates
            where is_change and statistic = 'share'
        ) else at_least end as at_least) from smv_ai.intermediate.int_quality_rules
    """, "int_disclosure_digits": """
        from smv_ai.intermediate.int_disclosure_digits where false
        union all by name
        select estimate_number, 1.0 as released_step, 1.0 as error_step, 0.99 as least_error_ratio,
            1.01 as most_error_ratio, false as is_telling
        from smv_ai.intermediate.int_estimates where not is_change and design_id like 'deb_%'
    """}},
    "response rates": {"models": {"stg_responses__response_rates": " union all ".join(
        f"""
        select 'a' as survey_id, 'a_1' as survey_wave_id, {stratum == 'total'} as is_total, '{stratum}' as stratum_id,
            900.0 as stratum_population_size, 2 * {number} as sampled_count, {number} as complete_count,
            0 as partial_count, 1.0 as eligible_share, 50.0 as response_rate_1, 50.0 as response_rate_2,
            50.0 as response_rate_3, 50.0 as response_rate_4, 50.0 as weighted_response_rate_1,
            50.0 as weighted_response_rate_2, 50.0 as weighted_response_rate_3, 50.0 as weighted_response_rate_4,
            '' as source_file
        """ for stratum, number in (STRATA | {"total": sum(STRATA.values())}).items()
    )}},
}  # fmt: skip
SHOWN_GROUPS = "where not is_any_group_withheld and not is_any_group_beside_hidden"
NOT_WITHHELD = '"int_estimates_shown"\n    where not is_withheld'
# A rule: in which case it has something to do, in which model it stands, its text, what stands in its place when it
# is switched off, and the attack that must then find something. A text of None stands for the whole model.
RULES = {
    "threshold": ("small cells", CELLS, "base_count < greatest(3, 5) as", "base_count < 1 as",
                  "a cell of few firms"),
    "rare answers": ("the demonstration", CELLS, "coalesce(answered.rarest_answer_count > 0 and", "coalesce(false and",
                     "a rare answer"),
    "rare bases": ("the demonstration", CELLS, "where defining.has_rare_answer and", "where false and",
                   "a rare answer from the number that it leads to"),
    "partners in one breakdown": ("small cells", "int_suppressions_one_way", None, NOTHING,
                                  "the number of firms of a cell"),
    "partners in a crossing": ("small cells", "int_suppressions_crossed", None, NOTHING,
                               "the number of firms of a cell"),
    "changes of hidden levels": ("a hidden wave", "int_suppressions_united", "select estimate_number from of_level",
                                 "select -1 as estimate_number", "a level from a change"),
    "changes of levels that would tell": ("levels that would tell", "int_estimates_rounded",
                                          "bool_or(change_levels.is_telling)", "false", "a level from a change"),
    "grades of changes": ("a limit of width", "int_estimates_rounded", "* change_levels.most_error_ratio >=",
                          "* change_levels.most_error_ratio < 0 and 0 <", "the error of a change from its grade"),
    "dominance": ("dominated groups", CELLS, "two_largest_share > 0.85, true", "two_largest_share > 2, true",
                  "the amount of one firm"),
    "totals": ("dominated totals", "int_suppressions_by_measure", "len(column_names) = 0 and is_sensitive", "false",
               "a total from all groups"),
    "what is hidden is withheld": ("the demonstration", "int_estimates_protected", "suppressions.suppression_reason,",
                                   "null::varchar as suppression_reason,", "a rare answer"),
    "multiples of five": ("the demonstration", "int_estimates_described", "5 * round(respondents / 5)", "respondents",
                          "the number that leads to a question"),
    "degrees of freedom of tests": ("the demonstration", TESTS, "and on_answered_bases.measure_id is null", "",
                                    "the number that leads to a question, from degrees of freedom"),
    "degrees of freedom": ("degrees of freedom by segment", "int_estimates_rounded", "is_on_answered_base and",
                           "false and", "the number that leads to a question, from degrees of freedom"),
    "differences": ("the demonstration", DIFFERENCES, NOT_WITHHELD, '"int_estimates_shown"',
                    "a group from a difference"),
    "rest": ("the demonstration", DIFFERENCES, "not shown_a.is_any_group_withheld and", "", "the group from the rest"),
    "family": ("the demonstration", DIFFERENCES, "count(*) over families end", "1 + count(*) over families end",
               "the rank of a hidden p"),
    "digits of a difference": ("the demonstration", DIFFERENCES, "shown_a.estimate as estimate_a",
                               "shown_a.estimate + 0.003 as estimate_a", "a second look at an estimate"),
    "shares of a total": ("shares and quantiles of everything", SHARES, SHOWN_GROUPS, "",
                          "the group from the parts of the whole"),
    "quantiles of what is shown": ("shares and quantiles of everything", QUANTILES, NOT_WITHHELD,
                                   '"int_estimates_shown"', "a group from its quantile"),
    "firms beyond a quantile": ("shares and quantiles of everything", QUANTILES, ">= greatest(3, 5)", ">= 1",
                                "few firms beyond a quantile"),
    "tests of independence": ("the demonstration", TESTS, "having not bool_or(is_withheld)", "",
                              "a cell from a test of independence"),
    "strata of few firms": ("response rates", RATES, "< greatest(3, 5) as is_sensitive", "< 1 as is_sensitive",
                            "the number of a stratum that answered"),
    "weighted rates": ("response rates", RATES, "and not (is_total and is_any_stratum_withheld)", "",
                       "a stratum from the weighted rates of the whole"),
    "partners of strata": ("response rates", RATES, "partner_id as stratum_id,", "stratum_id,",
                           "the number of a stratum that answered"),
}  # fmt: skip


@pytest.fixture(scope="module")
def switched(demo_build: object) -> Iterator[Switched]:
    """The models of the demonstration beside its build file."""
    models = Switched(environment.build_file(Kind.DEMONSTRATION))
    yield models
    models.connection.close()


@pytest.mark.parametrize("case", CASES)
def test_arithmetic_finds_nothing(switched: Switched, case: str) -> None:
    few = switched.show(**CASES[case])
    assert found_by(switched.connection, few) == ({"a rare answer": ANY} if case == "small cells" else {})


def test_no_row_of_any_table_has_a_figure_of_what_is_withheld(demo_warehouse: duckdb.DuckDBPyConnection) -> None:
    assert figures_of_withheld(demo_warehouse) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_is_switched_off_is_noticed(switched: Switched, rule: str) -> None:
    case, model, text, other, attack = RULES[rule]
    setting = dict(CASES[case])
    if text is None:
        setting["models"] = setting.get("models", {}) | {model: other}
    else:
        setting["rules"] = {model: (text, other)}
    few = switched.show(**setting, read=read_by(attack))
    assert found_by(switched.connection, few, [attack])[attack] > 0


def test_a_verdict_beside_a_hidden_count_is_that_of_the_shown_digits(switched: Switched) -> None:
    """In full precision, whether an estimate agrees with print would be a second look at it."""
    found = switched.connection.execute("""
        select count(*), count(*) filter (
            shown.is_within_precision <> (abs(printed_lower + printed_upper - 2 * rounded.estimate)
                <= printed_upper - printed_lower + released_step)
        )
        from smv_ai.marts.fct_reproduction as shown
        inner join smv_ai.intermediate.int_estimates_rounded as rounded
            on shown.estimate_observation_id = rounded.observation_id
        where is_covered and is_beside_hidden and not is_withheld
    """).fetchone()
    assert found is not None and found[0] > 0 and found[1] == 0
