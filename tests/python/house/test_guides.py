"""The guides are true: every recipe prints what stands under it, and every file that deploys is valid."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml
from support.project import PROJECT

from smv_ai.reader import Kind, current_release
from smv_ai.sql.query import run_query
from tools.recipes import GUIDE, recipes

RECIPES = recipes(GUIDE.read_text(encoding="utf-8"))
DEPLOY = PROJECT / "deploy"


def test_there_are_at_least_fifteen_recipes_and_no_query_without_result():
    assert len(RECIPES) >= 15
    assert GUIDE.read_text(encoding="utf-8").count("```sql") == len(RECIPES)


@pytest.mark.parametrize("number", range(len(RECIPES)))
def test_a_recipe_prints_what_the_guide_shows(number, request):
    sql, printed, kind = RECIPES[number]
    folder = request.getfixturevalue("release_dir" if kind is Kind.WAREHOUSE else "demo_dir")
    result = run_query(current_release(folder, kind).database, sql, "table")
    assert len(result.splitlines()) > 2, "a recipe without a row teaches nothing"
    assert result + "\n" == printed, f"{sql}\nrun `make warehouse demo recipes`"


def test_the_units_pass_systemd():
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    units = [str(DEPLOY / name) for name in ("smv-ai-build.service", "smv-ai-build.timer", "smv-ai-app@.service")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_schedulers_take_an_unchanged_night_for_a_good_one():
    assert "SuccessExitStatus=10" in (DEPLOY / "smv-ai-build.service").read_text(encoding="utf-8")
    assert "[ $? -eq 10 ]" in (DEPLOY / "crontab").read_text(encoding="utf-8")
    assert "[ $$? -eq 10 ]" in (PROJECT / "Makefile").read_text(encoding="utf-8")
    workflow = yaml.safe_load((DEPLOY / "github-actions.yml").read_text(encoding="utf-8"))
    steps = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    assert "make test" in steps and "make warehouse" in steps


def test_code_in_the_guides_compiles():
    for page in (PROJECT / "docs").glob("*.md"):
        for code in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            compile(code, page.name, "exec")


def test_links_between_the_guides_lead_somewhere():
    for page in [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
