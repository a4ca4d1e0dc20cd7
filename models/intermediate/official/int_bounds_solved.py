"""Each bounded figure: the least and the greatest value that all its premises allow, by linear programming."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from smv_ai.official.bounds import Premise, bounds


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per bounded figure: bound_id, bound_lower and bound_upper in per cent or points, premise_count."""
    premises = dbt.ref("int_bounds_limited").order("premise_id").to_arrow_table().to_pylist()
    cases = dbt.ref("stg_official__bound_cases").order("bound_id").to_arrow_table().to_pylist()
    rows = []
    for case in cases:
        own = [one for one in premises if one["bound_id"] == case["bound_id"]]
        for one in own:
            if one["lower_limit"] is None or one["upper_limit"] is None:
                raise ValueError(
                    f"seeds/official/bound_premises.csv, {one['premise_id']}: has no limits, and the figure that it "
                    "names is no exact share that gives them; write lower_limit and upper_limit"
                )
        given = [Premise(one["event"], one["lower_limit"], one["upper_limit"], one["given_event"]) for one in own]
        try:
            found = bounds(given, case["target_event"], case["minus_event"])
        except ValueError as error:
            raise ValueError(
                f"seeds/official/bound_premises.csv or bound_cases.csv, {case['bound_id']}: {error}"
            ) from error
        rows.append(
            {
                "bound_id": case["bound_id"],
                "bound_lower": found.lower,
                "bound_upper": found.upper,
                "premise_count": len(own),
            }
        )
    types = [("bound_id", pa.string())]
    types += [("bound_lower", pa.float64()), ("bound_upper", pa.float64()), ("premise_count", pa.int32())]
    return session.from_arrow(pa.Table.from_pylist(rows, schema=pa.schema(types)))
