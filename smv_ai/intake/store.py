"""What a load leaves behind, and how it takes the place of the one before: whole, or not at all.

    intake/<wave>/<load>/       certificate.json, rows.parquet, spellings.parquet, kept_rows.parquet, responses.parquet
    responses/survey_id=…/survey_wave_id=…/responses.parquet

A load is written to a hidden folder, takes its name, and last its responses are put in their place by one renaming,
which
is the moment of the switch. Killed before, the old state holds, and the next command removes what is left over. The
current
load is the one whose responses lie in place: nothing else says so, so nothing can say otherwise.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
from filelock import FileLock, Timeout

from smv_ai.environment import respondent_key_file
from smv_ai.errors import BadInputError, LockedError, SystemStateError
from smv_ai.intake.reading.files import sha256_of
from smv_ai.settings import ELSEWHERE, variables_of

FOLDER = "intake"
RESPONSES = "responses.parquet"
CERTIFICATE = "certificate.json"
UNFINISHED = ".unfinished-"
SWITCHED = "switched"
UNDONE = "undone.jsonl"
KEY_BYTES = 32


def private_folder(project: Path, wave: str) -> Path:
    """The private folder of a wave's loads."""
    return project / FOLDER / wave


def responses_file(project: Path, survey: str, wave: str) -> Path:
    """Where the build reads the responses of a wave that was loaded. Raises BadInputError for an object store."""
    root = str(variables_of(project).get("responses_path", "responses"))
    if ELSEWHERE in root:
        raise BadInputError(
            f"responses_path '{root}' is no folder of this machine; load into a folder and copy it there."
        )
    return project / root / f"survey_id={survey}" / f"survey_wave_id={wave}" / RESPONSES


@dataclass(frozen=True)
class Load:
    """A load as its certificate tells it."""

    load_id: str
    folder: Path
    said: dict[str, Any]

    @property
    def is_whole(self) -> bool:
        """Whether its responses are there to go back to."""
        return (self.folder / RESPONSES).is_file()


def loads_of(project: Path, wave: str) -> list[Load]:
    """The loads of a wave, the oldest first."""
    found = []
    for path in sorted(private_folder(project, wave).glob(f"*/{CERTIFICATE}")):
        if not path.parent.name.startswith("."):
            found.append(Load(path.parent.name, path.parent, json.loads(path.read_text(encoding="utf-8"))))
    return found


def current(project: Path, survey: str, wave: str) -> Load | None:
    """The load whose responses lie in place; None where there are none, or they came in another way."""
    path = responses_file(project, survey, wave)
    if not path.is_file():
        return None
    checksum = sha256_of(path)
    # two loads may have given the same responses; one that was undone has lost its own
    loads = [load for load in reversed(loads_of(project, wave)) if load.is_whole]
    return next((load for load in loads if load.said["responses_sha256"] == checksum), None)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(stat.S_IRWXU)
    except OSError as error:
        raise SystemStateError(f"Cannot write in {folder}: {error}. Nothing was loaded.") from error


def _durable(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def clear_unfinished(project: Path, survey: str, wave: str) -> None:
    """Remove what a killed load left; for whoever holds the lock."""
    for path in private_folder(project, wave).glob(f"{UNFINISHED}*"):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
    now = current(project, survey, wave)
    for load in loads_of(project, wave):
        if now is not None and load.load_id == now.load_id:
            (load.folder / SWITCHED).touch()
        elif not (load.folder / SWITCHED).exists():
            shutil.rmtree(load.folder, ignore_errors=True)
    _finish_undoing(project, wave, now)


@contextlib.contextmanager
def only_loader(project: Path, survey: str, wave: str, wait_seconds: float = 0) -> Generator[None]:
    """One load of a wave at a time; what a killed one left is cleared first. Raises LockedError, SystemStateError."""
    folder = private_folder(project, wave)
    _make(project / FOLDER)
    _make(folder)
    try:
        with FileLock(folder / ".lock", timeout=wait_seconds):
            clear_unfinished(project, survey, wave)
            yield
    except Timeout as error:
        raise LockedError(
            f"Another load of {wave} is running. Nothing was loaded; try again, or use --wait."
        ) from error


def settle(project: Path, survey: str, wave: str) -> None:
    """Finish, or clear away, what a killed load or unload left; nothing where another one is at work."""
    if private_folder(project, wave).is_dir():
        with contextlib.suppress(LockedError), only_loader(project, survey, wave):
            pass


def write_load(
    project: Path, survey: str, wave: str, responses: pa.Table, private: dict[str, pa.Table], said: dict[str, Any]
) -> Load:
    """Write a load and put its responses in place. Raises SystemStateError; the load before then still holds."""
    target = responses_file(project, survey, wave)
    parent = private_folder(project, wave)
    _make(project / FOLDER)
    _make(parent)
    moment = datetime.now(UTC)
    load_id = f"{moment:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(3)}"
    unfinished = parent / f"{UNFINISHED}{load_id}"
    try:
        _make(unfinished)
        parquet.write_table(responses, unfinished / RESPONSES, compression="zstd", row_group_size=131_072)
        for name, table in private.items():
            parquet.write_table(table, unfinished / name, compression="zstd")
        said = {"load_id": load_id, "loaded_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}"} | said
        said["responses_sha256"] = sha256_of(unfinished / RESPONSES)
        (unfinished / CERTIFICATE).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        for path in unfinished.iterdir():
            path.chmod(stat.S_IRUSR | stat.S_IWUSR)
            _durable(path)
        unfinished.rename(parent / load_id)
        _put_in_place(parent / load_id / RESPONSES, target, parent)
        (parent / load_id / SWITCHED).touch()
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise SystemStateError(f"The load could not be written ({error}); the former state is untouched.") from error
    return Load(load_id, parent / load_id, said)


def _put_in_place(made: Path, target: Path, private: Path) -> None:
    """Put a copy of the responses in their place, with the folders that are missing, by one renaming."""
    staged = private / f"{UNFINISHED}{secrets.token_hex(4)}"
    # folders are made together with what is in them: a build never meets an empty one
    missing = [folder for folder in (target.parent.parent, target.parent) if not folder.is_dir()]
    inside = Path(*(folder.name for folder in missing), target.name)
    try:
        (staged / inside).parent.mkdir(parents=True)
        shutil.copyfile(made, staged / inside)
        _durable(staged / inside)
        place = missing[0] if missing else target
        place.parent.mkdir(parents=True, exist_ok=True)
        (staged / inside.parts[0]).rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        raise SystemStateError(
            f"{private} and {target.parent} lie on different disks, so that one renaming cannot switch; link one of"
            f" them."
        ) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _take_out(target: Path, private: Path) -> None:
    """Take the responses out of their place, with the folders that would be empty, by one renaming."""
    wave_folder, survey_folder = target.parent, target.parent.parent
    place = target
    if [path.name for path in wave_folder.iterdir()] == [target.name]:
        place = wave_folder
        if [path.name for path in survey_folder.iterdir()] == [wave_folder.name]:
            place = survey_folder
    away = private / f"{UNFINISHED}{secrets.token_hex(4)}"
    place.rename(away)
    shutil.rmtree(away, ignore_errors=True) if away.is_dir() else away.unlink()


def take_back(project: Path, survey: str, wave: str) -> tuple[Load, Load | None]:
    """Undo the current load: the one before takes its place, or nothing. Returns both.

    Raises BadInputError where no load is current.
    """
    now = current(project, survey, wave)
    if now is None:
        raise BadInputError(f"wave {wave} has no load that could be undone; see {FOLDER}/{wave}/.")
    earlier = [load for load in loads_of(project, wave) if load.load_id < now.load_id and load.is_whole]
    target = responses_file(project, survey, wave)
    before = earlier[-1] if earlier else None
    note = {
        "load_id": now.load_id,
        "undone_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "rows": now.said["counts"]["loaded"],
    }
    # said before it is done: whoever is killed in between leaves what the next command finishes, or takes back
    _write_notes(project, wave, [*_notes(project, wave), note])
    if before is not None:
        _put_in_place(before.folder / RESPONSES, target, private_folder(project, wave))
    else:
        _take_out(target, private_folder(project, wave))
    _remove_answers(now)
    return now, before


def _notes(project: Path, wave: str) -> list[dict[str, Any]]:
    """What was undone, the oldest first."""
    path = private_folder(project, wave) / UNDONE
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def _write_notes(project: Path, wave: str, notes: list[dict[str, Any]]) -> None:
    path = private_folder(project, wave) / UNDONE
    written = path.with_name(f"{UNFINISHED}{secrets.token_hex(4)}")
    written.write_text("".join(json.dumps(note) + "\n" for note in notes), encoding="utf-8")
    written.replace(path)


def _remove_answers(load: Load) -> None:
    """The answers of a load that was undone are not kept; what was loaded when stays on record."""
    for path in load.folder.iterdir():
        if path.name not in (CERTIFICATE, SWITCHED):
            path.unlink()


def _finish_undoing(project: Path, wave: str, now: Load | None) -> None:
    """After an `unload` that was killed: nothing was undone where the load is still in place, else it is finished."""
    notes = _notes(project, wave)
    kept = [note for note in notes if now is None or note["load_id"] != now.load_id]
    if kept != notes:
        _write_notes(project, wave, kept)
    undone = {note["load_id"] for note in kept}
    for load in loads_of(project, wave):
        if load.load_id in undone:
            _remove_answers(load)


# --- respondents


def respondent_key() -> tuple[bytes, Path, bool]:
    """The key of the respondents' hashes, where it lies, and whether it was made just now.

    It lies outside the project: who has the responses alone cannot find out whose they are. Raises SystemStateError.
    """
    path = respondent_key_file()
    try:
        if path.is_file():
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
            if len(key) < KEY_BYTES:
                raise ValueError("too short")
            return key, path, False
        path.parent.mkdir(parents=True, exist_ok=True)
        key = secrets.token_bytes(KEY_BYTES)
        # whole or not at all, and never in place of another: a key that is lost cannot be made again
        written = path.with_name(f"{UNFINISHED}{secrets.token_hex(4)}")
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key.hex() + "\n")
        _durable(written)
        try:
            os.link(written, path)
        finally:
            written.unlink()
    except (OSError, ValueError) as error:
        raise SystemStateError(
            f"The key of respondents cannot be used ({error}): {path}. Put it back, or name another file in"
            f" SMV_AI_RESPONDENT_KEY."
        ) from error
    return key, path, True


def hashed(names: list[str], key: bytes) -> list[str]:
    """Keyed hashes of respondents (BLAKE2b with a key, 128 bits, RFC 7693), 32 hexadecimal digits each."""
    return [hashlib.blake2b(name.encode(), key=key[:64], digest_size=16).hexdigest() for name in names]
