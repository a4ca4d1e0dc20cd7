"""Which kind a release, a folder or a build is of, and the refusal to mix them: decided here and nowhere else.

Only the standard library: `smv-ai status` must answer at once.
"""

from __future__ import annotations

from pathlib import Path

from smv_ai.environment import RELEASE_FOLDERS, Kind, release_dir
from smv_ai.errors import BadInputError, OtherKindError
from smv_ai.releases.facts import Facts

MADE_UP, REAL = "synthetic", "estimated"
# What a build of a kind must not hold, as a value of evidence_type.
FORBIDDEN = {Kind.WAREHOUSE: MADE_UP, Kind.DEMONSTRATION: REAL}
MAKE = {Kind.WAREHOUSE: "make warehouse", Kind.DEMONSTRATION: "make demo"}
APP = {Kind.WAREHOUSE: "make app", Kind.DEMONSTRATION: "make demo-app"}


def kind_of(facts: Facts) -> Kind | None:
    """The kind that a release says it is of; None where it was made with both kinds of rows, before they parted."""
    if facts["kind"] is not None:
        return Kind(facts["kind"]) if facts["kind"] in list(Kind) else None
    return None if facts["settings"].get("demo", facts["rows"].get("fct_estimates")) else Kind.WAREHOUSE


def refuse_other_kind(path: Path, facts: Facts, kind: Kind) -> None:
    """Raise OtherKindError with the way out where the release in a folder is not to be opened as one of this kind."""
    found = kind_of(facts)
    if found is kind:
        return
    if found is None:
        raise OtherKindError(
            f"The release at {path} was made when made-up demonstration rows stood among the published ones; it is not "
            f"opened. Run `{MAKE[kind]}` for a release without that mixture.", kind,
        )  # fmt: skip
    flag = "`--demo`, or `make demo-app` for the app" if found is Kind.DEMONSTRATION else "no `--demo`"
    raise OtherKindError(
        f"The release at {path} is a {found}, not a {kind}; it is not opened as one. To see it use {flag}; "
        f"`{MAKE[kind]}` makes a {kind}, and {RELEASE_FOLDERS[kind][0]} says where it lies.", kind,
    )  # fmt: skip


def refuse_folder(releases: Path, kind: Kind) -> None:
    """Raise BadInputError where a build of this kind must not write to the folder: it is, or holds, the other kind's.

    A warehouse may follow releases that were made before the kinds were parted; a demonstration may not.
    """
    from smv_ai.releases.folder import facts_or_none, release_names  # it asks this module about each release

    way_out = f"Nothing was built. {RELEASE_FOLDERS[kind][0]} says where a {kind} is written."
    if releases.resolve() == release_dir(kind.other).resolve():
        raise BadInputError(
            f"{releases} is the folder of the other kind, {kind.other}; a {kind} is kept apart. {way_out}"
        )
    for name in release_names(releases):
        facts = facts_or_none(releases / name)
        found = kind if facts is None else kind_of(facts)
        if found is kind.other or (found is None and kind is Kind.DEMONSTRATION):
            said = "holds real figures" if found is None else f"is a {found}"
            raise BadInputError(f"{releases} holds release {name}, which {said}; a {kind} is kept apart. {way_out}")


def foreign_rows(kind: Kind, rows: dict[str, dict[str, int]]) -> list[str]:
    """A line for each table with rows that a release of this kind must not hold; `rows`: by table and evidence_type."""
    evidence = FORBIDDEN[kind]
    return [
        f"table {table}: {found[evidence]} rows with evidence_type '{evidence}'"
        for table, found in sorted(rows.items())
        if found.get(evidence)
    ]


def refuse_rows(kind: Kind, rows: dict[str, dict[str, int]], misplaced: list[str]) -> None:
    """Raise BadInputError where what was built is not of its kind: the rows decide, whatever the options said.

    `rows`: by table and evidence_type, how many; `misplaced`: what the rules found of demonstration respondents among
    real ones, which a setting may have let pass.
    """
    faults = [*foreign_rows(kind, rows), *misplaced]
    if kind is Kind.DEMONSTRATION and not any(found.get(MADE_UP) for found in rows.values()):
        faults.append(f"no table has rows with evidence_type '{MADE_UP}': are there plans in demo/?")
    if faults:
        raise BadInputError("\n".join([f"what was built is no {kind}; nothing was released.", *faults]))
