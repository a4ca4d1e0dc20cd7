"""Write the codebook of a survey wave into a folder: every format or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from smv_ai.environment import Kind, release_dir
from smv_ai.metadata.contents import contents_of
from smv_ai.metadata.ddi import as_ddi
from smv_ai.metadata.edition import Edition
from smv_ai.metadata.figures import figures_of
from smv_ai.metadata.page import as_page
from smv_ai.metadata.plain_page import as_markdown
from smv_ai.metadata.words import Words
from smv_ai.releases.folder import find_release, release_names
from smv_ai.tabulation.command import write_files
from smv_ai.tabulation.source import Source, released

WRITERS: dict[str, Callable[[Edition], bytes]] = {
    "html": as_page,
    "md": as_markdown,
    "ddi": lambda edition: as_ddi(edition.contents, edition.figures),
}
# DDI holds both languages, and its files are XML.
NAMES = {"ddi": "{stem}_ddi.xml"}


def edition_of(project: Path, survey_wave: str, language: str, source: Source | None, why_none: str = "") -> Edition:
    """The codebook in a language, with the figures of the source where it has any of the wave.

    `why_none`: why there is no source. Raises BadInputError where there is no such survey file, or it is wrong.
    """
    contents, words = contents_of(project, survey_wave), Words(language)
    figures = figures_of(source, contents.wave, language) if source else None
    if source is not None and figures is not None and not figures.shares and not figures.respondents:
        figures, why_none = None, words("none_of_wave", release=source.cited_as)
    return Edition(contents, figures, why_none, language)


def write(
    project: Path,
    survey_wave: str,
    language: str,
    formats: Sequence[str],
    folder: Path,
    *,
    replace: bool = False,
    release_id: str | None = None,
    kind: Kind = Kind.WAREHOUSE,
    has_figures: bool = True,
) -> list[Path]:
    """Write the codebook with the figures of a release; without them before there is any, or where none are wanted.

    Raises as `edition_of` and `write_codebook`, and NoReleaseError where the release that is named is not there.
    """
    words = Words(language)
    if not has_figures or (release_id is None and not release_names(release_dir(kind))):
        edition = edition_of(
            project, survey_wave, language, None, words["not_wanted" if not has_figures else "no_release"]
        )
        return write_codebook(edition, formats, folder, replace=replace)
    with released(find_release(release_id, kind=kind)) as source:
        edition = edition_of(project, survey_wave, language, source)
        return write_codebook(edition, formats, folder, replace=replace)


def write_codebook(edition: Edition, formats: Sequence[str], folder: Path, *, replace: bool = False) -> list[Path]:
    """Write the codebook in the formats (keys of WRITERS); returns the files.

    Raises BadInputError where a file stands there already and is not to be replaced, SystemStateError where the folder
    cannot be written. Then nothing has been written.
    """
    is_demonstration = edition.figures is not None and edition.figures.is_demonstration
    stem = "_".join([*(["demonstration"] if is_demonstration else []), edition.contents.wave.wave_id])
    paths = {
        form: folder / NAMES.get(form, f"{{stem}}_{edition.words['codebook']}.{form}").format(stem=stem)
        for form in dict.fromkeys(formats)
    }
    return write_files({path: WRITERS[form](edition) for form, path in paths.items()}, folder, replace=replace)
