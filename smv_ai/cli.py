"""The command smv-ai. Its exit codes are in smv_ai/errors.py; docs/operating.md says what to do about each."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

import click

from smv_ai import __version__
from smv_ai.environment import RELEASE_FOLDERS, Kind
from smv_ai.errors import BadInputError, ExitCode, NoReleaseError, SmvAiError, SystemStateError

click.UsageError.exit_code = int(ExitCode.USAGE)
RELEASE = click.argument("release_id", required=False)
DEMO = click.option("--demo", "kind", is_flag=True, help="The demonstration in release_demo/, with made-up responses.",
                    callback=lambda _, __, is_on: Kind.DEMONSTRATION if is_on else Kind.WAREHOUSE)  # fmt: skip
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines.")
WAIT = click.option("--wait", "wait_seconds", type=float, is_flag=False, flag_value=-1, default=1, metavar="[SECONDS]",
                    help="Wait for another run to end (without a number: as long as it takes).")  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """The warehouse on AI in Danish small and medium-sized firms."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that has no such letter shows its number
            stream.reconfigure(errors="backslashreplace")


def _fail(error: SmvAiError) -> NoReturn:
    click.echo(f"smv-ai: {error}", err=True)
    sys.exit(int(error.exit_code))


def _plain(command: Callable[..., None]) -> Callable[..., None]:
    """End with the message and the exit code of an expected failure."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except SmvAiError as error:
            _fail(error)
        except OSError as error:  # the machine's word on a path that is no file, not there, or not to be read
            _fail(
                SystemStateError(
                    f"{error.filename or 'the release folder'}: {error.strerror or error}. Nothing was changed."
                )
            )

    return run


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=1, ensure_ascii=False, default=str))


def _stops(command: Callable[..., None]) -> Callable[..., None]:
    """End a command that writes in order and in time at a stop signal (smv_ai/stopping.py)."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        from smv_ai.stopping import stoppable

        try:
            with stoppable():
                command(*arguments, **options)
        except KeyboardInterrupt:
            # Python keeps in mind that code of a text was interrupted (a dataclass that an import makes), and
            # `python -m` would then end by SIGINT instead of with the code; running another text makes it forget
            exec("")
            click.echo("smv-ai: stopped; nothing was switched.", err=True)
            sys.exit(int(ExitCode.INTERRUPTED))

    return run


@main.command()
@click.option("--force", is_flag=True, help="Build everything, and publish even where the content has not changed.")
@DEMO
@click.option(
    "--accept-missing",
    is_flag=True,
    help="Release without waves, tables or the record of hidden figures that the release before had.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing unless something fails: for cron.")
@WAIT
@AS_JSON
@_stops
def build(force: bool, kind: Kind, accept_missing: bool, quiet: bool, wait_seconds: float, as_json: bool) -> None:
    """Check the seeds, build, audit and release; then print the headline figures.

    With --demo: draw made-up responses and release a demonstration with the same tables, in a folder of its own.

    Exit codes: 0 released, 10 nothing changed, 2 bad input, 3 model or test failed, 4 audit refused,
    5 disk, memory or permissions, 6 another run is writing, 1 internal, 130 stopped.
    """
    from smv_ai.build.progress import shown
    from smv_ai.build.run import build_release

    try:
        with shown(quiet=quiet or as_json) as progress:
            outcome = build_release(
                progress, force=force, demo=kind is Kind.DEMONSTRATION, accept_missing=accept_missing,
                wait_seconds=wait_seconds,
            )  # fmt: skip
    except SmvAiError as error:
        if as_json:
            name = ExitCode(error.exit_code).name.lower()
            _print_json({"outcome": name, "exit_code": int(error.exit_code), "message": str(error)})
        _fail(error)
    if as_json:
        _print_json(vars(outcome.run) | {"path": str(outcome.current.path), "steps": progress.steps})
    elif not quiet and outcome.run.outcome == "built":
        from smv_ai.build.headlines import headlines

        click.echo(headlines(outcome.current))
    sys.exit(outcome.run.exit_code)


@main.command()
@_plain
def check() -> None:
    """Check settings, seeds, demonstration plans, suites and the folder of the responses: seconds, nothing is built."""
    from smv_ai.build.project_check import check_project
    from smv_ai.environment import PROJECT_DIR

    click.echo(check_project(PROJECT_DIR))


@main.command()
@click.argument("seeds", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Only show what would be accepted.")
@_plain
def accept(seeds: tuple[str, ...], dry_run: bool) -> None:
    """Accept the rows of all SEEDS, or of those named, as they stand; print what is changed, new or removed.

    For a person who has compared the rows with their source. From then on a build refuses any change to them.
    """
    from smv_ai.environment import PROJECT_DIR
    from smv_ai.seeds.accept import accept as accept_rows

    click.echo("\n".join(accept_rows(PROJECT_DIR / "seeds", list(seeds), write=not dry_run)))


@main.command()
@_plain
def demo() -> None:
    """Write demonstration responses (where plans or seeds have changed) and registers; see demo/README.md."""
    from smv_ai.demo import demo_folder, register_folder, unmet_targets, write_registers, write_responses
    from smv_ai.environment import PROJECT_DIR

    target = demo_folder(PROJECT_DIR)
    click.echo(f"{'written' if write_responses(PROJECT_DIR, target) else 'unchanged'}: {target}")
    register = register_folder(PROJECT_DIR)
    click.echo(f"registers written: {write_registers(PROJECT_DIR, register)} in {register}")
    for line in unmet_targets(target):
        click.echo(f"not given back: {line}")


@main.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def golden(folder: Path | None) -> None:
    """Run estimation cases with known answers (FOLDER, GOLDEN_DIR or tests/golden) through the models and compare."""
    from smv_ai.golden import main as run_golden

    sys.exit(run_golden([str(folder)] if folder else []))


@main.command()
@DEMO
@AS_JSON
@_plain
def status(kind: Kind, as_json: bool) -> None:
    """Show the current release, the last runs, and what is overdue or in the way."""
    from smv_ai.environment import release_dir
    from smv_ai.releases import status as report

    found = report.status(release_dir(kind), kind=kind)
    _print_json(found) if as_json else click.echo(report.as_text(found))


@main.command()
@click.option("-n", "limit", default=20, show_default=True, help="How many runs to show.")
@DEMO
@AS_JSON
@_plain
def history(limit: int, kind: Kind, as_json: bool) -> None:
    """List the runs, newest first; an asterisk marks the current release."""
    from smv_ai.environment import release_dir
    from smv_ai.releases.history import read
    from smv_ai.releases.status import history_lines

    releases = release_dir(kind)
    runs, unreadable = read(releases)
    if as_json:
        _print_json([vars(run) for run in list(reversed(runs))[:limit]])
        return
    click.echo("\n".join(history_lines(runs, releases, limit)) or "no runs yet")
    if unreadable:
        click.echo(f"{unreadable} lines cannot be read", err=True)


@main.command()
@click.argument("older")
@click.argument("newer", required=False)
@DEMO
@AS_JSON
@_plain
def diff(older: str, newer: str | None, kind: Kind, as_json: bool) -> None:
    """Show rows added, removed and changed between two releases (the second: the current one by default)."""
    from smv_ai.environment import release_dir
    from smv_ai.releases.changes import as_markdown, report_between
    from smv_ai.releases.folder import facts_of, find_release
    from smv_ai.releases.verify import database_problem
    from smv_ai.settings import changed_settings

    before, after = (find_release(name, release_dir(kind), None) for name in (older, newer))
    settings = changed_settings(*(facts_of(found.path)["settings"] for found in (before, after)))
    if problem := database_problem(after):
        raise NoReleaseError(f"release {after.path.name}: {problem}")
    report = report_between(before, after.release_id, after.database, settings)
    _print_json(report) if as_json else click.echo(as_markdown(report), nl=False)


@main.command()
@RELEASE
@DEMO
@WAIT
@_stops
@_plain
def rollback(release_id: str | None, kind: Kind, wait_seconds: float) -> None:
    """Make an earlier release the current one again (the one before, where none is named)."""
    from smv_ai.releases.rollback_and_pins import rollback as go_back

    click.echo(f"current is now {go_back(release_id, wait_seconds, kind).release_id}")


@main.command()
@RELEASE
@DEMO
@_plain
def verify(release_id: str | None, kind: Kind) -> None:
    """Check checksums, row counts and content of a release (the current one, where none is named)."""
    from smv_ai.environment import release_dir
    from smv_ai.releases.folder import find_release, foreign_folders
    from smv_ai.releases.verify import verify as check_release

    said = check_release(find_release(release_id, release_dir(kind), None))
    if release_id is None and (foreign := foreign_folders(release_dir(kind))):
        raise NoReleaseError(f"{said}; but beside it stands what is no release: {', '.join(foreign)}. Remove it.")
    click.echo(said)


@main.command()
@RELEASE
@click.option("--reason", default="pinned by hand", show_default=True, help="Why it must stay.")
@DEMO
@_plain
def pin(release_id: str | None, reason: str, kind: Kind) -> None:
    """Protect a release from being pruned."""
    from smv_ai.releases.rollback_and_pins import set_pin

    click.echo(f"pinned {set_pin(release_id, reason, kind).release_id}")


@main.command()
@RELEASE
@DEMO
@_plain
def unpin(release_id: str | None, kind: Kind) -> None:
    """Let a release be pruned again."""
    from smv_ai.releases.rollback_and_pins import set_pin

    click.echo(f"unpinned {set_pin(release_id, None, kind).release_id}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_stops
@_plain
def backup(folder: Path) -> None:
    """Write releases with their history, responses and survey files to a new FOLDER, with a checksum of each file."""
    from smv_ai.releases.backup import backup as write_backup

    click.echo(write_backup(folder))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_stops
@_plain
def restore(folder: Path) -> None:
    """Put back what the backup in FOLDER holds, where nothing stands in its place; then run `smv-ai verify`."""
    from smv_ai.releases.backup import restore as put_back

    click.echo(put_back(folder))


@main.command()
@click.argument("query")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--release", "release_id", help="A release other than the current one.")
@click.option("--no-limit", is_flag=True, help="Let it take as long, and give as many rows, as it will.")
@DEMO
@_plain
def sql(query: str, form: str, release_id: str | None, no_limit: bool, kind: Kind) -> None:
    """Run a read-only QUERY on the public tables; `-` reads it from the standard input.

    It reads the release and nothing else, and has the time and the memory that the app's SQL page gives.
    """
    from smv_ai.releases.folder import find_release
    from smv_ai.sql.query import run_query

    text = _standard_input() if query == "-" else query
    click.echo(run_query(find_release(release_id, kind=kind).database, text, form, no_limit=no_limit))


def _standard_input() -> str:
    try:
        return click.get_binary_stream("stdin").read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The standard input is no text in UTF-8 (byte {error.start + 1}); save the query as UTF-8."
        raise BadInputError(message) from error


@main.command()
@click.argument("waves", nargs=-1)
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@DEMO
@_plain
def private(waves: tuple[str, ...], form: str, kind: Kind) -> None:
    """Write all estimates of the survey WAVES (of all, where none is named), also the withheld, to a private file.

    For the researcher alone: with all digits, grade and reason, in target/private/, where nobody else may read it.
    """
    from smv_ai.build.private import write_private

    found = write_private(kind, list(waves), form)
    click.echo(f"{found.path}\n{found.estimates} estimates, of which the release withholds {found.withheld}. Private:")
    click.echo("pass on nothing that the release does not show (docs/disclosure.md).")


@main.command("verify-figure")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_plain
def verify_figure(files: tuple[Path, ...]) -> None:
    """Say of FILES that the app saved (PNG, SVG, PDF, CSV, Excel, Parquet) whether they are what the warehouse says.

    Offline: the query in the passport of a file is run again on its release, a picture is drawn again.

    Exit codes: 0 as the warehouse says, 2 changed or without a passport, 7 its release is not here.
    """
    from smv_ai.passport.verify import verify_figure as verdict

    problems = []
    for file in files:
        try:
            click.echo(verdict(file))
        except SmvAiError as error:
            click.echo(f"smv-ai: {error}", err=True)
            problems.append(error)
    if problems:
        sys.exit(int(problems[0].exit_code))


@main.command()
@click.argument("survey_wave")
@click.option("--language", type=click.Choice(["da", "en"]), default="da", show_default=True, help="Of all texts.")
@click.option("--format", "formats", type=click.Choice(["xlsx", "csv", "md"]), multiple=True, default=["xlsx"],
              show_default=True, help="Excel, CSV (a figure a row) or Markdown; several by several.")  # fmt: skip
@click.option("--out", "folder", type=click.Path(path_type=Path),
              help="The folder; without it the one you are in, and target/private/ of private tables.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace files that stand there.")
@click.option("--release", "release_id", help="A release other than the current one.")
@click.option(
    "--private", "is_private", is_flag=True, help="With what the release withholds; for the researcher alone."
)
@DEMO
@_plain
def tables(
    survey_wave: str,
    language: str,
    formats: tuple[str, ...],
    folder: Path | None,
    force: bool,
    release_id: str | None,
    is_private: bool,
    kind: Kind,
) -> None:
    """Write the tables of a SURVEY_WAVE for people: each question in total and by group, with intervals.

    From the estimates that a release has of its responses; docs/tables.md says what stands where.
    """
    from smv_ai.build.private import private_folder, private_tables
    from smv_ai.releases.folder import find_release
    from smv_ai.tabulation.command import write_tables
    from smv_ai.tabulation.source import released

    if is_private and release_id is not None:
        raise BadInputError("--private shows what the current build withholds; leave out --release.")
    target = private_folder(kind, folder) if is_private else folder or Path()
    with private_tables(kind) if is_private else released(find_release(release_id, kind=kind)) as source:
        written = write_tables(source, survey_wave, language, formats, target, replace=force)
    click.echo("\n".join(map(str, written)))


@main.command()
@click.argument("survey_wave")
@click.option("--language", type=click.Choice(["da", "en"]), default="da", show_default=True, help="Of the page.")
@click.option("--format", "formats", type=click.Choice(["html", "md", "ddi"]), multiple=True, default=["html"],
              show_default=True, help="A page, Markdown, or DDI Codebook 2.5; several by several.")  # fmt: skip
@click.option("--ddi", "is_ddi", is_flag=True, help="As --format ddi.")
@click.option("--out", "folder", type=click.Path(path_type=Path), default=".", show_default=True, help="The folder.")
@click.option("--force", is_flag=True, help="Replace files that stand there.")
@click.option("--release", "release_id", help="A release other than the current one.")
@click.option("--no-figures", is_flag=True, help="Of the survey file alone.")
@DEMO
@_plain
def codebook(
    survey_wave: str,
    language: str,
    formats: tuple[str, ...],
    is_ddi: bool,
    folder: Path,
    force: bool,
    release_id: str | None,
    no_figures: bool,
    kind: Kind,
) -> None:
    """Write the codebook of a SURVEY_WAVE: questions, answers with codes, routing as a picture, released figures.

    From its survey file, which may be given by its path, and a release where there is one (docs/metadata.md).
    """
    from smv_ai.environment import PROJECT_DIR
    from smv_ai.metadata.command import write

    chosen = ("ddi",) if is_ddi and formats == ("html",) else (*formats, *(["ddi"] if is_ddi else []))
    written = write(
        PROJECT_DIR, survey_wave, language, chosen, folder, replace=force, release_id=release_id, kind=kind,
        has_figures=not no_figures,
    )  # fmt: skip
    click.echo("\n".join(map(str, written)))


@main.command("new-survey")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--wave", help="Id of the wave, which names the file; otherwise made of the survey's name.")
@click.option("--tool", type=click.Choice(["surveyxact", "enalyzer", "msforms", "googleforms", "surveymonkey",
"qualtrics",
              "limesurvey", "redcap", "kobo", "spss", "stata", "table"]),
              help="Where it is not recognised.")  # fmt: skip
@click.option(
    "--frame", type=click.Path(path_type=Path), help="The sampling frame: a file with a row per invited firm."
)
@click.option("--like", "like_wave", help="An earlier wave: its mapping is used again, and what differs is listed.")
@_plain
def new_survey(
    files: tuple[Path, ...], wave: str | None, tool: str | None, frame: Path | None, like_wave: str | None
) -> None:
    """Draft a survey file from an export: FILES are the answers and, where there is one, the tool's own definition.

    Every decision that a person must take is marked DECIDE and explained in the draft (docs/intake.md).
    """
    from smv_ai.environment import PROJECT_DIR
    from smv_ai.intake.command import new_survey as draft

    click.echo(draft(PROJECT_DIR, list(files), wave=wave, tool=tool, frame=frame, like_wave=like_wave)[1])


@main.command()
@click.argument("survey_file")
@click.argument("answers", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Load without asking.")
@click.option("--accept-quarantined", is_flag=True, help="Load although more than a tenth of the rows cannot be read.")
@click.option("--replace", is_flag=True, help="Replace responses that came in another way than by a load.")
@WAIT
@_stops
@_plain
def load(
    survey_file: str, answers: Path | None, yes: bool, accept_quarantined: bool, replace: bool, wait_seconds: float
) -> None:
    """Load the export that a SURVEY_FILE names (or ANSWERS in its place) into responses/, with a certificate.

    First shows what was understood; loads with --yes, and asks in a terminal. Loading the same file twice changes
    nothing,
    a corrected file replaces its predecessor; `smv-ai unload` goes back.
    """
    from smv_ai.environment import PROJECT_DIR
    from smv_ai.intake import command, loading, store

    wave = loading.wave_of(PROJECT_DIR, survey_file)
    store.settle(PROJECT_DIR, wave.survey_id, wave.wave_id)
    prepared = loading.prepare(PROJECT_DIR, wave, answers)
    click.echo(command.preview(prepared))
    if count := command.decisions_left(PROJECT_DIR, wave.wave_id):
        click.echo(f"{count} decisions are still marked DECIDE in surveys/{wave.wave_id}.yml")
    loading.check_loadable(prepared, accept_quarantined=accept_quarantined)
    if (same := command.unchanged(prepared)) is not None:
        click.echo(f"unchanged: these answers are in place since {same.said['loaded_at']} (load {same.load_id}).")
        return
    if not yes and not (sys.stdin.isatty() and click.confirm("Load?")):
        click.echo("nothing was loaded; load with --yes")
        return
    with store.only_loader(PROJECT_DIR, wave.survey_id, wave.wave_id, wait_seconds):
        command.check_own(PROJECT_DIR, prepared, replace=replace)
        key = None
        if prepared.source.respondent is not None and prepared.source.respondent_ids == "hashed":
            key, path, is_new = store.respondent_key()
            if is_new:
                click.echo(f"a key for respondents was made: {path}. Keep it safe, and apart from the project.")
        click.echo(command.counted(loading.write(prepared, key)))


@main.command()
@click.argument("survey_file")
@click.option("--yes", is_flag=True, help="Undo without asking.")
@WAIT
@_stops
@_plain
def unload(survey_file: str, yes: bool, wait_seconds: float) -> None:
    """Undo the last load of a SURVEY_FILE: the one before takes its place, or nothing; lists the loads."""
    from smv_ai.environment import PROJECT_DIR
    from smv_ai.intake import command, loading, store

    wave = loading.wave_of(PROJECT_DIR, survey_file)
    store.settle(PROJECT_DIR, wave.survey_id, wave.wave_id)
    click.echo("\n".join(command.history(PROJECT_DIR, wave.wave_id, wave.survey_id)) or "no loads yet")
    if not yes and not (sys.stdin.isatty() and click.confirm("Undo the load marked with an asterisk?")):
        click.echo("nothing was undone; undo with --yes")
        return
    with store.only_loader(PROJECT_DIR, wave.survey_id, wave.wave_id, wait_seconds):
        undone, before = store.take_back(PROJECT_DIR, wave.survey_id, wave.wave_id)
    click.echo(f"undone: {undone.load_id}; in place is now {before.load_id if before else 'nothing'}.")


@main.command()
@RELEASE
@DEMO
@_plain
def dictionary(release_id: str | None, kind: Kind) -> None:
    """Print the data dictionary as Markdown."""
    from smv_ai.releases.dictionary import dictionary as page
    from smv_ai.releases.folder import find_release

    click.echo(page(find_release(release_id, kind=kind)), nl=False)


def open_to_all() -> bool:
    """Whether the app will answer other machines without sign-in, by Streamlit's settings and ours."""
    from streamlit import config

    from smv_ai.environment import must_sign_in

    # Streamlit itself reads the environment where its server starts, and not before
    address = os.environ.get("STREAMLIT_SERVER_ADDRESS") or str(config.get_option("server.address") or "")
    return not must_sign_in() and address not in ("localhost", "::1") and not address.startswith("127.")


@main.command()
@DEMO
@_plain
def app(kind: Kind) -> None:
    """Serve the app on the current release; Streamlit's settings, such as STREAMLIT_SERVER_PORT, hold."""
    from streamlit.logger import get_logger
    from streamlit.web.cli import main as streamlit

    from smv_ai.environment import PROJECT_DIR, release_dir

    os.environ[RELEASE_FOLDERS[kind][0]] = str(release_dir(kind).absolute())
    os.environ["SMV_AI_APP_KIND"] = kind
    os.chdir(PROJECT_DIR)  # where Streamlit finds its settings
    entry = PROJECT_DIR / "streamlit_app" / "app.py"
    sys.path.insert(0, str(entry.parent))
    for name in ("config", "runtime.scriptrunner_utils.script_run_context"):  # they warn that no server runs yet
        get_logger(f"streamlit.{name}").addFilter(lambda record: False)
    if open_to_all():
        click.echo("smv-ai: the app answers at every address of this machine and asks nobody to sign in. "
                   "STREAMLIT_SERVER_ADDRESS=localhost keeps it here; SMV_AI_SIGN_IN=on asks (docs/readers.md).",
                   err=True)  # fmt: skip
    importlib.import_module("shell.warm").draw(entry)  # of the app, which is on the path by now
    streamlit(["run", str(entry.with_name("server.py"))])


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--wave", help="The wave of the survey: its values are looked for among the categories.")
@click.option("--only", multiple=True, metavar="DIMENSION=CATEGORY", help="Take one category of a dimension.")
@click.option("--leave-out", multiple=True, metavar="DIMENSION=CATEGORY", help="A category that is not counted.")
@click.option("--column", "columns", multiple=True, metavar="DIMENSION=COLUMN", help="The column of the survey.")
@click.option("--value", "values", multiple=True, metavar="DIMENSION:CATEGORY=VALUE",
              help="The value of the survey that a category is; several of one value are added.")  # fmt: skip
@click.option("--total", "totals", multiple=True, metavar="COLUMN=DIMENSION:CATEGORY",
              help="A total of numbers, from another category of the contents.")  # fmt: skip
@click.option("--source", help="Where the numbers are from, where the file does not say it.")
@click.option("--as-of", help="The day or period that they are of.")
@click.option("--write", is_flag=True, help="Add the lines to the survey file of --wave, which has no calibrate yet.")
@_plain
def margins(
    file: Path, wave: str | None, only: tuple[str, ...], leave_out: tuple[str, ...], columns: tuple[str, ...],
    values: tuple[str, ...], totals: tuple[str, ...], source: str | None, as_of: str | None, write: bool,
) -> None:  # fmt: skip
    """Read margins to calibrate to from an official table (StatBank's CSV or PX, or any that `official load` reads).

    Prints the lines of a survey file with source and date, or adds them to it (docs/weights.md).
    """
    from smv_ai.environment import PROJECT_DIR
    from smv_ai.official import margins as official_margins

    if write and wave is None:
        raise BadInputError("--write needs --wave: the survey file that the lines are added to.")
    known = official_margins.SurveyColumns(PROJECT_DIR, wave) if wave is not None else None
    choices = official_margins.choices_of(only, leave_out, columns, values, totals)
    found = official_margins.margins_of(file, choices, known, source=source, as_of=as_of)
    if write and wave is not None:
        path = official_margins.write_margins(PROJECT_DIR, wave, found)
        click.echo(f"written to surveys/{path.name}")
    click.echo(official_margins.in_words(found), nl=False)


@main.group()
def official() -> None:
    """Tables of Eurostat and Statistics Denmark's StatBank: load a file, or fetch one; see docs/official.md."""


@official.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--table", "table_id", help="The name of the table, where the file does not say it.")
@AS_JSON
@_plain
def official_load(file: Path, table_id: str | None, as_json: bool) -> None:
    """Read FILE (JSON-stat, SDMX-CSV, TSV, StatBank's CSV, PX), keep it with its hash, and account for every cell."""
    from smv_ai.environment import PROJECT_DIR
    from smv_ai.official.store import in_words, load_file

    loaded = load_file(PROJECT_DIR, file, table_id)
    _print_json(loaded.facts) if as_json else click.echo(in_words(loaded))


@official.command("fetch")
@click.argument("office", type=click.Choice(["eurostat", "statbank"]))
@click.argument("table")
@click.argument("selection", nargs=-1)
@AS_JSON
@_plain
def official_fetch(office: str, table: str, selection: tuple[str, ...], as_json: bool) -> None:
    """Fetch TABLE from the network: smv-ai official fetch eurostat isoc_eb_ai geo=DK+SE indic_is=E_AI_TANY."""
    from smv_ai.environment import PROJECT_DIR
    from smv_ai.official.fetch import fetch
    from smv_ai.official.store import in_words

    loaded = fetch(PROJECT_DIR, office, table, selection)
    _print_json(loaded.facts) if as_json else click.echo(in_words(loaded))


if __name__ == "__main__":
    main()
