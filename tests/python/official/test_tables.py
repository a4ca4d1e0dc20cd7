"""Official tables: every cell as the file says, and what is no whole table is refused with its reason."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import re
import tracemalloc

import jsonschema
import pytest
from click.testing import CliRunner

from smv_ai.cli import main
from smv_ai.errors import BadInputError
from smv_ai.official.recognise import read_table, read_text
from smv_ai.official.store import load_bytes, load_file, loaded_tables

SIZES = {"freq": 1, "size_emp": 3, "geo": 4, "time": 5}
# What json-stat.org/full demands of a data set, as far as a schema can say it.
DATASET = {
    "type": "object",
    "required": ["version", "class", "id", "size", "value", "dimension"],
    "properties": {
        "version": {"const": "2.0"}, "class": {"const": "dataset"},
        "id": {"type": "array", "items": {"type": "string"}},
        "size": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "value": {"anyOf": [
            {"type": "array", "items": {"type": ["number", "null", "string"]}},
            {"type": "object", "patternProperties": {"^[0-9]+$": {"type": ["number", "null", "string"]}},
             "additionalProperties": False}]},
        "dimension": {"type": "object", "additionalProperties": {"type": "object", "required": ["category"]}},
    },
}  # fmt: skip


def cells(seed: int, sizes: dict[str, int] = SIZES):
    """A cube with figures, flags alone, both and neither: what a file may say, by key."""
    draw = random.Random(seed)
    keys = list(itertools.product(*[[f"{name}_{at}" for at in range(size)] for name, size in sizes.items()]))
    found = {}
    for key in keys:
        value = round(draw.uniform(0, 100), 2) if draw.random() < 0.6 else None
        flag = draw.choice(["", "", "b", "u", "c", "bu"])
        found[key] = (value, flag)
    return found


def jsonstat(cube, sizes=SIZES, dense=False, old=False, list_index=False):
    dimension = {
        name: {"label": f"The {name}", "category": {
            "index": [f"{name}_{at}" for at in range(size)] if list_index else
            {f"{name}_{at}": at for at in range(size)},
            "label": {f"{name}_{at}": f"Label {at}" for at in range(size)}}}
        for name, size in sizes.items()
    }  # fmt: skip
    rows = list(cube.values())
    if dense:
        value, status = [row[0] for row in rows], [row[1] or None for row in rows]
    else:
        value = {str(at): row[0] for at, row in enumerate(rows) if row[0] is not None}
        status = {str(at): row[1] for at, row in enumerate(rows) if row[1]}
    shape = {"id": list(sizes), "size": list(sizes.values())}
    if old:
        return {"dataset": {"label": "AI", "dimension": dimension | shape, "value": value, "status": status}}
    return {"version": "2.0", "class": "dataset", "label": "AI", "value": value, "status": status,
            "dimension": dimension, "extension": {"id": "ISOC_EB_AI"}} | shape  # fmt: skip


def sdmx(cube, labels: bool, sizes=SIZES):
    names = [name for name in sizes if name != "time"]
    pair = (lambda code: f'{code},"Label, {code}"') if labels else (lambda code: code)
    head = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME," if labels else "DATAFLOW,LAST UPDATE,"
    ends = (
        "TIME_PERIOD,Time,OBS_VALUE,Observation value,OBS_FLAG,Flag label,CONF_STATUS,Confidentiality"
        if labels
        else "TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS"
    )
    lines = [head + ",".join(pair(name) for name in names) + "," + ends]
    for key, (value, flag) in cube.items():
        if value is None and not flag:
            continue
        start = 'dataflow,ESTAT:ISOC_EB_AI(1.0),"AI, by size"' if labels else "ESTAT:ISOC_EB_AI(1.0),11/12/25 11:00:00"
        shown = "" if value is None else str(value)
        end = [shown, "", flag, "", "", ""] if labels else [shown, flag, ""]
        lines.append(",".join([start, *(pair(code) for code in key), *end]))
    return "\r\n".join(lines) + "\r\n"


def joined(cube, sizes=SIZES):
    """SDMX-CSV with `labels=both`: code and label in one column."""
    names = [name for name in sizes if name != "time"]
    head = [*(f"{name}: The {name}" for name in names), "TIME_PERIOD: Time", "OBS_VALUE: Value", "OBS_FLAG: Flag"]
    lines = ["DATAFLOW,LAST UPDATE," + ",".join([*head, "CONF_STATUS: Confidentiality"])]
    for key, (value, flag) in cube.items():
        if value is None and not flag:
            continue
        codes = [f'"{code}: Label, {code}"' for code in key[:-1]]
        shown = ["" if value is None else str(value), f"{flag}: meaning of {flag}" if flag else "", ""]
        lines.append(",".join(['"ESTAT:ISOC_EB_AI(1.0): AI, by size",11/12/25 11:00:00', *codes, key[-1], *shown]))
    return "\r\n".join(lines) + "\r\n"


def tsv(cube, sizes=SIZES):
    """Eurostat's bulk file: a row a series; `:` where there is nothing."""
    *series, periods = ([f"{name}_{at}" for at in range(size)] for name, size in sizes.items())
    lines = [",".join(name for name in sizes if name != "time") + "\\TIME_PERIOD\t" + " \t".join(periods) + " "]
    for key in itertools.product(*series):
        row = [cube[(*key, period)] for period in periods]
        cells = [f"{':' if value is None else value} {flag}" for value, flag in row]
        lines.append(",".join(key) + "\t" + "\t".join(cells))
    return "\n".join(lines) + "\n"


def statbank(cube, sizes=SIZES, decimal=","):
    lines = [";".join([*(name.upper() for name in sizes), "INDHOLD"])]
    lines += [
        ";".join([*key, ".." if row[0] is None else str(row[0]).replace(".", decimal)]) for key, row in cube.items()
    ]
    return "\n".join(lines) + "\n"


def px(cube, sizes=SIZES):
    names = list(sizes)
    head = ['CHARSET="ANSI"', 'AXIS-VERSION="2013"', 'CODEPAGE="iso-8859-1"', 'LANGUAGE="da"', 'MATRIX="ITAV19"',
            'TITLE="Brug af kunstig; intelligens "\n"efter størrelse"', 'TITLE[en]="Use of AI"',
            "STUB=" + ",".join(f'"{name}"' for name in names[:2]),
            "HEADING=" + ",".join(f'"{n}"' for n in names[2:])]  # fmt: skip
    for name, size in sizes.items():
        head += [f'VALUES("{name}")=' + ",".join(f'"Værdi {at}"' for at in range(size)),
                 f'CODES("{name}")=' + ",\n".join(f'"{name}_{at}"' for at in range(size))]  # fmt: skip
    figures = ['".."' if row[0] is None else str(row[0]) for row in cube.values()]
    width = sizes[names[2]] * sizes[names[3]]
    lines = [" ".join(figures[at : at + width]) for at in range(0, len(figures), width)]
    return ";\n".join(head) + ";\nDATA=\n" + "\n".join(lines) + ";\n"


def read(tmp_path, text: str | bytes, name="table"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path)


def as_cube(table):
    names = [dimension.code for dimension in table.dimensions]
    return {
        tuple(row[name] for name in names): (row["observation_value"], row["observation_flag"], row["cell_state"])
        for row in table.cells.to_pylist()
    }


def state(value, flag):
    return "value" if value is not None else "missing" if flag else "absent"


@pytest.mark.parametrize("seed", range(5))
def test_each_format_gives_every_cell_as_the_file_says(tmp_path, seed):
    cube = cells(seed)
    said = {key: (value, flag, state(value, flag)) for key, (value, flag) in cube.items()}
    sparse = jsonstat(cube)
    jsonschema.validate(sparse, DATASET)
    assert as_cube(read(tmp_path, json.dumps(sparse))) == said
    assert as_cube(read(tmp_path, json.dumps(jsonstat(cube, old=True, list_index=True)))) == said
    dense = {key: (*row[:2], "value" if row[0] is not None else "missing") for key, row in said.items()}
    assert as_cube(read(tmp_path, json.dumps(jsonstat(cube, dense=True)))) == dense
    written = {key: row for key, row in said.items() if row[2] != "absent"}
    for labels in (False, True):
        assert as_cube(read(tmp_path, sdmx(cube, labels))) == written
    assert as_cube(read(tmp_path, joined(cube))) == written
    assert as_cube(read(tmp_path, sdmx(cube, False).replace(",", ";"))) == written
    assert as_cube(read(tmp_path, gzip.compress(tsv(cube).encode()))) == dense
    signs = {key: (row[0], "" if row[0] is not None else "..", dense[key][2]) for key, row in said.items()}
    for decimal in ",.":
        assert as_cube(read(tmp_path, statbank(cube, decimal=decimal))) == signs
    tabbed = statbank(cube).replace(";", "\t") + "\n\n"
    assert as_cube(read(tmp_path, tabbed.encode("utf-16"))) == signs
    assert as_cube(read(tmp_path, px(cube).encode("iso-8859-1"))) == signs
    assert as_cube(read(tmp_path, gzip.compress(sdmx(cube, False).encode()))) == written


def test_positions_are_those_of_the_index_not_of_the_order_in_the_file(tmp_path):
    cube = cells(1)
    moved = jsonstat(cube)
    category = moved["dimension"]["geo"]["category"]
    category["index"] = dict(reversed(category["index"].items()))
    moved["value"] = dict(reversed(moved["value"].items()))
    assert as_cube(read(tmp_path, json.dumps(moved))) == as_cube(read(tmp_path, json.dumps(jsonstat(cube))))


def test_zero_null_and_absent_are_three_things(tmp_path):
    data = jsonstat({key: (None, "") for key in cells(0)})
    data["value"], data["status"] = {"0": 0, "1": None, "3": ":"}, {"2": "c"}
    found = list(as_cube(read(tmp_path, json.dumps(data))).values())
    assert found[:5] == [
        (0.0, "", "value"), (None, "", "missing"), (None, "c", "missing"), (None, ":", "missing"), (None, "", "absent"),
    ]  # fmt: skip


def mutated(change):
    data = jsonstat(cells(3))
    change(data)
    return json.dumps(data)


def swapped_ids(data):
    data["id"] = ["freq", "geo", "size_emp", "time"]


WHOLE = json.dumps(jsonstat(cells(3)))
SHEET = sdmx(cells(3), False)
REFUSED = {
    "cut": (WHOLE[:-300], "cut off|damaged"),
    "html": ("<!DOCTYPE html><html><head><title>503 Busy</title></head></html>", "HTML page titled '503 Busy'"),
    "xml": ("<?xml version='1.0'?><a/>", "is XML"),
    "empty": ("", "is empty"),
    "error": ('{"error": [{"status": 400, "label": "Dimension unknown"}]}', "Dimension unknown"),
    "list": ("[1]", "begins none of the formats"),
    "collection": ('{"class": "collection", "link": {}}', "only a dataset holds cells"),
    "size": (mutated(lambda d: d.update(size=[1, 3, 4, 6])), "time: has 5 categories where `size` says 6"),
    "order": (mutated(swapped_ids), "size_emp|geo"),
    "position": (mutated(lambda d: d["value"].update({"60": 1.0})), "position 60 where `size` gives 60 cells"),
    "sign": (mutated(lambda d: d["value"].update({"-1": 1.0})), "position '-1'"),
    "status": (mutated(lambda d: d["status"].update({"99": "b"})), "status: has the position 99"),
    "array": (mutated(lambda d: d.update(value=[1.0] * 59)), "59 entries where `size` gives 60"),
    "text": (mutated(lambda d: d["value"].update({"0": "12,5"})), "is a text, not a number"),
    "true": (mutated(lambda d: d["value"].update({"0": True})), "neither a number nor null"),
    "index": (mutated(lambda d: d["dimension"]["geo"]["category"]["index"].update(geo_0=1)), "positions that are not"),
    "dimension": (mutated(lambda d: d["dimension"].pop("geo")), "does not name the dimensions described"),
    "twice": (WHOLE.replace('"value": {', '"value": {"0": 1, "0": 2, ', 1), "'0': stands twice"),
    "nan": (WHOLE.replace('"value": {', '"value": {"0": NaN, ', 1), "NaN is no number"),
    "json bytes": (WHOLE.encode().replace(b"AI", b"\xc6I", 1), "JSON that is not UTF-8"),
    "ids": (mutated(lambda d: d.update(id=[1, 2, 3, 4])), "is no list of texts"),
    "flag": (mutated(lambda d: d["status"].update({"0": {"b": 1}})), "is no flag"),
    "old page": ("<html><title>Fejl på siden".encode("cp1252"), "HTML page titled 'Fejl på siden'"),
    "soap": ("<?xml version='1.0'?><S:Fault><faultstring>Not found", "is XML that says 'Not found'"),
    "csv value": (SHEET.replace("OBS_VALUE", "XOBS_VALUE", 1), "columns are missing or re-ordered"),
    "csv too large": (re.sub(r",[0-9.]+,b,", ",1e400,b,", SHEET, count=1), "is too large for a figure"),
    "csv label": (sdmx(cells(3), True).replace('geo_1,"Label, geo_1"', "geo_1,other", 1), "more than one label"),
    "csv flag before": (SHEET.replace("OBS_VALUE,OBS_FLAG", "OBS_FLAG,OBS_VALUE", 1), "column OBS_FLAG: .* re-ordered"),
    "csv dimension behind": (SHEET.replace("CONF_STATUS", "unit", 1), "column unit: stands on the wrong side"),
    "csv crossed": ("Emne;2023;2024\na;1;2\nb;3;4\n", "column 2023: is a period, so the file is a cross table"),
    "csv crossed figures": ("Alder;Kvinder;Mænd\na;1,5;2\nb;..;4\n", "column Kvinder: holds the figure '1,5'"),
    "csv moved": ("INDHOLD;A;TID\n1;a;2024\n2;a;2025\n", "column INDHOLD: .* re-ordered"),
    "csv no figures": ("A;TID\na;2024\na;2025\n", "column TID: .* missing or re-ordered"),
    "csv unnamed": ("A;TID;X;\na;2024;5;\n", "does not name column 4"),
    "csv head alone": ("A;TID;INDHOLD\n", "no cell or is cut off"),
    "csv last figure": ("A;INDHOLD\na;1,25\nb;42,0", "'42,0' has fewer decimals than all others"),
    "csv texts": ("A;INDHOLD\nI alt;1\nI alt;2\n", "cell of line 2 again .*valuePresentation=Code"),
    "tsv cut": (tsv(cells(3))[:-1], "has no end; the answer is cut off"),
    "tsv row": (tsv(cells(3)).replace("freq_0,", "", 1), "does not have the 3 codes"),
    "tsv comma": (tsv(cells(3)).replace(": ", "12,5 ", 1), "'12,5 .*' is neither a figure nor `:`"),
    "px number": (px(cells(3)).replace('".."', "1_000", 1), "'1_000' is neither a number"),
    "px quoted": (px(cells(3)).replace('".."', '"7"', 1), "'\"7\"' is neither a number"),
    "csv cut": (sdmx(cells(3), False)[:-12], "cut"),
    "csv ragged": (sdmx(cells(3), False).replace(",TIME_PERIOD", ",extra,TIME_PERIOD"), "columns where the head has"),
    "csv twice": (SHEET + SHEET.split("\r\n")[1] + "\r\n", "has the cell of line 2 again"),
    "csv word": (statbank(cells(3)).replace("..", "n/a", 1), "'n/a' is neither a number nor a sign"),
    "csv mixed": ("A;INDHOLD\na;1,5\nb;1.5\n", "decimal point where other lines have a comma"),
    "csv rows": ("\n".join(statbank(cells(3)).split("\n")[:31]) + "\n", "10 of 40 cells are missing behind it"),
    "px cut": (px(cells(3))[:-9], "cut off"),
    "px sizes": (px(cells(3)).replace(";\nDATA=\n", ";\nDATA=\n1 "), "61 figures where 1 × 3 × 4 × 5 = 60"),
    "px head": (px(cells(3))[:200], "DATA: is missing"),
    "px word": (px(cells(3)).replace("DATA=\n", "DATA=\nabc "), "'abc' is neither a number"),
    "workbook": (b"PK\x03\x04rest", "zip file or a workbook"),
    "gzip cut": (gzip.compress(WHOLE.encode())[:-40], "cannot be unpacked"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_whole_table_is_refused_with_its_reason(tmp_path, case):
    text, reason = REFUSED[case]
    with pytest.raises(BadInputError, match=reason) as error:
        read(tmp_path, text, "answer")
    assert str(error.value).startswith("answer: ") and str(error.value).endswith("Nothing was loaded.")


@pytest.mark.parametrize("write", [lambda c: json.dumps(jsonstat(c)), lambda c: sdmx(c, True), statbank, px, tsv])
def test_no_cut_of_an_answer_gives_other_cells(tmp_path, write):
    """Cut at any place: refused, or the same cells (where only the last line's end is gone)."""
    text = write(cells(3))
    whole = as_cube(read(tmp_path, text))
    draw = random.Random(4)
    for at in sorted({*draw.sample(range(1, len(text)), 40), len(text) - 1, len(text) - 2, len(text) - 3}):
        try:
            found = as_cube(read(tmp_path, text[:at]))
        except BadInputError:
            continue
        # a csv of Eurostat has no end of its own: rows may be gone where it is cut between two lines, nothing else
        assert found.items() <= whole.items()
        assert text[at - 1] == "\n" or text[at : at + 1] in "\r\n" or found == whole


def test_columns_are_what_their_names_say_in_any_order_and_labels_may_be_the_same(tmp_path):
    moved = SHEET.replace("freq,size_emp,geo,TIME_PERIOD", "geo,freq,TIME_PERIOD,size_emp")
    named = [(one.code, one.codes[0]) for one in read(tmp_path, moved).dimensions]
    assert named == [("geo", "freq_0"), ("freq", "size_emp_0"), ("TIME_PERIOD", "geo_0"), ("size_emp", "time_0")]
    same = sdmx(cells(3), True).replace('"Label, size_emp"', "Same", 1).replace('"Label, geo"', "Same", 1)
    assert as_cube(read(tmp_path, same)) == as_cube(read(tmp_path, sdmx(cells(3), True)))


def test_a_large_labelled_file_is_not_held_as_text_beside_its_bytes(tmp_path):
    """Labels make a million cells some 300 MB: text beside bytes, encoded once more, would be more than a gigabyte."""
    names = {"geo": 20, "time": 150}
    raw = (
        sdmx({key: (1.5, "b") for key in cells(0, names)}, True, names).replace("Label, geo", "A label " * 60).encode()
    )
    tracemalloc.start()
    assert read_text(tmp_path / "large.csv", raw).cells.num_rows == 3000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(raw) / 2


def test_a_px_file_may_lack_a_stub_name_other_languages_and_split_a_long_text(tmp_path):
    text = (
        'LANGUAGES="da","en-GB";\nTITLE[en-GB]="Use";\nSTUB=;\nHEADING="A","tid";\n'
        'VALUES("A")="en lang "\n"tekst","b";\nVALUES("tid")="2024M01","2024M02";\nDATA=\n-5. "..", "-" 1E+3;\n'
    )
    table = read(tmp_path, text.encode("cp1252"))
    assert [one.labels for one in table.dimensions] == [("en lang tekst", "b"), ("2024M01", "2024M02")]
    found = [(row["observation_value"], row["observation_flag"]) for row in table.cells.to_pylist()]
    assert found == [(-5.0, ""), (None, ".."), (None, "-"), (1000.0, "")]


def test_a_file_is_kept_with_its_hash_and_loaded_once(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(WHOLE, encoding="utf-8")
    first, again = load_file(tmp_path, path), load_file(tmp_path, path)
    assert (first.table_id, first.was_there, again.was_there) == ("isoc_eb_ai", False, True)
    [facts] = loaded_tables(tmp_path)
    raw = first.folder / f"{facts['sha256']}.raw.json"
    assert raw.read_text(encoding="utf-8") == WHOLE and sum(facts["cells"].values()) == 60
    raw.write_text("{}", encoding="utf-8")
    with pytest.raises(BadInputError, match="not the one that came"):
        loaded_tables(tmp_path)
    (first.folder / f"{facts['sha256']}.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadInputError, match="the facts are damaged"):
        loaded_tables(tmp_path)


def test_a_table_has_the_first_name_that_can_be_one(tmp_path):
    numbered = px(cells(0)).replace('MATRIX="ITAV19"', 'MATRIX="20251129ITAV19"').encode()
    assert load_bytes(tmp_path, tmp_path / "itav19.px", numbered).table_id == "itav19"
    assert load_bytes(tmp_path, tmp_path / "1.px", numbered, "ITAV19").table_id == "itav19"
    for path, given in (("1.px", None), ("itav19.px", "itav 19")):
        with pytest.raises(BadInputError, match="is no name of a table; .*--table"):
            load_bytes(tmp_path, tmp_path / path, numbered, given)


def test_a_refused_file_leaves_nothing_behind(tmp_path):
    with pytest.raises(BadInputError):
        load_bytes(tmp_path, tmp_path / "x.json", WHOLE[:-9].encode())
    assert list(tmp_path.iterdir()) == []


def test_the_command_tells_what_became_of_every_cell(tmp_path, monkeypatch):
    monkeypatch.setattr("smv_ai.environment.PROJECT_DIR", tmp_path)
    path = tmp_path / "answer.json"
    path.write_text(WHOLE, encoding="utf-8")
    done = CliRunner().invoke(main, ["official", "load", str(path)])
    assert done.exit_code == 0 and re.search(r"= 60 cells; the file accounts for 60", done.output)
    path.write_text("<html>", encoding="utf-8")
    done = CliRunner().invoke(main, ["official", "load", str(path)])
    assert done.exit_code == 2 and "HTML page" in done.output
