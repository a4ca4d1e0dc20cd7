"""What is wrong with the machine, not with the data: odd folders, rights, limits, a wrong clock, a user without home.

Each works, or is one sentence with the code of the environment; `current` is whole, and the next build succeeds.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.commands import DRIVER, PATIENCE, run_prepared, smv_ai
from support.project import PROJECT
from support.small_release import small_release

from smv_ai import environment
from smv_ai.build import dbt
from smv_ai.build.progress import Progress
from smv_ai.build.project_check import check_project
from smv_ai.cli import main
from smv_ai.environment import release_dir, respondent_key_file
from smv_ai.errors import BadInputError, ExitCode, SystemStateError
from smv_ai.releases import history
from smv_ai.releases.folder import current_release
from smv_ai.releases.verify import problems_of
from smv_ai.releases.write import publish
from smv_ai.sql import sandbox
from smv_ai.sql.query import run_query

# As a user who is nobody here, has no home and none of root's rights; the files stay those of who runs the tests.
STRANGER = ("unshare", "--user", "--map-user=54321", "env", "-u", "HOME", "-u", "USER", "-u", "LOGNAME")
NOT_SHOWN = re.compile(r"Traceback|Warning|leaked|resource_tracker")
YEAR = 365.25 * 86400


def can_be_a_stranger() -> bool:
    """True where this user may make a user namespace, and Python can be read by its strangers."""
    if shutil.which("unshare") is None:
        return False
    command = [*STRANGER, sys.executable, "-c", "import smv_ai"]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


@dataclass
class Place:
    """Where a build runs, and how."""

    folder: Path
    environment: dict[str, str]
    prefix: tuple[str, ...] = ()
    options: dict = field(default_factory=dict)
    undo: list[Callable[[], object]] = field(default_factory=list)

    @property
    def releases(self) -> Path:
        return Path(self.environment["SMV_AI_RELEASE_DIR"])

    def named(self, **folders: str) -> None:
        """Move releases or project to a folder of another name."""
        for variable, name in folders.items():
            key = f"SMV_AI_{variable.upper()}_DIR"
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if Path(self.environment[key]).exists():
                os.rename(self.environment[key], target)
            self.environment[key] = str(target)

    def protected(self, path: Path, mode: int) -> None:
        """Change the rights of a path until the fault is over, and build without root's rights."""
        path.mkdir(parents=True, exist_ok=True) if not path.exists() else None
        before = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        self.undo.append(lambda: path.chmod(before))
        self.as_stranger()

    def as_stranger(self, **unused: object) -> None:
        if not can_be_a_stranger():
            pytest.skip("this user may not make a user namespace")
        self.prefix = STRANGER

    def with_limit(self, kind: int, most: int) -> None:
        self.options["preexec_fn"] = lambda: resource.setrlimit(kind, (most, most))

    def small_disk(self, path: Path, size: str, *options: str) -> None:
        """A file system of its own until the fault is over."""
        path.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", *options]), "tmpfs", str(path)]
        if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("this user may not mount a file system (tmpfs)")
        self.undo.append(lambda: subprocess.run(["umount", "--lazy", str(path)], check=True))

    def mend(self) -> None:
        """Take the fault away."""
        while self.undo:
            self.undo.pop()()

    def build(self, prepared: Path, *options: str) -> subprocess.CompletedProcess[str]:
        command = [*self.prefix, sys.executable, str(DRIVER), str(prepared), "0", *options]
        given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | self.options
        return subprocess.run(command, env=self.environment, text=True, check=False, timeout=PATIENCE, **given)


def release_named(name: str) -> Callable[[Place], None]:
    return lambda place: place.named(release=name)


def project_named(name: str) -> Callable[[Place], None]:
    return lambda place: place.named(project=name)


def clock(seconds: float) -> Callable[[Place], None]:
    return lambda place: place.environment.update(SMV_AI_TEST_CLOCK=str(seconds))


def setting(**variables: str) -> Callable[[Place], None]:
    return lambda place: place.environment.update(variables)


def option(**options: object) -> Callable[[Place], None]:
    return lambda place: place.options.update(options)


def limit(kind: int, most: int) -> Callable[[Place], None]:
    return lambda place: place.with_limit(kind, most)


def another_file_system(place: Place) -> None:
    place.small_disk(place.folder / "other", "200m")
    place.environment["SMV_AI_RELEASE_DIR"] = str(place.folder / "other" / "release")


def read_only_file_system(place: Place) -> None:
    place.small_disk(place.folder / "other", "1m", "ro")
    place.environment["SMV_AI_RELEASE_DIR"] = str(place.folder / "other" / "release")


def linked(place: Place) -> None:
    (place.folder / "elsewhere").mkdir()
    (place.folder / "link").symlink_to("elsewhere")
    place.environment["SMV_AI_RELEASE_DIR"] = str(place.folder / "link")


def build_folder(place: Place) -> Path:
    return Path(place.environment["SMV_AI_PROJECT_DIR"]) / "target" / "build"


WORKS, REFUSED = (ExitCode.DONE,), (ExitCode.ENVIRONMENT,)
# By what is wrong: how it is made, the codes that a build may end with, and a word of what it says where it refuses.
FAULTS: dict[str, tuple[Callable[[Place], None], tuple[ExitCode, ...], str]] = {
    "releases with a space, an apostrophe and Danish letters": (release_named("æ ø'å \"x\" 'release"), WORKS, ""),
    "releases in a folder with a question mark": (release_named("what?/release"), REFUSED, "question mark"),
    "releases with signs of addresses": (release_named("re#lea%41se&;$HOME"), WORKS, ""),
    "releases with signs of patterns": (release_named("[re]{lea}*se"), WORKS, ""),
    "releases with a line break": (release_named("re\nlease"), WORKS, ""),
    "releases with a backslash": (release_named("re\\lease"), REFUSED, "a backslash"),
    "releases in other scripts": (release_named("udgaver 发布 إصدار 🗃️"), WORKS, ""),
    "releases in no encoding": (release_named(os.fsdecode(b"re\xff\xfelease")), REFUSED, "no UTF-8"),
    "releases whose name looks like an option": (release_named("-x --y"), WORKS, ""),
    "releases deep down": (release_named("/".join(["d" * 100] * 12)), WORKS, ""),
    "releases deeper than the system allows": (release_named("e" * 300), REFUSED, "too long"),
    "project with a space, an apostrophe and Danish letters": (project_named("d'æ \"ø\" å"), WORKS, ""),
    "project in a folder with a question mark": (project_named("what?/project"), REFUSED, "question mark"),
    "project with signs of addresses and patterns": (project_named("a#b%41&[x]{y}*"), WORKS, ""),
    "releases behind a link": (linked, WORKS, ""),
    "releases on another file system": (another_file_system, WORKS, ""),
    "releases on a file system that is read only": (read_only_file_system, REFUSED, "Read-only file system"),
    "folder of releases may not be written": (
        lambda place: place.protected(place.releases, 0o555), REFUSED, "Permission denied",
    ),
    "folder of releases may not be entered": (
        lambda place: place.protected(place.releases, 0o000), REFUSED, "Permission denied",
    ),
    "build folder may not be written": (
        lambda place: place.protected(build_folder(place), 0o555), REFUSED, "Permission denied",
    ),
    "project may not be written": (
        lambda place: place.protected(Path(place.environment["SMV_AI_PROJECT_DIR"]), 0o555), REFUSED, "Permission",
    ),
    "a user without name and home": (Place.as_stranger, WORKS, ""),
    "umask 077": (option(umask=0o077), WORKS, ""),
    "umask 777": (option(umask=0o777), (*WORKS, *REFUSED), ""),
    "no folder for what is temporary": (setting(TMPDIR="/nonexistent/x"), WORKS, ""),
    "no temporary folder in reach": (limit(resource.RLIMIT_FSIZE, 4096), REFUSED, "File too large"),
    "few open files": (limit(resource.RLIMIT_NOFILE, 12), (*WORKS, *REFUSED), "Too many open files"),
    "little memory": (limit(resource.RLIMIT_AS, 600 * 2**20), (*WORKS, *REFUSED), "emory"),
    "clock an hour back": (clock(-3600), WORKS, ""),
    "clock at the beginning of time": (clock(-56 * YEAR), WORKS, ""),
    "clock a century ahead": (clock(100 * YEAR), WORKS, ""),
    "a time zone that is none": (setting(TZ="Nowhere/At_All"), WORKS, ""),
    "a time zone a day ahead": (setting(TZ="Pacific/Kiritimati"), WORKS, ""),
    "a plain locale": (setting(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"), WORKS, ""),
    "a terminal without Danish letters": (setting(PYTHONIOENCODING="ascii"), WORKS, ""),
    "nowhere to print to": (option(stdout=None), WORKS, ""),
}  # fmt: skip


@pytest.fixture
def place(workspace: dict[str, str], tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path, dict(workspace))
    try:
        yield made
    finally:
        made.mend()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_machine_works_or_is_a_sentence(fault: str, prepared: Path, place: Place) -> None:
    make, codes, said = FAULTS[fault]
    before = None
    if not fault.startswith(("releases", "project")):  # those move
        assert run_prepared(prepared, place.environment).returncode == ExitCode.DONE
        before = current_release(place.releases)
    make(place)
    if place.options.get("stdout", 0) is None:
        with open("/dev/full", "w") as full:
            place.options["stdout"] = full
            done = place.build(prepared, "--force", "--quiet")
    else:
        done = place.build(prepared, "--force")
    assert done.returncode in codes, done.stderr
    assert NOT_SHOWN.search((done.stdout or "") + done.stderr) is None, done.stderr
    if done.returncode != ExitCode.DONE:
        assert done.stderr.count("smv-ai: ") == 1 and said.casefold() in done.stderr.casefold(), done.stderr
    if codes == REFUSED:
        place.mend()
    if before is not None and done.returncode != ExitCode.DONE:
        assert current_release(place.releases) == before
    if done.returncode == ExitCode.DONE:
        place.prefix = ()
        now = current_release(place.releases)
        assert problems_of(now) == []
        assert before is None or now.release_id > before.release_id
        asked = "select count(*) > 100 as ok from mart_adoption"
        answered = smv_ai(place.environment, "sql", "--no-limit", "--format", "csv", asked)
        assert answered.stdout.endswith("True\n"), answered.stderr
        if fault.startswith("umask"):
            folders = [now.path, *(path for path in now.path.rglob("*") if path.is_dir())]
            assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o755}
            assert {stat.S_IMODE(path.stat().st_mode) for path in now.path.rglob("*") if path.is_file()} == {0o444}


def test_a_user_without_a_home_is_asked_for_the_key_and_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for variable in ("XDG_CONFIG_HOME", "SMV_AI_RESPONDENT_KEY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", "/somewhere")
    with monkeypatch.context() as without:
        without.setattr(Path, "home", nowhere)
        environment.give_a_home()
    assert os.environ["HOME"] == environment.NO_HOME
    environment.check_environment()
    with pytest.raises(SystemStateError, match="name a file for it: SMV_AI_RESPONDENT_KEY"):
        respondent_key_file()
    monkeypatch.setenv("SMV_AI_RESPONDENT_KEY", "/elsewhere/key")
    assert respondent_key_file() == Path("/elsewhere/key")


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", "")
    assert release_dir() == environment.PROJECT_DIR / "release"


def test_a_project_that_is_none_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemStateError, match="There is no project at"):
        check_project(tmp_path)
    monkeypatch.setattr(dbt, "PROJECT_DIR", tmp_path)
    with pytest.raises(BadInputError, match="There is no dbt_project.yml in"):
        dbt.build(tmp_path / "x.duckdb", Progress(lambda _: None, on_terminal=False), None)


def test_what_a_terminal_cannot_show_is_shown_by_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path / "\u2192"))
    done = CliRunner(charset="latin-1").invoke(main, ["status"])
    assert done.exit_code == ExitCode.DONE and "\\u2192" in done.output, done.exception


def test_to_look_at_a_folder_writes_nothing_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path))
    assert CliRunner().invoke(main, ["status"]).exit_code == ExitCode.DONE
    assert list(tmp_path.iterdir()) == []


def test_a_query_for_which_there_is_no_room_is_the_machines_doing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = small_release(tmp_path, "20260101T000000Z") / "smv_ai.duckdb"
    monkeypatch.setattr(sandbox.sys, "executable", "/bin/true")  # its process ends before it has begun
    with pytest.raises(SystemStateError, match="could not be started"):
        run_query(database, "select 1", "table")


@pytest.mark.parametrize(("who", "of_folders", "of_files"), [("group", 0o750, 0o440), ("owner", 0o700, 0o400)])
def test_a_setting_says_who_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str, of_folders: int, of_files: int
) -> None:
    monkeypatch.setenv("SMV_AI_READERS", who)
    folder = publish(small_release(tmp_path, ".staging-x"), tmp_path, "20260101T000000Z")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "parquet")} == {of_folders}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {of_files}
    history.append(tmp_path, history.new_run("build"))
    assert stat.S_IMODE((tmp_path / history.HISTORY_NAME).stat().st_mode) == of_files | stat.S_IWUSR
    monkeypatch.setenv("SMV_AI_READERS", "nobody")
    with pytest.raises(SystemStateError, match="allowed: all, group, owner"):
        environment.check_environment()
