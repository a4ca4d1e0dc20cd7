"""Accept the rows of the seeds as they stand: for a person who has compared them with their source."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from smv_ai.errors import BadInputError
from smv_ai.seeds.check import read_seeds
from smv_ai.seeds.lock import Difference, Lock, accepted_rows, differences, read_lock, write_lock


def _words(file: str, found: Difference) -> str:
    cells = "; ".join(f"{column} is now '{value}'" for column, value in found.cells.items())
    return f"{found.kind:<8} {file}, row {found.row} (line {found.row + 1}), {found.key}" + (cells and f": {cells}")


def accept(seeds_dir: Path, only: list[str], *, write: bool) -> list[str]:
    """Accept the seeds named in `only` (all, where it is empty) and write the lock.

    Returns what is accepted, in words for review, and a sum as the last line; nothing is written without `write`.
    Raises BadInputError where a seed breaks a rule or is not there.
    """
    seeds = read_seeds(seeds_dir)
    known = [seed.rules.name for seed in seeds]
    chosen = {Path(name).stem for name in only} or set(known)
    if unknown := chosen.difference(known):
        raise BadInputError(f"no such seed: {', '.join(sorted(unknown))}; there are: {', '.join(sorted(known))}.")
    before, after, lines, counts = read_lock(seeds_dir), Lock(), [], Counter()
    for seed in seeds:
        name, key = seed.rules.name, seed.rules.keys[0]
        after[name] = accepted = before.get(name, {})
        if name in chosen:
            found = list(differences(key, seed.rows, accepted))
            lines += [_words(seed.file, difference) for difference in found]
            counts.update(difference.kind for difference in found)
            after[name] = accepted_rows(seed.rows, key)
    if write:
        write_lock(seeds_dir, after)
    total = ", ".join(f"{counts[kind]} {kind}" for kind in ("changed", "new", "removed"))
    state = f"{sum(map(len, after.values()))} rows are accepted" if write else "nothing is written"
    return [*lines, f"{total}; {state}"]
