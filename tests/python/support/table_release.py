"""A release with estimates of one survey wave that a test writes down, in a moment: no build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from support.small_release import small_release

from smv_ai.environment import DATABASE_NAME

WAVE, RELEASE = "tern_2026", "20260101T000000Z"
# The columns of the public tables that the tables for people read.
SCHEMA = """
drop table marts.dim_surveys;
create table marts.dim_surveys (
    survey_id varchar, label_da varchar, label_en varchar, producer varchar, sampling_design_en varchar
);
create table marts.dim_survey_waves (
    survey_wave_id varchar, survey_id varchar, label_da varchar, label_en varchar, reference_period varchar,
    collection_start_date date, collection_end_date date, collection_mode varchar, invited integer, answered integer,
    valid integer, population_da varchar, population_en varchar, publication_id varchar, response_rate_percent double
);
create table marts.dim_publications (publication_id varchar, citation varchar);
create table marts.dim_indicators (indicator_id varchar, label_da varchar, label_en varchar, construct varchar);
create table marts.dim_constructs (construct varchar, sort_order integer);
create table marts.dim_questions (
    question_id varchar, survey_wave_id varchar, question_number integer, wording_da varchar, wording_en varchar,
    indicator_id varchar
);
create table marts.dim_units (unit_of_measure varchar, label_da varchar, label_en varchar);
create table marts.dim_codes (
    codelist_id varchar, code_id varchar, sort_order integer, label_da varchar, label_en varchar,
    description_da varchar, description_en varchar
);
create table marts.dim_technologies (technology_id varchar, sort_order integer, label_da varchar, label_en varchar);
create table marts.dim_barriers (barrier_id varchar, sort_order integer, label_da varchar, label_en varchar);
create table marts.dim_answer_categories (
    answer_category_id varchar, sort_order integer, label_da varchar, label_en varchar
);
create table marts.dim_industries (industry_id varchar, sort_order integer, label_da varchar, label_en varchar);
create table marts.dim_size_classes (size_class_id varchar, sort_order integer, label_da varchar, label_en varchar);
create table marts.dim_regions (region_id varchar, sort_order integer, label_da varchar, label_en varchar);
insert into marts.dim_surveys values ('tern', 'Ternen', 'The tern', 'Fuglerådet', 'Not stated');
insert into marts.dim_survey_waves (
    survey_wave_id, survey_id, label_da, label_en, reference_period, population_da, population_en
) values
    ('tern_2025', 'tern', 'Forår 2025', 'Spring 2025', '2025', 'Firmaer', 'Firms'),
    ('tern_2026', 'tern', 'Forår 2026', 'Spring 2026', '2026', 'Firmaer', 'Firms');
insert into marts.dim_units values
    ('percent', 'Procent', 'Per cent'), ('firms', 'Antal virksomheder', 'Number of firms');
insert into marts.dim_size_classes values
    ('s', 1, '5-9 ansatte', '5–9 employees'), ('m', 2, '10-49 ansatte', '10–49 employees');
create table marts.fct_estimates (
    measure_id varchar, indicator_id varchar, measure_label_da varchar, measure_label_en varchar, survey_id varchar,
    survey_wave_id varchar, earlier_survey_wave_id varchar, base_population_id varchar,
    base_population_label_da varchar, base_population_label_en varchar, technology_id varchar, barrier_id varchar,
    answer_category_id varchar,
    statistic varchar, is_change boolean, unit_of_measure varchar, breakdown_id varchar, breakdown_columns varchar,
    segment varchar, segment_label_da varchar, segment_label_en varchar, estimate double, ci_lower double,
    ci_upper double, sample_size integer, is_suppressed boolean, is_withheld boolean, quality_grade varchar,
    quality_grade_label_da varchar, quality_grade_label_en varchar, interval_method varchar, interval_level double,
    weighting_method varchar, evidence_type varchar, evidence_notice_da varchar, evidence_notice_en varchar,
    source_file varchar, estimate_id varchar
);
"""
DEFAULTS: dict[str, Any] = {
    "measure_id": "nests", "indicator_id": "tern_nests", "measure_label_da": "Reder", "measure_label_en": "Nests",
    "survey_id": "tern", "survey_wave_id": WAVE, "base_population_id": "tern_firms",
    "base_population_label_da": "Firmaer", "base_population_label_en": "Firms", "technology_id": "total",
    "barrier_id": "total", "answer_category_id": "total", "statistic": "share", "is_change": False,
    "unit_of_measure": "percent", "breakdown_id": "total", "breakdown_columns": "", "segment": "",
    "segment_label_da": "I alt", "segment_label_en": "Total", "estimate": 42.0, "ci_lower": 38.0, "ci_upper": 46.0,
    "sample_size": 300, "is_suppressed": False, "is_withheld": False, "quality_grade": "publish",
    "interval_method": "logit", "interval_level": 0.95, "weighting_method": "weighted", "evidence_type": "estimated",
    "evidence_notice_da": "Beregnet", "evidence_notice_en": "Computed", "source_file": "responses/tern",
}  # fmt: skip


def of_group(column: str, value: str, label: str, **more: Any) -> dict[str, Any]:
    """What an estimate of a group of a survey's own has besides its figures."""
    names = {"breakdown_id": column, "breakdown_columns": column, "segment": value}
    return names | {"segment_label_da": label, "segment_label_en": label} | more


def question(number: int, label: str) -> str:
    """A statement that makes question `number` of the wave, as indicator tern_q<number> under this label."""
    text = label.replace("'", "''")
    return (
        f"insert into marts.dim_indicators values ('tern_q{number}', '{text}', '{text}', null);"
        f"insert into marts.dim_questions values ('{WAVE}_q{number}', '{WAVE}', {number}, '{text}', '{text}', null);"
    )


def answer(code: str, label: str, order: int = 0) -> str:
    """A statement that makes an answer category."""
    text = label.replace("'", "''")
    return f"insert into marts.dim_answer_categories values ('{code}', {order}, '{text}', '{text}');"


def table_release(releases: Path, rows: list[dict[str, Any]], statements: str = "", *, kind: str = "warehouse") -> Path:
    """A release whose estimates are DEFAULTS with what each row says; `current` leads to it. Returns its folder."""
    folder = small_release(releases, RELEASE, kind=kind)
    with duckdb.connect(str(folder / DATABASE_NAME)) as connection:
        connection.execute(SCHEMA + statements)
        for number, row in enumerate(rows):
            full = DEFAULTS | row | {"estimate_id": f"est_{number}"}
            places = ", ".join("?" * len(full))
            connection.execute(
                f"insert into marts.fct_estimates ({', '.join(full)}) values ({places})", list(full.values())
            )
    (releases / "current").symlink_to(RELEASE)
    return folder
