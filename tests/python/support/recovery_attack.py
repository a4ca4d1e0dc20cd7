"""Whether a hidden count can be worked out from what is released of a wave, in whole numbers.

The attacker is given more than anybody has: the weights, the number of firms of every cell of the design, and every
answer but those to the question that is attacked. The release leaves them limits: the digits of estimates, errors,
bounds, design effects and effective sizes, the number of firms, and what docs/disclosure.md says to everybody: that a
hidden rare answer was given by fewer than eight firms, one that is shown by more or by nobody at all, and that an
unreliable figure breaks a rule (the attacker is even told which). A count stays hidden where firms can have answered
otherwise within all limits.

Such answers are looked for in two ways, and each that is found is a witness for every hidden count of the question: by
wandering (some firms answer otherwise; a step that leaves the limits is taken back), and by a whole-number programme
(HiGHS) that makes hidden counts as large or as small as the limits allow, from which the next walk starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.stats import t as student
from support.recovery_wave import Wave

THRESHOLD = 5  # fewer answers are hidden
ROUNDED_TO = 5  # sizes of sub-populations
ROUNDING = 1e-7  # of a step or of a limit: what the order of a sum may do
MOST_NODES = 200
STEPS = 1500
JUMPS = 30
MOST_MOVED = 6
MOST_TARGETS = 12
MOST_CELLS = 100
MOST_MOVES = 3
OUTPUTS = (
    "number", "low_side", "high_side", "estimate", "standard_error", "lower_half", "upper_half", "design_effect",
    "effective_sample_size", "interval_width", "relative_interval_width", "coefficient_of_variation",
)  # fmt: skip
Limits = np.ndarray  # figures by OUTPUTS by (least, most)


class Question:
    """One question in a wave: the figures that rest on it, the answers, and the limits that the release leaves them.

    answers: firms by code (rows) and cell (columns). Figures are known by sums of each: by stratum, of weight and score
    (w, ws, wss, ww, wws, wwss) and of firms (number, sum of scores).
    """

    def __init__(self, wave: Wave, item: str) -> None:
        self.wave, self.item = wave, item
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
        for stratum in range(sums.shape[1]):
            here = self.wave.strata == stratum
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
            factor, width = self.rows["value_factor"][at], upper - lower
            return np.stack([
                number, (score - number * low) / gap, (number * high - score) / gap, factor * value, factor * error,
                factor * (value - lower), factor * (upper - value), effect, effective,
                width, np.where((width > 0.05) & (value > 0), width / value, 0.0), error / np.abs(value),
            ], axis=1)  # fmt: skip

    def _limits(self) -> Limits:
        now = self.outputs(self.sums, self.firms, self.everything)
        limits = np.tile([-np.inf, np.inf], (*now.shape, 1))
        on_base = np.isin([measure for measure, _ in self.keys], list(set().union(*self.wave.dependents.values())))
        for at, figure in enumerate(self.figures):
            row, limit = figure.row, dict(zip(OUTPUTS, limits[at], strict=True))
            if row["sample_size"] is not None:
                limit["number"][:] = row["sample_size"] + np.array([-1, 1]) * on_base[at] * ROUNDED_TO / 2
            self._limit_rare_answers(row, limit, now[at])
            if now[at][1] > 0 and now[at][2] > 0:  # else the sides say all
                if row["estimate"] is not None:
                    self._limit_digits(row, limit)
                self._limit_by_rules(row, limit, now[at])
        return limits

    def _limit_rare_answers(self, row: dict, limit: dict[str, np.ndarray], now: np.ndarray) -> None:
        """A hidden rare answer is of fewer firms than the limit, one that is not hidden of more or of nobody."""
        sides = {"low_side": now[1], "high_side": now[2]}
        rarer = min(sides, key=sides.__getitem__)
        if row["is_rare"]:
            limit[rarer][:] = 1e-3, THRESHOLD - 1e-3
        elif not row["is_suppressed"] and sides[rarer] < 1e-6:
            limit[rarer][:] = 0, 0
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

    def _limit_by_rules(self, row: dict, limit: dict[str, np.ndarray], now: np.ndarray) -> None:
        """No rule is broken by a figure that is shown; by one that is not, the rule that the truth breaks most."""
        kind = "amount" if row["statistic"] == "total" else row["statistic"]
        broken = {}
        for rule in self.wave.rules:
            least, most = rule["at_least"] or -np.inf, rule["below"] or np.inf
            if rule["statistic"] != kind or rule["metric"] not in limit:
                continue
            value = now[OUTPUTS.index(rule["metric"])]
            if row["estimate"] is not None and least > -np.inf:
                limit[rule["metric"]][1] = min(limit[rule["metric"]][1], least * (1 + ROUNDING))
            elif row["estimate"] is not None:
                limit[rule["metric"]][0] = max(limit[rule["metric"]][0], most * (1 - ROUNDING))
            elif least * (1 - ROUNDING) <= value < most * (1 + ROUNDING):
                broken[max(value / least if least > 0 else 0, most / value)] = (rule["metric"], least, most)
        if broken and row["is_withheld"] and not row["is_suppressed"]:
            metric, least, most = broken[max(broken)]
            limit[metric][:] = least * (1 - ROUNDING), most * (1 + ROUNDING)

    def _follower_limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Sub-populations that this question defines: codes by cells that count, and how many firms may come or go."""
        question = {measure for measure, _ in self.keys}
        names = set().union(*(self.wave.dependents.get(measure, set()) for measure in question))
        bases = {}
        for (other, key), figure in self.wave.figures.items():
            if other in names and other in self.wave.items and figure.row["sample_size"] is not None:
                bases[self.wave.base_codes(other, self.item, self.codes), key] = True
        masks = [np.outer(np.isin(self.codes, leads), self.wave.segments[key]) for leads, key in bases]
        numbers = [(mask * self.answers).sum() for mask in masks]
        limits = [ROUNDED_TO * np.round(number / ROUNDED_TO) - number + np.array([-2, 2]) for number in numbers]
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

    @cached_property
    def programme(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and (least, most) that the limits set to firms that move: by limit, codes and cells.

        What is not linear in them keeps a tenth of its way to the limit in hand.
        """
        now = self.outputs(self.sums, self.firms, self.everything)
        bound = np.isfinite(self.limits).any(axis=2) & np.isfinite(now)
        room = self.limits - now[..., None]
        room[:, OUTPUTS.index("standard_error") :] *= 0.9
        rows, ends = np.vstack([self.slopes[bound], self.followers]), np.vstack([room[bound], self.follower_limits])
        scale = np.maximum(np.abs(rows).max(axis=(1, 2)), 1e-12)
        return rows / scale[:, None, None], ends / scale[:, None]

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


@dataclass
class Search:
    """Values of hidden counts that witnesses have: by place of the figure in the question."""

    question: Question
    seen: dict[int, set[float]]
    enough: int
    random: np.random.Generator

    @property
    def open(self) -> list[int]:
        """Places with too few values so far."""
        return [place for place, values in self.seen.items() if len(values) < self.enough]

    def walk(self, answers: np.ndarray, steps: int) -> np.ndarray:
        """Let a few firms at a time answer otherwise, never further from the limits; where it ends."""
        question, wave = self.question, self.question.wave
        answers, (sums, firms) = answers.copy(), question.sums_of(answers)
        excess = question.excess(question.outputs(sums, firms, question.everything), question.everything)
        came = np.einsum("pac,ac->p", question.followers, answers - question.answers)
        asked = question.asked
        for _ in range(steps):
            if not self.open:
                break
            moves = self._moves(asked)
            trial = answers.copy()
            for cell, leaves, takes in moves:
                trial[leaves, cell] -= 1
                trial[takes, cell] += 1
            if (trial < 0).any():
                continue
            at = np.flatnonzero(question.inside[:, [cell for cell, *_ in moves]].any(axis=1))
            new_sums, new_firms, new_came = sums[at], firms[at], came.copy()
            for cell, leaves, takes in moves:
                here = question.inside[at, cell]
                change = (question.moments[at, takes] - question.moments[at, leaves]) * question.powers[:, cell]
                new_sums[:, wave.strata[cell]] += change * here[:, None]
                new_firms[:, 0] += here * (question.counted[at, takes] - question.counted[at, leaves])
                new_firms[:, 1] += here * (question.scores[at, takes] - question.scores[at, leaves])
                new_came += question.followers[:, takes, cell] - question.followers[:, leaves, cell]
            if ((new_came < question.follower_limits[:, 0]) | (new_came > question.follower_limits[:, 1])).any():
                continue
            new_excess = question.excess(question.outputs(new_sums, new_firms, at), at)
            if new_excess.sum() > excess[at].sum():
                continue
            answers, sums[at], firms[at], excess[at], came = trial, new_sums, new_firms, new_excess, new_came
            if not excess.any():
                for place, values in self.seen.items():
                    values.add(round(firms[place, 1], 6))
        return answers

    def _moves(self, asked: np.ndarray) -> list[tuple[int, int, int]]:
        """One to MOST_MOVES firms: cell, the answer that one leaves, the answer that it takes; often there and back."""
        random, codes = self.random, len(self.question.codes)
        near = np.flatnonzero(self.question.inside[random.choice(self.open)] * self.question.answers.sum(axis=0))
        moves = []
        for _ in range(random.integers(1, MOST_MOVES + 1)):
            leaves, takes = random.permutation(codes)[:2]
            if moves and random.random() < 0.7:
                takes, leaves = moves[0][1:]
            moves.append((int(random.choice(near if random.random() < 0.5 else asked)), int(leaves), int(takes)))
        return moves

    def jump(self) -> np.ndarray | None:
        """Answers that make some hidden counts larger or smaller, of few firms; about: the slopes are the truth's.

        A whole-number programme with a variable a cell and answer, for firms that come and for firms that go.
        """
        question, random = self.question, self.random
        targets = random.permutation(self.open)[:MOST_TARGETS]
        near = np.intersect1d(question.asked, np.flatnonzero(question.inside[targets].any(axis=0)))
        asked = np.union1d(random.permutation(near)[:MOST_CELLS], random.permutation(question.asked)[:MOST_CELLS])
        rows, ends = question.programme
        rows = rows[..., asked].reshape(len(rows), -1)
        moving = np.abs(rows).max(axis=1) > 1e-12
        rows, ends = rows[moving], ends[moving]
        firms = question.answers[:, asked]
        wanted = np.zeros(firms.shape)
        for place in targets:
            wanted += random.choice([-1, 1]) * question.inside[place, asked] * question.scores[place][:, None]
        same_firms = np.tile(np.eye(len(asked)), (1, len(question.codes)))  # one that leaves an answer takes another
        both = np.vstack([rows, same_firms])
        still = np.zeros((len(asked), 2))
        prices = random.uniform(0.02, 0.04, (2, firms.size))
        result = milp(
            np.concatenate([prices[0] + wanted.ravel(), prices[1] - wanted.ravel()]),
            constraints=LinearConstraint(csr_array(np.hstack([both, -both])), *np.vstack([ends, still]).T),
            bounds=Bounds(
                0, np.minimum(np.concatenate([(firms.sum(axis=0) - firms).ravel(), firms.ravel()]), MOST_MOVED)
            ),
            integrality=np.ones(2 * firms.size),
            options={"node_limit": MOST_NODES, "mip_rel_gap": 0.5},
        )
        if result.x is None:
            return None
        come, go = np.round(result.x).reshape(2, *firms.shape)
        answers = question.answers.copy()
        answers[:, asked] += come - go
        return answers


def possible_values(wave: Wave, keys: list[tuple[str, tuple[str, str]]], enough: int = 3) -> dict:
    """Values found that hidden counts of one question can have, with the truth, by measure and cell."""
    question = Question(wave, wave.items[keys[0][0]])
    places = [question.keys.index(key) for key in keys]
    search = Search(
        question,
        {place: {round(question.firms[place, 1], 6)} for place in places},
        enough,
        np.random.default_rng(20261128),
    )
    search.walk(question.answers, STEPS)
    for _ in range(JUMPS):
        if not search.open:
            break
        answers = search.jump()
        if answers is not None:
            search.walk(answers, STEPS)
    return {question.keys[place]: values for place, values in search.seen.items()}


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
