"""What stands in the folder of the responses: all of it is read or named, and a failed build that is its fault says so.

The files come from other hands; nothing below the folder is passed over in silence.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from smv_ai.errors import BadInputError
from smv_ai.settings import PROJECT_FILE, reserved_codes, variables_of
from smv_ai.suggest import allowed_in_words
from smv_ai.survey.elsewhere import LAYOUT, Listed, is_elsewhere, listed, values_in, wave_files
from smv_ai.survey.engines import SparkSession, connected, remote_of
from smv_ai.survey.file.checking import survey_problems
from smv_ai.survey.file.columns import Columns, Loaded
from smv_ai.survey.file.expansion import read_surveys
from smv_ai.survey.file.reading import Tree, refuse

# What int_response_problems says, in whatever dbt wraps around it.
FINDING = re.compile(r"^\s*Survey (\S+), wave (\S+): (.+?)\s*$", re.MULTILINE)
# What a finding is about: the key of the survey file that asks for it, by a part of the finding.
KEY_OF_FINDING = {
    "is a replicate weight": "replicates",
    "is a number whose total is known": "calibrate",
    "[weights_trimmed]": "trim",
    **dict.fromkeys(
        ["[calibration_converges]", "[margin_has_respondents]", "[respondent_in_margin]", "[margins_agree]"],
        "calibrate",
    ),
}
FOLDER = "survey_id={}/survey_wave_id={}"
WAY_OUT = "Mend the files and load them anew, or take them out of their folder; layout and rules: docs/responses.md."
DEFAULT_ROOT = "responses"
# What systems and people leave beside the files and is meant to be passed over.
PASSED_OVER = {".DS_Store", ".gitkeep", ".gitignore", "Thumbs.db", "desktop.ini", "README", "README.md", "README.txt"}
PASSED_OVER |= {"_SUCCESS"}  # Spark says so that it is done
MOST_VALUES = 1000
TEXT = "VARCHAR"


def _root(project: Path) -> Path:
    return project / variables_of(project)["responses_path"]


def _elsewhere(project: Path) -> tuple[SparkSession, str] | None:
    """The engine and the root of responses that only it sees; None where they lie on this machine.

    Raises SystemStateError where the engine cannot be reached.
    """
    settings = variables_of(project)
    root = str(settings.get("responses_path", DEFAULT_ROOT))
    remote = remote_of(settings.get("engine", "duckdb")) if is_elsewhere(root) else None
    return (connected(remote), root) if remote else None


def files_elsewhere(project: Path) -> list[Listed]:
    """The response files that only the engine sees, with size and time; none where they lie on this machine."""
    place = _elsewhere(project)
    return listed(*place) if place else []


def _survey_waves(project: Path) -> dict[str, str | None]:
    """The survey of each wave that has a survey file; None where its file is not understood."""
    return {read.wave_id: read.file.survey.id if read.file else None for read in read_surveys(project).reads}


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name not in PASSED_OVER)


def _folders(parent: Path, key: str, shown: Callable[[Path], str], faults: list[str]) -> Iterator[tuple[str, Path]]:
    """The folders `key=value` below a folder; anything else is a fault."""
    for path in _entries(parent):
        value = path.name.removeprefix(f"{key}=")
        if path.name.startswith(f"{key}=") and value and path.is_dir():
            yield value, path
        else:
            is_dangling = path.is_symlink() and not path.exists()
            kind = "a link to nothing" if is_dangling else f"not a folder {key}=<{key[:-3]}>"
            faults.append(f"{shown(path)}: is {kind}, so it would not be read; responses lie in {LAYOUT}")


def file_fault(path: Path) -> str | None:
    """Why a file in the folder of a wave would not be read, or would give nothing; None where it is well."""
    if path.is_symlink() and not path.exists():
        return "is a link to nothing; put its target back or remove it"
    if path.is_dir():
        return f"is a folder, so what is in it would not be read; move its files up to {path.parent.name}/"
    if not path.name.endswith(".parquet"):
        return f"does not end in .parquet, so it would not be read; {_ending_hint(path.name)}"
    if path.name.startswith("."):
        return "is a hidden file; finish or remove it"
    if not path.is_file():
        return "is no regular file; remove it"
    if path.stat().st_size == 0:
        return "cannot be read as Parquet (it is empty, 0 bytes)"
    try:
        with duckdb.connect() as connection:
            [(rows,)] = connection.execute(
                "select num_rows from parquet_file_metadata(?)", [_literal_path(path)]
            ).fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].replace(str(path), path.name)
        return f"cannot be read as Parquet ({reason})"
    return "has no rows; load it anew or remove it" if rows == 0 else None


def _ending_hint(name: str) -> str:
    lowered = name.lower()
    return f"name it {name[: lowered.index('.parquet')]}.parquet" if ".parquet" in lowered else "remove it"


def _literal_path(path: Path) -> str:
    """The path with the signs that DuckDB takes for wildcards made literal."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def folder_faults(project: Path) -> list[str]:
    """All below responses_path that would not be read, or is of no survey file, each once."""
    if (place := _elsewhere(project)) is not None:
        return list(faults_elsewhere(place[1], files_elsewhere(project), _survey_waves(project)))
    root, faults = _root(project), []

    def shown(path: Path) -> str:
        return _shown(path, project)

    if not root.is_dir():
        path = variables_of(project)["responses_path"]
        if path == DEFAULT_ROOT and not root.is_symlink() and not root.exists():
            return []  # a project without responses of its own
        return [f"{PROJECT_FILE}, vars, responses_path: there is no folder '{path}'; make it or correct the path"]
    surveys, waves = _survey_waves(project), {}
    for survey, survey_folder in _folders(root, "survey_id", shown, faults):
        found = list(_folders(survey_folder, "survey_wave_id", shown, faults))
        for wave, folder in found:
            faults += [f"{shown(folder)}: {fault}" for fault in _wave_faults(survey, wave, surveys)]
            if (other := waves.setdefault(wave, folder)) is not folder:
                faults.append(f"{shown(folder)}: wave {wave} lies in {shown(other)} as well; keep one of the two")
            files = _entries(folder)
            faults += [f"{shown(path)}: {fault}" for path in files if (fault := file_fault(path))]
            if not files:
                faults.append(f"{shown(folder)}: holds no file; load the responses or remove the folder")
    return faults


def faults_elsewhere(root: str, files: list[Listed], surveys: dict[str, str | None]) -> Iterator[str]:
    """What of the files below a root would not be read, or is of no survey file; `surveys` gives that of each wave."""
    kept = [file for file in files if not PASSED_OVER.intersection(file.path.split("/"))]
    if not kept:
        yield f"{PROJECT_FILE}, vars, responses_path: the engine finds no file in {root}; load some or correct the path"
    for file in kept:
        if file.wave is None:
            yield f"{root}/{file.path}: would not be read; responses lie in {LAYOUT}"
        elif file.size == 0:
            yield f"{root}/{file.path}: cannot be read as Parquet (it is empty, 0 bytes)"
    found = dict.fromkeys(file.wave for file in kept if file.wave is not None)
    places: dict[str, str] = {}
    for survey, wave in found:
        yield from (f"{root}/{FOLDER.format(survey, wave)}: {fault}" for fault in _wave_faults(survey, wave, surveys))
        if (other := places.setdefault(wave, survey)) != survey:
            yield f"{root}/{FOLDER.format(survey, wave)}: wave {wave} is of survey {other} as well; keep one of the two"


def _wave_faults(survey: str, wave: str, surveys: dict[str, str | None]) -> list[str]:
    if wave not in surveys:
        return [f"wave '{wave}' has no surveys/{wave}.yml; {allowed_in_words(wave, list(surveys))}"]
    if surveys[wave] not in (None, survey):
        return [f"wave {wave} is of survey {surveys[wave]}, not '{survey}'; move it to survey_id={surveys[wave]}"]
    return []


def _values_in(files: str, column: str) -> list[str] | None:
    """The values of a column of response files as text; None where they are too many to be a code."""
    name = '"' + column.replace('"', '""') + '"'
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select distinct cast({name} as varchar) from read_parquet(?, union_by_name = true)"
            f" where {name} is not null limit {MOST_VALUES + 1}",
            [files],
        ).fetchall()
    return sorted(value for (value,) in found) if len(found) <= MOST_VALUES else None


def _columns_of_files(folder: Path) -> tuple[Columns, frozenset[str]]:
    """The columns of response files with what gives their values, and those of text."""
    files = _literal_path(folder) + "/*.parquet"
    with duckdb.connect() as connection:
        rows = connection.execute(
            "describe from read_parquet(?, union_by_name = true, hive_partitioning = false)", [files]
        ).fetchall()
    columns: Columns = {name: functools.cache(functools.partial(_values_in, files, name)) for name, *_ in rows}
    return columns, frozenset(name for name, kind, *_ in rows if kind == TEXT)


def _columns_of_plan(path: Path) -> tuple[str, Columns]:
    """The columns that a demonstration plan draws, with the values that it gives them."""
    from smv_ai.survey.plan import read_plan

    plan = read_plan(path)
    values: dict[str, dict[str, None]] = {}
    for stratum in plan.strata:
        for column, value in stratum.columns.items():
            values.setdefault(column, {})[value] = None
    for draw in (*plan.columns, *plan.answers):
        for case in draw.cases:
            values.setdefault(draw.column, {}).update(dict.fromkeys(case.shares))
    return plan.survey_wave_id, {column: functools.partial(list, found) for column, found in values.items()}


def loaded_columns(project: Path) -> dict[str, Loaded]:
    """The columns of each wave that has response files or, without them, a demonstration plan.

    What cannot be read is left out: it is named by `folder_faults` or by the check of the plans.
    """
    loaded: dict[str, Loaded] = {}
    for path in sorted((project / "demo").glob("*.yml")):
        try:
            wave, columns = _columns_of_plan(path)
        except BadInputError:
            continue
        loaded[wave] = Loaded(f"demo/{path.name}", columns)
    if (place := _elsewhere(project)) is not None:
        return loaded | dict(_loaded_elsewhere(*place, files_elsewhere(project)))
    root = _root(project) if (project / PROJECT_FILE).exists() else None
    for folder in sorted(root.glob(FOLDER.format("*", "*"))) if root else []:
        try:
            columns, texts = _columns_of_files(folder)
        except duckdb.Error:
            continue
        loaded[folder.name.removeprefix("survey_wave_id=")] = Loaded(_shown(folder, project), columns, texts)
    return loaded


def _loaded_elsewhere(session: SparkSession, root: str, files: list[Listed]) -> Iterator[tuple[str, Loaded]]:
    for survey, wave in dict.fromkeys(file.wave for file in files if file.wave is not None):
        pattern = wave_files(root, survey, wave)
        types = session.types(pattern)
        columns: Columns = {
            name: functools.cache(functools.partial(values_in, session, pattern, name, MOST_VALUES)) for name in types
        }
        texts = frozenset(name for name, kind in types.items() if kind == TEXT)
        yield wave, Loaded(f"{root}/{FOLDER.format(survey, wave)}", columns, texts)


def check_survey_files(project: Path) -> str:
    """Check the survey files of a project with the heads of the response files; returns the good end in words.

    Raises BadInputError naming file, line, key and what is allowed.
    """
    surveys = read_surveys(project)
    refuse(survey_problems(project, surveys, loaded_columns(project), reserved_codes(project)))
    return f"survey files: {len(surveys.waves)}, every name known"


def check_files(project: Path) -> None:
    """Raise BadInputError naming all below the folder of the responses that would not be read."""
    if faults := folder_faults(project):
        raise BadInputError("\n".join(["the responses cannot be used; nothing was released.", *faults, WAY_OUT]))


def _shown(path: Path, project: Path) -> str:
    return str(path.relative_to(project) if path.is_relative_to(project) else path)


def _unreadable(project: Path) -> Iterator[str]:
    """The response files that cannot be read to their end, each with the reason."""
    with duckdb.connect() as connection:
        for path in sorted(_root(project).glob(FOLDER.format("*", "*") + "/*.parquet")):
            try:
                connection.execute("select max(hash(columns(*))) from read_parquet(?)", [str(path)])
            except duckdb.Error as error:
                reason = str(error).splitlines()[0].replace(str(path), path.name)
                yield f"{_shown(path, project)}: cannot be read as Parquet ({reason})"


def _findings(project: Path, failures: list[str]) -> Iterator[str]:
    """What the rules found, with the folder of the wave, and the line of its file that the rule is about."""
    root = str(variables_of(project).get("responses_path", DEFAULT_ROOT))
    trees = {read.wave_id: read.tree for read in read_surveys(project).reads}
    for survey, wave, finding in FINDING.findall("\n".join(failures)):
        folder = FOLDER.format(survey, wave)
        place = f"{root}/{folder}" if is_elsewhere(root) else _shown(_root(project) / folder, project)
        yield f"{place}: {finding}{_said_in(trees.get(wave), finding)}"


def _said_in(tree: Tree | None, finding: str) -> str:
    """File, line and key of what a finding is about, where a survey file asks for it."""
    for part, key in KEY_OF_FINDING.items():
        if tree is not None and part in finding and key in tree.content:
            return f" ({tree.line((key,))}, {key})"
    return ""


def faults(project: Path, failures: list[str]) -> str | None:
    """What to tell the person who loads responses; None where the failures have another cause.

    Names files that cannot be read, or else what the rules found. `failures` are dbt's messages.
    """
    found = list(_unreadable(project)) or list(dict.fromkeys(_findings(project, failures)))
    if not found:
        return None
    return "\n".join(["the responses cannot be used; nothing was released.", *found, WAY_OUT])
