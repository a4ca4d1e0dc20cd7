"""The commands of the intake: new-survey, load, unload and loads. What they say is for the person who has the
export.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from smv_ai.errors import BadInputError
from smv_ai.intake import loading, store
from smv_ai.intake.draft import draft_of
from smv_ai.intake.draft_text import MARK, quoted, text_of
from smv_ai.intake.frame import DESIGN
from smv_ai.intake.likeness import like
from smv_ai.intake.loading import Prepared
from smv_ai.intake.reading.files import refusal
from smv_ai.intake.reading.grid import RawTable, table_from
from smv_ai.intake.tools import Export, is_definition, read_export, read_grid
from smv_ai.intake.words import name_from, plain
from smv_ai.survey.dispositions import DISPOSITIONS, RATES
from smv_ai.survey.file.expansion import read_surveys
from smv_ai.survey.file.names import DIMENSIONS
from smv_ai.survey.file.reading import FOLDER, SUFFIX
from smv_ai.survey.texts import clear

PREVIEW_ROWS, PREVIEW_COLUMNS = 3, 8
MOST_STRATA = 12

# The column of the frame that tells what became of a firm, and how frames call it; the first that fits.
OUTCOME = r"dispos|status|outcome|udfald|frafald"
OUTCOME_WORDS = {
    "not_eligible": r"not.?elig|ineligib|out.?of.?scope|uden ?for|ophørt|lukket|closed|konkurs|bankrupt|^4\.",
    "partial": r"partial|delvis|ufuldst|incomplete|^1\.2",
    "unknown_eligibility": r"unknown|ukendt|uafklaret|^3\.",
    "refusal": r"refus|afsl|nægte|afvis|break.?off|afbr|^2\.1",
    "no_contact": r"no.?.?contact|not reached|ikke truffet|ingen kontakt|ej truffet|intet svar|no answer|^2\.2",
    "complete": r"complet|gennemført|besvaret|fuldført|interview|^1\.1",
    "other": r"other|andet|anden|syg|^2\.3",
}


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
        text += "".join(f"{line}\n" for line in _frame_again(project, like_wave, frame))
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
    disposition = first(OUTCOME)
    others = [name for name in names if name not in {*design, disposition}]
    others = [name for name in others if len(table.columns[name].encoded()[0]) <= 200]
    lines = [
        "frame:",
        f"  file: {quoted(_shown(project, frame))}",
        f"  key: {quoted(key)}  # {MARK}: holds what source.respondent holds",
    ]
    lines += [f"  stratum: {quoted(stratum)}"] if stratum else []
    lines += [f"  population: {quoted(population)}"] if population else []
    lines += _disposition_lines(disposition, table) if disposition else []
    lines.append(f"  columns: [{', '.join(map(quoted, others))}]  # taken over to break down by")
    if clash := [name for name in others if name in DIMENSIONS]:
        pairs = ", ".join(f"{name.removesuffix('_id')}: {name}" for name in clash)
        lines.append(
            f"  # {MARK}: {', '.join(clash)} must hold codes of the product to break down by; if they hold others,"
            f" name them"
        )
        lines.append(f"  # otherwise: columns: {{{pairs}}}")
    return lines


def _frame_again(project: Path, like_wave: str, frame: Path | None) -> list[str]:
    """The frame of a wave that continues another: as there, in another file."""
    wave = next(wave for wave in read_surveys(project).waves if wave.wave_id == like_wave)
    earlier = wave.file.frame
    if frame is None:
        note = f"# {MARK}: {like_wave} has a sampling frame; add that of this wave (frame:), or its answers weigh 1"
        return [note] if earlier is not None else []
    if earlier is None:
        return _frame_lines(project, frame)
    said = {"frame": {"file": _shown(project, frame)} | earlier.model_dump(exclude_unset=True, exclude={"file"})}
    if wave.file.non_response is not None:
        said["non_response"] = wave.file.non_response.model_dump(exclude_unset=True)
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True).splitlines()


def _disposition_lines(name: str, table: RawTable) -> list[str]:
    """The disposition of the frame, with its codes by what they seem to be."""
    texts = sorted({clear(text) for text in table.columns[name].encoded()[0]} - {""})
    said: dict[str, list[str]] = {}
    unclear: list[str] = []
    for text in texts:
        found = next((one for one, words in OUTCOME_WORDS.items() if re.search(words, plain(text))), None)
        said.setdefault(found, []).append(text) if found else unclear.append(text)
    parts = [f"{one}: [{', '.join(map(quoted, codes))}]" for one, codes in said.items()]
    lines = [f"  disposition: {{{', '.join([f'column: {quoted(name)}', *parts])}}}  # {MARK}: what became of each firm"]
    if unclear:
        shown = ", ".join(unclear[:8]) + (f" and {len(unclear) - 8} more" if len(unclear) > 8 else "")
        lines.append(f"  # {MARK}: say which of {', '.join(DISPOSITIONS)} these are: {shown}")
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
    # what cannot be weighted is refused by check_loadable, after this was shown
    with contextlib.suppress(BadInputError):
        lines += sample_lines(prepared.sample_said)
    return "\n".join(lines)


def sample_lines(said: dict[str, Any]) -> list[str]:
    """What became of the sample and how unequal the weights are, in lines."""
    lines = []
    if (sample := said.get("sample")) is not None:
        rows = sample["rates"]
        lines += [_rate_line(row) for row in (rows[-1:] + rows[:-1][:MOST_STRATA])]
        if len(rows) - 1 > MOST_STRATA:
            lines.append(f"  and {len(rows) - 1 - MOST_STRATA} more strata (certificate.json)")
        lines += [
            f"  the frame says {one['frame']}, counted as {one['counted']}: {one['firms']}"
            for one in sample["differs_from_frame"]
        ]
        lines += [
            f"  no answer in stratum {one['stratum_id']}: no weight stands for its {one['population']:.6g} firms;"
            f" non_response with merge lets others do so"
            for one in sample["strata_without_answer"][:MOST_STRATA]
        ]
        lines += [
            f"  class {one['name']}: {one['answered']} of {one['sampled']} answered, factor {one['factor']:.3f}"
            for one in sample["non_response_classes"]
        ]
        lines += [f"  too few answers, merged: {text}" for text in sample["merged_classes"]]
        if rows and rows[-1]["not_eligible_count"] and not sample["non_response_classes"]:
            lines.append(
                f"  sampled firms that are not eligible: {rows[-1]['not_eligible_count']:.0f}; the weights take the"
                f" population sizes to hold none such (non_response takes them out)"
            )
        if rows and rows[-1]["stratum_population_size"] is None:
            lines.append("  the frame has no population sizes (frame.population): all weights are 1")
    for key, name in (("weights", "weights"), ("weights_trimmed", "weights after trimming")):
        if (found := said.get(key)) is not None and found["sum"] > 0:
            lines += _weight_lines(name, found)
    return lines


def _rate_line(row: dict[str, Any]) -> str:
    rates = ", ".join(
        f"RR{number} {row[f'response_rate_{number}']:.1f} %" if row[f"response_rate_{number}"] is not None else "none"
        for number in RATES
    )
    counts = ", ".join(f"{row[f'{name}_count']:.0f} {name}" for name in DISPOSITIONS if row[f"{name}_count"])
    name = "sample" if row["is_total"] else f"  {row['stratum_id']}"
    return f"{name}: {row['sampled_count']:.0f} firms: {counts}; {rates} (e {row['eligible_share']:.3f})"


def _weight_lines(name: str, found: dict[str, Any]) -> list[str]:
    lines = [
        f"{name}: {found['least']:.6g} to {found['largest_weight']:.6g}, sum {found['sum']:.6g}; Kish effect"
        f" {found['kish_effect']:.3f}, {found['answers']} answers worth {found['effective_answers']:.1f}"
    ]
    if found["kish_effect"] > 1 + 1e-9:
        lines += [
            f"  largest: {one['weight']:.6g} of {one['answers']} answers ({', '.join(one['strata'][:3])}),"
            f" {100 * one['share']:.1f} % of the sum"
            for one in found["largest"]
        ]
    return lines


def _sample(prepared: Prepared) -> list[str]:
    canonical = prepared.canonical
    rows = [number for number in range(canonical.table.height) if canonical.outcome[number] == 0][:PREVIEW_ROWS]
    items = canonical.items[:PREVIEW_COLUMNS]
    return [
        f"  row {canonical.table.rows[row]}: "
        + ", ".join(f"{item.item.column}={_shown_value(canonical.values[item.item.column][row])}" for item in items)
        for row in rows
    ]


def _shown_value(value: float) -> str:
    """A value of the preview; the reserved numbers by what they stand for."""
    reasons = {-1: "not asked", -2: "no answer", -3: "don't know"}
    return reasons.get(int(value) + 9_000_000_000, f"{value:.15g}")


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
