"""Drawing the values of one column from the shares of its plan."""

from __future__ import annotations

import numpy as np

from smv_ai.demo.table import Table
from smv_ai.errors import BadInputError
from smv_ai.survey.plan import Draw


def random_numbers(seed: int, purpose: str) -> np.random.Generator:
    """Random numbers of their own for each purpose, so that a further column leaves the others as they are."""
    return np.random.default_rng([seed, *purpose.encode()])


def whole_parts(total: int, shares: np.ndarray) -> np.ndarray:
    """`total` in whole parts as nearly in proportion to the shares as possible (largest remainders)."""
    exact = total * shares / shares.sum()
    # ten decimals: equal remainders must stay equal, or the last bit of a quotient would decide
    parts = np.floor(np.round(exact, 10)).astype(np.int64)
    most = np.argsort(-np.round(exact - parts, 10), kind="stable")
    parts[most[: total - parts.sum()]] += 1
    return parts


class Drawer:
    """One column with its possible codes and, for each case, their shares."""

    def __init__(self, draw: Draw, codes: dict[str, int]) -> None:
        """`codes` has the number of each value that a share may name."""
        self.column = draw.column
        self.conditions = [case.conditions for case in draw.cases]
        if unknown := {value for case in draw.cases for value in case.shares} - set(codes):
            raise BadInputError(
                f"{draw.column} has shares for {', '.join(sorted(unknown))}; allowed: {', '.join(codes)}"
            )
        self.codes = np.array(sorted(set(codes.values())), dtype=np.int16)
        place = {code: number for number, code in enumerate(self.codes.tolist())}
        self.shares = np.zeros((len(draw.cases), len(self.codes)))
        for number, case in enumerate(draw.cases):
            for value, share in case.shares.items():
                self.shares[number, place[codes[value]]] += share
        if not (self.shares.sum(axis=1) > 0).all() or (self.shares < 0).any():
            raise BadInputError(f"{draw.column}: the shares of each case must have a positive sum")
        cumulated = np.cumsum(self.shares / self.shares.sum(axis=1, keepdims=True), axis=1)
        self._upper = np.where(cumulated >= 1 - 1e-12, np.inf, cumulated)

    def case_of(self, table: Table, asked: np.ndarray) -> np.ndarray:
        """The number of the first case that fits each respondent; -1 for those not asked."""
        found = np.full(table.size, -1, dtype=np.int16)
        for number, conditions in enumerate(self.conditions):
            found[(found < 0) & asked & table.fits(conditions)] = number
        if lost := int(((found < 0) & asked).sum()):
            raise BadInputError(f"{self.column}: no case fits {lost} respondents; give shares for everybody else")
        return found

    def may_have(self, cases: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Whether a value has a share in the case; False for values that are no code of the column."""
        places = np.searchsorted(self.codes, values).clip(max=len(self.codes) - 1)
        return (self.codes[places] == values) & (cases >= 0) & (self.shares[cases, places] > 0)

    def one_by_one(self, cases: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """A value for each respondent, from his case and his random number alone."""
        return self.codes[(uniform[:, None] > self._upper[cases]).sum(axis=1)]

    def together(self, cases: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Values for all respondents with a case (the others keep 0): the shares are met in each case."""
        values = np.zeros(len(cases), dtype=np.int16)
        order = np.argsort(uniform, kind="stable")
        for number, shares in enumerate(self.shares):
            rows = order[cases[order] == number]
            values[rows] = np.repeat(self.codes, whole_parts(len(rows), shares))
        return values
