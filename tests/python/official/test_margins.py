"""Margins of a survey file from an official table: what is added, what is not, and what is refused."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from support.intake_project import new_project

from smv_ai import environment
from smv_ai.cli import main
from smv_ai.errors import BadInputError
from smv_ai.official.margins import Choices, SurveyColumns, choices_of, in_words, margins_of, yaml_of

DIMENSIONS = {
    "BRANCHE": ["I alt", "Bygge og anlæg", "Industri"],
    "FIRMSTR": ["I alt", "10-49 ansatte", "50-99 ansatte"],
    "ENHED": ["Firmaer (antal)", "Omsætning (mio. kr.)"],
    "TID": ["2023", "2024"],
}
# firms of 2024 by industry and size; those of 2023 are one fewer in each cell of the total
FIRMS = {"Bygge og anlæg": (500, 150), "Industri": (300, 150)}
SURVEY = """\
survey: {id: quay, label: Kajen}
tables: [total, trade, industry_id]
groups:
  trade: {values: {build: Bygge og anlæg | Construction, make: Industri | Manufacturing}}
questions: {trust: {label: Tillid, options: {1: Ja, 2: Nej}}}
"""


def value_of(key: tuple[str, ...]) -> str:
    industry, size, unit, year = key
    rows = FIRMS.values() if industry == "I alt" else [FIRMS[industry]]
    sizes = DIMENSIONS["FIRMSTR"][1:]
    found = sum(sum(row) if size == "I alt" else row[sizes.index(size)] for row in rows)
    if unit.startswith("Oms"):
        return ".." if (industry, size) != ("I alt", "I alt") else "6000,5"
    return str(found - (year == "2023"))


def cells() -> dict[tuple[str, ...], str]:
    return {key: value_of(key) for key in itertools.product(*DIMENSIONS.values())}


def csv_of(folder: Path, changed: dict[tuple[str, ...], str] | None = None) -> Path:
    lines = [
        ";".join([*DIMENSIONS, "INDHOLD"]),
        *(";".join([*key, cell]) for key, cell in (cells() | (changed or {})).items()),
    ]
    path = folder / "gf3.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def px_of(folder: Path) -> Path:
    """The same as PX, with codes, title, source and date."""
    head = ['CHARSET="ANSI"', 'CODEPAGE="iso-8859-1"', 'MATRIX="GF3"', 'TITLE="Firmaer efter branche"',
            'SOURCE="Danmarks Statistik"', 'LAST-UPDATED="20251104 08:00"', 'STUB="branche","firmastørrelse"',
            'HEADING="enhed","tid"']  # fmt: skip
    names = ["branche", "firmastørrelse", "enhed", "tid"]
    for name, categories in zip(names, DIMENSIONS.values(), strict=True):
        head.append(f'VALUES("{name}")=' + ",".join(f'"{one}"' for one in categories))
    head.append('CODES("branche")="TOT","F","C"')
    figures = [f'"{cell}"' if cell == ".." else cell.replace(",", ".") for cell in cells().values()]
    path = folder / "gf3.px"
    path.write_bytes((";\n".join(head) + ";\nDATA=\n" + " ".join(figures) + ";\n").encode("iso-8859-1"))
    return path


@pytest.mark.parametrize("write", [csv_of, px_of])
def test_a_statbank_export_gives_the_margins_of_the_last_period(write, tmp_path: Path):
    found = margins_of(write(tmp_path), choices_of([], [], [], [], ["turnover=ENHED:Omsætning (mio. kr.)"]))
    industries = {"Bygge og anlæg": 650, "Industri": 450} if write is csv_of else {"F": 650, "C": 450}
    assert found.counts["industry_id"] == industries
    assert found.counts["size_class_id"] == {"10-49 ansatte": 800, "50-99 ansatte": 300}
    assert found.totals == {"turnover": 6000.5} and found.as_of == "2024"
    said = "Danmarks Statistik, GF3, Firmaer efter branche" if write is px_of else "Statistics Denmark, gf3.csv"
    assert found.source == f"{said}, Firmaer (antal)"
    section = yaml.safe_load(in_words(found))["calibrate"]
    assert section["margins"] == found.counts and section["totals"] == {"turnover": 6000.5}
    assert (section["source"], section["as_of"]) == (found.source, "2024")


def test_a_table_of_ones_own_is_read_as_well_and_says_that_it_has_no_date(tmp_path: Path):
    path = tmp_path / "population.csv"
    path.write_text("trade;size;firms\nfish;5_9;310\nfish;10_49;240\nfreight;5_9;820\nfreight;10_49;410\n")
    found = margins_of(path, Choices())
    assert found.counts == {"trade": {"fish": 550, "freight": 1230}, "size": {"5_9": 1130, "10_49": 650}}
    assert found.source == "population.csv" and "--as-of says it" in in_words(found)
    assert 'as_of: "1 January 2026"' in yaml_of(margins_of(path, Choices(), as_of="1 January 2026"))


@pytest.mark.parametrize(
    ("changed", "options", "message"),
    [
        ({}, {"only": ["BRANCHX=Industri"]}, r"has no dimension 'BRANCHX'; did you mean 'BRANCHE'\?"),
        ({}, {"only": ["BRANCHE=Industry"]}, r"BRANCHE has no category 'Industry'; did you mean 'Industri'\?"),
        ({}, {"only": ["ENHED=Omsætning (mio. kr.)"]}, r"the cell BRANCHE Bygge og anlæg, .* holds '\.\.', no number"),
        (
            {("Industri", "I alt", "Firmaer (antal)", "2024"): "451"}, {},
            r"the categories of BRANCHE add up to 1101, and I alt is 1100: some hold others.*--leave-out BRANCHE=",
        ),
        (
            {("I alt", "10-49 ansatte", "Firmaer (antal)", "2024"): "800,5"}, {},
            r"FIRMSTR 10-49 ansatte has 800\.5, no number of firms",
        ),
        ({}, {"column": ["FIRMSTR=industry_id"]}, r"two dimensions would be column 'industry_id'"),
        ({}, {"only": ["BRANCHE=I alt", "FIRMSTR=I alt"]}, r"every dimension is fixed to one category"),
        ({}, {"column": ["TID=year"], "only": ["TID=2024"]}, r"--column TID: the dimension is fixed to 2024"),
        ({}, {"only": ["BRANCHE"]}, r"--only 'BRANCHE': write DIMENSION=CATEGORY"),
        ({}, {"value": ["Industri=make"]}, r"write DIMENSION:CATEGORY=VALUE"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_refused(changed, options, message: str, tmp_path: Path):
    path = csv_of(tmp_path, changed)
    with pytest.raises(BadInputError, match=message):
        margins_of(
            path, choices_of(*(options.get(name, []) for name in ("only", "leave_out", "column", "value", "total")))
        )


def test_several_kinds_of_figures_are_never_added(tmp_path: Path):
    path = tmp_path / "jobs.csv"
    path.write_text("size;enhed;tid;INDHOLD\nsmall;Job;2024;5\nsmall;Løn;2024;7\nlarge;Job;2024;5\nlarge;Løn;2024;7\n")
    with pytest.raises(BadInputError, match="enhed holds several kinds of figures; say which counts firms: --only"):
        margins_of(path, Choices())


CROSSED = {
    "periods": "branche;2023;2024\nI alt;3;550\nIndustri;2;310\nHandel;1;240\n",
    "titles, and categories that are not repeated": '"Firmaer efter branche, størrelse og tid"\n"Enhed: antal"\n\n'
    '"";"";"2023";"2024"\n"Industri";"5-9";"1";"300"\n"";"10-49";"2";"10"\n"Handel";"5-9";"3";"200"\n'
    '"";"10-49";"4";"40"\n\n"Kilde: ingen"\n',
    "one across, with totals, tabs": "branche\t5-9\t10-49\tI alt\nIndustri\t300\t10\t310\nHandel\t200\t40\t240\n",
    "two across": "Firmaer 2024\n;5-9;;10-49;\nbranche;Aps;A/S;Aps;A/S\nIndustri;100;200;10;0\nHandel;200;-;40;..\n",
}


@pytest.mark.parametrize("text", CROSSED.values(), ids=CROSSED)
def test_a_cross_table_gives_the_margin_of_each_of_its_dimensions(text: str, tmp_path: Path):
    path = tmp_path / "matrix.csv"
    path.write_text(text, encoding="utf-8")
    options = Choices(leave_out=[("columns 2", "A/S")] if "A/S" in text else [])
    if "A/S" in text:
        with pytest.raises(BadInputError, match="Handel, columns 1 10-49, columns 2 A/S holds '..', no number"):
            margins_of(path, Choices())
    found = margins_of(path, options)
    expected = {"Industri": 110, "Handel": 240} if "A/S" in text else {"Industri": 310, "Handel": 240}
    assert found.counts["industry_id"] == expected
    for column, counts in found.counts.items():
        if column == "size_class_id" or column in ("columns", "columns_1"):
            assert sorted(counts) == ["10-49", "5-9"] and counts["10-49"] == 50
    assert found.as_of == ("2024" if "2024" in text else "")


@pytest.mark.parametrize(
    ("text", "message"),
    [("branche;5-9;10-49\nIndustri;1.000;2\nHandel;3;4\n", "line 2: '1.000' is no whole number; marks between"),
     ("branche;5-9;5-9\nIndustri;1;2\nHandel;3;4\n", "has a column without a category, or two with the same")],
)  # fmt: skip
def test_a_cross_table_that_can_be_read_in_two_ways_is_refused(text: str, message: str, tmp_path: Path):
    path = tmp_path / "matrix.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=message):
        margins_of(path, Choices())


def test_left_out_categories_are_in_no_margin(tmp_path: Path):
    found = margins_of(csv_of(tmp_path), choices_of([], ["FIRMSTR=50-99 ansatte"], [], [], []))
    assert found.counts == {
        "industry_id": {"Bygge og anlæg": 500, "Industri": 300},
        "size_class_id": {"10-49 ansatte": 800},
    }


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Path:
    found = new_project(tmp_path / "project")
    (found / "surveys" / "quay_2026.yml").write_text(SURVEY, encoding="utf-8")
    monkeypatch.setattr(environment, "PROJECT_DIR", found)
    return found


def test_categories_become_the_values_of_the_survey(project: Path, tmp_path: Path):
    known = SurveyColumns(project, "quay_2026")
    found = margins_of(csv_of(tmp_path), choices_of([], [], ["BRANCHE=trade"], [], []), known)
    assert found.counts["trade"] == {"build": 650, "make": 450}
    assert found.counts["size_class_id"] == {"10_49": 800, "50_99": 300} and found.undecided == []
    assert "build: 650  # Bygge og anlæg" in yaml_of(found)
    joined = choices_of([], [], [], [f"BRANCHE:{name}=construction" for name in FIRMS], [])
    assert margins_of(csv_of(tmp_path), joined, known).counts["industry_id"] == {"construction": 1100}
    found = margins_of(csv_of(tmp_path), Choices(), known)
    assert found.undecided == ["industry_id: industri"] and "DECIDE: which value of industry_id is it?" in yaml_of(
        found
    )


def test_the_lines_are_added_to_the_survey_file_or_nothing_is(project: Path, tmp_path: Path):
    path, survey = str(csv_of(tmp_path)), project / "surveys" / "quay_2026.yml"

    def run(*options: str, code: int) -> str:
        done = CliRunner().invoke(main, ["margins", path, *options])
        assert done.exit_code == code, done.output
        return done.output

    trade = ["--column", "BRANCHE=trade", "--wave", "quay_2026", "--write"]
    assert "--write needs --wave" in run("--write", code=2)
    assert "say which value each is (--value DIMENSION" in run("--wave", "quay_2026", "--write", code=2)
    # a value that the survey does not have: the check of survey files refuses it, and the file is as it was
    wrong = ["--value", "BRANCHE:Industri=fiskeri", "--wave", "quay_2026", "--write"]
    assert "surveys/quay_2026.yml, line 13, calibrate.margins.industry_id.fiskeri: 'fiskeri' is no value" in run(
        *wrong, code=2
    )
    assert survey.read_text(encoding="utf-8") == SURVEY
    assert "written to surveys/quay_2026.yml" in run(*trade, code=0)
    said = yaml.safe_load(survey.read_text(encoding="utf-8"))
    assert said["calibrate"]["margins"]["trade"] == {"build": 650, "make": 450}
    assert said["survey"]["id"] == "quay" and survey.read_text(encoding="utf-8").startswith(SURVEY)
    assert "line 7, calibrate: is there already" in run(*trade, code=2)
