"""Files that went wrong on their way: a good export, spoilt in one of the ways below, always the same for a number."""

from __future__ import annotations

import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter
from support.survey_exports import answers, write_csv

HEAD = ["firm_key", "status", "q1", "q2", "staff", "turnover"]
Rows = list[list[Any]]


def good_rows() -> Rows:
    """A small table of answers, header and all."""
    rows: Rows = [list(HEAD)]
    for a in answers():
        uses = {1: "Ja", 2: "Nej", -3: "Ved ikke"}[a.uses]
        often = ["", "Sjældent", "Hver uge", "Hver dag"][a.often]
        turnover = "" if a.turnover is None else str(a.turnover).replace(".", ",")
        rows.append([a.key, "gennemført" if a.state != "partial" else "afbrudt", uses, often, a.staff, turnover])
    return rows


def good_csv(folder: Path) -> Path:
    """The table as CSV with semicolons."""
    return write_csv(folder / "good.csv", good_rows(), ";")


def good_xlsx(folder: Path) -> Path:
    """The table as a workbook."""
    return book(folder / "good.xlsx", good_rows())


def book(path: Path, rows: Rows, change: Callable[[Any, Any], None] | None = None) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Data")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if change is not None:
            change(book, sheet)
    return path


def _cell(rows: Rows, draw: random.Random, value: Any, column: int | None = None) -> None:
    row = draw.choice(rows[1:])
    row[min(draw.randrange(2, 6) if column is None else column, len(row) - 1)] = value


# --- ways to spoil the rows, in either form


def _words_in_numbers(rows: Rows, draw: random.Random) -> None:
    for _ in range(draw.randrange(1, 4)):
        _cell(
            rows,
            draw,
            draw.choice(["Ved ikke", "ca. 10", "10-20", "n/a", "ti", "10 mio.", "1e400", "inf", "nan", "-", "½"]),
            4,
        )


def _thousands(rows: Rows, draw: random.Random) -> None:
    for _ in range(3):
        _cell(rows, draw, draw.choice(["1.234", "1,234.5", "1.234,5", "12 345", "1'234", "1.2.3", "٣٤", "１２"]), 5)


def _dates(rows: Rows, draw: random.Random) -> None:
    _cell(rows, draw, draw.choice(["2026-09-02", "02-09-2026", "45901", "sep-26", "1/2", "12:30"]), draw.choice([4, 5]))


def _blank_rows(rows: Rows, draw: random.Random) -> None:
    for _ in range(3):
        rows.insert(draw.randrange(1, len(rows)), [""] * 6)


def _blank_columns(rows: Rows, draw: random.Random) -> None:
    place = draw.randrange(0, 7)
    for row in rows:
        row.insert(place, "")


def _header_again(rows: Rows, draw: random.Random) -> None:
    rows.insert(draw.randrange(2, len(rows)), list(HEAD))


def _header_twice(rows: Rows, draw: random.Random) -> None:
    place = draw.randrange(2, 6)
    for row in rows:
        row.append(row[place])


def _no_header(rows: Rows, draw: random.Random) -> None:
    del rows[0]


def _title_above(rows: Rows, draw: random.Random) -> None:
    rows[:0] = [["Udtræk fra Fjordbarometer", *[""] * 5], [""] * 6]


def _unknown_answers(rows: Rows, draw: random.Random) -> None:
    for _ in range(draw.randrange(1, 3)):
        _cell(
            rows,
            draw,
            draw.choice(["Måske", "JA!", "ja", " Ja\u200b", "J\u00adA", "1.5", "=1+1", "#N/A", "Nej tak", "-1", "99"]),
            2,
        )


def _routing(rows: Rows, draw: random.Random) -> None:
    for row in rows[1:]:
        if "Nej" in row[:-1]:
            row[row.index("Nej") + 1] = "Hver dag"
            return


def _no_key(rows: Rows, draw: random.Random) -> None:
    _cell(rows, draw, "", 0)


def _repeats(rows: Rows, draw: random.Random) -> None:
    rows.append(list(rows[draw.randrange(1, len(rows) - 1)]))


def _ragged(rows: Rows, draw: random.Random) -> None:
    row = rows[draw.randrange(1, len(rows))]
    row.append("for meget") if draw.random() < 0.5 else row.pop()


def _no_rows(rows: Rows, draw: random.Random) -> None:
    del rows[1:]


def _all_partial(rows: Rows, draw: random.Random) -> None:
    for row in rows[1:]:
        row[1] = "afbrudt"


def _wide(rows: Rows, draw: random.Random) -> None:
    rows[0].extend(f"x{number}" for number in range(draw.choice([10, 500])))
    for row in rows[1:]:
        row.extend([""] * (len(rows[0]) - len(row)))


def _large_cell(rows: Rows, draw: random.Random) -> None:
    _cell(rows, draw, "A" * 30_000, draw.choice([2, 5]))


def _numbers_as_text(rows: Rows, draw: random.Random) -> None:
    for row in rows[1:]:
        row[4] = draw.choice(["{}", "{} ", "\u00a0{}", "'{}", "{},0", "{}.0", "+{}", "0{}"]).format(row[4])


def _trailing_delimiters(rows: Rows, draw: random.Random) -> None:
    for row in rows[draw.randrange(2) :]:
        row.extend([""] * draw.choice([1, 3]))


def _words_of_programs(rows: Rows, draw: random.Random) -> None:
    for _ in range(3):
        _cell(rows, draw, draw.choice(["#DIV/0!", "#VÆRDI!", "NULL", "None", "TRUE", "FALSK", ".", "\\N", "<NA>"]))


def _totals_below(rows: Rows, draw: random.Random) -> None:
    rows.append(["I alt", "", "", "", sum(row[4] or 0 for row in rows[1:] if isinstance(row[4], int)), ""])
    rows.append(["Kilde: egne beregninger", "", "", "", "", ""])


def _long_header(rows: Rows, draw: random.Random) -> None:
    rows[0][draw.randrange(2, 6)] = "Hvor mange ansatte? " * draw.choice([5, 500])


def _header_with_a_break(rows: Rows, draw: random.Random) -> None:
    place = draw.randrange(2, 6)
    rows[0][place] = f"{rows[0][place]}\n(sæt ét kryds)"


ROWS: list[Callable[[Rows, random.Random], None]] = [
    _words_in_numbers, _thousands, _dates, _blank_rows, _blank_columns, _header_again, _header_twice, _no_header,
    _title_above, _unknown_answers, _routing, _no_key, _repeats, _ragged, _no_rows, _all_partial, _wide, _large_cell,
    _numbers_as_text, _trailing_delimiters, _words_of_programs, _totals_below, _long_header, _header_with_a_break,
]  # fmt: skip


# --- ways to spoil the bytes


def _cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(0, len(data))]


def _zeros(data: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(data))
    return data[:place] + b"\x00" * draw.choice([1, 1000]) + data[place:]


def _noise(data: bytes, draw: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(draw.choice([1, 20, 400])):
        found[draw.randrange(len(found))] = draw.randrange(256)
    return bytes(found)


def _only_noise(data: bytes, draw: random.Random) -> bytes:
    return draw.randbytes(draw.choice([1, 100, 5000]))


def _empty(data: bytes, draw: random.Random) -> bytes:
    return b""


BYTES: list[Callable[[bytes, random.Random], bytes]] = [_cut, _zeros, _noise, _only_noise, _empty]


def _text_as(data: bytes, draw: random.Random) -> bytes:
    text = data.decode()
    return text.encode(draw.choice(["cp1252", "utf-16", "utf-16-le", "cp850", "mac_roman", "utf-8-sig", "cp037"]))


def _mixed_delimiters(data: bytes, draw: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    for number in draw.sample(range(1, len(lines)), 5):
        lines[number] = lines[number].replace(b";", draw.choice([b",", b"\t", b"|"]))
    return b"\r\n".join(lines)


def _line_ends(data: bytes, draw: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    return (
        b"".join(line + draw.choice([b"\r\n", b"\n"]) for line in lines)
        if draw.random() < 0.5
        else data.replace(b"\r\n", b"\r")
    )


def _quotes(data: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(60, len(data))
    return data[:place] + b'"' + data[place:]


def _twice_encoded(data: bytes, draw: random.Random) -> bytes:
    return data.decode().encode("utf-8").decode("cp1252", errors="replace").encode("utf-8")


def huge_cell(data: bytes, draw: random.Random) -> bytes:
    place = data.index(b"\r\n", draw.randrange(100, len(data) - 100))
    return data[:place] + b"9" * 10_000_000 + data[place:]


def long_line(data: bytes, draw: random.Random) -> bytes:
    return data + b"x" * 3_000_000


def _sep_line(data: bytes, draw: random.Random) -> bytes:
    return draw.choice([b"sep=;\r\n", b"sep=,\r\n", b'"sep=;"\r\n', b"\r\n\r\n"]) + data


def _two_exports(data: bytes, draw: random.Random) -> bytes:
    return data + b"\xef\xbb\xbf" + data


def _two_encodings(data: bytes, draw: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    return b"\r\n".join(line.decode().encode("cp1252") if n % 2 else line for n, line in enumerate(lines))


def open_quote(data: bytes, draw: random.Random) -> bytes:
    return data + b'"' + b"Ja;Nej\r\n" * 200_000


TEXT: list[Callable[[bytes, random.Random], bytes]] = [
    _text_as, _mixed_delimiters, _line_ends, _quotes, _twice_encoded, huge_cell, long_line, _sep_line, _two_exports,
    _two_encodings, open_quote,
]  # fmt: skip


# --- workbooks


def _formula(book: Any, sheet: Any) -> None:
    sheet.write_formula(3, 4, "=E3+1")


def merged(book: Any, sheet: Any) -> None:
    sheet.merge_range(4, 2, 7, 2, "Ja")


def far_cell(book: Any, sheet: Any) -> None:
    sheet.write(1_048_575, 16_383, "x")


def _date_cells(book: Any, sheet: Any) -> None:
    import datetime as dt

    sheet.write_datetime(5, 4, dt.datetime(2026, 9, 2), book.add_format({"num_format": "yyyy-mm-dd"}))


def _more_sheets(book: Any, sheet: Any) -> None:
    book.add_worksheet("Noter").write(0, 0, "Her står ingenting")


def merged_header(book: Any, sheet: Any) -> None:
    sheet.merge_range(0, 2, 0, 3, "q1")


def _other_kinds_of_cells(book: Any, sheet: Any) -> None:
    sheet.write_boolean(3, 2, True)
    sheet.write_rich_string(4, 2, book.add_format({"bold": True}), "Ja", " ")
    sheet.write_number(5, 4, 12.5)
    sheet.write_number(6, 4, 1e300)
    sheet.write_string(7, 4, "  17 ")
    sheet.write_comment(8, 4, "rettet")


def _hidden(book: Any, sheet: Any) -> None:
    sheet.set_row(5, None, None, {"hidden": True})
    sheet.set_column(4, 4, None, None, {"hidden": True})
    first = book.add_worksheet("Skjult")
    first.write_row(0, 0, HEAD)
    first.hide()


def _blank_around(book: Any, sheet: Any) -> None:
    sheet.set_row(2000, 30)
    sheet.write_blank(5000, 30, None, book.add_format({"bold": True}))


BOOKS: list[Callable[[Any, Any], None]] = [
    _formula, merged, far_cell, _date_cells, _more_sheets, merged_header, _other_kinds_of_cells, _hidden,
    _blank_around,
]  # fmt: skip


def zip_bomb(path: Path) -> Path:
    """A workbook whose sheet unpacks to six hundred megabytes."""
    book(path, good_rows())
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(data[:200] if name.endswith("sheet1.xml") else data)
                if name.endswith("sheet1.xml"):
                    for _ in range(600):
                        member.write(b" " * 2**20)
    return path


def lying_zip(path: Path) -> Path:
    """A workbook whose directory says that its members are small."""
    data = bytearray(book(path, good_rows()).read_bytes())
    for start in [n for n in range(len(data) - 4) if data[n : n + 4] == b"PK\x01\x02"]:
        struct.pack_into("<I", data, start + 24, 1)
    path.write_bytes(bytes(data))
    return path


def _rewritten(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """A workbook of which one member was changed."""
    book(path, good_rows())
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, change(data) if name.endswith(member) else data)
    return path


def large_text(path: Path) -> Path:
    """A workbook with a text of ten megabytes, more than Excel itself would write."""
    text = b"<t>" + b"J" * 10**7 + b"</t>"
    return _rewritten(path, "sharedStrings.xml", lambda data: data.replace(b"<t>Ja</t>", text))


def many_entities(path: Path) -> Path:
    """A workbook whose texts are entities within entities: a few bytes that would be a billion letters."""
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return _with_entity(path, f'<!ENTITY a0 "Ja">{levels}', "a9")


def entity_of_a_file(path: Path) -> Path:
    """A workbook whose texts would be those of a file of the machine."""
    return _with_entity(path, '<!ENTITY x SYSTEM "file:///etc/passwd">', "x")


def _with_entity(path: Path, declared: str, name: str) -> Path:
    head, text = f"<!DOCTYPE sst [{declared}]><sst".encode(), f"<t>&{name};</t>".encode()
    return _rewritten(
        path, "sharedStrings.xml", lambda data: data.replace(b"<sst", head, 1).replace(b"<t>Ja</t>", text)
    )


def text_index_too_high(path: Path) -> Path:
    """A workbook whose cells point at texts that are not there."""
    return _rewritten(path, "sheet1.xml", lambda data: data.replace(b"<v>3</v>", b"<v>99999999</v>"))


ARCHIVES: list[Callable[[Path], Path]] = [
    zip_bomb, lying_zip, large_text, many_entities, entity_of_a_file, text_index_too_high,
]  # fmt: skip


def made(make: Callable[..., Any], folder: Path) -> Path:
    """A file spoilt in one way: an archive by its path, a workbook by its sheet, or text by its bytes."""
    if make in ARCHIVES:
        return make(folder / f"{make.__name__}.xlsx")
    if make in BOOKS:
        return book(folder / f"{make.__name__}.xlsx", good_rows(), make)
    path = good_csv(folder)
    path.write_bytes(make(path.read_bytes(), random.Random(1)))
    return path


def bad_file(number: int, folder: Path) -> Path:
    """The bad file of a number; every fifth is a workbook."""
    draw = random.Random(number)
    is_book = number % 5 == 0
    rows = good_rows()
    path = folder / (f"bad_{number}.xlsx" if is_book else f"bad_{number}.csv")
    kind = draw.random()
    if kind < 0.5:
        for spoil in draw.sample(ROWS, draw.choice([1, 1, 2])):
            if len(rows) > 2:  # the first may have left no rows to spoil
                spoil(rows, draw)
    if is_book:
        if kind > 0.93:
            return draw.choice(ARCHIVES)(path)
        book(path, rows, draw.choice(BOOKS) if kind >= 0.5 else None)
        if kind >= 0.75:
            path.write_bytes(draw.choice(BYTES)(path.read_bytes(), draw))
    else:
        write_csv(path, rows, ";")
        if kind >= 0.5:
            path.write_bytes(draw.choice(TEXT if kind < 0.8 else BYTES)(path.read_bytes(), draw))
    if draw.random() < 0.1:
        path = path.rename(path.with_suffix(draw.choice([".csv", ".xlsx", ".sav", ".txt", ".dta", ""])))
    return path


def bad_sav(number: int, folder: Path) -> Path:
    """A broken file of Stata."""
    draw = random.Random(number)
    [path] = _stata(folder)
    path.write_bytes(draw.choice(BYTES)(path.read_bytes(), draw))
    return path


def _stata(folder: Path) -> list[Path]:
    from support.survey_exports import stata

    return stata(folder, answers(10))
