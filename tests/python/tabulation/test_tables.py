"""Tables for people: workbook, CSV and Markdown say what the release says, and nothing that it hides."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook
from support.table_release import WAVE, answer, of_group, question, table_release

from smv_ai.cli import main
from smv_ai.environment import Kind
from smv_ai.reader import current_release
from smv_ai.tabulation.command import write_tables
from smv_ai.tabulation.page import MOST_LETTERS, sheet_name
from smv_ai.tabulation.source import released

SIZES = ("s", "m")


def run(releases: Path, *arguments: str, demo: bool = False) -> Result:
    """The command on a folder of releases."""
    variable = "SMV_AI_DEMO_RELEASE_DIR" if demo else "SMV_AI_RELEASE_DIR"
    return CliRunner().invoke(
        main, ["tables", *arguments, *(["--demo"] if demo else [])], env={variable: str(releases)}
    )


def book_of(path: Path) -> dict[str, list[list]]:
    """The rows of each sheet."""
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def numbers_of(rows: list[list]) -> list[float]:
    """The numbers that stand on a sheet."""
    return [cell for row in rows for cell in row if isinstance(cell, (int, float)) and not isinstance(cell, bool)]


@pytest.fixture
def written(tmp_path):
    """A function that writes the tables of a release with these rows, and gives the files by their ending."""

    def write(rows, statements="", *arguments: str, demo: bool = False) -> dict[str, Path]:
        kind = Kind.DEMONSTRATION if demo else Kind.WAREHOUSE
        table_release(tmp_path / "releases", rows, statements, kind=kind)
        formats = [part for name in ("xlsx", "csv", "md") for part in ("--format", name)]
        done = run(tmp_path / "releases", WAVE, "--out", str(tmp_path / "out"), *formats, *arguments, demo=demo)
        assert done.exit_code == 0, done.output
        return {path.suffix[1:]: path for path in map(Path, done.output.split("\n")) if path.name}

    return write


# --- the demonstration: every figure of a real build


@pytest.fixture(scope="module", params=["da", "en"])
def demonstration(request, demo_dir, tmp_path_factory) -> tuple[str, dict[str, dict[str, Path]]]:
    """The language, and the files of every wave of the demonstration that has estimates."""
    folder = tmp_path_factory.mktemp("tables")
    with released(current_release(demo_dir, Kind.DEMONSTRATION)) as source:
        waves = source.connection.execute(
            "select distinct survey_wave_id from marts.fct_estimates order by 1"
        ).fetchall()
        files = {
            wave: write_tables(source, wave, request.param, ["xlsx", "csv", "md"], folder) for (wave,) in waves
        }  # fmt: skip
    return request.param, {wave: {path.suffix[1:]: path for path in paths} for wave, paths in files.items()}


def test_every_number_on_the_sheets_is_the_release_s_and_none_is_missing(demonstration, demo_warehouse):
    """Sheet by sheet: all figures and bounds of the question, and beside them numbers of the release alone."""
    _, files = demonstration
    assert len(files) == 6
    for wave, paths in files.items():
        found = demo_warehouse.execute(
            "select list(estimate) || list(ci_lower) || list(ci_upper) || list(sample_size)"
            " from marts.fct_estimates where survey_wave_id = ?",
            [wave],
        ).fetchone()
        released_numbers = {round(value, 9) for value in found[0] if value is not None}
        rows = list(csv.DictReader(io.StringIO(paths["csv"].read_text(encoding="utf-8-sig"))))
        book = book_of(paths["xlsx"])
        for number, name in enumerate(list(book)[1:-2], start=1):
            shown = Counter(round(value, 9) for value in numbers_of(book[name]))
            assert set(shown) <= released_numbers, (wave, name)
            figures = [row[column] for row in rows for column in ("estimate", "ci_lower", "ci_upper")
                       if row["question_number"] == str(number)]  # fmt: skip
            expected = Counter(round(float(figure), 9) for figure in figures if figure)
            assert expected <= shown, (wave, name, expected - shown)


def test_the_rows_for_programs_are_the_estimates_one_for_one(demonstration, demo_warehouse):
    _, files = demonstration
    for wave, paths in files.items():
        expected = demo_warehouse.execute(
            "select measure_id, is_change, breakdown_id, coalesce(segment, ''), round(estimate, 9), round(ci_lower, 9),"
            " round(ci_upper, 9), sample_size from marts.fct_estimates where survey_wave_id = ?",
            [wave],
        ).fetchall()
        rows = list(csv.DictReader(io.StringIO(paths["csv"].read_text(encoding="utf-8-sig"))))
        sheet = book_of(paths["xlsx"])["Data"]
        head = next(place for place, row in enumerate(sheet) if "measure_id" in row)
        data = [dict(zip(sheet[head], row, strict=True)) for row in sheet[head + 1 :]]

        def number(text) -> float | None:
            return None if text == "" else round(float(text), 9) + 0.0

        for found in (rows, data):
            keys = [
                (row["measure_id"], row["is_change"] in (True, "True"), row["breakdown_id"], row["segment"],
                 *(number(row[name]) for name in ("estimate", "ci_lower", "ci_upper", "sample_size")))
                for row in found
            ]  # fmt: skip
            assert sorted(map(str, keys)) == sorted(
                map(str, [(*r[:4], *(f if f is None else f + 0.0 for f in r[4:])) for r in expected])
            ), wave


def figure_beside(sheet: list[list], label: str) -> list:
    """The cells of the first line with this label, whose letter stands before it where groups differ."""
    return next(row for row in sheet if label in (row[0], re.sub(r"^\([A-Z]+\) ", "", str(row[0]))))


def test_a_figure_stands_beside_its_name(demonstration, demo_warehouse):
    language, files = demonstration
    label, lower, upper, size = demo_warehouse.execute(
        f"select segment_label_{language}, ci_lower, ci_upper, sample_size from marts.fct_estimates"
        " where survey_wave_id = 'caisa_2024' and measure_id = 'ai_use' and segment = 'construction'"
    ).fetchone()
    book = book_of(files["caisa_2024"]["xlsx"])
    sheet = book[next(name for name in book if name.startswith("1 "))]
    numbers = [cell for cell in figure_beside(sheet, label)[1:] if isinstance(cell, float)]
    assert numbers[1:4] == [lower, upper, size]


def test_links_of_the_contents_lead_to_sheets(demonstration):
    language, files = demonstration
    for paths in files.values():
        book = book_of(paths["xlsx"])
        contents = list(book)[0]
        assert contents == {"da": "Indhold", "en": "Contents"}[language]
        with zipfile.ZipFile(paths["xlsx"]) as packed:
            first = packed.read("xl/worksheets/sheet1.xml").decode()
            second = packed.read("xl/worksheets/sheet2.xml").decode()
        targets = [name.replace("''", "'").replace("&apos;", "'").replace("&amp;", "&")
                   for name in re.findall(r"location=\"'(.*?)'!A1\"", first)]  # fmt: skip
        assert sorted(targets) == sorted(list(book)[1:])
        assert f"location=\"'{contents}'!A1\"" in second


def test_every_sheet_and_file_of_a_demonstration_says_so(demonstration):
    _, files = demonstration
    for paths in files.values():
        assert all(path.name.startswith("demonstration_") for path in paths.values())
        for name, rows in book_of(paths["xlsx"]).items():
            assert any(str(cell).startswith("DEMONSTRATION: ") for row in rows[:3] for cell in row), name
        assert "DEMONSTRATION: " in paths["md"].read_text(encoding="utf-8")
        rows = csv.DictReader(io.StringIO(paths["csv"].read_text(encoding="utf-8-sig")))
        assert {(row["evidence_type"], row["release"][:13]) for row in rows} == {("synthetic", "demonstration")}


def test_the_two_languages_have_the_same_figures_and_other_words(demo_dir, tmp_path):
    with released(current_release(demo_dir, Kind.DEMONSTRATION)) as source:
        [da], [en] = (write_tables(source, "ti_2025", language, ["xlsx"], tmp_path) for language in ("da", "en"))
    danish, english = book_of(da), book_of(en)
    assert [numbers_of(rows) for rows in danish.values()] == [numbers_of(rows) for rows in english.values()]
    texts = {cell for rows in english.values() for row in rows for cell in row if isinstance(cell, str)}
    assert not [text for text in texts if re.search("[æøåÆØÅ]", text)]
    assert "Uses AI" in texts and not texts & {"Bruger AI", "I alt", "Svar", "Gruppe", "Noter"}


def test_the_same_release_gives_the_same_bytes(demo_dir, tmp_path):
    files = []
    for name in ("first", "second"):
        with released(current_release(demo_dir, Kind.DEMONSTRATION)) as source:
            files.append(write_tables(source, "dania_2025", "da", ["xlsx", "csv", "md"], tmp_path / name))
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    with zipfile.ZipFile(files[0][0]) as packed:  # no other moment than that of the release
        said = packed.read("docProps/core.xml").decode()
    made = current_release(demo_dir, Kind.DEMONSTRATION).created_at[:19]
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]{8}", said)) == {made}


# --- what is withheld, and marks

WITHHELD = {"estimate": 17.0, "ci_lower": 16.0, "ci_upper": 18.0, "is_withheld": True, "quality_grade": None}


def test_nothing_withheld_appears_even_where_the_relation_holds_it(written):
    """The release holds no such figure; a private relation might: the mark is all that is shown."""
    rows = [
        {},
        of_group("size_class_id", "s", "5–9", **WITHHELD | {"is_suppressed": True, "sample_size": 3}),
        of_group("size_class_id", "m", "10–49", **WITHHELD | {"sample_size": 23}),
    ]
    files = written(rows, "", "--language", "en")
    book = book_of(files["xlsx"])
    everything = [cell for sheet in book.values() for cell in numbers_of(sheet)]
    assert not set(everything) & {16.0, 17.0, 18.0, 3.0} and 23.0 in everything
    assert figure_beside(book["1 Nests"], "5–9 employees")[1] == ".."
    assert figure_beside(book["1 Nests"], "10–49 employees")[1] == "u"
    for form in ("csv", "md"):
        assert not re.search(r"\b(16|17|18)\b", files[form].read_text(encoding="utf-8"))
    legend = " ".join(str(cell) for row in book["1 Nests"] for cell in row)
    assert (
        "..  Confidential" in legend and "u  Too uncertain to be published" in legend and "*  Uncertain" not in legend
    )


def test_private_tables_show_all_with_its_mark_and_say_so_everywhere(tmp_path):
    rows = [{}, of_group("size_class_id", "s", "5–9", **WITHHELD | {"is_suppressed": True, "sample_size": 3})]
    table_release(tmp_path / "releases", rows)
    with released(current_release(tmp_path / "releases")) as source:
        private = replace(source, is_private=True)
        files = write_tables(private, WAVE, "en", ["xlsx", "csv", "md"], tmp_path / "out")
    assert [path.name for path in files] == [f"private_{WAVE}_tables.{form}" for form in ("xlsx", "csv", "md")]
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600] * 3
    book = book_of(files[0])
    assert figure_beside(book["1 Nests"], "5–9 employees")[1:6] == [17.0, "..", 16.0, 18.0, 3.0]
    assert all(any(str(row[0]).startswith("PRIVATE: ") for row in rows[:3]) for rows in book.values())
    assert "17.." in (text := files[2].read_text(encoding="utf-8")) and "PRIVATE: " in text


def test_an_uncertain_figure_is_marked_where_it_stands(written):
    files = written([{"quality_grade": "publish_with_warning"}], "", "--language", "en")
    line = figure_beside(book_of(files["xlsx"])["1 Nests"], "Total")
    assert line[1:3] == [42.0, "*"]
    assert "42\\* (38–46)" in files["md"].read_text(encoding="utf-8")


def test_groups_whose_names_are_hidden_are_counted_and_nothing_else(written):
    hidden = {
        "segment": None,
        "segment_label_da": "..",
        "segment_label_en": "..",
        "is_suppressed": True,
        "is_withheld": True,
    }
    rows = [{}, of_group("trade", "fish", "Trade: Fish"), *[of_group("trade", "", "..") | hidden for _ in range(2)]]
    sheet = book_of(written(rows, "", "--language", "en")["xlsx"])["1 Nests"]
    assert "2 groups are left out: they are so small that not even their names are shown." in [row[0] for row in sheet]
    assert [row[0] for row in sheet if row[0] in ("Trade", "Fish", "..")] == ["Trade", "Fish"]


def differences(*rows: str) -> str:
    """A relation of differences with these rows: wave, group, other group, difference, p."""
    return """
    create table marts.fct_differences (
        survey_wave_id varchar, measure_id varchar, unit_of_measure varchar, breakdown_id varchar,
        comparison_kind varchar, segment_a varchar, segment_b varchar, difference double, p_holm double
    );
    insert into marts.fct_differences
    select
        col0, 'nests', 'percent', 'size_class_id', case when col2 is null then 'rest' else 'pair' end,
        col1, col2, col3, col4
    from (values {});
    """.format(", ".join(rows))


BY_SIZE = [{}, *(of_group("size_class_id", size, size, estimate=40.0 + place) for place, size in enumerate(SIZES))]


def test_letters_come_from_the_differences_of_the_release(written):
    """The higher group carries the letter of the lower."""
    files = written(BY_SIZE, differences("('tern_2026', 's', 'm', -1, 0.049)"), "--language", "en")
    sheet = book_of(files["xlsx"])["1 Nests"]
    assert figure_beside(sheet, "(B) 10–49 employees")[1:3] == [41.0, "A"]
    assert figure_beside(sheet, "(A) 5–9 employees")[1:3] == [40.0, ""]
    assert any("more than chance" in str(row[0]) for row in sheet)
    assert "41 (38–46) A" in files["md"].read_text(encoding="utf-8")


def test_the_test_of_independence_stands_below_its_table(written):
    rows, statements = answers_by(3)
    statements += """
    create table marts.fct_independence_tests (
        survey_wave_id varchar, measure_id varchar, breakdown_id varchar, independence_test varchar,
        test_statistic double,
        numerator_degrees_of_freedom double, denominator_degrees_of_freedom double, p_value double
    );
    insert into marts.fct_independence_tests values
        ('tern_2026', 'm_no', 'trade', 'F', 2.314, 1.96, 412.2, 0.0994),
        ('tern_2026', 'm_no', 'trade', 'Wald', 9, 9, 9, 0.9),
        ('tern_2026', 'm_no', 'other', 'F', 7, 7, 7, 0.7), ('tern_2025', 'm_yes', 'trade', 'F', 6, 6, 6, 0.6);
    """
    files = written(rows, statements, "--language", "da")
    said = "Trade: test for uafhængighed, F(2,0; 412) = 2,31, p = 0,099 (Rao-Scott)."
    firsts = [row[0] for row in book_of(files["xlsx"])["1 Reder"]]
    assert [text for text in firsts if "Rao" in str(text)] == [said]
    assert firsts.index(said) > firsts.index("Trade")
    assert files["md"].read_text(encoding="utf-8").count(said) == 1


def test_a_test_whose_degrees_of_freedom_are_confidential_says_the_other_ones(written):
    rows, statements = answers_by(3)
    statements += """
    create table marts.fct_independence_tests as select
        'tern_2026' as survey_wave_id, 'm_no' as measure_id, 'trade' as breakdown_id, 'F' as independence_test,
        2.314::double as test_statistic, 1.96::double as numerator_degrees_of_freedom,
        null::double as denominator_degrees_of_freedom, 0.0994::double as p_value;
    """
    files = written(rows, statements, "--language", "en")
    assert "test of independence, F(2.0) = 2.31, p = 0.099 (Rao–Scott)" in files["md"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "statement",
    [
        "",
        differences("('tern_2026', 's', 'm', -1, 0.05)"),
        differences("('tern_2026', 'm', null, 1, 0.001)"),
        differences("('tern_2025', 's', 'm', -1, 0.001)"),
    ],
    ids=["no relation", "chance", "the rest", "another wave"],
)
def test_no_letters_without_a_difference_beyond_chance(written, statement):
    sheet = book_of(written(BY_SIZE, statement, "--language", "en")["xlsx"])["1 Nests"]
    assert figure_beside(sheet, "10–49 employees")[1:4] == [41.0, 38.0, 46.0]
    assert not any("chance" in str(row[0]) for row in sheet)


def test_what_is_said_of_the_rest_is_not_said_of_a_group_with_that_code(written):
    rows = [*BY_SIZE, of_group("size_class_id", "rest", "The rest")]
    statement = differences("('tern_2026', 'm', null, 1, 0.001)")
    sheet = book_of(written(rows, statement, "--language", "en")["xlsx"])["1 Nests"]
    assert "The rest" in {row[0] for row in sheet} and not any("chance" in str(row[0]) for row in sheet)


@pytest.mark.parametrize("hidden", [1, 2])
def test_no_letter_tells_of_a_group_that_is_withheld(written, hidden):
    rows = [row | WITHHELD if place == hidden else row for place, row in enumerate(BY_SIZE)]
    sheet = book_of(written(rows, differences("('tern_2026', 's', 'm', -1, 0.001)"), "--language", "en")["xlsx"])[
        "1 Nests"
    ]
    assert {"5–9 employees", "10–49 employees"} <= {row[0] for row in sheet}
    assert not any("chance" in str(row[0]) for row in sheet)


# --- how tables stand


def answers_by(groups: int) -> tuple[list[dict], str]:
    """Two answers in total and in so many groups of a column of the survey's own."""
    rows = []
    for place, code in enumerate(("yes", "no")):
        common = {"measure_id": f"m_{code}", "answer_category_id": code, "estimate": 10.0 + place}
        rows.append(common)
        rows += [of_group("trade", f"t{n}", f"Trade: No. {n}", **common) for n in range(1, groups + 1)]
    return rows, answer("yes", "Yes", 1) + answer("no", "No", 2)


def test_few_groups_stand_beside_each_other_with_the_total_first(written):
    sheet = book_of(written(*answers_by(3), "--language", "en")["xlsx"])["1 Nests"]
    heads = [[cell for cell in row if cell] for row in sheet if "Total" in row]
    assert heads == [["Total"], ["Total", "No. 1", "No. 2", "No. 3"]]
    assert [row[0] for row in sheet].count("Yes") == 2 and [row[0] for row in sheet].count("Responses (n)") == 2


def test_many_groups_stand_below_each_other_in_their_natural_order(written):
    sheet = book_of(written(*answers_by(12), "--language", "en")["xlsx"])["1 Nests"]
    firsts = [row[0] for row in sheet]
    start = firsts.index("Trade")
    assert firsts[start + 3 : start + 16] == ["Total", *(f"No. {n}" for n in range(1, 13))]
    assert [cell for cell in sheet[start + 1] if cell] == ["Yes", "No"]


def test_numbers_of_responses_that_differ_stand_in_each_cell(written):
    rows, statements = answers_by(2)
    rows = [row | {"sample_size": 100 + place} for place, row in enumerate(rows)]
    sheet = book_of(written(rows, statements, "--language", "en")["xlsx"])["1 Nests"]
    assert set(range(100, 106)) <= set(numbers_of(sheet))
    assert "Responses (n)" not in [row[0] for row in sheet]


def test_a_battery_with_answers_has_a_sheet_for_each_item(written):
    statements = answer("yes", "Yes", 1) + answer("no", "No", 2)
    statements += "insert into marts.dim_technologies values ('a', 1, 'Ravn', 'Raven'), ('b', 2, 'Svale', 'Swallow');"
    rows = [
        {"measure_id": f"{item}_{code}", "technology_id": item, "answer_category_id": code}
        for item in ("b", "a") for code in ("yes", "no")
    ]  # fmt: skip
    assert list(book_of(written(rows, statements, "--language", "en")["xlsx"]))[1:3] == [
        "1 Nests Raven",
        "2 Nests Swallow",
    ]


def test_measures_that_no_name_tells_apart_carry_their_id(written):
    sheet = book_of(written([{"measure_id": "one"}, {"measure_id": "two"}], "", "--language", "en")["xlsx"])["1 Nests"]
    assert {"(one)", "(two)"} <= {row[0] for row in sheet}


def test_shares_and_numbers_are_blocks_and_change_comes_last(written):
    rows = [
        {"measure_id": "change", "is_change": True, "earlier_survey_wave_id": "tern_2025"}
        | {"estimate": -3.0, "ci_lower": -6.5},
        {"measure_id": "count", "statistic": "total", "unit_of_measure": "firms", "estimate": 12000.0},
        {},
    ]  # fmt: skip
    files = written(rows, "", "--language", "da")
    firsts = [row[0] for row in book_of(files["xlsx"])["1 Reder"]]
    found = [text for text in firsts if text in
             ("Andel i procent", "Antal virksomheder, opregnet", "Ændring siden forår 2025, procentpoint")]  # fmt: skip
    assert found == ["Andel i procent", "Antal virksomheder, opregnet", "Ændring siden forår 2025, procentpoint"]
    text = files["md"].read_text(encoding="utf-8")
    assert "12.000" in text and "−3,0 (−6,5 til 46,0)" in text


def test_a_wave_without_a_total_begins_with_its_only_group(written):
    rows = [of_group("size_class_id", "s", "5–9", estimate=61.0)]
    rows += [
        of_group("size_class_x_trade", f"s|{trade}", f"5–9, {trade}") | {"breakdown_columns": "size_class_id;region_id"}
        for trade in ("north", "south")
    ]
    statements = "insert into marts.dim_regions values ('north', 1, 'Nord', 'North'), ('south', 2, 'Syd', 'South');"
    sheet = book_of(written(rows, statements, "--language", "en")["xlsx"])["1 Nests"]
    firsts = [row[0] for row in sheet]
    start = firsts.index("5–9 employees")
    assert firsts[start : start + 4] == ["5–9 employees", "Region", "North", "South"]


def test_a_bar_within_a_code_breaks_nothing(written):
    rows = [{}, of_group("trade", "a|b", "Trade: A or B", estimate=51.0)]
    crossed = {"breakdown_id": "trade_x_size", "breakdown_columns": "trade;size", "segment": "a|b|s", "estimate": 52.0}
    rows.append(of_group("trade", "", "Trade: A or B, 5–9") | crossed)
    sheet = book_of(written(rows, "", "--language", "en")["xlsx"])["1 Nests"]
    assert figure_beside(sheet, "A or B")[1] == 51.0 and figure_beside(sheet, "Trade: A or B, 5–9")[1] == 52.0


# --- names and texts that a spreadsheet would take for something else

EVIL = [
    "=1+1",
    "+45 20",
    "-5",
    "@SUM(A1)",
    "\tTab",
    "https://example.org",
    "007",
    "<b>&'\"|*_`",
    "= 'x'!A1",
    "'",
    "   ",
]


def test_texts_stay_texts_and_no_cell_is_a_formula(written):
    statements = "".join(question(n, text) for n, text in enumerate(EVIL, start=1))
    rows = [{"measure_id": f"q{n}", "indicator_id": f"tern_q{n}"} for n in range(1, len(EVIL) + 1)]
    files = written(rows, statements, "--language", "en")
    book = book_of(files["xlsx"])
    titles = [row[1] for row in book["Contents"] if isinstance(row[0], float)]
    assert [title.strip() for title in titles] == [text.strip() for text in EVIL]
    with zipfile.ZipFile(files["xlsx"]) as packed:
        sheets = [packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<f " in sheet]
    table = list(csv.DictReader(io.StringIO(files["csv"].read_text(encoding="utf-8-sig"))))
    assert not [row["question"] for row in table if re.match(r"[=+\-@\t\r]", row["question"])]


def test_markdown_shows_texts_as_they_are(written):
    rows = [of_group("trade", "x", "Trade: a|b *c*")]
    text = written(rows, "", "--language", "en")["md"].read_text(encoding="utf-8")
    assert r"a\|b \*c\*" in text


LONG = "Hvor enig er du i, at [AI] kan bruges til: alt / intet? " * 4


@pytest.mark.slow
def test_more_than_two_hundred_questions_with_long_names_that_begin_alike(written):
    count = 230
    statements = "".join(question(n, f"{LONG}{n}") for n in range(1, count + 1))
    rows = [
        {"measure_id": f"q{n}", "indicator_id": f"tern_q{n}", "estimate": float(n % 90)} for n in range(1, count + 1)
    ]
    book = book_of(written(rows, statements)["xlsx"])
    names = list(book)
    assert len(names) == count + 3 and len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= MOST_LETTERS and not re.search(r"[\[\]:*?/\\]", name) for name in names)
    for number, name in enumerate(names[1:-2], start=1):
        assert f"{LONG}{number}" in [row[0] for row in book[name]]
        assert float(number % 90) in numbers_of(book[name])


@pytest.mark.parametrize(
    "title", ["'", "''quoted'", "History", "", " ", "a" * 99, "🐦" * 40, "[x]:*?/\\", "Ærø\x00\x1f"]
)
def test_a_sheet_has_a_name_that_excel_takes(title):
    name = sheet_name(7, title)
    assert name.startswith("7") and len(name.encode("utf-16-le")) <= 2 * MOST_LETTERS
    assert not name.endswith("'") and not re.search(r"[\[\]:*?/\\\x00-\x1f]", name)


# --- what goes wrong


def test_an_unknown_wave_names_the_nearest(tmp_path):
    table_release(tmp_path / "releases", [{}])
    done = run(tmp_path / "releases", "tern_2062", "--out", str(tmp_path / "out"))
    assert done.exit_code == 2 and not (tmp_path / "out").exists()
    assert "There is no survey wave 'tern_2062'" in done.output and "did you mean 'tern_2026'?" in done.output


def test_a_wave_that_is_in_print_only_says_so(tmp_path):
    table_release(tmp_path / "releases", [{}])
    done = run(tmp_path / "releases", "tern_2025", "--out", str(tmp_path))
    assert done.exit_code == 2 and "printed figures only" in done.output


def test_a_release_without_estimates_says_what_to_do(tmp_path):
    table_release(tmp_path / "releases", [])
    done = run(tmp_path / "releases", WAVE, "--out", str(tmp_path))
    assert done.exit_code == 2 and "load responses" in done.output and "--demo" in done.output


def test_without_a_release_it_ends_as_other_commands_do(tmp_path):
    done = run(tmp_path / "nothing", WAVE, "--out", str(tmp_path / "out"))
    assert done.exit_code == 7 and "make warehouse" in done.output and not (tmp_path / "out").exists()


def test_a_file_that_stands_there_is_replaced_only_by_force(tmp_path):
    table_release(tmp_path / "releases", [{}])
    first = ("--format", "csv", "--out", str(tmp_path / "out"))
    assert run(tmp_path / "releases", WAVE, *first).exit_code == 0
    [path] = (tmp_path / "out").iterdir()
    path.write_text("mine")
    done = run(tmp_path / "releases", WAVE, *first, "--format", "xlsx")
    assert done.exit_code == 2 and str(path) in done.output and "--force" in done.output
    assert [found.read_text() for found in (tmp_path / "out").iterdir()] == ["mine"]
    assert run(tmp_path / "releases", WAVE, *first, "--force").exit_code == 0
    assert path.read_text() != "mine"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, place):
    table_release(tmp_path / "releases", [{}])
    (tmp_path / "file").write_text("")
    done = run(tmp_path / "releases", WAVE, "--out", str(tmp_path / place))
    assert done.exit_code == 5 and str(tmp_path / place) in done.output and "--out" in done.output


def test_a_failure_half_way_leaves_nothing(tmp_path, monkeypatch):
    table_release(tmp_path / "releases", [{}])
    real = Path.write_bytes

    def full_disk(self: Path, content: bytes) -> int:
        if ".md." in self.name:
            raise OSError(28, "No space left on device")
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    done = run(tmp_path / "releases", WAVE, "--format", "xlsx", "--format", "md", "--out", str(tmp_path / "out"))
    assert done.exit_code == 5 and "No space left" in done.output
    assert list((tmp_path / "out").iterdir()) == []
