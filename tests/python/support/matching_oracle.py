"""An independent reading of tests/golden/README.md, "Matching", in numpy, for tests: nothing is pruned."""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd


def outcome(kind: str, y1: float, y2: float) -> float:
    """Outcome of a firm; nan where it does not exist."""
    if kind == "level":
        return y2
    if kind == "difference":
        return y2 - y1
    if kind == "percent_growth":
        return 100 * (y2 / y1 - 1) if y1 > 0 else math.nan
    return math.log(y2) - math.log(y1) if y1 > 0 and y2 > 0 else math.nan


def quantile(values: np.ndarray, share: float) -> float:
    """x at h = (n - 1) p, h in exact arithmetic."""
    ordered = sorted(values)
    h = (len(ordered) - 1) * Fraction(str(share))
    low = int(h)
    upper = ordered[min(low + 1, len(ordered) - 1)]
    return ordered[low] + float(h - low) * (upper - ordered[low])


def neighbours(i: int, pool: list[int], wanted: int, d2: np.ndarray, ids: np.ndarray, ties: str) -> list[int]:
    """J(i) out of the candidates; empty where they are too few."""
    if len(pool) < wanted:
        return []
    if ties == "smallest_id":
        return sorted(pool, key=lambda j: (round(d2[i, j], 9), ids[j]))[:wanted]
    last = sorted(d2[i, j] for j in pool)[wanted - 1]
    return [j for j in pool if d2[i, j] <= last + 0.00001]


def run(rows: pd.DataFrame, spec: dict[str, Any]) -> dict[tuple[str, str, str], float]:
    """Values by (variable, level, stat) as the golden cases name them, and ("pairs", treated id, control id).
    rows: id, treatment, y1, y2, columns of exact and match_on; spec: the fields of a golden case.
    """
    frame = rows.copy()
    frame["y"] = [outcome(spec["kind"], a, b) for a, b in zip(frame.y1, frame.y2, strict=True)]
    frame = frame.dropna(subset=["y", "treatment", *spec["exact"], *spec["match_on"]])
    for side, keep in (("lower", np.greater_equal), ("upper", np.less_equal)):
        frame[side] = keep(frame.y, quantile(frame.y, spec[side])) if spec.get(side) is not None else True
    frame = frame[frame.lower & frame.upper].reset_index(drop=True)
    return _matched(frame, spec)


def _matched(frame: pd.DataFrame, spec: dict[str, Any]) -> dict[tuple[str, str, str], float]:
    x, y = frame[spec["match_on"]].to_numpy(float), frame.y.to_numpy(float)
    treated = frame.treatment.to_numpy() == 1
    keys = [tuple(row) for row in frame[spec["exact"]].to_numpy()] if spec["exact"] else [()] * len(frame)
    if spec["distance"] == "mahalanobis":
        a = np.linalg.inv(np.atleast_2d(np.cov(x.T, bias=True)))
    else:
        a = np.diag(1 / x.var(axis=0, ddof=1))
    difference = x[:, None, :] - x[None, :, :]
    d2 = np.einsum("ijk,kl,ijl->ij", difference, a, difference)
    widths = math.inf if spec["caliper"] is None else spec["caliper"] * x.std(axis=0)
    close = (np.abs(difference) <= widths).all(axis=2)

    def near(i: int, wanted: int) -> list[int]:
        pool = [j for j in range(len(y)) if not treated[j] and j != i and keys[j] == keys[i] and close[i, j]]
        return neighbours(i, pool, wanted, d2, frame.id.to_numpy(), spec["ties"])

    sets = {i: found for i in np.flatnonzero(treated) if (found := near(i, spec["neighbours"]))}
    pairs = {(i, j): 1 / len(js) for i, js in sets.items() for j in js}
    found = {
        ("effect", "", "n_treated"): treated.sum(),
        ("effect", "", "n_controls"): (~treated).sum(),
        ("effect", "", "n_treated_matched"): len(sets),
        ("effect", "", "n_controls_used"): len({j for _, j in pairs}),
        ("effect", "", "n_pairs"): len(pairs),
    }
    if not sets:
        return found | _balance(frame, spec, treated, {})
    found |= {("pairs", str(frame.id[i]), str(frame.id[j])): weight for (i, j), weight in pairs.items()}
    k = {j: sum(w for (_, c), w in pairs.items() if c == j) for _, j in pairs}
    k2 = {j: sum(w * w for (_, c), w in pairs.items() if c == j) for _, j in pairs}
    variances = None
    if spec["variance_neighbours"]:
        variances = {j: np.var(y[[j, *o]], ddof=1) if (o := near(j, spec["variance_neighbours"])) else 0.0 for j in k}
    used = sorted(k)
    b = _slopes(x[used], y[used], np.array([k[j] for j in used]))
    for name, slopes in (("", np.zeros(len(b))), ("_adjusted", b)):
        gaps = {(i, j): y[i] - y[j] - (x[i] - x[j]) @ slopes for i, j in pairs}
        tau = {i: np.mean([gaps[i, j] for j in js]) for i, js in sets.items()}
        estimate = np.mean(list(tau.values()))
        common = np.mean([np.mean([(gaps[i, j] - estimate) ** 2 for j in js]) for i, js in sets.items()]) / 2
        s2 = variances or dict.fromkeys(k, common)
        total = sum((t - estimate) ** 2 for t in tau.values()) + sum(s2[j] * (k[j] ** 2 - k2[j]) for j in k)
        error = math.sqrt(total) / len(sets)
        found[("effect", "", f"estimate{name}")] = estimate
        found[("effect", "", f"standard_error{name}")] = error
        if not name and error:
            half = NormalDist().inv_cdf((1 + spec["level"]) / 2) * error
            found |= {
                ("effect", "", "z"): estimate / error,
                ("effect", "", "p_value"): math.erfc(abs(estimate / error) / math.sqrt(2)),
                ("effect", "", "ci_lower"): estimate - half,
                ("effect", "", "ci_upper"): estimate + half,
            }
    return found | _balance(frame, spec, treated, {**dict.fromkeys(sets, 1.0), **k})


def _slopes(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted least squares; a column that depends on those before it has the slope 0, as in R's lm."""
    centred = (x - np.average(x, axis=0, weights=weights)) * np.sqrt(weights)[:, None]
    kept: list[int] = []
    for column in range(x.shape[1]):
        if np.linalg.matrix_rank(centred[:, [*kept, column]], tol=1e-7) > len(kept):
            kept.append(column)
    b = np.zeros(x.shape[1])
    b[kept] = np.linalg.lstsq(centred[:, kept], (y - np.average(y, weights=weights)) * np.sqrt(weights))[0]
    return b


def _balance(frame: pd.DataFrame, spec: dict[str, Any], treated: np.ndarray, after: dict[int, float]) -> dict:
    found = {}
    weights = {"before": np.ones(len(frame)), "after": np.array([after.get(i, 0.0) for i in range(len(frame))])}
    for column in spec["match_on"]:
        x = frame[column].to_numpy(float)
        spread = x[treated].std(ddof=1)
        for when, u in weights.items():
            moments = []
            if not u.any():
                continue
            for group in (treated, ~treated):
                v = u[group] / u[group].sum()
                mean = v @ x[group]
                rest = 1 - v @ v
                moments += [mean, v @ (x[group] - mean) ** 2 / rest if rest > 1e-12 else math.nan]
            found |= {
                ("balance", column, f"mean_treated_{when}"): moments[0],
                ("balance", column, f"mean_control_{when}"): moments[2],
                ("balance", column, f"smd_{when}"): (moments[0] - moments[2]) / spread,
                ("balance", column, f"variance_ratio_{when}"): moments[1] / moments[3],
            }
    return {key: value for key, value in found.items() if math.isfinite(value)}
