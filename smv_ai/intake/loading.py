"""A load: what the export and the survey file give together, and the writing of it."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as parquet

from smv_ai.errors import BadInputError
from smv_ai.intake import certificate, store
from smv_ai.intake.agreement import disagreements
from smv_ai.intake.canonical import Canonical, Loading, Settings
from smv_ai.intake.frame import DESIGN, FrameRows, read_frame
from smv_ai.intake.personal import is_free_text, kind_of
from smv_ai.intake.reading.files import refusal, sha256_of
from smv_ai.intake.sample import (
    Sample,
    Weights,
    after_trimming,
    design_columns,
    diagnostics,
    sample_of,
    strata_without_answer,
    weights_of,
)  # fmt: skip
from smv_ai.intake.tools import Export, read_export
from smv_ai.suggest import allowed_in_words
from smv_ai.survey.dispositions import rate_rows, with_counts
from smv_ai.survey.file.checking import survey_problems
from smv_ai.survey.file.expansion import read_surveys
from smv_ai.survey.file.items import WaveFile
from smv_ai.survey.file.model import Source
from smv_ai.survey.file.reading import FOLDER, SUFFIX, refuse
from smv_ai.survey.texts import clear

# its functions are made when it is imported, which the types do not show
pc: Any = pyarrow.compute

# A load is refused where more of the rows that count cannot be read: something is wrong with the whole.
MOST_QUARANTINED = 0.1
VERSION = 2
MOST_TEXTS = 5000


@dataclass(frozen=True)
class Prepared:
    """Everything of a load but its writing."""

    project: Path
    wave: WaveFile
    source: Source
    export: Export
    canonical: Canonical
    frame: FrameRows | None
    sample: Sample | None
    """What became of the sampled firms; None without a frame."""
    inputs: dict[str, str]
    personal: dict[str, str]
    """Columns that look personal and are left out, with what they look like."""

    @functools.cached_property
    def weights(self) -> Weights | None:
        """The design weights; None without a frame. Raises BadInputError where a class of non-response is too small."""
        where = f"{line_in(self.project, self.wave.wave_id, 'non_response')}, non_response"
        return weights_of(self.sample, self.wave.file, where) if self.sample else None

    @functools.cached_property
    def sample_said(self) -> dict[str, Any]:
        """The sample and the weights as the certificate has them. Raises BadInputError as `weights` does."""
        return _sample_said(self)

    @property
    def counts(self) -> dict[str, Any]:
        """Rows in, loaded, set aside and quarantined."""
        return certificate.counts_of(self.canonical)

    @property
    def quarantined(self) -> int:
        """Number of rows that cannot be read."""
        return sum(self.counts["quarantined"].values())


def wave_of(project: Path, survey_file: str) -> WaveFile:
    """The survey file by its path, its name or the id of its wave. Raises BadInputError with what is wrong in it."""
    wave_id = Path(survey_file).name.removesuffix(SUFFIX)
    surveys = read_surveys(project)
    known = [read.wave_id for read in surveys.reads]
    given = Path(survey_file)
    if wave_id not in known or (
        given.suffix and given.is_file() and given.resolve().parent != (project / FOLDER).resolve()
    ):
        raise BadInputError(f"there is no {FOLDER}/{wave_id}{SUFFIX}; {allowed_in_words(wave_id, known)}.")
    path = next(read.path for read in surveys.reads if read.wave_id == wave_id)
    problems = survey_problems(project, surveys, {}, ("-1", "-2", "-3"))
    refuse([problem for problem in problems if problem.line.file == path])
    return next(wave for wave in surveys.waves if wave.wave_id == wave_id)


def line_in(project: Path, wave_id: str, key: str) -> str:
    """File and line of a key of a survey file, as messages name them; parts of the key are joined by points."""
    read = next(read for read in read_surveys(project).reads if read.wave_id == wave_id)
    return str(read.tree.line(key.split("."))) if read.tree else read.path


def _path(project: Path, text: str, where: str) -> Path:
    path = Path(text).expanduser()
    found = path if path.is_absolute() else project / path
    if not found.is_file():
        raise BadInputError(f"{where}: there is no file '{text}'; correct the path. Nothing was loaded.")
    return found


def prepare(project: Path, wave: WaveFile, answers: Path | None = None) -> Prepared:
    """Read and code everything; nothing is written. Raises BadInputError that names file and reason."""
    source = wave.file.source
    where = f"{FOLDER}/{wave.wave_id}{SUFFIX}"
    if source is None:
        raise BadInputError(f"{where}: has no source; `smv-ai new-survey FILE` drafts one. Nothing was loaded.")
    path = answers or _path(project, source.answers, f"{where}, source.answers")
    definitions = [_path(project, text, f"{where}, source.definition") for text in source.definition]
    export = read_export(
        path, definitions, tool=source.tool, sheet=source.sheet, encoding=source.encoding, delimiter=source.delimiter
    )
    frame = None
    inputs = {path.name: export.sha256} | {one.name: sha256_of(one) for one in definitions}
    if wave.file.frame is not None:
        line = functools.partial(line_in, project, wave.wave_id)
        frame_path = _path(project, wave.file.frame.file, f"{line('frame.file')}, frame.file")
        said = wave.file.frame.population
        sizes = (
            _path(project, said.file, f"{line('frame.population')}, frame.population") if said and said.file else None
        )
        frame = read_frame(frame_path, wave.file.frame, line, sizes)
        inputs |= {one.name: sha256_of(one) for one in (frame_path, sizes) if one is not None}
        _check_frame_columns(wave, frame, where)
    if export.definition is not None and (wrong := disagreements(wave, source, export)):
        raise BadInputError(
            "\n".join([f"{where}: the tool's own definition says otherwise; nothing was loaded.", *wrong])
        )
    canonical = Loading(wave, source, export.table, Settings.of(project), frame).run()
    sample = sample_of(frame, canonical) if frame else None
    personal = _personal(source, canonical, where, set(export.own_columns()))
    return Prepared(project, wave, source, export, canonical, frame, sample, inputs, personal)


def _check_frame_columns(wave: WaveFile, frame: FrameRows, where: str) -> None:
    items = {item.column for item in wave.items}
    for name in frame.columns:
        if name in items or name in DESIGN:
            raise BadInputError(f"{where}, frame.columns: '{name}' is a column of its own already; take it out")


def _personal(source: Source, canonical: Canonical, where: str, own: set[str]) -> dict[str, str]:
    """Columns that look personal; of the tool's `own` columns free text is not said. Raises BadInputError where one
    of them would be loaded as an answer.
    """
    found: dict[str, str] = {}
    loaded = {item.source for item in canonical.items}
    allowed = {clear(name) for name in source.personal}
    for name in (*loaded, *canonical.left_over, *source.never_load):
        column = canonical.table.columns.get(clear(name))
        if column is None:
            continue
        texts = column.encoded()[0][:MOST_TEXTS]
        if name in loaded:
            numbers = any(item.is_number for item in canonical.items if item.source == name)
            kind = kind_of(name, texts, is_answer=True) if not numbers else None
            if kind in ("mail", "CPR number", "IP address") and name not in allowed:
                raise BadInputError(
                    f"{where}: '{name}' looks like {kind}; take the question out, or name the column under"
                    f" source.personal"
                    " if somebody has decided that it may be loaded. Nothing was loaded."
                )
        elif kind := kind_of(name, texts, column.label):
            found[name] = kind
        elif name not in own and is_free_text(texts, canonical.table.height):
            found[name] = "free text"
    return found


def check_loadable(prepared: Prepared, *, accept_quarantined: bool) -> None:
    """Refuse a load of which nothing, or too little, can be read. Raises BadInputError."""
    counts, file = prepared.counts, prepared.export.path
    findings = prepared.canonical.findings
    told = [f"row {found.row}, {found.column}: {found.message(1)}" for found in findings]
    told += [
        f"row {row.row} has {len(row.cells)} cells, the header {len(prepared.export.grid.columns)}"
        for row in prepared.export.table.ragged
    ]
    first = "; ".join(told[:3])
    if counts["loaded"] == 0:
        rules = Counter({**counts["set_aside"], **counts["quarantined"]})
        counted = ", ".join(f"{count} {rule}" for rule, count in rules.items())
        raise refusal(
            file, f"no row can be loaded ({counted}){': ' + first if first else ''}; correct source.valid, or the file"
        )
    quarantined = prepared.quarantined
    if quarantined > MOST_QUARANTINED * (counts["loaded"] + quarantined) and not accept_quarantined:
        rules = ", ".join(f"{count} {rule}" for rule, count in counts["quarantined"].items())
        raise refusal(
            file,
            f"{quarantined} of {counts['loaded'] + quarantined} rows cannot be read ({rules}): {first}; mend the"
            f" file or the"
            " survey file, or load the others with --accept-quarantined",
        )
    _ = prepared.weights  # refused where a class is too small


def responses_of(prepared: Prepared, key: bytes | None) -> tuple[pa.Table, list[str]]:
    """The canonical responses sorted by respondent, and the id of each respondent."""
    canonical = prepared.canonical
    names = canonical.respondents
    ids = names if key is None else store.hashed(names, key)
    rows = np.flatnonzero(canonical.is_loaded)
    who = canonical.who[rows]
    columns: dict[str, pa.Array] = {"respondent_id": pa.array(ids, pa.string()).take(pa.array(who))}
    for name, values in design_columns(names, who, prepared.frame, prepared.weights).items():
        kind = pa.float64() if name in DESIGN and name != "stratum_id" else pa.string()
        columns[name] = pa.array(values, kind, from_pandas=True)
    for loaded in canonical.items:
        values = canonical.values[loaded.item.column][rows]
        columns[loaded.item.column] = pa.array(values)
    table = pa.table(columns)
    table = table.take(pc.sort_indices(table["respondent_id"]))
    if prepared.sample is not None:
        table = with_counts(table, prepared.sample.strata, prepared.wave.file.eligible_share)
    return table, ids


def fingerprint(prepared: Prepared) -> str:
    """What a load depends on: the files, what the survey file says of them, the frame, and this program."""
    said = prepared.wave.file.model_dump_json(include={"source", "missing", "several_choices_none_ticked", "frame",
    "questions", "bases", "groups", "options", "survey", "eligible_share", "non_response", "trim"})  # fmt: skip
    parts = [str(VERSION), said, *sorted(f"{name} {checksum}" for name, checksum in prepared.inputs.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _sample_said(prepared: Prepared) -> dict[str, Any]:
    """The sample and the weights as the certificate has them; without a frame there is no sample."""
    wave, sample = prepared.wave, prepared.sample
    rows = np.flatnonzero(prepared.canonical.is_loaded)
    columns = design_columns(
        prepared.canonical.respondents, prepared.canonical.who[rows], prepared.frame, prepared.weights
    )
    strata, weights = columns["stratum_id"].tolist(), columns["design_weight"]
    said: dict[str, Any] = {"weights": diagnostics(weights, strata) if len(weights) else None}
    if len(weights) and (trimmed := after_trimming(weights, wave.file)) is not None:
        said["weights_trimmed"] = diagnostics(trimmed, strata)
    if sample is None or prepared.weights is None:
        return said
    rates = rate_rows(wave.survey_id, wave.wave_id, sample.strata, wave.file.eligible_share, "")
    return said | {
        "sample": {
            "rates": list(rates),
            "differs_from_frame": [
                {"frame": before, "counted": after, "firms": count}
                for (before, after), count in sorted(sample.differs.items())
            ],
            "strata_without_answer": []
            if wave.file.non_response
            else [{"stratum_id": name, "population": firms} for name, firms in strata_without_answer(sample)],
            "without_answer": len(sample.frame.stratum) - len(sample.loaded),
            "non_response_classes": [vars(one) for one in prepared.weights.classes],
            "merged_classes": prepared.weights.merged,
        }
    }


def changes_since(prepared: Prepared, table: pa.Table) -> dict[str, Any] | None:
    """What differs from the responses in place: respondents gone and new, and answers changed by item; None without
    any.
    """
    path = store.responses_file(prepared.project, prepared.wave.survey_id, prepared.wave.wave_id)
    if not path.is_file():
        return None
    before = parquet.read_table(path)
    if "respondent_id" not in before.column_names:
        return None
    old = {name: number for number, name in enumerate(before["respondent_id"].to_pylist())}
    names = table["respondent_id"].to_pylist()
    both = [(number, old[name]) for number, name in enumerate(names) if name in old]
    now, then = (pa.array([pair[side] for pair in both], pa.int64()) for side in (0, 1))
    changed: dict[str, int] = {}
    for column in table.column_names[1:]:
        if column not in before.column_names:
            changed[column] = len(both)
            continue
        one, other = table[column].take(now).to_pandas(), before[column].take(then).to_pandas()
        count = int(((one != other) & ~(one.isna() & other.isna())).sum())
        if count:
            changed[column] = count
    return {"gone": len(set(old) - set(names)), "new": len(names) - len(both), "changed_answers": changed}


def write(prepared: Prepared, key: bytes | None) -> store.Load:
    """Write the load with its certificate and switch to it. Raises SystemStateError."""
    canonical = prepared.canonical
    table, ids = responses_of(prepared, key)
    columns, spellings = certificate.columns_of(canonical)
    wave = prepared.wave
    shown_columns = list(dict.fromkeys([item.source for item in canonical.items] + _respondent_column(prepared)))
    export = prepared.export
    said = {
        "survey_id": wave.survey_id,
        "survey_wave_id": wave.wave_id,
        "file": export.path.name,
        "fingerprint": fingerprint(prepared),
        "inputs": prepared.inputs,
        "tool": export.tool,
        "form": str(export.form),
        "sheet": export.grid.sheet,
        "encoding": export.grid.encoding,
        "delimiter": export.grid.delimiter,
        "header_rows": export.header_rows,
        "counts": certificate.counts_of(canonical),
        **prepared.sample_said,
        "columns": columns,
        "left_out": canonical.left_over,
        "looks_personal": prepared.personal,
        "changes": changes_since(prepared, table),
    }
    private = {
        certificate.ROWS: certificate.rows_table(canonical, ids),
        certificate.SPELLINGS: pa.table(
            {
                "row": pa.array(spellings["row"], pa.int64()),
                "column": pa.array(spellings["column"], pa.string()),
                "text": pa.array(spellings["text"], pa.string()),
            }
        ),
        certificate.KEPT: certificate.kept_rows(canonical, export.path.name, export.grid.sheet, shown_columns),
    }
    return store.write_load(prepared.project, wave.survey_id, wave.wave_id, table, private, said)


def _respondent_column(prepared: Prepared) -> list[str]:
    name = clear(prepared.source.respondent or "")
    return [name] if name in prepared.canonical.table.columns else []
