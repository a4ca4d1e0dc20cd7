"""Fit a drawn register to what its study prints: treatment moves between near firms, then growth shifts by group."""

from __future__ import annotations

import math
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from smv_ai.demo.register import PRINTED_HALF_WIDTH, Register
from smv_ai.errors import BadInputError
from smv_ai.matching.study import Outcome, Study, Trim, outcome_id

ROUNDS = 400
# Untreated firms beyond the outermost treated one that is kept, besides those that trimming takes.
OUTERMOST = 3
# Means are fitted to so much of the half width of a printed figure: rounding of the amounts has the rest.
EXACT = PRINTED_HALF_WIDTH / 20


@dataclass(frozen=True)
class Match:
    """Firms left after trimming, treated among them, and the weight of each firm as a control."""

    kept: np.ndarray
    treated: np.ndarray
    controls: np.ndarray
    distances: np.ndarray
    weights: np.ndarray

    @property
    def used(self) -> int:
        """Different firms that are a control of any treated firm."""
        return int((self.weights > 0).sum())


def fit(register: Register, study: Study) -> None:
    """Move treatment and growth until the design of the study gives the printed counts and means back. Raises
    BadInputError where it does not within ROUNDS, or where the study asks for what this room cannot do.
    """
    if study.distance != "mahalanobis" or study.sample != "common" or study.caliper or study.where or study.by:
        raise BadInputError(
            f"demo/registers/{study.study_id}.yml: only a study with one sample, Mahalanobis distance and no caliper, "
            "`where` or `by` can have a made-up register"
        )
    distances = _distance_terms(register, study)
    for _ in range(ROUNDS):
        _keep_all_treated(register, study)
        match = find(register, study, distances)
        if match.used != register.printed.controls:
            _move_treatment(register, study, distances, match)
        elif not _shift(register, match):
            return
    raise BadInputError(
        f"demo/registers/{study.study_id}.yml: no register with {register.printed.controls} controls and the printed "
        f"growth was found in {ROUNDS} rounds; change the seed or what is assumed"
    )


def _distance_terms(register: Register, study: Study) -> np.ndarray:
    """Firm × term: what the study matches on, by the SQL of its terms."""
    rows = register.rows()
    base = rows[rows["year"] == study.base_year]
    columns = ", ".join(f"{term.sql('base')} as term_{number}" for number, term in enumerate(study.match_on))
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("base", base)
        found: pd.DataFrame = connection.execute(f"select {columns} from base order by firm_id").df()
    return found.to_numpy(dtype=float)


def _limits(study: Study, outcome: Outcome) -> tuple[float, float]:
    trim = outcome.trim or study.trim or Trim()
    return (0.0 if trim.lower is None else trim.lower, 1.0 if trim.upper is None else trim.upper)


def _keep_all_treated(register: Register, study: Study) -> None:
    """Draw in the growth of treated firms that trimming would take: the study has all of them left."""
    for outcome in study.outcomes:
        values = register.growth[outcome_id(outcome)]
        lower, upper = _limits(study, outcome)
        others = np.sort(values[~register.is_treated])
        below = math.ceil((register.size - 1) * lower) + OUTERMOST if lower > 0 else 0
        above = math.ceil((register.size - 1) * (1 - upper)) + OUTERMOST if upper < 1 else 0
        bounds = (others[below] if below else -np.inf), (others[-1 - above] if above else np.inf)
        values[register.is_treated] = np.clip(values[register.is_treated], *bounds)


def find(register: Register, study: Study, terms: np.ndarray) -> Match:
    """The match of the study, as the models find it: trimmed, Mahalanobis over all that are left, nearest."""
    kept = np.ones(register.size, dtype=bool)
    for outcome in study.outcomes:
        values = register.growth[outcome_id(outcome)]
        lower, upper = np.quantile(values, _limits(study, outcome))
        kept &= (values >= lower) & (values <= upper)
    factor = np.linalg.cholesky(np.cov(terms[kept].T, bias=True))
    placed = np.linalg.solve(factor, terms.T).T
    treated, controls = np.flatnonzero(kept & register.is_treated), np.flatnonzero(kept & ~register.is_treated)
    distances = ((placed[treated][:, None] - placed[controls][None]) ** 2).sum(axis=2)
    for column in study.exact:
        values = register.exact(column)
        distances[values[treated][:, None] != values[controls][None]] = np.inf
    last = np.sort(distances, axis=1)[:, study.neighbours - 1 : study.neighbours]
    near = distances <= last
    weights = np.zeros(register.size)
    weights[controls] = (near / near.sum(axis=1, keepdims=True)).sum(axis=0)
    return Match(kept, treated, controls, distances, weights)


def _move_treatment(register: Register, study: Study, terms: np.ndarray, match: Match) -> None:
    """Let one treated firm and its nearest control change places, so that the number of controls comes nearer."""
    wanted = register.printed.controls
    for place in register.random.permutation(len(match.treated)):
        pair = [match.treated[place], match.controls[np.argmin(match.distances[place])]]
        register.is_treated[pair] = ~register.is_treated[pair]
        if abs(find(register, study, terms).used - wanted) < abs(match.used - wanted):
            return
        register.is_treated[pair] = ~register.is_treated[pair]
    raise BadInputError(
        f"demo/registers/{study.study_id}.yml: {match.used} controls instead of {wanted}, and no treated firm that "
        "changes places with its nearest control helps; change the seed or what is assumed"
    )


def _shift(register: Register, match: Match) -> bool:
    """Shift the growth of the treated, and of all others, to the printed means; False where both are met already."""
    is_shifted = False
    for name, (treated, control) in register.printed.growth.items():
        values = register.growth[name]
        missing = (
            treated - values[match.treated].mean(),
            control - np.average(values, weights=match.weights),
        )
        if max(map(abs, missing)) > EXACT:
            is_shifted = True
            values += np.where(register.is_treated, *missing)
    return is_shifted or len(match.treated) != register.printed.treated
