"""Files of a figure and their check: as saved they are what the release says; a changed digit or query is found."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from smv_ai.cli import main
from smv_ai.environment import Kind
from smv_ai.errors import BadInputError, NoReleaseError
from smv_ai.passport import carriers, tabular
from smv_ai.passport.passport import NAME, Passport, digest
from smv_ai.passport.verify import verify_figure
from smv_ai.pictures import drawing
from smv_ai.pictures.drawing import Limits
from smv_ai.reader import connect
from smv_ai.releases.folder import current_release

QUERY = """select observation_id, industry_label_da as label, observation_value, value_text_da as value_text, ci_lower,
    ci_upper, sample_size, observation_status_label_da as observation_status_label, evidence_type, source_file
from marts.mart_adoption
where indicator_id = 'ai_use' and survey_wave_id = 'dst_micro_2023' and evidence_type = 'published'
order by observation_id"""
TABLES = ("csv", "csv_danish", "parquet", "xlsx")
PICTURES = ("png", "svg", "pdf")
NAMES = {"csv_danish": "figure_excel.csv"}


@pytest.fixture(scope="module")
def files(release_dir: Path) -> dict[str, bytes]:
    """The same figure as each kind of file, by kind."""
    release = current_release(release_dir)
    with connect(release) as connection:
        found = connection.execute(QUERY).df()
    assert len(found) > 5
    passport = Passport("use", release.release_id, str(Kind.WAREHOUSE), QUERY, digest(found))
    rows = tabular.complete(found, release.cited_as)
    made = {
        "csv": tabular.csv(rows, passport),
        "csv_danish": tabular.csv_danish(rows, passport),
        "parquet": tabular.parquet(rows, passport),
        "xlsx": tabular.excel(rows, passport, {"Kilde": "DST"}, "da"),
    }
    drawn = found[["observation_id", "label", "observation_value", "sample_size"]].to_dict("records")
    spec = {
        "datasets": {"rows": drawn}, "data": {"name": "rows"}, "mark": "bar",
        "encoding": {"y": {"field": "label", "type": "nominal"},
                     "x": {"field": "observation_value", "type": "quantitative"}},
    }  # fmt: skip
    whole = Passport("use", release.release_id, str(Kind.WAREHOUSE), QUERY, passport.digest, spec)
    limits = Limits(seconds=300)
    return made | {kind: carriers.stamped(drawing.draw(spec, kind, limits), kind, whole) for kind in PICTURES}


@pytest.fixture
def verified(release_dir: Path, tmp_path: Path) -> Callable[..., str]:
    """The verdict on the bytes of a file of a kind; raises what the command reports."""

    def verdict(kind: str, content: bytes, folder: Path = release_dir) -> str:
        path = tmp_path / NAMES.get(kind, f"figure.{kind}")
        path.write_bytes(content)
        return str(verify_figure(path, lambda _: folder))

    return verdict


@pytest.mark.parametrize("kind", [*TABLES, *PICTURES])
def test_a_file_as_saved_is_what_the_release_says(files, verified, release_dir: Path, kind: str) -> None:
    said = verified(kind, files[kind])
    assert f"as release {current_release(release_dir).release_id} says (figure use" in said


def digit_changed(kind: str, content: bytes) -> bytes:
    """The file with one digit of a figure changed, as a person, or a program, would change it."""
    if kind == "parquet":
        table = pyarrow.parquet.read_table(io.BytesIO(content))
        values = table["observation_value"].to_pylist()
        place = table.schema.get_field_index("observation_value")
        table = table.set_column(place, table.schema.field(place), pyarrow.array([values[0] + 1, *values[1:]]))
        file = io.BytesIO()
        pyarrow.parquet.write_table(table, file)
        return file.getvalue()
    if kind == "xlsx":
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
            for part in old.namelist():
                text = old.read(part)
                if part.endswith("sheet1.xml"):
                    changed = re.sub(rb'(<c r="C2"[^>]*><v>)([0-9.]+)', rb"\g<1>9\2", text, count=1)
                    assert changed != text
                    text = changed
                new.writestr(part, text)
        return file.getvalue()
    if kind.startswith("csv"):
        lines = content.decode("utf-8-sig").split("\r\n")
        mark = ";" if kind == "csv_danish" else ","
        value = re.search(rf"{mark}([0-9]+[.,][0-9]+){mark}", lines[1])
        assert value
        lines[1] = lines[1].replace(value[0], f"{mark}9{value[1]}{mark}", 1)
        return "\r\n".join(lines).encode("utf-8-sig")
    if kind == "svg":
        place = content.rindex(b"v18h-")  # the last bar
        changed = re.sub(rb"[0-9]", lambda found: b"7" if found[0] != b"7" else b"3", content[place:], count=1)
        return content[:place] + changed
    if kind == "pdf":
        start = content.index(b"stream") + 200
        return content[:start] + bytes([content[start] ^ 1]) + content[start + 1 :]
    start = content.index(b"IHDR") + 7  # the width of the picture
    return content[:start] + bytes([content[start] ^ 1]) + content[start + 1 :]


@pytest.mark.parametrize("kind", [*TABLES, *PICTURES])
def test_a_changed_digit_is_found(files, verified, kind: str) -> None:
    changed = digit_changed(kind, files[kind])
    assert changed != files[kind]
    with pytest.raises(BadInputError) as caught:
        verified(kind, changed)
    message = str(caught.value)
    assert NAMES.get(kind, f"figure.{kind}") in message
    if kind in TABLES:
        assert "row 2, observation_value: '9" in message or kind == "parquet", message
    else:
        assert "changed" in message, message


def test_a_passport_whose_query_makes_numbers_up_is_found(files, verified, release_dir: Path) -> None:
    """Whoever writes rows, query and digest that agree is caught by the observations of the release."""
    release = current_release(release_dir)
    query = QUERY.replace("observation_value,", "observation_value + 1 as observation_value,", 1)
    with connect(release) as connection:
        found = connection.execute(query).df()
    passport = Passport("use", release.release_id, str(Kind.WAREHOUSE), query, digest(found))
    forged = tabular.csv(tabular.complete(found, release.cited_as), passport)
    with pytest.raises(BadInputError, match=r"observation_value: '.*' instead of"):
        verified("csv", forged)


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("csv", b"label,value\r\na,1\r\n", "no passport"),
        ("svg", b"<svg></svg>", "no passport"),
        ("csv", f"label,{NAME}\r\na,xyz=\r\n".encode(), "damaged"),
        ("bin", b"\xff\xfe\x00", "no file that the app saves"),
        ("png", b"\x89PNG\r\n\x1a\n", "no passport"),
        ("parquet", b"PAR1xxxx", "cannot be read as PARQUET"),
    ],
)
def test_what_is_no_file_of_a_figure_is_refused(verified, kind: str, content: bytes, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        verified(kind, content)


def test_a_release_that_is_not_here_is_said(files, verified, tmp_path: Path) -> None:
    with pytest.raises(NoReleaseError, match="comes from release"):
        verified("csv", files["csv"], tmp_path / "empty")


def test_other_programs_read_the_files(files) -> None:
    """A workbook has data and notes; a stamped PDF ends as PDFs do, and a stamped PNG keeps its parts."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(files["xlsx"]))
    assert book.sheet_names == ["Data", "Noter"]
    assert ["Kilde", "DST"] in [row[:2] for row in book.get_sheet_by_name("Noter").to_python()]
    assert files["pdf"].rstrip().endswith(b"%%EOF")
    assert carriers.bare(files["png"], "png").endswith(b"IEND\xaeB`\x82")


def test_the_command_says_it_of_each_file_and_returns_two_for_a_changed_one(
    files, release_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(release_dir))
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(files["csv"])
    bad.write_bytes(digit_changed("csv", files["csv"]))
    done = CliRunner().invoke(main, ["verify-figure", str(good)])
    assert done.exit_code == 0 and "good.csv: as release" in done.output
    done = CliRunner().invoke(main, ["verify-figure", str(bad), str(good)])
    assert (
        done.exit_code == 2 and "bad.csv: is not what the warehouse says" in done.output and "good.csv" in done.output
    )
