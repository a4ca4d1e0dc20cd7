"""Descriptions of loaded tables: from both offices' forms to the same figures, and each slip named with its line."""

from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest
from support.official import seed, worked_out
from support.project import PROJECT

from smv_ai.errors import BadInputError
from smv_ai.official.described import KEY, described_figures, described_table
from smv_ai.official.store import load_bytes

EUROSTAT = """\
series_family: eu_ict
base_population: Firms with 10 and more employees
source_title: An invented table
source_address: https://example.org/invented
dimensions:
  freq: {only: A}
  size_emp:
    column: official_size
    codes: {GE10: GE10, 10-49: 10-49}
  geo:
    column: area_code
    codes:
      DK: DK
      SE: SE
  time: {column: time_period}
fixed: {official_indicator: ai_use, official_industry: total, unit_of_measure: percent}
flags: {u: low_precision, c: suppressed}
break_flags: [b]
questions:
  2024: Invented question?
"""
STATBANK = EUROSTAT.replace("freq: {only: A}", "ContentsCode: {only: INVENTED}").replace("size_emp", "VIRKSTRRDA")
STATBANK = STATBANK.replace("GE10: GE10, 10-49: 10-49", "1010: GE10, 1110: 10-49").replace("geo:", "LAND:")
STATBANK = STATBANK.replace("time:", "Tid:").replace("eu_ict", "dk_ict")
SIZES, AREAS, PERIODS = ("GE10", "10-49"), ("DK", "SE"), ("2022", "2023", "2024")
# size, area, period: value and flag; what is not here is not in the file
CELLS = {
    ("GE10", "DK", "2022"): (15.2, ""), ("GE10", "DK", "2023"): (27.6, ""), ("GE10", "DK", "2024"): (42.0, "u"),
    ("GE10", "SE", "2022"): (10.0, ""), ("GE10", "SE", "2023"): (20.5, "bu"), ("GE10", "SE", "2024"): (25.0, ""),
    ("10-49", "DK", "2023"): (None, "c"), ("10-49", "DK", "2024"): (0.0, ""),
}  # fmt: skip


def jsonstat(names, sizes):
    order = [(size, area, period) for size in SIZES for area in AREAS for period in PERIODS]
    at = {key: str(order.index(key)) for key in CELLS}
    codes = dict(zip(names, [names[0] == "freq" and ["A"] or ["INVENTED"], sizes, AREAS, PERIODS], strict=True))
    dimension = {
        name: {"label": name, "category": {"index": {code: number for number, code in enumerate(found)}}}
        for name, found in codes.items()
    }
    shape = {"id": list(names), "size": [len(found) for found in codes.values()]}
    value = {at[key]: cell[0] for key, cell in CELLS.items() if cell[0] is not None}
    status = {at[key]: cell[1] for key, cell in CELLS.items() if cell[1]}
    if names[0] == "freq":
        found = {"version": "2.0", "class": "dataset", "value": value, "status": status, "dimension": dimension} | shape
    else:
        found = {"dataset": {"dimension": dimension | shape, "value": value, "status": status}}
    return json.dumps(found).encode()


def sdmx():
    lines = ["DATAFLOW,LAST UPDATE,freq,size_emp,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS"]
    lines += [
        f"ESTAT:INVENTED(1.0),11/12/25 11:00:00,A,{','.join(key)},{'' if value is None else value},{flag},"
        for key, (value, flag) in CELLS.items()
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def tsv():
    lines = ["freq,size_emp,geo\\TIME_PERIOD\t" + " \t".join(PERIODS) + " "]
    for size in SIZES:
        for area in AREAS:
            row = [CELLS.get((size, area, period), (None, "")) for period in PERIODS]
            cells = "\t".join(f"{':' if value is None else value} {flag}" for value, flag in row)
            lines.append(f"A,{size},{area}\t{cells}")
    return gzip.compress(("\n".join(lines) + "\n").encode())


FORMS = {
    "eurostat": (EUROSTAT, "invented.json", jsonstat(("freq", "size_emp", "geo", "time"), SIZES)),
    "sdmx": (EUROSTAT, "invented.csv", sdmx()),
    "tsv": (EUROSTAT, "estat_invented.tsv.gz", tsv()),
    "statbank": (STATBANK, "invented.json", jsonstat(("ContentsCode", "VIRKSTRRDA", "LAND", "Tid"), ("1010", "1110"))),
}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "codelists").symlink_to(PROJECT / "seeds" / "codelists")
    (tmp_path / "official").mkdir()
    return tmp_path


def described(project, form, description=None):
    text, name, raw = FORMS[form]
    load_bytes(project, project / name, raw, "invented")
    (project / "official" / "invented.yml").write_text(description or text, encoding="utf-8")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_figures_as_the_file_says(form, project):
    described(project, form)
    figures = described_figures(project)
    if form == "tsv":  # its `:` says of each cell that there is nothing
        assert set(figures[figures.observation_status == "not_published"].official_size) == {"10-49"}
        figures = figures[figures.observation_status != "not_published"]
    found = {
        (row.official_size, row.area_code, row.time_period): (
            None if pd.isna(row.observation_value) else row.observation_value, row.observation_flag,
        )
        for row in figures.itertuples()
    }  # fmt: skip
    assert found == CELLS and not figures.duplicated(list(KEY)).any()
    status = {row.observation_flag: row.observation_status for row in figures.itertuples()}
    assert status == {"": "normal", "u": "low_precision", "bu": "low_precision", "c": "suppressed"}
    assert set(figures.printed_decimals) == {1} and set(figures[figures.is_flagged_break].area_code) == {"SE"}
    assert set(figures[figures.time_period == "2024"].question_wording) == {"Invented question?"}


def test_no_difference_crosses_a_flagged_break_and_a_table_confirms_what_was_printed(project):
    described(project, "eurostat", EUROSTAT.replace("eu_ict", "dk_ict"))
    placed, steps = worked_out(seed("official_figures"), seed("series_breaks").iloc[:0], project)
    series = steps[steps.series_id == "dk_ict/ai_use/SE/GE10/total/percent"].set_index("to_period")
    assert bool(series.is_break["2023"]) and pd.isna(series.difference["2023"])
    assert "2023" in series.break_words_en["2023"]
    assert not series.is_break["2024"] and series.difference["2024"] == pytest.approx(4.5)
    danish = placed[placed.series_id == "dk_ict/ai_use/DK/GE10/total/percent"].set_index("time_period")
    assert danish.observation_value["2024"] == 42.0 and danish.source_kind["2024"] == "primary"
    assert danish.print_count["2024"] > 1 and danish.observation_status["2024"] == "low_precision"
    assert danish.observation_value["2021"] == 24  # what no table has stays as printed
    assert not steps.to_value.isna().any()


def test_a_table_stands_before_a_print_of_the_office_itself(project):
    _, name, raw = FORMS["eurostat"]
    load_bytes(project, project / name, raw.replace(b"2022", b"2021"), "invented")
    text = EUROSTAT.replace("eu_ict", "dk_ict") + "decimals: 0\n"
    (project / "official" / "invented.yml").write_text(text, encoding="utf-8")
    placed, _ = worked_out(seed("official_figures"), seed("series_breaks"), project)
    danish = placed[placed.series_id == "dk_ict/ai_use/DK/GE10/total/percent"].set_index("time_period")
    assert danish.observation_value["2021"] == 15.2 and danish.observation_value["2020"] == 11


def test_the_file_that_came_last_has_a_figure(project):
    described(project, "eurostat")
    _, name, raw = FORMS["eurostat"]
    load_bytes(project, project / name, raw.replace(b"27.6", b"28.1"), "invented")
    figures = described_figures(project)
    newer = figures[(figures.area_code == "DK") & (figures.time_period == "2023") & (figures.official_size == "GE10")]
    assert list(newer.observation_value) == [28.1] and len(figures) == len(CELLS)


SLIPS = {
    "a code of ours": ("10-49: 10-49", "10-49: 10-94", r"line 9, dimensions\.size_emp\.codes\.10-49: '10-94'.*'10-49'"),
    "a code of theirs": ("      SE: SE", "      SEE: SE", None),
    "a dimension": ("  geo:", "  geoo:", r"line 10, dimensions\.geoo: is no dimension of .*did you mean 'geo'"),
    "a key": ("questions:", "question:", r"line 19, question: is no key of a description; did you mean 'questions'"),
    "a column": ("column: area_code", "column: aera_code", r"line 11, .*'aera_code' .*did you mean 'area_code'"),
    "a status": ("u: low_precision", "u: low_precison", r"line 17, flags\.u: .*did you mean 'low_precision'"),
    "a family": ("eu_ict", "eu_itc", r"line 1, series_family: 'eu_itc'.*did you mean 'eu_ict'"),
    "a flag not described": (", c: suppressed", "", r"line 17, flags: says nothing of the flag 'c' of 1 cells"),
    "a missing column": (", official_industry: total", "", r"line 5, dimensions: no dimension gives official_industry"),
    "a category that is not there": ("only: A", "only: B", r"line 6, dimensions\.freq\.only: 'B' is not in"),
    "two cells for one figure": ("10-49: 10-49", "10-49: GE10", r"line 5, dimensions: two cells .* are one figure"),
    "a key twice": ("fixed:", "dimensions: {}\nfixed:", r"line 16, dimensions: stands there twice"),
    "no base": ("base_population: Firms with 10 and more employees\n", "", r"line 1, base_population: is missing"),
    "no YAML": ("fixed: {", "fixed: {{", r"line 1[67]: is no well-formed YAML"),
    "a period": ("{column: time_period}", "{column: time_period, codes: {2022: last}}",
                 r"line 15, dimensions\.time\.codes\.2022: 'last' is no period"),
    "a dimension again": ("  freq:", "  TIME_PERIOD: {only: A}\n  freq:", r"line 16, dimensions\.time: is .* again"),
    "a year": ("  2024: Inv", "  20244: Inv", r"line 20, questions\.20244: is no year"),
    "a list": ("freq: {only: A}", "freq: A", r"line 6, dimensions\.freq: 'A' .* valid mapping of key: value$"),
    "a number": ("questions:", "decimals: many\nquestions:", r"line 19, decimals: 'many' is not allowed"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_description_is_named_with_file_line_key_and_nearest(slip, project):
    right, wrong, message = SLIPS[slip]
    assert right in EUROSTAT
    described(project, "eurostat", EUROSTAT.replace(right, wrong))
    if message is None:  # two letters are too few to tell a slip from a country that the file lacks
        assert set(described_figures(project).area_code) == {"DK"}
        return
    with pytest.raises(BadInputError, match=rf"official/invented\.yml, {message}"):
        described_figures(project)


def test_without_tables_there_are_no_rows_and_all_columns(project):
    (project / "official" / "invented.yml").write_text(EUROSTAT, encoding="utf-8")
    assert described_table(project).num_rows == 0 and set(KEY) < set(described_table(project).column_names)
