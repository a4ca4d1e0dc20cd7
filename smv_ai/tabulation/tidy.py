"""The figures in rows, one a figure: the CSV, and the sheet of the workbook for filters and pivot tables."""

from __future__ import annotations

import pandas as pd

from smv_ai.releases.export import guarded
from smv_ai.tabulation.edition import Edition
from smv_ai.tabulation.questions import mark_of


def tidy(edition: Edition) -> pd.DataFrame:
    """A row for each estimate, in the order of the questions; what is withheld has no figure.

    Columns are named in English in both languages, labels stand in the edition's. Shares are in per cent.
    """
    rows = [
        {
            "survey_wave_id": edition.wave_id,
            "question_number": question.number,
            "question": question.title,
            "base": question.base,
            "measure_id": row.measure_id,
            "technology": row.technology_label,
            "barrier": row.barrier_label,
            "answer": row.answer_label,
            "statistic": row.statistic,
            "unit": row.unit_label,
            "is_change": row.is_change,
            "change_since": row.earlier_wave_label,
            "breakdown_id": row.breakdown_id,
            "segment": row.segment,
            "group": row.segment_label,
            "estimate": row.estimate,
            "ci_lower": row.ci_lower,
            "ci_upper": row.ci_upper,
            "interval_level": row.interval_level,
            "interval_method": row.interval_method,
            "sample_size": row.sample_size,
            "mark": str(mark_of(row)) or None,
            "quality": row.quality_label,
            "weighting_method": row.weighting_method,
            "evidence_type": row.evidence_type,
            "release": f"private {edition.cited_as}" if edition.is_private else edition.cited_as,
            "source_file": row.source_file,
        }
        for question in edition.questions
        for row in question.estimates
    ]
    return pd.DataFrame(rows).astype({"sample_size": "Int64"})


def as_csv(edition: Edition) -> bytes:
    """Commas and decimal points in both languages, UTF-8 with a byte order mark; no text begins like a formula."""
    return guarded(tidy(edition)).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")
