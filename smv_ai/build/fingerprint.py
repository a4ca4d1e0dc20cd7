"""What a release depends on, as one digest: where it is that of the current release, a build has nothing to do.

Files go by their content, never by their time. Large files, such as responses, are read again only where the file
system says that they may have changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from smv_ai.environment import PROJECT_DIR, Kind
from smv_ai.settings import ELSEWHERE, variables_of

# Everything in the project that a build reads, apart from responses: files, and folders with all below them.
INPUTS = (
    "dbt_project.yml", "profiles.yml", "seeds", "models", "macros", "tests/dbt", "expectations", "surveys", "panels",
    "official", "demo",
)  # fmt: skip
PACKAGE = Path(__file__).resolve().parents[2]
# A file of this size or more is read again only where size, times or place on the disk differ.
LARGE_BYTES = 1_000_000
# Settings of dbt that come with the environment may change what it builds; ours say where, not what.
SETTINGS = ("DBT_",)
PROJECT_FILES = "project"
LEFT_OUT = ("__pycache__", ".DS_Store")

# SHA-256 by the name of what it is of.
Inputs = dict[str, str]


def _files_below(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for folder, folders, names in os.walk(path, followlinks=True):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        yield from (Path(folder) / name for name in names if name not in LEFT_OUT)


def _installed() -> list[str]:
    """Python and the installed distributions with their versions: the names of their metadata folders."""
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    names = {found.name for library in libraries for found in Path(library).glob("*.dist-info")}
    return [sys.version, *sorted(names)]


class Digests:
    """SHA-256 of files; those of large files are kept in `kept`, a file that may be missing or damaged."""

    def __init__(self, kept: Path) -> None:
        self.kept = kept
        self.known = self._read()
        self.seen: dict[str, list[Any]] = {}

    def _read(self) -> dict[str, list[Any]]:
        try:
            found = json.loads(self.kept.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def of(self, path: Path) -> str:
        """The digest of a file; a link that leads nowhere has none and is told apart from an empty file."""
        if not path.exists():
            return "missing"
        state = path.stat()
        if state.st_size < LARGE_BYTES:
            return hashlib.sha256(path.read_bytes()).hexdigest()
        # a change of content changes ctime, which no program can set
        mark = [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]
        name = str(path.resolve())
        known = self.known.get(name)
        if isinstance(known, list) and known[:-1] == mark:
            kept = known
        else:
            with path.open("rb") as handle:
                kept = [*mark, hashlib.file_digest(handle, "sha256").hexdigest()]
        self.seen[name] = kept
        return str(kept[-1])

    def keep(self) -> None:
        """Write what was seen for the next time; where that is not possible the next time takes longer."""
        if self.seen and self.seen != self.known:
            self.kept.parent.mkdir(parents=True, exist_ok=True)
            partial = self.kept.with_suffix(f".{os.getpid()}")
            partial.write_text(json.dumps(self.seen), encoding="utf-8")
            os.replace(partial, self.kept)


def inputs_of(project: Path, data_folders: list[Path], choices: dict[str, object]) -> Inputs:
    """The digest of each thing that a release of the project depends on.

    Files go by their kind and path, as `project/seeds/published/…`; versions, settings and choices by a name alone.
    `data_folders` hold responses and panels; `choices` are what the command line decides. Reads every input file, and
    writes the digests of large ones to target/digests.json.
    """
    digests = Digests(project / "target" / "digests.json")
    found = {}
    roots = {PROJECT_FILES: [project / name for name in INPUTS], "package": [PACKAGE / "smv_ai"], "data": data_folders}
    for kind, paths in roots.items():
        base = {PROJECT_FILES: project, "package": PACKAGE}.get(kind)
        for root in paths:
            for path in _files_below(root):
                name = path.relative_to(base if base is not None else root).as_posix()
                found[f"{kind}/{name}"] = digests.of(path)
    settings = {name: value for name, value in os.environ.items() if name.startswith(SETTINGS)}
    for name, content in {"versions": _installed(), "settings": settings, "choices": choices}.items():
        found[name] = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
    digests.keep()
    return found


def _data_folders() -> list[Path]:
    """Where responses and register panels lie; a setting that is wrong is told by the check that follows."""
    paths = [variables_of(PROJECT_DIR).get(name) for name in ("responses_path", "register_path")]
    return [PROJECT_DIR / path for path in paths if isinstance(path, str)]


def inputs_of_project(kind: Kind) -> Inputs:
    """The digest of all that a release of this kind depends on, as it is now; with the files that only Spark sees."""
    elsewhere: list[Any] = []
    if kind is Kind.WAREHOUSE and ELSEWHERE in str(variables_of(PROJECT_DIR).get("responses_path")):
        from smv_ai.survey.response_files import files_elsewhere  # half a second that most builds do without

        elsewhere += files_elsewhere(PROJECT_DIR)
    return inputs_of(PROJECT_DIR, _data_folders(), {"kind": kind, "elsewhere": elsewhere})


def fingerprint(inputs: Inputs) -> str:
    """SHA-256 over all inputs, as 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
