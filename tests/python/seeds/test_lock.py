"""The lock of accepted rows: an accepted value does not change unnoticed, and adding rows stays adding rows."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import PATIENCE
from support.project import PROJECT
from support.seed_edits import FIGURES, edit

from smv_ai.errors import BadInputError, ExitCode
from smv_ai.releases import status
from smv_ai.seeds.accept import accept
from smv_ai.seeds.check import check_seeds, verdict
from smv_ai.seeds.lock import LOCK_NAME, count_unaccepted

NAME = Path(FIGURES).stem


@pytest.fixture(scope="module")
def accepted_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds with every row accepted."""
    target = Path(shutil.copytree(PROJECT / "seeds", tmp_path_factory.mktemp("accepted") / "seeds"))
    accept(target, [], write=True)
    return target


@pytest.fixture
def seeds(accepted_seeds: Path, tmp_path: Path) -> Path:
    """A copy of them."""
    return Path(shutil.copytree(accepted_seeds, tmp_path / "seeds"))


def message_of(seeds: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        check_seeds(seeds)
    return str(caught.value)


def key_in(seeds: Path, row: int) -> str:
    with (seeds / FIGURES).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))[row - 1]["figure_id"]


def test_a_valid_value_in_the_place_of_another_is_refused_with_file_row_column_and_the_way_out(seeds):
    edit(seeds / FIGURES, lambda rows: rows[4].update(observation_value="11.5"))
    message = message_of(seeds)
    assert (
        f"seeds/{FIGURES}, row 5 (line 6), column observation_value: "
        f"changed since {key_in(seeds, 5)} was accepted; now '11.5'" in message
    )
    assert "Put back what was accepted." in message and "smv-ai accept" in message


def test_a_cleared_cell_is_named(seeds):
    edit(seeds / "catalogue/survey_waves.csv", lambda rows: rows[0].update(answered=""))
    assert "survey_waves.csv, row 1 (line 2), column answered: changed since caisa_2024 was" in message_of(seeds)


def test_a_removed_row_is_named_where_it_stood(seeds):
    key = key_in(seeds, 7)
    edit(seeds / FIGURES, lambda rows: rows.pop(6))
    assert f"seeds/{FIGURES}, row 7 (line 8): the accepted row {key} is gone from here" in message_of(seeds)


def test_a_changed_key_is_told_from_a_row_that_is_gone(seeds):
    options = "catalogue/answer_options.csv"
    edit(seeds / options, lambda rows: rows[2].update(answer_option_id="another_name"))
    assert (
        f"1 problem in the seeds; nothing was built and nothing was released.\nseeds/{options}, row 3 (line 4), "
        "column answer_option_id: changed since dania_q03_o03 was accepted; now 'another_name'" in message_of(seeds)
    )


def test_a_changed_code_is_named_before_the_rows_of_other_seeds_that_use_it(seeds):
    edit(seeds / "codelists/units.csv", lambda rows: rows[0].update(unit_of_measure="percentage"))
    message = message_of(seeds)
    assert "'percent' is not a known code" in message
    assert message.splitlines()[1] == (
        "seeds/codelists/units.csv, row 1 (line 2), column unit_of_measure: "
        "changed since percent was accepted; now 'percentage'"
    )


def test_a_seed_that_is_gone_with_its_description_is_named(seeds):
    lock = seeds / LOCK_NAME
    lock.write_text(lock.read_text(encoding="utf-8") + "published_gone\ta\t0123456789abcdef\t0123\n", encoding="utf-8")
    assert "seeds/accepted.lock: has rows of published_gone, which is no seed any more" in message_of(seeds)


def test_order_quotes_and_line_ends_are_no_change(seeds):
    with (seeds / FIGURES).open(encoding="utf-8", newline="") as handle:
        header, *rows = list(csv.reader(handle))
    with (seeds / FIGURES).open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([header, *reversed(rows)])
    assert check_seeds(seeds) == 0


@pytest.mark.slow
def test_a_new_row_builds_and_is_counted_until_it_is_accepted(seeds):
    edit(seeds / FIGURES, lambda rows: rows.append(rows[3] | {"figure_id": "ti_9999_z", "observation_value": "1"}))
    assert check_seeds(seeds) == count_unaccepted(seeds) == 1
    assert verdict(1) == "seeds: every rule met; 1 new rows are not accepted yet"
    lines = accept(seeds, [NAME], write=False)
    assert lines[0].startswith(f"new      seeds/{FIGURES}, row ") and lines[0].endswith(", ti_9999_z")
    assert check_seeds(seeds) == 1
    accept(seeds, [NAME], write=True)
    assert check_seeds(seeds) == count_unaccepted(seeds) == 0


def test_without_a_lock_nothing_is_accepted_and_the_other_rules_hold(seeds):
    (seeds / LOCK_NAME).unlink()
    edit(seeds / FIGURES, lambda rows: rows[4].update(observation_value="11.5"))
    assert check_seeds(seeds) == count_unaccepted(seeds) > 1000


def test_accepting_names_what_changed_and_only_the_seeds_asked_for(seeds):
    key = key_in(seeds, 5)
    edit(seeds / FIGURES, lambda rows: rows[4].update(observation_value="11.5"))
    edit(seeds / "codelists/units.csv", lambda rows: rows[0].update(label_en="per cent"))
    lines = accept(seeds, [f"seeds/{FIGURES}"], write=True)
    assert lines[0] == f"changed  seeds/{FIGURES}, row 5 (line 6), {key}: observation_value is now '11.5'"
    assert lines[1].startswith("1 changed, 0 new, 0 removed; ")
    message = message_of(seeds)
    assert message.startswith("1 problem in the seeds")
    assert "seeds/codelists/units.csv, row 1 (line 2), column label_en: changed since percent was accepted" in message


def test_accepting_refuses_what_breaks_a_rule_and_what_is_no_seed(seeds):
    with pytest.raises(BadInputError, match="no such seed: horoscopes; there are: "):
        accept(seeds, ["horoscopes"], write=True)
    edit(seeds / FIGURES, lambda rows: rows[4].update(observation_value="many"))
    with pytest.raises(BadInputError, match="'many' is not a number"):
        accept(seeds, [], write=True)


def test_a_damaged_lock_is_named_with_its_line(seeds, tmp_path, monkeypatch):
    lock = seeds / LOCK_NAME
    lock.write_text(lock.read_text(encoding="utf-8").replace("\t", " ", 1), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"seeds/accepted.lock, line 1: is no line of a lock"):
        check_seeds(seeds)
    monkeypatch.setattr(status, "PROJECT_DIR", tmp_path)
    assert any("accepted.lock, line 1" in problem for problem in status.status(tmp_path / "release")["problems"])


@pytest.mark.slow
def test_the_commands_show_what_is_not_accepted_and_accept_it(seeds, tmp_path):
    environment = os.environ | {
        "SMV_AI_PROJECT_DIR": str(tmp_path),
        "SMV_AI_RELEASE_DIR": str(tmp_path / "release"),
        "PYTHONPATH": str(PROJECT),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "smv_ai.cli", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)

    edit(seeds / FIGURES, lambda rows: rows[4].update(observation_value="11.5"))
    refused = run("check")
    assert refused.returncode == ExitCode.BAD_INPUT and "column observation_value: changed since" in refused.stderr
    assert run("build", "-q").returncode == ExitCode.BAD_INPUT
    assert "to be accepted   1 rows of the seeds: smv-ai accept" in run("status").stdout
    assert "1 changed, 0 new, 0 removed; nothing is written" in run("accept", "--dry-run").stdout
    assert run("check").returncode == ExitCode.BAD_INPUT
    assert run("accept", NAME).returncode == ExitCode.DONE
    assert run("check").stdout == "seeds: every rule met\n"
    assert "to be accepted" not in run("status").stdout
