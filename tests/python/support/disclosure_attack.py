"""What an attacker learns about hidden cells of a set of tables that share margins, by linear programming.

Every published table is a sum over the same unknown firms, so a hidden cell is bounded by the published ones: the total
is the sum of each breakdown, and a margin is the sum of its crossing. The attacker knows that all quantities are at
least 0.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import linprog


def equations(cells: list[dict]) -> list[tuple[int, list[int]]]:
    """(parent, children) of every cell whose breakdown is refined by exactly one column of another, by position in the
    list.
    """
    found = []
    tables = {tuple(cell["column_names"]) for cell in cells}
    for lower, higher in itertools.permutations(tables, 2):
        if set(lower) < set(higher) and len(higher) == len(lower) + 1:
            for position, parent in enumerate(cells):
                if tuple(parent["column_names"]) != lower:
                    continue
                wanted = dict(zip(parent["column_names"], parent["categories"], strict=True))
                children = [
                    number
                    for number, cell in enumerate(cells)
                    if tuple(cell["column_names"]) == higher
                    and wanted.items() <= dict(zip(cell["column_names"], cell["categories"], strict=True)).items()
                ]
                if children:
                    found.append((position, children))
    return found


def bounds(cells: list[dict], measure: str) -> dict[int, tuple[float, float]]:
    """Lowest and highest possible value of the measure in each hidden cell (None in the cell), given all published
    ones.
    """
    hidden = [number for number, cell in enumerate(cells) if cell[measure] is None]
    column = {number: position for position, number in enumerate(hidden)}
    rows, right = [], []
    for parent, children in equations(cells):
        row, known = np.zeros(len(hidden)), 0.0
        for number, sign in [(parent, 1.0), *((child, -1.0) for child in children)]:
            if number in column:
                row[column[number]] += sign
            else:
                known += sign * cells[number][measure]
        if row.any():
            rows.append(row)
            right.append(-known)
    found = {}
    for number in hidden:
        objective = np.zeros(len(hidden))
        objective[column[number]] = 1.0
        limits = []
        for sign in (1.0, -1.0):
            result = linprog(
                sign * objective,
                A_eq=np.array(rows) if rows else None,
                b_eq=right if rows else None,
                bounds=(0, None),
                method="highs",
            )
            limits.append(sign * result.fun if result.status == 0 else sign * -np.inf)
        found[number] = (limits[0], limits[1])
    return found
