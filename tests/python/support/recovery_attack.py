"""Whether a hidden count can be worked out from what is released of a wave, in whole numbers.

The attacker is given more than anybody has: the weights, the number of firms of every cell of the design, and every
answer but those to the question that is attacked. The release leaves them limits: the digits of estimates, errors,
bounds, design effects and effective sizes, the number of firms, the grade (which rules of quality a figure breaks, also
one that is withheld for them), and what docs/disclosure.md says to everybody: that an answer that is shown was given by
at least five firms, or by nobody. They may be told besides which figures are hidden
for a rare answer, that is, for one to four firms.

A count stays hidden where firms can have answered otherwise within all limits. The product names such answers
(smv_ai/survey/disclosure); here they are computed apart from it, with everything that is released.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.stats import t as student
from support.recovery_wave import Wave

THRESHOLD = 5  # fewer answers are hidden
ROUNDING = 1e-7  # of a step or of a limit: what the order of a sum may do
EXACT = 1 - 1e-9  # a limit that is met exactly, up to the order of a sum
OUTPUTS = (
    "number", "low_side", "high_side", "estimate", "standard_error", "lower_half", "upper_half", "design_effect",
    "effective_sample_size", "rarest",
)  # fmt: skip
Limits = np.ndarray  # figures by OUTPUTS by (least, most)


class Question:
    """One question in a wave: the figures that rest on it, the answers, and the limits that the release leaves them.

    answers: firms by code (rows) and cell (columns). Figures are known by sums of each: by stratum, of weight and score
    (w, ws, wss, ww, wws, wwss) and of firms (number, sum of scores).
    """

    def __init__(self, wave: Wave, item: str, is_told: bool = False) -> None:
        self.wave, self.item, self.is_told = wave, item, is_told
        self.keys = [key for key in wave.figures if wave.items.get(key[0]) == item]
        self.figures = [wave.figures[key] for key in self.keys]
        self.codes = sorted({code for measure, _ in self.keys for code in wave.scores[measure]})
        self.answers = np.array([wave.counts[item, code] for code in self.codes])
        self.inside = np.array([figure.cells for figure in self.figures]) * 1.0
        scores = [wave.scores[measure] for measure, _ in self.keys]
        self.counted = np.array([[code in known for code in self.codes] for known in scores]) * 1.0
        self.scores = np.array([[known.get(code, 0.0) for code in self.codes] for known in scores])
        self.ends = np.array([[min(known.values()), max(known.values())] for known in scores])
        self.moments = np.stack([self.counted, self.scores, self.scores**2] * 2, axis=2)
        self.powers = np.array([wave.weights] * 3 + [wave.weights**2] * 3)
        self.rows = {name: self._column(name) for name in self.figures[0].row}
        self.is_shown = ~np.isnan(self.rows["estimate"])
        self.quantile = student.ppf((1 + self.rows["interval_level"]) / 2, self.rows["degrees_of_freedom"])
        self.is_total = np.array([figure.row["statistic"] == "total" for figure in self.figures])
        self.is_logit = np.array([figure.row["interval_method"] == "logit" for figure in self.figures])
        self.sums, self.firms = self.sums_of(self.answers)
        self.calibrated = np.ones(len(self.keys))
        variance, true = self._value_and_variance(self.sums, self.everything)[1], self.rows["true_standard_error"] ** 2
        self.calibrated = np.where(variance > 1e-18, true / np.maximum(variance, 1e-18), 1.0)
        outputs = self.outputs(self.sums, self.firms, self.everything)
        self.is_graded = ~np.array([bool(figure.row["is_suppressed"]) for figure in self.figures])
        self.grades = self.broken(outputs, self.everything)
        self.limits = self._limits()
        self.followers, self.follower_limits = self._follower_limits()

    @property
    def everything(self) -> np.ndarray:
        """The places of all figures."""
        return np.arange(len(self.keys))

    def _column(self, name: str) -> np.ndarray:
        values = [figure.row[name] for figure in self.figures]
        if any(isinstance(value, str) for value in values):
            return np.array(values, dtype=object)
        return np.array([np.nan if value is None else value for value in values], dtype=float)

    def sums_of(self, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The sums of all figures where firms answer so."""
        sums = np.zeros((len(self.keys), self.wave.strata.max() + 1, 6))
        answered = answers.any(axis=0)
        for stratum in np.unique(self.wave.strata[answered]):
            here = answered & (self.wave.strata == stratum)
            by_code = np.einsum(
                "fc,ac,mc->fam", self.inside[:, here], answers[:, here], self.powers[:, here], optimize=True
            )
            sums[:, stratum] = (by_code * self.moments).sum(axis=1)
        number = self.inside @ answers.T
        return sums, np.stack([(number * self.counted).sum(axis=1), (number * self.scores).sum(axis=1)], axis=1)

    def _value_and_variance(self, sums: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        w, ws, _, ww, wws, wwss = np.moveaxis(sums, 2, 0)
        is_total, size = self.is_total[at], w.sum(axis=1)
        value = np.where(is_total, ws.sum(axis=1), ws.sum(axis=1) / size)
        centre = np.where(is_total, 0.0, value)[:, None]
        firms, factors = self.wave.stratum_factors
        squares, totals = wwss - 2 * centre * wws + centre**2 * ww, ws - centre * w
        variance = (factors * (squares - totals**2 / firms)).sum(axis=1) / np.where(is_total, 1.0, size**2)
        return value, np.maximum(variance, 0.0) * self.calibrated[at]

    def outputs(self, sums: np.ndarray, firms: np.ndarray, at: np.ndarray) -> np.ndarray:
        """What the release says of the figures at these places, unrounded and in its unit: figures by OUTPUTS."""
        with np.errstate(all="ignore"):
            value, variance = self._value_and_variance(sums, at)
            error, quantile = np.sqrt(variance), self.quantile[at]
            w, _, wss, ww, _, _ = np.moveaxis(sums.sum(axis=1), 1, 0)
            number, score = firms.T
            (low, high), gap = self.ends[at].T, np.diff(self.ends[at]).ravel()
            logit, reach = np.log(value / (1 - value)), quantile * error / (value * (1 - value))
            by_logit = [1 / (1 + np.exp(-(logit + side * reach))) for side in (-1, 1)]
            lower, upper = (
                np.where(self.is_logit[at], bound, value + side * quantile * error)
                for side, bound in zip((-1, 1), by_logit, strict=True)
            )
            unsampled = np.where(w - number > 1e-9 * w, w - number, np.nan)
            spread = (wss - value**2 * w) / w * number / (number - 1)
            effect = np.where(self.is_total[at], np.nan, variance / (spread * unsampled / (w * number)))
            effective = np.where(effect > 0, number / effect, w**2 / ww)
            factor = self.rows["value_factor"][at]
            return np.stack([
                number, (score - number * low) / gap, (number * high - score) / gap, factor * value, factor * error,
                factor * (value - lower), factor * (upper - value), effect, effective,
                np.minimum(score - number * low, number * high - score) / gap,
            ], axis=1)  # fmt: skip

    def _limits(self) -> Limits:
        now = self.outputs(self.sums, self.firms, self.everything)
        limits = np.tile([-np.inf, np.inf], (*now.shape, 1))
        on_base = np.isin([measure for measure, _ in self.keys], list(set().union(*self.wave.dependents.values())))
        for at, figure in enumerate(self.figures):
            row, limit = figure.row, dict(zip(OUTPUTS, limits[at], strict=True))
            if row["sample_size"] is not None:
                limit["number"][:] = row["sample_size"] + np.array([-1, 1]) * on_base[at] * row["size_step"] / 2
            self._limit_rare_answers(row, limit, now[at])
            if row["is_counted"]:  # its answers are groups of a table, which shows how many firms they are
                limit["low_side"][:] = now[at][1] + np.array([-1e-6, 1e-6])
            if now[at][1] > 0 and now[at][2] > 0 and row["estimate"] is not None:  # else the sides say all
                self._limit_digits(row, limit)
        return limits

    def _limit_rare_answers(self, row: dict, limit: dict[str, np.ndarray], now: np.ndarray) -> None:
        """An answer that is shown is of enough firms or of nobody; a hidden rare one of few, where that is told."""
        rarest = min(now[1], now[2])
        if row["is_rare"]:
            limit["rarest"][:] = (1e-3, THRESHOLD - 1e-3) if self.is_told else (-1e-6, np.inf)
        elif not row["is_suppressed"] and rarest < 1e-6:
            limit["rarest"][:] = 0, 0
        elif not row["is_suppressed"]:
            limit["low_side"][0] = limit["high_side"][0] = THRESHOLD - 1e-6

    def _limit_digits(self, row: dict, limit: dict[str, np.ndarray]) -> None:
        value = row["estimate"]
        around, error_around = (
            0.5 * row[step] * (1 + ROUNDING) * np.array([-1, 1]) for step in ("released_step", "error_step")
        )
        limit["estimate"][:] = value + around
        limit["standard_error"][:] = row["standard_error"] + error_around
        if row["standard_error"] < 1.5 * row["error_step"]:  # never 0
            limit["standard_error"][0] = -np.inf
        limit["lower_half"][:] = value - row["ci_lower"] + error_around
        limit["upper_half"][:] = row["ci_upper"] - value + error_around
        if row["statistic"] == "share" and row["ci_upper"] >= row["value_factor"]:
            limit["upper_half"][1] = np.inf
        for name in ("design_effect", "effective_sample_size"):
            if row[name] is not None:
                limit[name][:] = last_digit(row[name])

    def _follower_limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Sub-populations that this question defines: codes by cells that count, and how many firms may come or go."""
        question = {measure for measure, _ in self.keys}
        names = set().union(*(self.wave.dependents.get(measure, set()) for measure in question))
        bases = {}
        for (other, key), figure in self.wave.figures.items():
            if other in names and other in self.wave.items and figure.row["sample_size"] is not None:
                row, leads = figure.row, self.wave.base_codes(other, self.item, self.codes)
                bases[leads, key, row["respondents"], row["sample_size"], row["size_step"]] = True
        masks = [np.outer(np.isin(self.codes, leads), self.wave.segments[key]) for leads, key, *_ in bases]
        limits = [shown - number + np.array([-1, 1]) * step / 2 for *_, number, shown, step in bases]
        shape = (-1, *self.answers.shape)
        return np.array(masks, dtype=float).reshape(shape), np.array(limits, dtype=float).reshape(-1, 2)

    @cached_property
    def slopes(self) -> np.ndarray:
        """By how much OUTPUTS change with a firm more of each answer: figures by OUTPUTS by codes by cells."""
        slopes, little = np.zeros((len(self.keys), len(OUTPUTS), *self.answers.shape)), 1e-4
        for at in self.everything:
            cells = np.flatnonzero(self.inside[at])
            codes, places = np.repeat(np.arange(len(self.codes)), len(cells)), np.tile(cells, len(self.codes))
            many = np.arange(len(places))
            sums = np.repeat(self.sums[[at]], len(places), axis=0)
            sums[many, self.wave.strata[places]] += little * self.moments[at, codes] * self.powers[:, places].T
            firms = self.firms[at] + little * np.stack([self.counted[at, codes], self.scores[at, codes]], axis=1)
            one = np.full(len(places), at)
            with np.errstate(invalid="ignore"):
                change = self.outputs(sums, firms, one) - self.outputs(self.sums[[at]], self.firms[[at]], one[:1])
            slopes[at, :, codes, places] = np.nan_to_num(change, posinf=0.0, neginf=0.0) / little
        return slopes

    @cached_property
    def asked(self) -> np.ndarray:
        """Cells with firms that answered the question."""
        return np.flatnonzero(self.answers.sum(axis=0) > 0)

    def allows(self, answers: np.ndarray) -> bool:
        """Whether everything would be released as it is, were these the answers."""
        sums, firms = (
            before + change
            for before, change in zip((self.sums, self.firms), self.sums_of(answers - self.answers), strict=True)
        )
        came = np.einsum("pac,ac->p", self.followers, answers - self.answers)
        least, most = self.follower_limits.T
        if ((came < least) | (came > most)).any():
            return False
        outputs = self.outputs(sums, firms, self.everything)
        if (self.broken(outputs, self.everything) != self.grades)[self.is_graded].any():
            return False
        return not self.excess(outputs, self.everything).any()

    def broken(self, outputs: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Which rules of quality the figures at these places break: figures by rules."""
        of, factor = dict(zip(OUTPUTS, outputs.T, strict=True)), self.rows["value_factor"][at]
        value, width = of["estimate"] / factor, (of["lower_half"] + of["upper_half"]) / factor
        with np.errstate(all="ignore"):
            metrics = {
                "effective_sample_size": of["effective_sample_size"],
                "interval_width": width,
                "relative_interval_width": np.where(width > 0.05, width / value, np.nan),
                "distance_from_edge": np.minimum(value, 1 - value),
                "coefficient_of_variation": of["standard_error"] / factor / np.abs(value),
            }
        statistic = np.where(self.is_total[at], "amount", self.rows["statistic"][at].astype(str))
        return np.array([
            (statistic == rule) & (metrics[metric] >= least * EXACT) & (metrics[metric] < below * EXACT)
            for rule, metric, least, below in self.wave.limits
        ]).reshape(len(self.wave.limits), len(at)).T  # fmt: skip

    def excess(self, outputs: np.ndarray, at: np.ndarray) -> np.ndarray:
        """By how much figures leave their limits, in widths of the limits; 0 where they agree with the release."""
        least, most = np.moveaxis(self.limits[at], 2, 0)
        is_open = np.isneginf(least) & np.isposinf(most)
        width = np.where(np.isfinite(most - least) & (most > least), most - least, 1.0)
        over = np.where(is_open, 0.0, np.maximum(0.0, np.maximum(least - outputs, outputs - most)) / width)
        return np.where(np.isnan(over), 10.0, over).sum(axis=1)


def last_digit(number: float) -> tuple[float, float]:
    """Between what a number lies that has these two significant digits."""
    unit = 10.0 ** (np.floor(np.log10(number) + 1e-12) - 1)
    below = unit / 10 if abs(number - 10 * unit) < 1e-9 * unit else unit
    return number - below / 2 * (1 + ROUNDING), number + unit / 2 * (1 + ROUNDING)


def most_and_least(question: Question, place: int) -> tuple[int, int]:
    """Limits of a hidden sum of scores by estimates and numbers of firms alone; exact where all answers count."""
    asked, outputs = question.asked, [OUTPUTS.index("number"), OUTPUTS.index("estimate")]
    now = question.outputs(question.sums, question.firms, question.everything)
    bound = np.isfinite(question.limits).all(axis=2)
    bound[:, [at for at in range(len(OUTPUTS)) if at not in outputs]] = False
    firms = question.answers[:, asked]
    rows = question.slopes[bound][..., asked].reshape(bound.sum(), firms.size)
    scale = np.maximum(np.abs(rows).max(axis=1, initial=0), 1e-12)[:, None]
    same_firms = np.tile(np.eye(len(asked)), (1, len(question.codes)))
    count = (question.inside[place, asked] * question.scores[place][:, None]).ravel()
    ends = []
    for side in (1, -1):
        result = milp(
            side * count,
            constraints=[
                LinearConstraint(rows / scale, *((question.limits[bound] - now[bound][:, None]) / scale).T),
                LinearConstraint(same_firms, 0, 0),
            ],
            bounds=Bounds(-firms.ravel(), (firms.sum(axis=0) - firms).ravel()),
            integrality=np.ones(firms.size),
        )
        assert result.status == 0, result.message
        ends.append(round(question.firms[place, 1] + count @ np.round(result.x)))
    return ends[0], ends[1]
