"""The commands of the intake: new-survey, load, unload and loads. What they say is for the person who has the
export.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from smv_ai.errors import BadInputError
from smv_ai.intake import loading, store
from smv_ai.intake.draft import draft_of
from smv_ai.intake.draft_text import MARK, quoted, text_of
from smv_ai.intake.frame import DESIGN
from smv_ai.intake.likeness import like
from smv_ai.intake.loading import Prepared
from smv_ai.intake.reading.files import refusal
from smv_ai.intake.reading.grid import table_from
from smv_ai.intake.tools import Export, is_definition, read_export, read_grid
from smv_ai.intake.words import name_from, plain
from smv_ai.survey.file.names import DIMENSIONS
from smv_ai.survey.file.reading import FOLDER, SUFFIX

PREVIEW_ROWS, PREVIEW_COLUMNS = 3, 8


def new_survey(
    project: Path,
    files: Sequence[Path],
    *,
    wave: str | None,
    tool: str | None,
    frame: Path | None,
    like_wave: str | None,
) -> tuple[Path, str]:
    """Write the draft of a survey file; returns its path and what was understood. Raises BadInputError.

    An existing file is never replaced.
    """
    answers, definitions = _sorted_out(files)
    export = read_export(answers, definitions, tool=tool)
    draft = draft_of(export)
    title = _title(export)
    wave_id = wave or name_from(title) or "survey"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", wave_id) or "__" in wave_id:
        raise BadInputError(
            f"'{wave_id}' is no id of a wave; name one with --wave, lower-case letters, digits and underscores."
        )
    path = project / FOLDER / f"{wave_id}{SUFFIX}"
    if path.exists():
        raise BadInputError(
            f"{FOLDER}/{path.name} is there already; name another wave with --wave, or remove the file."
        )
    known = [_shown(project, one) for one in export.definition_paths]
    if like_wave is not None:
        text, said = like(project, like_wave, draft, wave_id, _shown(project, answers), known)
    else:
        text = text_of(
            draft, survey=re.sub(r"_(19|20)\d\d.*$", "", wave_id) or wave_id, label=title or wave_id,
            answers=_shown(project, answers), definitions=known, frame=_frame_lines(project, frame),
            notes=draft.decisions,
        )  # fmt: skip
        said = []
    path.parent.mkdir(exist_ok=True)
    _write_whole(path, text)
    end = f"{text.count(MARK) - 1} decisions are marked {MARK}. Then: smv-ai load {FOLDER}/{path.name}"
    lines = [*understood(export), *said, f"{len(draft.questions)} questions drafted in {FOLDER}/{path.name}; {end}"]
    return path, "\n".join(lines)


def _write_whole(path: Path, text: str) -> None:
    """A new file, whole or not at all. Raises BadInputError where one stands there by now."""
    written = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    written.write_text(text, encoding="utf-8")
    try:
        os.link(written, path)
    except FileExistsError as error:
        raise BadInputError(f"{FOLDER}/{path.name} is there already; name another wave with --wave.") from error
    finally:
        written.unlink()


def _sorted_out(files: Sequence[Path]) -> tuple[Path, list[Path]]:
    definitions = [path for path in files if len(files) > 1 and is_definition(path)]
    answers = [path for path in files if path not in definitions]
    if len(answers) != 1:
        names = ", ".join(path.name for path in answers) or "none"
        raise BadInputError(
            f"one file of answers is needed, and its definition beside it; files of answers here: {names}."
        )
    return answers[0], definitions


def _title(export: Export) -> str:
    title = export.definition.title if export.definition else ""
    return (
        title
        or re.sub(
            r"[\s_-]*(\(.*?\)|\d{5,}|export|results?|dataset)\s*", " ", export.path.stem, flags=re.IGNORECASE
        ).strip()
    )


def _shown(project: Path, path: Path) -> str:
    full = path.resolve()
    return str(full.relative_to(project) if full.is_relative_to(project) else full)


def _frame_lines(project: Path, frame: Path | None) -> list[str]:
    """The section of the frame, with its columns by what they are called."""
    if frame is None:
        return []
    grid = read_grid(frame)
    table = table_from(grid, 0 if grid.names is not None else 1)
    names = list(table.columns)

    def first(pattern: str) -> str | None:
        return next((name for name in names if re.search(pattern, plain(name))), None)

    stratum, population = first(r"strat(um|a).*id|^strat(um|a)$"), first(r"population|bestand|univers")
    key = first(r"key|nøgle|_id$|^id$") or names[0]
    design = {key, stratum, population, *DESIGN}
    others = [name for name in names if name not in design and not re.search(r"dispos|status|outcome", plain(name))]
    others = [name for name in others if len(table.columns[name].encoded()[0]) <= 200]
    lines = [
        "frame:",
        f"  file: {quoted(_shown(project, frame))}",
        f"  key: {quoted(key)}  # {MARK}: holds what source.respondent holds",
    ]
    lines += [f"  stratum: {quoted(stratum)}"] if stratum else []
    lines += [f"  population: {quoted(population)}"] if population else []
    lines.append(f"  columns: [{', '.join(map(quoted, others))}]  # taken over to break down by")
    if clash := [name for name in others if name in DIMENSIONS]:
        pairs = ", ".join(f"{name.removesuffix('_id')}: {name}" for name in clash)
        lines.append(
            f"  # {MARK}: {', '.join(clash)} must hold codes of the product to break down by; if they hold others,"
            f" name them"
        )
        lines.append(f"  # otherwise: columns: {{{pairs}}}")
    return lines


def understood(export: Export) -> list[str]:
    """What was understood of the files, in lines."""
    grid = export.grid
    how = [f"sheet {grid.sheet}"] if grid.sheet else []
    how += [f"{grid.encoding}, delimiter {grid.delimiter!r}"] if grid.delimiter else []
    how.append(f"{export.header_rows} header rows" if export.header_rows != 1 else "1 header row")
    rows = export.table.height + len(export.table.ragged)
    lines = [
        f"{export.path.name}: {export.tool}, {export.form}, {', '.join(how)}; {rows} rows,"
        f" {len(export.table.columns)} columns"
    ]
    if export.definition is not None:
        names = ", ".join(path.name for path in export.definition_paths) or "in the file itself"
        lines.append(f"definition: {len(export.definition.questions)} questions ({names})")
    if export.table.repeated:
        lines.append("headers that stand there several times: " + ", ".join(export.table.repeated))
    return lines


def preview(prepared: Prepared) -> str:
    """What a load would do: how the file was read, which columns are matched, which are left over, rows and counts."""
    canonical, counts = prepared.canonical, prepared.counts
    lines = understood(prepared.export)
    by_source: dict[str, list[str]] = {}
    for item in canonical.items:
        by_source.setdefault(item.source, []).append(item.item.column)
    lines.append(f"matched: {len(canonical.items)} items from {len(by_source)} columns")
    lines += [f"  {', '.join(items)} <- {source}" for source, items in by_source.items()]
    outside = [*canonical.left_over, *prepared.source.never_load]
    lines.append(f"left out: {', '.join(dict.fromkeys(outside)) or 'nothing'}")
    if prepared.personal:
        lines.append(
            "  of these look personal: " + ", ".join(f"{name} ({kind})" for name, kind in prepared.personal.items())
        )
    lines += _sample(prepared)
    lines.append(
        f"rows: {counts['rows_in']} = {counts['loaded']} loaded + {sum(counts['set_aside'].values())} set aside"
        f" + {prepared.quarantined} quarantined"
    )
    lines += [f"  set aside, {rule}: {count}" for rule, count in counts["set_aside"].items()]
    lines += [f"  quarantined, {rule}: {count}" for rule, count in counts["quarantined"].items()]
    lines += [f"    row {found.row}, {found.column}: {found.message(1)}" for found in canonical.findings[:10]]
    return "\n".join(lines)


def _sample(prepared: Prepared) -> list[str]:
    canonical = prepared.canonical
    rows = [number for number in range(canonical.table.height) if canonical.outcome[number] == 0][:PREVIEW_ROWS]
    items = canonical.items[:PREVIEW_COLUMNS]
    return [
        f"  row {canonical.table.rows[row]}: "
        + ", ".join(f"{item.item.column}={canonical.values[item.item.column][row]:g}" for item in items)
        for row in rows
    ]


def counted(load: store.Load) -> str:
    """The end of a load in words."""
    counts = load.said["counts"]
    lines = [f"loaded {counts['loaded']} of {counts['rows_in']} rows of {load.said['file']} (load {load.load_id})."]
    changes = load.said["changes"]
    if changes is not None:
        told = ", ".join(f"{count} in {item}" for item, count in changes["changed_answers"].items()) or "none"
        lines.append(f"since the load before: {changes['new']} new, {changes['gone']} gone; answers changed: {told}")
    kept = sum(counts["set_aside"].values()) + sum(counts["quarantined"].values())
    lines.append(
        f"certificate: {store.FOLDER}/{load.said['survey_wave_id']}/{load.load_id}/"
        + (f"; {kept} rows kept apart" if kept else "")
    )
    return "\n".join(lines)


def unchanged(prepared: Prepared) -> store.Load | None:
    """The current load where it came of the same files and the same survey file."""
    now = store.current(prepared.project, prepared.wave.survey_id, prepared.wave.wave_id)
    return now if now is not None and now.said["fingerprint"] == loading.fingerprint(prepared) else None


def decisions_left(project: Path, wave_id: str) -> int:
    """How many decisions are still marked in a survey file."""
    text = (project / FOLDER / f"{wave_id}{SUFFIX}").read_text(encoding="utf-8")
    return max(0, sum(MARK in line for line in text.splitlines() if not line.startswith("# Drafted from")))


def check_own(project: Path, prepared: Prepared, *, replace: bool) -> None:
    """Refuse to put a load in the place of responses that came in another way. Raises BadInputError."""
    wave = prepared.wave
    path = store.responses_file(project, wave.survey_id, wave.wave_id)
    others = [one.name for one in path.parent.glob("*") if one.name != path.name] if path.parent.is_dir() else []
    if others:
        raise refusal(
            prepared.export.path, f"{path.parent.name} holds {', '.join(others)}, which no load wrote; remove it first"
        )
    if path.is_file() and store.current(project, wave.survey_id, wave.wave_id) is None and not replace:
        raise refusal(
            prepared.export.path, f"the responses of {wave.wave_id} came in another way; replace them with --replace"
        )


def history(project: Path, wave_id: str, survey: str) -> list[str]:
    """The loads of a wave in lines, the newest first; an asterisk marks the one in place."""
    now = store.current(project, survey, wave_id)
    lines = []
    for load in reversed(store.loads_of(project, wave_id)):
        counts = load.said["counts"]
        mark = "*" if now is not None and now.load_id == load.load_id else " "
        state = "" if load.is_whole else ", undone"
        lines.append(
            f"{mark} {load.load_id}  {load.said['file']}  {load.said['inputs'][load.said['file']][:12]} "
            f" {counts['loaded']} of"
            f" {counts['rows_in']} rows{state}"
        )
    return lines
