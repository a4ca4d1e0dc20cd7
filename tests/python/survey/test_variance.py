"""Variances from arrays: what no sample may give."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from smv_ai.survey.inference import variance
from smv_ai.survey.inference.variance import Forms, variances


@pytest.mark.parametrize(("below", "expected"), [(1e-17, 0.0), (-1e-3, 1e-3), (float("nan"), float("nan"))])
def test_a_variance_is_not_below_zero(monkeypatch: pytest.MonkeyPatch, below: float, expected: float) -> None:
    """Terms that cancel leave a rounding of either sign, whose root would be no number; what is unknown stays so."""
    monkeypatch.setattr(variance, "_terms", lambda *_: [np.array([1e-5]), np.array([-1e-5 - below])])
    one: Any = SimpleNamespace(sum_wy=np.ones(1), sum_wx=np.ones(1))
    forms = Forms(1, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.full(1, 1e-9), np.zeros(1))
    assert variances(one, one, forms) == pytest.approx([expected], nan_ok=True, abs=0)
