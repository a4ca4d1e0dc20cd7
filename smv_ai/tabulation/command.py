"""Write the tables of a survey wave into a folder: every format or none, and nothing that stands there unless told."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from smv_ai.errors import BadInputError, SystemStateError
from smv_ai.tabulation.edition import Edition, edition_of
from smv_ai.tabulation.markdown import as_markdown
from smv_ai.tabulation.source import Source
from smv_ai.tabulation.tidy import as_csv
from smv_ai.tabulation.workbook import workbook

OWNER_ALONE, FOR_ALL = 0o600, 0o666  # less what the umask takes
FOLDER_OF_OWNER, FOLDER_FOR_ALL = 0o700, 0o777
WRITERS: dict[str, Callable[[Edition], bytes]] = {
    "xlsx": workbook,
    "csv": as_csv,
    "md": lambda edition: as_markdown(edition).encode(),
}


def write_tables(
    source: Source, wave_id: str, language: str, formats: Sequence[str], folder: Path, *, replace: bool = False
) -> list[Path]:
    """Write the tables in the formats (keys of WRITERS) into the folder, which is made; returns the files.

    Raises BadInputError where the source has no estimates of the wave or a file stands there already and is not to be
    replaced, SystemStateError where the folder cannot be written. Then nothing has been written.
    """
    edition = edition_of(source, wave_id, language)
    targets = {form: folder / f"{edition.stem}.{form}" for form in dict.fromkeys(formats)}
    refuse_taken(targets.values(), replace=replace)
    contents = {path: WRITERS[form](edition) for form, path in targets.items()}
    return write_files(contents, folder, is_private=edition.is_private, replace=replace)


def refuse_taken(paths: Iterable[Path], *, replace: bool) -> None:
    """Raise BadInputError where a file stands there already and is not to be replaced."""
    taken = [str(path) for path in paths if os.path.lexists(path)]
    if taken and not replace:
        raise BadInputError(
            f"There is already {', '.join(taken)}; add --force to replace, or --out for another folder."
        )


def write_files(
    contents: dict[Path, bytes], folder: Path, *, is_private: bool = False, replace: bool = False
) -> list[Path]:
    """Write all files into the folder, which is made, or none; returns them. Raises as `write_tables` does.

    What is private only its owner reads.
    """
    refuse_taken(contents, replace=replace)
    mode, mode_of_folder = (OWNER_ALONE, FOLDER_OF_OWNER) if is_private else (FOR_ALL, FOLDER_FOR_ALL)
    try:
        folder.mkdir(mode_of_folder, parents=True, exist_ok=True)
        _write_all(contents, mode)
    except OSError as error:
        raise SystemStateError(
            f"Nothing can be written to {folder} ({error.strerror}); choose another folder by --out."
        ) from error
    return list(contents)


def _write_all(contents: dict[Path, bytes], mode: int) -> None:
    """Each file under another name first, then all under their own: half a file never stands there."""
    written: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            written[path] = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            written[path].touch(mode)
            written[path].write_bytes(content)
        for path, beside in written.items():
            os.replace(beside, path)
    finally:
        for beside in written.values():
            beside.unlink(missing_ok=True)
