"""What a reader finds out about withheld figures by plain arithmetic over the tables of a release.

Each attack is a query whose rows are what it finds; of a release that keeps its secrets every one is empty. They read
the relations of TABLES, so that they can be let loose on a release and on models with a rule switched off.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import duckdb
from support.disclosure_attack import bounds

THRESHOLD = 5
# what the attacks read, and the models that make it
TABLES = {
    "fct_estimates": "int_estimates_labelled",
    "fct_differences": "int_group_differences_shown",
    "fct_shares_of_totals": "int_shares_of_totals_shown",
    "fct_independence_tests": "int_independence_tests_shown",
    "fct_quantiles": "int_quantiles_shown",
    "fct_response_rates": "int_response_rates_protected",
}
# numbers of a row that say nothing of its figure
NO_FIGURE = {
    "interval_level", "printed_value", "printed_lower", "printed_upper", "published_value", "quantile",
    "least_error_ratio", "most_error_ratio", "change_rounding_half_width",
}  # fmt: skip
OTHER_SIDE = {"a": "b", "b": "a", "left": "right", "right": "left", "from": "to", "to": "from"}
HIDDEN = "hidden as (select * from fct_estimates where is_withheld and not is_change)"
SAME = "design_id = hidden.design_id and {0}.measure_id = hidden.measure_id and {0}.breakdown_id = hidden.breakdown_id"
# rests, parts of a whole and tests are about all groups of a breakdown: with all others known, they give the one
OF_ALL_GROUPS = {
    "the group from the rest": ("fct_differences", "and found.comparison_kind = 'rest'"),
    "the group from the parts of the whole": ("fct_shares_of_totals", ""),
}
ATTACKS = {
    # a - b and b give a
    "a group from a difference": f"""
        with {HIDDEN}
        select found.* from fct_differences as found inner join hidden on found.{SAME.format("found")}
            and hidden.segment in (found.segment_a, found.segment_b)
    """,
    **{
        name: f"""
        with {HIDDEN}
        select found.* from {table} as found inner join hidden on found.{SAME.format("found")} {more}
        """
        for name, (table, more) in OF_ALL_GROUPS.items()
    },
    "a total from its parts": f"""
        with {HIDDEN}
        select found.* from fct_shares_of_totals as found inner join hidden
            on found.design_id = hidden.design_id and found.measure_id = hidden.measure_id
            and hidden.breakdown_columns = ''
    """,
    "a group from its quantile": f"""
        with {HIDDEN}
        select found.* from fct_quantiles as found inner join hidden on found.{SAME.format("found")}
            and found.segment = hidden.segment
    """,
    # of so many firms there are fewer than the threshold beyond the quantile
    "few firms beyond a quantile": f"""
        select * from fct_quantiles where sample_size * least(quantile, 1 - quantile) < {THRESHOLD} - 0.01
    """,
    # a table with all its cells but one, and a statistic that is zero at one value of it
    "a cell from a test of independence": f"""
        with {HIDDEN},
        items as (select distinct design_id, item_id, measure_id from measured)
        select found.* from fct_independence_tests as found
        inner join items on found.design_id = items.design_id and found.item_id = items.item_id
        inner join hidden on hidden.design_id = items.design_id and hidden.measure_id = items.measure_id
            and (hidden.breakdown_id = found.breakdown_id or hidden.breakdown_columns = '')
    """,
    # a change and one level give the other
    "a level from a change": """
        with levels as (select * from fct_estimates where not is_change)
        select changes.* from fct_estimates as changes inner join levels
            on levels.survey_wave_id in (changes.survey_wave_id, changes.earlier_survey_wave_id)
            and changes.measure_id = levels.measure_id and changes.breakdown_columns = levels.breakdown_columns
            and changes.segment is not distinct from levels.segment
        where changes.is_change and changes.estimate is not null and levels.is_suppressed
    """,
    # shown or unreliable: on which side of a limit the width lies, where that of a hidden count's worlds is on both
    "the error of a change from its grade": """
        with levels as (select * from fct_estimates where not is_change)
        select changes.estimate_number, width_limit
        from (select * exclude (least_error_ratio, most_error_ratio) from fct_estimates) as changes
        inner join widths using (estimate_number)
        inner join levels
            on levels.survey_wave_id in (changes.survey_wave_id, changes.earlier_survey_wave_id)
            and changes.measure_id = levels.measure_id and changes.breakdown_columns = levels.breakdown_columns
            and changes.segment is not distinct from levels.segment
        where changes.is_change and not changes.is_suppressed
        group by all
        having min(width * least_error_ratio) < width_limit and max(width * most_error_ratio) >= width_limit
    """,
    # an adjusted p is so many times p: more than there are comparisons tells where the p of hidden ones lie
    "the rank of a hidden p": """
        with families as (
            select design_id, measure_id, breakdown_id, comparison_kind, any_value(family_size) as family_size,
                count(*) as shown, count(p_value) as tested,
                max(p_holm / p_value) filter (p_holm < 1 and p_value > 0) as most
            from fct_differences where comparison_kind in ('pair', 'rest') and family_size is not null
            group by all
        )
        select * from families where family_size <> shown or most > 1.07 * tested
    """,
    # n less the hidden number of those who gave no such answer
    "the number that leads to a question": """
        select estimates.* from fct_estimates as estimates inner join on_bases using (design_id, measure_id)
        where sample_size % 5 <> 0
    """,
    "the number that leads to a question, from degrees of freedom": """
        select found.design_id, found.measure_id, denominator_degrees_of_freedom
        from fct_independence_tests as found inner join on_bases using (design_id, measure_id)
        where denominator_degrees_of_freedom is not null
        union all
        select estimates.design_id, estimates.measure_id, count(distinct degrees_of_freedom)
        from fct_estimates as estimates inner join on_bases using (design_id, measure_id)
        where not is_change group by all having count(distinct degrees_of_freedom) > 1
        union all
        select design_id, measure_id, count(distinct degrees_of_freedom)
        from fct_differences inner join on_bases using (design_id, measure_id)
        group by all having count(distinct degrees_of_freedom) > 1
    """,
    # those who were asked the next question are those who gave the rare answer
    "a rare answer from the number that it leads to": """
        select found.* from rare_bases
        inner join fct_estimates as found using (design_id, measure_id, breakdown_id, segment)
        where found.sample_size is not null and not found.is_change
    """,
    # the sum of all groups; what is hidden of the total for a rare answer is hidden in some group, too
    "a total from all groups": """
        with groups as (
            select design_id, measure_id, breakdown_id from fct_estimates
            where not is_change and breakdown_columns <> '' and breakdown_columns not like '%;%'
            group by all having count(*) > 1 and not bool_or(is_withheld)
        )
        select totals.* from fct_estimates as totals inner join groups using (design_id, measure_id)
        where totals.breakdown_columns = '' and totals.is_suppressed and not totals.is_change
    """,
    # of so many hidden strata the sum is known; their weights with it would share it among them
    "a stratum from the weighted rates of the whole": """
        select survey_wave_id from fct_response_rates group by all
        having bool_or(is_withheld) and bool_or(is_total and weighted_response_rate_1 is not null)
    """,
    "the number of a stratum that answered": f"""
        select survey_wave_id from fct_response_rates group by all
        having max(answered_count) filter (is_total) - sum(answered_count) filter (not is_total)
            between 1 and {THRESHOLD} - 1
            or count(*) filter (is_withheld) = 1 or min(answered_count) < {THRESHOLD}
    """,
    # an estimate has its digits once: others beside them would be a second look
    "a second look at an estimate": """
        with shown as (select * from fct_estimates where not is_change), sides as (
            select design_id, measure_id, breakdown_id, segment_a as segment, estimate_a as estimate,
                sample_size_a as sample_size from fct_differences
            union all
            select design_id, measure_id, breakdown_id, segment_b, estimate_b, sample_size_b from fct_differences
            where comparison_kind = 'pair'
        )
        select sides.* from sides inner join shown using (design_id, measure_id, breakdown_id, segment)
        where abs(sides.estimate - shown.estimate) > 1e-6 or sides.sample_size <> shown.sample_size
    """,
    "a cell of few firms": "select * from fct_estimates where sample_size < {few} and not is_withheld",
    # n · p firms gave the answer, where all weigh the same
    "a rare answer": f"""
        select * from rare_answers inner join fct_estimates using (design_id, measure_id, breakdown_id, segment)
        where rarest_answer_count > 0 and rarest_answer_count < {THRESHOLD} and estimate is not null and not is_change
    """,
    "the amount of one firm": """
        select * from dominated inner join fct_estimates using (design_id, measure_id, breakdown_id, segment)
        where estimate is not null and not is_change
    """,
}


OF_FIRMS = "the number of firms of a cell"


def found_by(
    connection: duckdb.DuckDBPyConnection, few: int = THRESHOLD, attacks: Iterable[str] = (*ATTACKS, OF_FIRMS)
) -> Counter[str]:
    """How much each attack finds; those that find nothing are left out. `few`: firms that are enough for a cell."""
    found: Counter[str] = Counter()
    for name in attacks:
        if name == OF_FIRMS:
            found[name] = len(numbers_of_firms(connection, few))
        else:
            found[name] = len(connection.execute(ATTACKS[name].replace("{few}", str(few))).fetchall())
    return +found


def read_by(attack: str) -> set[str]:
    """The tables that an attack reads beside the estimates."""
    return {table for table in TABLES if table in ATTACKS.get(attack, "")}


def numbers_of_firms(connection: duckdb.DuckDBPyConnection, few: int = THRESHOLD) -> list[tuple]:
    """Hidden cells of few firms, and those hidden for their sake, whose number of firms follows from the others.

    Each total is the sum of its breakdown. Measures that show the same numbers rest on the same firms: what any of them
    shows is put into the others.
    """
    rows = connection.execute(
        "select design_id, measure_id, column_names, categories, sample_size, is_tabled from numbered order by all"
    ).fetchall()
    tables: dict[tuple, dict[tuple, int | None]] = defaultdict(dict)
    of_few: set[tuple] = set()
    for design, measure, columns, categories, size, is_tabled in rows:
        tables[design, measure][tuple(columns), tuple(categories)] = size
        of_few |= {(design, measure, tuple(columns), tuple(categories))} if is_tabled else set()
    found = []
    for (design, measure), cells in tables.items():
        wanted = {key[2:] for key in of_few if key[:2] == (design, measure)}
        if not wanted:
            continue
        known = dict(cells)
        for (other_design, other), others in tables.items():
            if other_design == design and other != measure and _same_firms(cells, others):
                known |= {key: size for key, size in others.items() if known.get(key) is None and size is not None}
        listed = [{"column_names": list(key[0]), "categories": list(key[1]), "n": size} for key, size in known.items()]
        places = list(known)
        open_ = bounds(listed, "n")
        for place in (place for place, key in enumerate(places) if key in wanted):
            least, most = open_.get(place, (0.0, 0.0))
            found += [(design, measure, *places[place], least, most)] if most - least < few - 1e-6 else []
    return found


def _same_firms(cells: dict[tuple, int | None], others: dict[tuple, int | None]) -> bool:
    both = [key for key in cells.keys() & others.keys() if None not in (cells[key], others[key])]
    total = ((), ())
    return total in both and len(both) > 2 and all(cells[key] == others[key] for key in both)


def figures_of_withheld(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every number, in any table of the marts, in a row that says it is withheld or that names a withheld observation.

    Also of tables that are not thought of here: it goes by names of columns. The number of firms is no secret of what
    is only unreliable.
    """
    columns: dict[str, dict[str, str]] = defaultdict(dict)
    for table, name, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'marts'"
    ).fetchall():
        columns[table][name] = kind
    found = []
    for table, kinds in columns.items():
        figures = [name for name, kind in kinds.items() if kind in ("DOUBLE", "FLOAT") and name not in NO_FIGURE]
        counts = [name for name in kinds if name.startswith(("sample_size", "treated_", "controls_", "answered_"))]
        texts = " or ".join(f"regexp_matches({name}, '[0-9]')" for name in kinds if "value_text" in name) or "false"
        conditions = [f"{flag} and ({_any(figures)})" for flag in ("is_withheld", "is_suppressed") if flag in kinds]
        conditions += [f"is_suppressed and ({_any(counts)})"] if "is_suppressed" in kinds else []
        for name in (name for name in kinds if "observation_id" in name):
            # of a row of two sides, the figures of the other one may stand there
            side = next((other for part, other in OTHER_SIDE.items() if part in name.split("_")), None)
            of_row = [figure for figure in figures if side is None or side not in figure.split("_")]
            withheld = "(select observation_id from marts.fct_estimates where is_withheld)"
            conditions.append(f"{name} in {withheld} and ({_any(of_row)} or {texts if side is None else 'false'})")
        for condition in conditions:
            rows = connection.execute(f"select count(*) from marts.{table} where {condition}").fetchone()
            found += [f"{table}: {rows[0]} rows where {condition}"] if rows and rows[0] else []
    return found


def _any(names: list[str]) -> str:
    return " or ".join(f"{name} is not null" for name in names) or "false"
