"""Is a saved file what the warehouse says? Offline: its query is run again on its release, a picture drawn again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smv_ai.environment import Kind, release_dir
from smv_ai.errors import BadInputError, NoReleaseError
from smv_ai.passport import carriers, tabular
from smv_ai.passport.passport import Passport, digest, plain_value
from smv_ai.pictures import drawing
from smv_ai.reader import connect
from smv_ai.releases.folder import Release, find_release
from smv_ai.sql.sandbox import LIMITS, StatementError, run_statement

if TYPE_CHECKING:
    import pandas as pd

PICTURES = ("png", "svg", "pdf")
# What a picture draws of an observation.
DRAWN = ("observation_value", "ci_lower", "ci_upper", "sample_size")
# Signs that the app writes otherwise than the warehouse: minus, ranges, and the space before a per cent sign.
AS_WRITTEN = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " "})
MOST_NAMED = 5
# A query of the app on many figures is longer than one that a person may type.
QUERY_LIMITS = replace(LIMITS, characters=500_000, seconds=60)


@dataclass(frozen=True)
class Verdict:
    """A file that is what the warehouse says."""

    file: str
    passport: Passport
    rows: int

    def __str__(self) -> str:
        return (
            f"{self.file}: as release {self.passport.release_id} says (figure {self.passport.figure}, {self.rows} rows"
            f" compared, digest {self.passport.digest[:12]})"
        )


def verify_figure(path: Path, folder: Callable[[Kind], Path] = release_dir) -> Verdict:
    """Compare a file that the app saved with the release that it names.

    Raises BadInputError naming the file and what differs, or why it cannot be compared; NoReleaseError where the
    release is not here.
    """
    content, name = carriers.read(path), path.name
    kind = carriers.kind_of(content, name)
    if kind in PICTURES:
        passport = carriers.found_in_picture(content, kind, name)
        given = None
    else:
        given, passport = tabular.read(content, kind, name)
    release = _release(passport, name, folder)
    expected = _rows(release, passport, name)
    if digest(expected) != passport.digest:
        raise BadInputError(
            f"{name}: the digest of its passport is not that of the rows that release {passport.release_id} gives for "
            "its query. File or release was changed; `smv-ai verify` tells whether it was the release."
        )
    known = _observations(release)
    if given is None:
        _redrawn(content, kind, passport, name)
        count = _compare_picture(passport, known, name)
    else:
        wanted = tabular.complete(expected, release.cited_as)
        _compare_tables(given, wanted, name)
        _compare_observations(wanted, known, name)
        count = len(wanted)
    return Verdict(name, passport, count)


def _release(passport: Passport, name: str, folder: Callable[[Kind], Path]) -> Release:
    if passport.kind not in list(Kind):
        raise BadInputError(f"{name}: its passport names the kind '{passport.kind}'; allowed: {', '.join(Kind)}.")
    kind = Kind(passport.kind)
    try:
        return find_release(passport.release_id, folder(kind), kind)
    except NoReleaseError as error:
        raise NoReleaseError(f"{name}: comes from release {passport.release_id}. {error}") from error


def _rows(release: Release, passport: Passport, name: str) -> pd.DataFrame:
    """What the query of the passport gives, run in the sandbox: a passport may come from anybody."""
    try:
        answer = run_statement(release.database, passport.query, QUERY_LIMITS)
    except StatementError as error:
        raise BadInputError(f"{name}: the query in its passport cannot be run ({error}).") from error
    if answer.is_cut:
        raise BadInputError(f"{name}: the query in its passport gives more rows than any figure has.")
    return answer.table.to_pandas(integer_object_nulls=True)


def _observations(release: Release) -> dict[str, dict[str, Any]]:
    """Every observation, official figure and bound of the release by its id: a query that makes its own numbers up
    is found out."""
    drawn = {
        "mart_all_themes": ("observation_id", DRAWN),
        "mart_official": ("official_figure_id", DRAWN),
        "fct_bounds": ("bound_id", ("bound_lower", "bound_upper")),
    }
    tables = "select table_name from duckdb_tables() where schema_name = 'marts'"
    known: dict[str, dict[str, Any]] = {}
    with connect(release) as connection:
        # A release that was made before the official series has none.
        held = {name for (name,) in connection.execute(tables).fetchall()}
        for table, (key, columns) in drawn.items():
            if table in held:
                rows = connection.execute(f"select {key}, {', '.join(columns)} from marts.{table}").fetchall()
                known |= {name: dict(zip(columns, map(plain_value, values), strict=True)) for name, *values in rows}
    return known


def _redrawn(content: bytes, kind: str, passport: Passport, name: str) -> None:
    """The picture drawn again from its specification must be the same to the last point."""
    if kind == "pdf":
        wanted = passport.specification.get("usermeta", {}).get("sha256")
        if hashlib.sha256(carriers.bare(content, kind)).hexdigest() != wanted:
            raise BadInputError(f"{name}: was changed after it was saved.")
        return
    try:
        again = drawing.draw(passport.specification, kind)
    except drawing.PictureError as error:
        raise BadInputError(f"{name}: cannot be drawn again from its passport ({error.reason}).") from error
    if kind == "svg":
        text, given = again.decode(), carriers.bare(content, kind).decode("utf-8", errors="replace")
        place = next((at for at, (one, other) in enumerate(zip(text, given, strict=False)) if one != other), None)
        if text == given:
            return
        at = min(len(text), len(given)) if place is None else place
        near = "".join(given[max(0, at - 30) : at + 30].splitlines())
        raise BadInputError(f"{name}: was changed after it was saved, near `{near}`.")
    if again != carriers.bare(content, kind):
        raise BadInputError(f"{name}: was changed after it was saved: drawn again from its passport it is another.")


def _compare_picture(passport: Passport, known: dict[str, dict[str, Any]], name: str) -> int:
    """The numbers that a picture draws, against the observations of the release."""
    count, wrong = 0, []
    sets = passport.specification.get("datasets", {})
    for row in [row for rows in sets.values() if isinstance(rows, list) for row in rows if isinstance(row, dict)]:
        key = row.get("observation_id")
        if key is None or "observation_value" not in row:
            continue
        count += 1
        if key in known:
            given = {column: row.get(column) for column in known[key] if column in row}
            wrong += _wrong(str(row.get("label", key)), given, known[key])
    _refuse(wrong, name)
    if not count:
        raise BadInputError(f"{name}: draws no observation, so there is nothing to compare.")
    return count


def _compare_observations(rows: pd.DataFrame, known: dict[str, dict[str, Any]], name: str) -> None:
    """The numbers of a table against the observations of the release, whatever its query says."""
    wrong: list[str] = []
    if "change_id" not in rows and "observation_id" in rows:
        for row in rows.to_dict("records"):
            if row["observation_id"] in known:
                of_release = known[row["observation_id"]]
                given = {column: row[column] for column in of_release if column in row}
                wrong += _wrong(str(row.get("label", row["observation_id"])), given, of_release)
    _refuse(wrong, name)


def _wrong(label: str, given: dict[str, Any], known: dict[str, Any]) -> list[str]:
    return [
        f"{label}, {column}: {_said(plain_value(value))} instead of {_said(known[column])}"
        for column, value in given.items()
        if not _same(plain_value(value), known[column])
    ]


def _compare_tables(given: pd.DataFrame, wanted: pd.DataFrame, name: str) -> None:
    """Cell by cell; the order of rows and columns is part of the file."""
    if [str(column) for column in given.columns] != [str(column) for column in wanted.columns]:
        other = sorted(set(map(str, given.columns)) ^ set(map(str, wanted.columns)))
        raise BadInputError(f"{name}: has other columns than the figure: {', '.join(other) or 'in another order'}.")
    if len(given) != len(wanted):
        raise BadInputError(f"{name}: has {len(given)} rows, the figure has {len(wanted)}.")
    wrong = []
    for line, (one, other) in enumerate(
        zip(given.itertuples(index=False, name=None), wanted.itertuples(index=False, name=None), strict=True), start=2
    ):
        for column, here, there in zip(wanted.columns, one, other, strict=True):
            if not _same(plain_value(here), plain_value(there)):
                wrong.append(f"row {line}, {column}: {_said(here)} instead of {_said(there)}")
    _refuse(wrong, name)


def _refuse(wrong: list[str], name: str) -> None:
    if wrong:
        more = f"; and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
        raise BadInputError(f"{name}: is not what the warehouse says. {'; '.join(wrong[:MOST_NAMED])}{more}.")


def _said(value: Any) -> str:
    return "nothing" if plain_value(value) is None else f"'{value}'"


def _same(here: Any, there: Any) -> bool:
    """Whether two cells say the same: a CSV has texts for numbers, in Danish with a comma."""
    if here in (None, "") or there in (None, ""):  # a CSV has the same for a text without a letter and for none
        return here in (None, "") and there in (None, "")
    if isinstance(there, bool) or isinstance(here, bool):
        return str(here) == str(there)
    if isinstance(there, float):
        try:
            return abs(float(str(here).replace(",", ".")) - there) <= 1e-9 * max(1.0, abs(there))
        except ValueError:
            return False
    return str(here).lstrip("'").translate(AS_WRITTEN) == str(there).lstrip("'").translate(AS_WRITTEN)
