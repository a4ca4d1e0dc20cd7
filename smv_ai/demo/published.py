"""The printed figures with the ranges their wording leaves open, by the warehouse's own SQL: one reading rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

from smv_ai.settings import variables_of

MODELS = (
    "models/staging/published/stg_published__figures.sql",
    "models/staging/catalogue/stg_catalogue__publications.sql",
    "models/intermediate/figures/int_published_figures_identified.sql",
)
MACROS = "macros/observations"


def _read_yaml(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _renderer(project_dir: Path) -> Callable[[Path], str]:
    """What dbt does with a model, for models without more than macros, `ref` and `var`."""
    variables = variables_of(project_dir)
    dbt: dict[str, Any] = {"ref": lambda name: name, "var": lambda name: variables[name]}
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    macros = "".join(path.read_text(encoding="utf-8") for path in sorted((project_dir / MACROS).glob("*.sql")))
    return lambda path: environment.from_string(macros + path.read_text(encoding="utf-8"), dbt).render()


def _load_seeds(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The seeds of a folder as tables, with the types of its property file."""
    for seed in _read_yaml(folder / f"_{folder.name}.yml")["seeds"]:
        path = folder / f"{seed['name']}.csv"
        connection.execute(
            f"create table {seed['name']} as from read_csv(?, header = true, columns = ?)",
            [str(path), {name: kind.upper() for name, kind in seed["config"]["column_types"].items()}],
        )


def printed_figures(project_dir: Path) -> list[dict[str, Any]]:
    """The rows of int_published_figures_identified, in the order of figure_id."""
    render = _renderer(project_dir)
    with duckdb.connect() as connection:
        for folder in ("published", "catalogue"):
            _load_seeds(connection, project_dir / "seeds" / folder)
        for model in MODELS:
            connection.execute(f"create view {Path(model).stem} as {render(project_dir / model)}")
        found = connection.execute("from int_published_figures_identified order by figure_id")
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
