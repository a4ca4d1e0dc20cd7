"""The word across a chart: SYNTHETIC where its figures are, though the warehouse is a real one; else none."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from support.app_pages import APP


@pytest.mark.parametrize(("evidence", "is_marked"), [("published", False), ("synthetic", True)])
def test_synthetic_figures_of_a_real_warehouse_are_marked(
    monkeypatch: pytest.MonkeyPatch, evidence: str, is_marked: bool
) -> None:
    monkeypatch.syspath_prepend(str(APP))
    from shared import charts

    rows = pd.DataFrame(
        {"label": ["A", "B"], "observation_value": [3.0, 2.0], "value_text": ["3", "2"], "evidence_type": evidence}
    )
    look = charts.Look("da", ink="#101820", paper="#FFFFFF", accent=charts.OKABE_ITO[0])
    assert ("SYNTETISK" in json.dumps(charts.counts(rows, look, x_title="n"))) == is_marked
