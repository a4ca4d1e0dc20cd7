"""Which tool wrote an export, how many rows of headers it has, and which columns are the tool's own and no answers.

What is known of a tool is data (`TOOLS`); that the files are those of one survey is for the person who names them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow.parquet as parquet

from smv_ai.errors import BadInputError
from smv_ai.intake.definition import Definition
from smv_ai.intake.labels import from_labels
from smv_ai.intake.reading import apart, delimited, limesurvey, qualtrics, redcap, surveyxact, xlsform
from smv_ai.intake.reading.files import Form, form_of, refusal, sha256_of
from smv_ai.intake.reading.grid import Grid, RawTable, shown, table_from
from smv_ai.intake.words import plain


@dataclass(frozen=True)
class Tool:
    """What is known of the exports of a tool; names of columns as in `plain`."""

    marks: tuple[frozenset[str], ...] = ()
    """Sets of columns, any one of which gives the tool away."""
    own: tuple[str, ...] = ()
    """Columns of the tool's own: regular expressions."""
    valid: dict[str, list[str]] = field(default_factory=dict)
    """What makes a row count, where such a column exists."""
    drop: dict[str, list[str]] = field(default_factory=dict)
    """Rows that are tests."""
    separator: str | None = None
    """What joins several choices in one cell."""
    other_separators: tuple[str, ...] = ()
    """What does in other exports of the tool."""


def _marks(*names: str) -> frozenset[str]:
    return frozenset(names)


TOOLS: dict[str, Tool] = {
    "surveyxact": Tool(
        (_marks("respondentid", "stato_4"), _marks("respondentid", "statoverall_4"), _marks("externkey", "stato_4")),
        (
            r"respondentid", r"externkey", r"organisationid", r"created", r"modified", r"starttime", r"closetime",
            r"difftime", r"responsecollectsessions", r"numberofreturnedmail", r"importgroup", r"distributionschedule",
            r"digitaldistributionerrormessage", r"email", r"stato?(verall)?_\d+", r"statinternal.*",
        ),
        {"stato_4": ["1"], "statoverall_4": ["1"]}, {"externkey": ["TEST"]},
    ),
    "qualtrics": Tool(
        (_marks("startdate", "responseid"), _marks("responseid", "finished"), _marks("v1", "v2", "v10")),
        (
            r"startdate", r"enddate", r"status", r"ipaddress", r"progress", r"duration.*", r"finished", r"recordeddate",
            r"responseid", r"recipient.*", r"externalreference", r"externaldatareference", r"location.*",
            r"distributionchannel", r"userlanguage", r"q_.*", r".*_nps_group", r"(fl_\d+|.*)_do(_.*)?",
            r".*_(first|last|page|click)[ _](click|submit|count)",
            r"responseset", r"name", r"emailaddress",
        ),
        {"Finished": ["1", "True", "TRUE", "Sand"]},
        {"Status": ["1", "Survey Preview", "Survey Test", "2", "Spam", "8"]}, ",",
    ),
    "limesurvey": Tool(
        (_marks("id", "submitdate"), _marks("response id", "date submitted"), _marks("svar-id", "dato for afsendelse")),
        (
            r"id", r"submitdate", r"lastpage", r"startlanguage", r"seed", r"token", r"startdate", r"datestamp",
            r"ipaddr", r"refurl", r"response id", r"date submitted", r"last page", r"start language", r"access code",
            r"date started", r"date last action", r"ip address", r"referrer url", r".*time\d*", r"svar-id",
            r"adgangskode", r"dato for .*", r"(last|sidste) side", r"sidste side", r"startsprog", r"dato startet",
            r"ip-?adresse", r"(group|question|total) time\b.*", r"(gruppe|spørgsmåls?|samlet |total)tid\b.*",
        ),
        {"submitdate": ["*"], "Date submitted": ["*"]},
    ),
    "msforms": Tool(
        (_marks("starttidspunkt", "fuldførelsestidspunkt"), _marks("start time", "completion time"),
         _marks("starttidspunkt", "sluttidspunkt")),
        (
            r"id", r"starttidspunkt", r"fuldførelsestidspunkt", r"sluttidspunkt", r"mail", r"e?-?mail", r"navn",
            r"name",
            r"start time", r"completion time", r"last modified time", r"tidspunkt for seneste ændring", r"language",
            r"sprog", r"total points", r"quiz feedback", r"grade posted time", r"(points|feedback|point) - .*",
            r"point i alt", r"samlet antal point",
        ),
        separator=";",
    ),
    "googleforms": Tool(
        (_marks("tidsstempel"), _marks("timestamp")),
        (r"tidsstempel", r"timestamp", r"mailadresse", r"e-?mail ?(address|adresse)?", r"username", r"brugernavn",
        r"score"),
        separator=", ", other_separators=(";",),
    ),
    "surveymonkey": Tool(
        (_marks("respondent id", "collector id"), _marks("respondentid", "collectorid"),
         _marks("respondent-id", "indsamler-id")),
        (
            r"respondent.?id", r"(collector|indsamler).?id", r"start.?dat(e|o)", r"(end|slut).?dat(e|o)",
            r"date created",
            r"date modified", r"ip.?(address|adresse)", r"e?-?mail.?(address|adresse)", r"first name", r"last name",
            r"fornavn", r"efternavn", r"custom (data|value).*",
        ),
    ),
    "redcap": Tool(
        # labels in place of names
        (_marks("record id", "complete?"), _marks("record id", "survey identifier"), _marks("record id", "event name")),
        (
            r"redcap_.*", r".*_complete", r".*_timestamp", r"record id", r"survey identifier",
            r"survey timestamp", r"event name", r"repeat (instrument|instance)", r"complete\?( \(\d+\))?",
            r"data access group",
        ),
    ),
    "kobo": Tool(
        (_marks("_id", "_uuid"), _marks("_uuid", "_submission_time"), _marks("start", "end", "_id")),
        (
            r"start", r"end", r"today", r"deviceid", r"simserial", r"phonenumber", r"username", r"_.*",
            r"__version__", r"meta/.*", r"formhub/.*", r"instanceid", r"audit",
        ),
        separator=" ",
    ),
    "enalyzer": Tool(
        (_marks("respondent", "respondentnøgle"), _marks("respondent id", "besvarelsesstatus"),
         _marks("respondent id", "response status")),
        (
            r"respondent( id|nøgle)?", r"(besvarelses|response )?status", r"e-?mail", r"navn", r"name", r"oprettet",
            r"created", r"started", r"startet", r"completed", r"afsluttet", r"sprog", r"language",
            r"ip.?(adresse|address)",
        ),
        {"Status": ["Completed", "Gennemført", "Complete", "Afsluttet"]}, separator=";",
    ),
    "spss": Tool(), "stata": Tool(), "table": Tool(separator=";", other_separators=("|",)),
}  # fmt: skip
IMPORT_ID = '"ImportId"'
_CODE_AND_TEXT_MARKS = {"id", "submitdate"}
# The second header row of SurveyMonkey where a column is the answer itself.
ANSWER_ITSELF = {"response", "open-ended response", "svar", "åbent svar", "fritekstsvar", ""}
MOST_ROWS_ABOVE = 10


@dataclass(frozen=True)
class Export:
    """The answers of an export, by which tool, and what the tool's definition says."""

    path: Path
    sha256: str
    form: Form
    tool: str
    grid: Grid
    table: RawTable
    header_rows: int
    definition: Definition | None
    definition_paths: list[Path]

    def own_columns(self) -> list[str]:
        """The columns of the tool's own."""
        patterns = [re.compile(pattern) for pattern in TOOLS[self.tool].own]
        found = [name for name in self.table.columns if any(pattern.fullmatch(plain(name)) for pattern in patterns)]
        # the first column of REDCap tells the records apart, whatever it is called
        first = next(iter(self.table.columns))
        return found if self.tool != "redcap" or first in found else [first, *found]


def read_grid(
    path: Path, *, sheet: str | None = None, encoding: str | None = None, delimiter: str | None = None
) -> Grid:
    """The cells of a file in any form that holds answers. Raises BadInputError that names file and reason."""
    form = form_of(path)
    if form is Form.TEXT:
        return delimited.read(path, encoding, delimiter)
    if form in (Form.WORKBOOK, Form.SPSS, Form.STATA):
        return apart.read(path, form, sheet)
    if form is Form.PARQUET:
        return _parquet(path)
    raise refusal(path, f"is {form}, which holds no answers; name the file of answers as well")


def _parquet(path: Path) -> Grid:
    import numpy as np
    import pyarrow as pa

    try:
        found = parquet.read_table(path)
        columns = [
            pa.concat_arrays([*column.cast(pa.string()).fill_null("").chunks, pa.array([], pa.string())])
            for column in found.columns
        ]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise refusal(path, f"cannot be read as Parquet ({str(error).splitlines()[0]})") from error
    numeric = {
        number: np.ones(len(found), bool)
        for number, kind in enumerate(found.schema.types)
        if pa.types.is_integer(kind) or pa.types.is_floating(kind)
    }
    return Grid(columns, numeric, np.arange(1, len(found) + 1), names=found.column_names)


def read_export(
    answers: Path,
    definitions: Sequence[Path] = (),
    *,
    tool: str | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Export:
    """Read answers with the definitions beside them. Raises BadInputError that names file and reason."""
    form = form_of(answers)
    grid = read_grid(answers, sheet=sheet, encoding=encoding, delimiter=delimiter)
    found = tool or _recognised(grid, form, answers)
    first, header_rows = _header(grid, found, answers)
    table = table_from(_with_names(grid, found, first), header_rows, first)
    if found == "qualtrics" and grid.names is None and plain(grid.row(first)[0]) == "v1":
        table = _labelled(table, dict(zip(map(shown, grid.row(first)), map(shown, grid.row(first + 1)), strict=True)))
    if found == "limesurvey" and grid.names is None and (parts := _code_and_text(grid.row(first))):
        table = _labelled(table, {shown(code): shown(text) for code, text in parts})
    if found == "limesurvey" and grid.names is None and first > 0 and _is_of_codes(grid.row(first)):
        table = _labelled_above(table, grid, first)
    if not table.columns or table.height + len(table.ragged) == 0:
        raise refusal(answers, "has a header and no answers, or neither; export it anew")
    _refuse_merged(grid, first + header_rows, answers)
    definition, paths = _definition(answers, grid, form, definitions)
    if definition is not None and found == "table":
        found = _tool_of_definition(paths, definition)
    return Export(answers, sha256_of(answers), form, found, grid, table, header_rows, definition, paths)


def _tool_of_definition(paths: list[Path], _: Definition) -> str:
    endings = {".qsf": "qualtrics", ".lss": "limesurvey", ".csv": "redcap", ".xlsx": "kobo"}
    return next((endings[path.suffix.lower()] for path in paths if path.suffix.lower() in endings), "table")


def _recognised(grid: Grid, form: Form, path: Path) -> str:
    """The tool, by the names of its own columns; `table` where none gives itself away."""
    if form is Form.SPSS:
        return "spss"
    if form is Form.STATA:
        return "stata"
    for number in range(min(grid.height, 3)):
        head = {plain(cell) for cell in grid.names or grid.row(number)}
        for name, tool in TOOLS.items():
            if any(marks <= head for marks in tool.marks):
                return name
        if {cell.split(". ")[0] for cell in head if ". " in cell} >= _CODE_AND_TEXT_MARKS:
            return "limesurvey"
        if any("___" in cell for cell in head) or any(cell.endswith("_complete") for cell in head):
            return "redcap"
    is_enalyzer = "enalyzer" in path.name.lower() or "enalyzer" in grid.sheet.lower()
    return "enalyzer" if is_enalyzer else "table"


def _header(grid: Grid, tool: str, path: Path) -> tuple[int, int]:
    """Position of the first header row, and how many there are."""
    if grid.names is not None:
        return 0, 0
    if grid.height == 0:
        raise refusal(path, "holds no rows that can be read; export it anew")
    first = _first_row(grid)
    if tool == "surveymonkey":
        return first, 2 if _is_of_boxes(grid, first) else 1
    if tool == "limesurvey" and first + 1 < grid.height and _is_of_codes(grid.row(first + 1)):
        return first + 1, 1  # an export for LimeSurvey itself (vv): texts above the codes
    rows = [grid.row(number) for number in range(first, min(first + 3, grid.height))]
    if tool == "qualtrics" and len(rows) > 1 and _is_of_texts(rows[0], rows[1]):
        return first, 3 if any(IMPORT_ID in cell for cell in rows[-1]) else 2
    marked = [number for number, row in enumerate(rows) if any(IMPORT_ID in cell for cell in row)]
    return first, (marked[0] + 1 if marked else 1)


def _is_of_boxes(grid: Grid, first: int) -> bool:
    """Whether the second row is SurveyMonkey's row of boxes, which has no respondent; some take it out."""
    if grid.height < first + 2:
        return False
    pairs = zip(grid.row(first), grid.row(first + 1), strict=True)
    return not any(cell.strip() for name, cell in pairs if re.fullmatch(r"respondent.?id", plain(name)))


def _is_of_texts(names: list[str], row: list[str]) -> bool:
    """Whether the row below Qualtrics' names holds their texts: no date, and no id of a response."""
    beside = {plain(name): cell for name, cell in zip(names, row, strict=True)}
    date, response = beside.get("startdate", beside.get("v8", "")), beside.get("responseid", beside.get("v1", ""))
    return bool(date or response) and not re.search(r"\d", date) and not response.startswith("R_")


def _is_of_codes(row: list[str]) -> bool:
    return {"id", "submitdate"} <= {plain(cell) for cell in row}


def _labelled_above(table: RawTable, grid: Grid, first: int) -> RawTable:
    """The table with the texts that stand above its names, where the header has such a row."""
    above = {plain(name): shown(label) for name, label in zip(grid.row(first), grid.row(first - 1), strict=True)}
    return _labelled(table, {name: above.get(plain(name), "") for name in table.columns})


def _labelled(table: RawTable, labels: dict[str, str]) -> RawTable:
    columns = {name: replace(column, label=labels.get(name, "")) for name, column in table.columns.items()}
    return replace(table, columns=columns)


def _code_and_text(head: list[str]) -> list[tuple[str, str]]:
    """LimeSurvey's headers of code and text (`Q1. How many?`), taken apart; nothing where they are others."""
    parts = [cell.partition(". ") for cell in head]
    if not {plain(code) for code, _, text in parts if text} >= _CODE_AND_TEXT_MARKS:
        return []
    return [(code, text) if found else (cell, "") for cell, (code, found, text) in zip(head, parts, strict=True)]


def _refuse_merged(grid: Grid, start: int, path: Path) -> None:
    """Refuse merged cells among the answers: only the first of them holds the answer, the others would be blank."""
    at = int(grid.rows[start]) if start < len(grid.rows) else 0
    found = [cells for last, cells in grid.meta.get("merged", []) if last >= at]
    if found and at:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise refusal(path, f"the cells {found[0]}{more} are merged, so it is not said whose answer stands there; "
                            "part them, and fill in each")  # fmt: skip


def _first_row(grid: Grid) -> int:
    """The first row that is filled; titles above the header, alone in their row, are passed over."""
    rows = [grid.row(number) for number in range(min(grid.height, MOST_ROWS_ABOVE))]
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    widest = max(filled, default=0)
    return next((n for n, count in enumerate(filled) if count > 1 and count >= widest / 2), next(
        (n for n, count in enumerate(filled) if count), 0))  # fmt: skip


def _with_names(grid: Grid, tool: str, first: int) -> Grid:
    """SurveyMonkey names a question once, over all of its boxes; here each box has both names."""
    if tool == "limesurvey" and grid.names is None and (parts := _code_and_text(grid.row(first))):
        return replace(grid, names=[code for code, _ in parts])
    if tool == "qualtrics" and grid.names is None and plain(grid.row(first)[0]) == "v1":
        # before 2017 Qualtrics numbered its own columns, and named them below
        pairs = zip(grid.row(first), grid.row(first + 1), strict=True)
        return replace(grid, names=[text if re.fullmatch(r"V\d+", name) else name for name, text in pairs])
    if tool != "surveymonkey" or grid.names is not None or not _is_of_boxes(grid, first):
        return grid
    names: list[str] = []
    above = ""
    for question, box in zip(grid.row(first), grid.row(first + 1), strict=True):
        above = shown(question) or above
        is_itself = plain(box) in ANSWER_ITSELF
        names.append(above if is_itself else f"{above} [{shown(box)}]")
    return replace(grid, names=names)


def _definition(answers: Path, grid: Grid, form: Form, paths: Sequence[Path]) -> tuple[Definition | None, list[Path]]:
    others = grid.meta.get("others", {})
    if not paths and form is Form.WORKBOOK and (found := _sheets_of_surveyxact(others)) is not None:
        return found, []
    if not paths and form in (Form.SPSS, Form.STATA):
        return from_labels(grid), []
    found_paths = list(paths) or beside(answers)
    if not found_paths:
        return None, []
    return read_definition(found_paths), found_paths


def _sheets_of_surveyxact(others: dict[str, list[list[str]]]) -> Definition | None:
    by_name = {name.lower(): rows for name, rows in others.items()}
    structure = by_name.get("structure") or by_name.get("struktur")
    return surveyxact.from_rows(structure, by_name.get("labels") or []) if structure else None


def beside(answers: Path) -> list[Path]:
    """The files that SurveyXact writes together with this one."""
    found = re.fullmatch(r"dataset(.*)\.csv", answers.name, re.IGNORECASE)
    if found is None:
        return []
    paths = [answers.with_name(f"{part}{found[1]}.csv") for part in ("structure", "labels", "variables")]
    return [path for path in paths if path.is_file()]


def read_definition(paths: Sequence[Path]) -> Definition:
    """The definition in the files of one tool. Raises BadInputError."""
    for path in paths:
        form = form_of(path)
        if form is Form.JSON:
            return qualtrics.read(path)
        if form is Form.XML:
            return limesurvey.read(path)
        if form is Form.WORKBOOK:
            return _xlsform(path)
        if form in (Form.SPSS, Form.STATA):
            return from_labels(apart.read(path, form))
    return _definition_in_text(paths)


def _xlsform(path: Path) -> Definition:
    grid = apart.read(path, Form.WORKBOOK)
    sheets = {name.lower(): rows for name, rows in grid.meta.get("others", {}).items()}
    if grid.sheet.lower() != "survey" or "choices" not in sheets:
        raise refusal(path, "is no XLSForm: it has no sheets survey and choices; name the answers first")
    survey = [grid.row(number) for number in range(grid.height)]
    return xlsform.from_sheets(survey, sheets["choices"], sheets.get("settings"))


def _definition_in_text(paths: Sequence[Path]) -> Definition:
    structure: list[list[str]] | None = None
    labels: list[list[str]] = []
    for path in paths:
        rows = _rows_of_text(path)
        head = rows[0] if rows else []
        if redcap.is_dictionary(head):
            return redcap.from_rows(rows)
        if {"questionName", "variableName", "questionType"} <= set(head):
            structure = rows
        elif "variableDescription" not in head:
            labels = rows
    if structure is None:
        names = ", ".join(path.name for path in paths)
        raise BadInputError(
            f"{names}: no definition of a survey tool is recognised in it; leave it out. Nothing was done."
        )
    return surveyxact.from_rows(structure, labels)


def _rows_of_text(path: Path) -> list[list[str]]:
    """The rows of a small file of delimited text; rows may end in a delimiter too many."""
    import csv
    import io

    from smv_ai.intake.reading.files import small_text

    text = small_text(path)
    sign = delimited.delimiter_of(text[: delimited.SAMPLE])
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign) if any(row)]
    except csv.Error as error:
        raise refusal(path, f"cannot be read as delimited text ({error})") from error


def is_definition(path: Path) -> bool:
    """Whether a file describes questions, and is no file of answers."""
    form = form_of(path)
    if form in (Form.JSON, Form.XML):
        return True
    if form is Form.WORKBOOK:
        grid = apart.read(path, form)
        return grid.sheet.lower() == "survey" and "choices" in {name.lower() for name in grid.meta.get("others", {})}
    if form is not Form.TEXT or path.stat().st_size > delimited.SAMPLE * 100:
        return False
    rows = _rows_of_text(path)
    head = {cell.strip() for cell in rows[0]} if rows else set()
    is_labels = re.match(r"(labels|structure|variables)_?\d*\.csv", path.name, re.IGNORECASE) is not None
    return redcap.is_dictionary(list(head)) or {"questionName", "variableName"} <= head or is_labels
