"""The command smv-ai.

Exit codes: 0 done, 1 internal error, 2 bad input, 3 model or test failed, 4 audit refused, 5 disk or permissions.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from smv_ai import __version__
from smv_ai.errors import SmvAiError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """The warehouse on AI in Danish small and medium-sized firms."""


def _fail(error: SmvAiError) -> None:
    click.echo(f"smv-ai: {error}", err=True)
    sys.exit(error.exit_code)


@main.command()
def build() -> None:
    """Check the seeds, build, audit and release; then print the headline figures."""
    from smv_ai.build import build_release
    from smv_ai.headlines import headlines
    from smv_ai.reader import current_release

    try:
        folder: Path = build_release(click.echo)
    except SmvAiError as error:
        _fail(error)
    click.echo(headlines(current_release(folder.parent)))


@main.command()
def check() -> None:
    """Check the seed files only: a fraction of a second, for use while editing."""
    from smv_ai.paths import PROJECT_DIR
    from smv_ai.seed_check import check_seeds

    try:
        check_seeds(PROJECT_DIR / "seeds")
    except SmvAiError as error:
        _fail(error)
    click.echo("seeds: every rule met")


@main.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def golden(folder: Path | None) -> None:
    """Run estimation cases with known answers (FOLDER, GOLDEN_DIR or tests/golden) through the models and compare."""
    from smv_ai.golden import main as run_golden

    sys.exit(run_golden([str(folder)] if folder else []))


if __name__ == "__main__":
    main()
