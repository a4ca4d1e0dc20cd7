"""An independent reading of tests/golden/README.md in numpy, row by row and matrix by matrix, used only in tests.

It shares no formula with the macros: weights by Newton's method, projections by least squares on the rows.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from scipy import stats

COMPARED = ("change", "difference")


def read_table(path: Path) -> list[dict[str, str | None]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: value if value != "" else None for name, value in row.items()} for row in csv.DictReader(file)]


def holds(value: str | None, wanted) -> bool:
    if isinstance(wanted, str):
        return value == wanted
    try:
        return value is not None and float(value) == wanted
    except ValueError:
        return False


def numbers(rows, column) -> np.ndarray:
    return np.array([np.nan if row[column] is None else float(row[column]) for row in rows])


class SampleOracle:
    """The sample of a case: rows, strata, sampling units, base and calibrated weights."""

    def __init__(self, case: dict, folder: Path) -> None:
        self.case, self.folder = case, folder
        rows = read_table(folder / case["data"])
        self.rows = [row for row in rows if all(holds(row[c], v) for c, v in (case.get("where") or {}).items())]
        self.size = len(self.rows)
        self.stratum = np.array(
            [row[case["stratum"]] if case.get("stratum") else "" for row in self.rows], dtype=object
        )
        units = [row[case["psu"]] if case.get("psu") else str(number) for number, row in enumerate(self.rows)]
        self.unit = np.array([f"{h}#{u}" for h, u in zip(self.stratum, units, strict=True)], dtype=object)
        self.base = numbers(self.rows, case["weight"])
        self.population = numbers(self.rows, case["population_size"]) if case.get("population_size") else None
        self.weight = self.base.copy()
        self.projections: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        if case.get("calibration"):
            self._calibrate(case["calibration"])
        self.replicates = self._replicates(case["replicates"]) if case.get("replicates") else None

    def _replicates(self, replicates: dict) -> np.ndarray:
        """Analysis weights (rows × replicates) of a file."""
        by_key = {row[replicates["key"]]: row for row in read_table(self.folder / replicates["file"])}
        names = [name for name in next(iter(by_key.values())) if name.startswith(replicates["prefix"])]
        read = [[float(by_key[row[replicates["key"]]][name]) for name in names] for row in self.rows]
        return np.array(read) * (1.0 if replicates["combined"] else self.base[:, None])

    def replicated_variance(self, again: np.ndarray, value: float) -> float:
        """From the statistic with each set of weights."""
        replicates = self.case["replicates"]
        deviations = again - (value if replicates["mse"] else again.mean())
        return replicates["scale"] * (deviations**2 * replicates["rscales"]).sum()

    def _calibrate(self, calibration: dict) -> None:
        within = [row[calibration["within"]] if calibration.get("within") else "" for row in self.rows]
        for value in sorted(set(within)):
            rows = np.array([w == value for w in within])
            blocks, totals = [], []
            for margin in calibration["margins"]:
                for line in read_table(self.folder / margin["file"]):
                    freq = float(line.pop("Freq"))
                    (category,) = line.values()
                    blocks.append(
                        [
                            row[margin["column"]] == category
                            for row, inside in zip(self.rows, rows, strict=True)
                            if inside
                        ]
                    )
                    totals.append(freq)
            x, t, d = np.array(blocks, dtype=float).T, np.array(totals), self.base[rows]
            if calibration["method"] == "linear":
                beta = np.linalg.lstsq(x.T @ (x * d[:, None]), t - x.T @ d, rcond=1e-12)[0]
                self.weight[rows] = d * (1 + x @ beta)
            else:
                beta = np.zeros(x.shape[1])
                for _ in range(100):
                    w = d * np.exp(x @ beta)
                    beta += np.linalg.lstsq(x.T @ (x * w[:, None]), t - x.T @ w, rcond=1e-12)[0]
                self.weight[rows] = d * np.exp(x @ beta)
            q = d if calibration["residual_weights"] == "base" else np.ones(rows.sum())
            self.projections.append((np.where(rows)[0], x, q))

    def residuals(self, u: np.ndarray) -> np.ndarray:
        """z* from u = z / w."""
        u = u.copy()
        for rows, x, q in self.projections:
            root = np.sqrt(q)
            beta = np.linalg.lstsq(x * root[:, None], u[rows] * root, rcond=1e-12)[0]
            u[rows] = u[rows] - x @ beta
        return self.weight * u

    def variance(self, u: np.ndarray, segment: np.ndarray) -> float:
        z, rule = self.residuals(u), self.case["lonely_stratum"]
        total, lonely, counted = 0.0, 0, 0
        for h in sorted(set(self.stratum)):
            rows = self.stratum == h
            units = sorted(set(self.unit[rows]))
            sums = np.array([z[self.unit == unit].sum() for unit in units])
            n = len(units)
            fraction = 1.0 if self.population is None else (self.population[rows][0] - n) / self.population[rows][0]
            fraction = 0.0 if fraction < 1e-7 else fraction
            takes_part = bool(self.projections) or bool((rows & segment).any())
            counted += takes_part
            if n == 1:
                lonely += takes_part
                total += fraction * sums[0] ** 2 if rule == "adjust" else 0.0
            else:
                total += fraction * n / (n - 1) * ((sums - sums.mean()) ** 2).sum()
        if rule == "average":
            total = total * counted / (counted - lonely) if counted > lonely else np.nan
        return total

    def freedom(self, rows: np.ndarray) -> int:
        if self.replicates is not None:
            return int(np.linalg.matrix_rank(self.replicates[rows], rtol=1e-6)) - 1
        kept = rows & (self.weight != 0)
        return len(set(self.unit[kept])) - len(set(self.stratum[kept]))


def run(case: dict, folder: Path) -> dict[tuple[str, str, str, str], float]:
    """Every value that the case asks for, by (variable, level, segment, stat)."""
    sample, found = SampleOracle(case, folder), {}
    in_domain = np.array([all(holds(row[c], v) for c, v in (case.get("domain") or {}).items()) for row in sample.rows])
    if case["statistic"] == "weights":
        for row, weight in zip(sample.rows, sample.weight, strict=True):
            found["", "", row[case["key"]], "weight"] = float(weight)
        return found
    if case["statistic"] == "independence":
        return independence(case, sample, in_domain)
    for name, level, y, x in variables(case, sample):
        valid = in_domain & ~np.isnan(y) & ~np.isnan(x)
        for segment, rows, pair in segments(case, sample, valid):
            for stat, value in estimate(case, sample, rows, y, x, pair).items():
                if np.isfinite(value):
                    found[name, level, segment, stat] = float(value)
    return found | adjusted(found) if case.get("pairs") else found


def segments(case: dict, sample: SampleOracle, valid: np.ndarray):
    """Name, rows and pair of each result."""
    for pair in case.get("pairs") or []:
        yield pair["pair"], valid, pair
    by = ["|".join(row[c] or "" for c in case["by"]) for row in sample.rows]
    for segment in [] if case.get("pairs") else sorted({s for s, v in zip(by, valid, strict=True) if v}):
        yield segment, valid & (np.array(by, dtype=object) == segment), None


def adjusted(found: dict[tuple[str, str, str, str], float]) -> dict[tuple[str, str, str, str], float]:
    """The p values of a family of all pairs, by Benjamini and Hochberg."""
    p_values = sorted((value, key) for key, value in found.items() if key[3] == "p_value")
    family, least = {}, 1.0
    for place in range(len(p_values), 0, -1):
        value, key = p_values[place - 1]
        least = min(least, value * len(p_values) / place)
        family[*key[:3], "p_bh"] = least
    return family


def independence(case: dict, sample: SampleOracle, in_domain: np.ndarray) -> dict[tuple[str, str, str, str], float]:
    """Rao and Scott's second-order test, from the covariances of the shares of the table's places."""
    names = case["table"]["rows"], case["table"]["columns"]
    answers = [np.array([row[name] or "" for row in sample.rows], dtype=object) for name in names]
    both = in_domain & (answers[0] != "") & (answers[1] != "")
    levels = [sorted(set(one[both])) for one in answers]
    rows, columns = len(levels[0]), len(levels[1])
    places = [both & (answers[0] == r) & (answers[1] == c) for r in levels[0] for c in levels[1]]
    total = sample.weight[both].sum()
    p = np.array([sample.weight[place].sum() / total for place in places])
    u = [(place - both * share) / total for place, share in zip(places, p, strict=True)]
    # 2 C(a, b) = V(a + b) - V(a) - V(b)
    own = [sample.variance(one, both) for one in u]
    v = np.array([[(sample.variance(u[i] + u[j], both) - own[i] - own[j]) / 2 for j in range(len(u))]
                  for i in range(len(u))])  # fmt: skip
    table = p.reshape(rows, columns)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    statistic = in_domain.sum() * ((table - expected) ** 2 / expected).sum()
    contrasts = np.array([np.outer(np.eye(rows)[i] - np.eye(rows)[0], np.eye(columns)[j] - np.eye(columns)[0]).ravel()
                          for i in range(1, rows) for j in range(1, columns)]).T  # fmt: skip
    inverse = np.diag(1 / p)
    delta = np.linalg.solve(contrasts.T @ inverse @ contrasts / in_domain.sum(),
                            contrasts.T @ inverse @ v @ inverse @ contrasts)  # fmt: skip
    df = np.trace(delta) ** 2 / np.trace(delta @ delta)
    found = {"statistic": statistic / np.trace(delta), "ndf": df, "ddf": df * sample.freedom(in_domain)}
    found["p_value"] = stats.f.sf(*found.values())
    return {("/".join(names), "F", "", stat): float(value) for stat, value in found.items()}


def variables(case: dict, sample: SampleOracle):
    ones = np.ones(sample.size)
    if case["statistic"] == "ratio":
        first, second = case["variables"]
        yield f"{first}/{second}", "", numbers(sample.rows, first), numbers(sample.rows, second)
        return
    for name in case["variables"]:
        levels = (case.get("levels") or {}).get(name)
        if levels is None:
            yield name, "", numbers(sample.rows, name), ones
        for level in levels or []:
            yield (
                name,
                level,
                np.array([np.nan if r[name] is None else float(r[name] == level) for r in sample.rows]),
                ones,
            )


def influence(case: dict, sample: SampleOracle, rows: np.ndarray, y, x) -> tuple[float, np.ndarray]:
    """The estimate over the rows, and u = z / w."""
    w, y, x = sample.weight, np.where(rows, y, 0.0), np.where(rows, x, 0.0)
    if case["statistic"] == "total":
        return float((w * y).sum()), y
    base = (w * x).sum()
    if base == 0:
        return np.nan, y * np.nan
    value = (w * y).sum() / base
    return float(value), (y - value * x) / base


def _over(case: dict, sample: SampleOracle, sides: list[np.ndarray], y, x) -> tuple[float, np.ndarray]:
    """The estimate of one side, or the difference of two, and u."""
    found = [influence(case, sample, side, y, x) for side in sides]
    return (found[0] if len(found) == 1
            else (found[0][0] - found[1][0], found[0][1] - found[1][1]))  # fmt: skip


def _replicated(case: dict, sample: SampleOracle, sides: list[np.ndarray], y, x, value: float) -> float:
    own, again = sample.weight, []
    for weights in sample.replicates.T:
        sample.weight = weights
        again.append(_over(case, sample, sides, y, x)[0])
    sample.weight = own
    return sample.replicated_variance(np.array(again), value)


def estimate(case: dict, sample: SampleOracle, rows: np.ndarray, y, x, pair: dict | None = None) -> dict[str, float]:
    interval = case.get("interval")
    sides = [rows]
    if case["statistic"] in COMPARED:
        change = case.get("change") or {}
        wanted = [{change["column"]: change[side]} for side in ("to", "from")] if change else [pair["a"], pair["b"]]
        sides = [rows & np.array([all(holds(row[c], v) for c, v in one.items()) for row in sample.rows])
                 for one in wanted]  # fmt: skip
        rows = sides[0] | sides[1]
    value, u = _over(case, sample, sides, y, x)
    if not np.isfinite(value):
        return {}
    variance = sample.variance(u, rows) if sample.replicates is None else _replicated(case, sample, sides, y, x, value)
    if abs(variance) < 1e-26:
        variance = 0.0
    error = np.sqrt(variance)
    found = {"difference" if case["statistic"] in COMPARED else "estimate": value, "standard_error": error}
    if case.get("design_effect"):
        n, w = (rows & (sample.weight != 0)).sum(), np.where(rows, sample.weight, 0.0)
        total = w.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = n / (n - 1) * (w * np.where(rows, y - value, 0.0) ** 2).sum() / total
            found["design_effect"] = (
                variance / (spread * (total - n) / (total * n)) if n > 1 and spread > 1e-20 * value**2 else np.nan
            )
    if interval:
        found.update(bounds(case, sample, rows, value, variance))
    return found


def bounds(case: dict, sample: SampleOracle, rows: np.ndarray, p: float, variance: float) -> dict[str, float]:
    interval, error, found = case["interval"], np.sqrt(variance), {}
    tail = (1 - interval["level"]) / 2
    rule = interval.get("df", "design")
    df = {"design": sample.freedom(np.ones(sample.size, bool)), "segment": sample.freedom(rows), "infinite": np.inf}[
        rule
    ]
    if rule != "infinite":
        found["degrees_of_freedom"] = df
    if not df > 0:
        return found
    k = stats.t.isf(tail, df) if np.isfinite(df) else stats.norm.isf(tail)
    if case["statistic"] in COMPARED and error > 0:
        found["t"] = p / error
        found["p_value"] = 2 * (stats.t.sf(abs(p / error), df) if np.isfinite(df) else stats.norm.sf(abs(p / error)))
    method = interval["method"]
    if method == "wald":
        lower, upper = p - k * error, p + k * error
    elif not 0 < p < 1:
        return found
    elif method in ("logit", "xlogit"):
        middle, half = np.log(p / (1 - p)), k * error / (p * (1 - p))
        lower, upper = 1 / (1 + np.exp(half - middle)), 1 / (1 + np.exp(-half - middle))
    elif method == "asin":
        lower, upper = (
            np.sin(np.arcsin(np.sqrt(p)) + s * k * error / (2 * np.sqrt(p * (1 - p)))) ** 2 for s in (-1, 1)
        )
    else:
        counted = sample.size if interval.get("beta_rows") == "design" else (rows & (sample.weight != 0)).sum()
        size = p * (1 - p) / variance * (stats.t.isf(tail, counted - 1) / stats.t.isf(tail, sample.freedom(rows))) ** 2
        lower, upper = (
            stats.beta.ppf(tail, size * p, size * (1 - p) + 1),
            stats.beta.isf(tail, size * p + 1, size * (1 - p)),
        )
    return {**found, "ci_lower": lower, "ci_upper": upper}
