"""A mistake of each kind in a survey file is named: file, line, key, what is wrong and what is allowed, once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.estimation_project import write_wave
from support.project import PROJECT
from support.sixth_survey import FILE, SURVEY, WAVE, answers

from smv_ai.errors import BadInputError, ExitCode
from smv_ai.survey.response_files import check_survey_files, faults

GOOD = """\
survey: {id: harbour, label: Havnen | The harbour}
wave: {fieldwork: 2026-09-02/2026-09-30, mode: email_web}
tables: [total, industry_id, uses_ai × size]
valid: size in (small, large)
bases:
  all: Havnens firmaer | Harbour firms
  users: {label: Brugere | Users, where: uses_ai = 1}
options:
  often: {1: Sjældent | Rarely, 2: Ofte | Often, at_all: {codes: [1, 2], label: Overhovedet | At all}}
groups:
  size: {rules: {small: employees_class = 1, large: else}}
questions:
  uses_ai: {label: Bruger AI | Uses AI, options: yes_no, indicator: ai_use}
  how_often: {options: often, base: users, theme: adoption, construct: intensity}
  employees_class: {options: {1: Under 10, 2: 10+}}
  tools:
    options: ticked
    about: technology
    items: [chatbots, speech_recognition]
    indicator: ai_technology_use
    estimates: {table: , "{item}_among_users": {share: 1, base: users}}
  turnover: {number: true, mean: million_dkk, total: million_dkk}
estimates:
  firms: {count: true}
  per_firm: {of: turnover, per: turnover, unit: percent}
units:
  million_dkk: {label: Mio. kr. | DKK million}
calibrate:
  margins: {size: {small: 900, large: 100}, industry_id: {construction: 400, agriculture: 600}}
quality:
  share_few_firms: {below: 50}
  amount_uncertain: {holds: false}
  narrow: {statistic: share, metric: interval_width, at_least: 0.2, grade: publish_with_warning, label: Bred | Wide}
"""

AMONG = "questions.tools.estimates.{item}_among_users"
# what stands in the file, what is written instead, line, key, and what the message says
MISTAKES = [
    ("calibrate:\n", "calibrate:\n  method: logit\n", 29, "calibrate.method", "'logit' needs bounds: [least"),
    ("calibrate:\n", "calibrate:\n  bounds: [0.5, 2]\n", 29, "calibrate.bounds", "'raking' keeps no bounds"),
    ("calibrate:\n", "calibrate:\n  totals: {uses_ai: 4}\n", 29, "calibrate.totals.uses_ai", "is one of numbers"),
    ("calibrate:\n", "trim: {lower: 3, upper: 2}\ncalibrate:\n", 28, "trim", "lower 3.0 is not below upper 2.0"),
    ("calibrate:\n", "trim: {}\ncalibrate:\n", 28, "trim", "needs lower, upper or both"),
    ("calibrate:\n", "replicates: {method: BRR}\ncalibrate:\n", 28, "replicates", "needs columns, or method"),
    ("calibrate:\n", "replicates: {columns: 'w_{1..3}', method: JKn}\ncalibrate:\n", 28, "replicates", "needs rscales"),
    ("calibrate:\n", "replicates: {columns: 'w_{3..1}', method: BRR}\ncalibrate:\n", 28, "replicates", "no column"),
    ("calibrate:\n", "replicates: {columns: [a, b], method: BRR, rscales: [1]}\ncalibrate:\n", 28, "replicates", "1 r"),
    ("mean: million_dkk,", "mean: million_dkk, quantiles: [0.5, 2],", 22, "questions.turnover.quantiles.at.1", "0 and"),
    ("mean: million_dkk,", "mean: million_dkk, quantiles: [0.5, 0.5],", 22, "questions.turnover", "stands twice"),
    ("indicator: ai_use}", "indicator: ai_use, quantiles: 0.5}", 13, "questions.uses_ai", "quantiles are of numbers"),
    ("survey: {id: harbour, ", "survey: {ide: harbour, ", 1, "survey.ide", "is no key here; did you mean 'id'?"),
    ("survey: {id: harbour, ", "survey: {id: Harbour, ", 1, "survey.id", "a name of lower-case letters, digits"),
    ("survey: {id: harbour, ", "survey: {id: caise, ", 1, "survey", "did you mean 'caisa'?"),
    ("tables:", "tabels:", 3, "tabels", "is no key here; did you mean 'tables'?"),
    ("valid:", "compare: {industry: [[construction, agricultur]]}\nvalid:", 4, "compare.industry.0", "'agriculture'?"),
    ("valid:", "compare: {industri: [[construction, b]]}\nvalid:", 4, "compare.industri", "did you mean 'industry'?"),
    ("valid:", "compare: {uses_ai_x_size: [[a, b]]}\nvalid:", 4, "compare.uses_ai_x_size", "no table of one column"),
    ("valid:", "compare: {industry: [[construction]]}\nvalid:", 4, "compare.industry.0", "allowed"),
    ("valid:", "compare: {industry: []}\nvalid:", 4, "compare.industry", "allowed"),
    ("valid:", "compare: {industry: ['other, other']}\nvalid:", 4, "compare.industry.0", "is of two groups"),
    ("valid:", "cross: [uses_ai]\nvalid:", 4, "cross.0", "crosses one question with another"),
    ("valid:", "cross: [uses_ai × uses_ai]\nvalid:", 4, "cross.0", "crosses one question with another"),
    ("valid:", "cross: [use_ai × how_often]\nvalid:", 4, "cross.0", "did you mean 'uses_ai'?"),
    ("valid:", "cross: [size × uses_ai]\nvalid:", 4, "cross.0", "'size' is no question of the file"),
    ("valid:", "cross: [uses_ai × turnover]\nvalid:", 4, "cross.0", "'turnover' is a number; make groups of it"),
    ("valid:", "cross: uses_ai\nvalid:", 4, "cross", "is not allowed"),
    ("valid:", "cross: [how_often × uses_ai, how_often × uses_ai]\nvalid:", 4, "cross.1", "stands there twice"),
    ("2026-09-02/2026-09-30", "2026-09-31/2026-10-01", 2, "wave.fieldwork", "a day that does not exist"),
    ("2026-09-02/2026-09-30", "2026-10-02/2026-09-30", 2, "wave.fieldwork", "ends before it begins"),
    ("2026-09-02/2026-09-30", "september", 2, "wave.fieldwork", "allowed: two dates: 2026-09-02/2026-09-30"),
    ("mode: email_web", "mode: emailweb", 2, "wave.mode", "did you mean 'email_web'?"),
    ("[total, industry_id,", "[total, industri_id,", 3, "tables.1", "did you mean 'industry_id'?"),
    ("uses_ai × size]", "uses_ai × size, industry_id]", 3, "tables.3", "'industry' stands there twice"),
    ("valid: size in (small, large)", "valid: size in (smal, large)", 4, "valid", "did you mean 'small'?"),
    ("valid: size in (small, large)", "valid: size is small", 4, "valid", "is no condition; write 'column = value'"),
    ("where: uses_ai = 1}", "where: use_ai = 1}", 7, "bases.users.where", "did you mean 'uses_ai'?"),
    ("where: uses_ai = 1}", "where: uses_ai = 3}", 7, "bases.users.where", "'3' is no value of uses_ai"),
    ("codes: [1, 2]", "codes: [1, 3]", 9, "options.often.at_all.codes", "'3' is no answer code of the list"),
    ("1: Under 10", "one: Under 10", 15, "questions.employees_class.options.one", "'one' is no answer code; write"),
    ("2: Ofte | Often", "1: Ofte | Often", 9, "options.often.1", "stands there twice, first in line 9"),
    ("large: else", "large: size = 1", 11, "groups.size.rules.large", "'size' is put together from itself"),
    ("  size: {rules", "  re__size: {rules", 11, "groups.re__size", "two underscores in a row"),
    ("options: yes_no,", "options: yesno,", 13, "questions.uses_ai.options", "did you mean 'yes_no'?"),
    ("indicator: ai_use}", "indicator: ai_uses}", 13, "questions.uses_ai.indicator", "did you mean 'ai_use'?"),
    ("options: often, base: users", "base: users", 14, "questions.how_often", "has no answers: name a list"),
    ("base: users, theme", "base: user, theme", 14, "questions.how_often.base", "did you mean 'users'?"),
    ("theme: adoption", "theme: adoptoin", 14, "questions.how_often.theme", "did you mean 'adoption'?"),
    ("construct: intensity", "construct: intesity", 14, "questions.how_often.construct", "did you mean 'intensity'?"),
    ("base: users, theme", "asked_if: uses_ai = yes, theme", 14, "questions.how_often.asked_if", "no value of uses_ai"),
    ("  employees_class: {", "  respondent_id: {", 15, "questions.respondent_id", "a column of every response file"),
    ("  employees_class: {", "  Ansatte?: {", 15, "questions.Ansatte?", "is no name; lower-case letters, digits and"),
    ("  employees_class: {", "  employees_class: {column: a;b, ", 15, "questions.employees_class.column", "hold ';'"),
    ("of: turnover, per", "of: uses_ai, per", 25, "estimates.per_firm", "'uses_ai' is no number; a ratio is of"),
    ("per: turnover,", "per: uses_ai,", 25, "estimates.per_firm.per", "'uses_ai' is no number; a ratio is of"),
    ("  share_few_firms: {", "  share_few_frms: {", 31, "quality.share_few_frms", "did you mean 'share_few_firms'?"),
    ("label: Bred | Wide", "holds: true", 33, "quality.narrow", "needs statistic, metric, grade, label and a limit"),
    ("{holds: false}", "{below: 0.1}", 32, "quality.amount_uncertain", "must be more than at_least (0.165)"),
    ("{holds: false}", "{holds: perhaps}", 32, "quality.amount_uncertain.holds", "allowed: true, false"),
    ("{below: 50}", "{bellow: 50}", 31, "quality.share_few_firms.bellow", "did you mean 'below'?"),
    ("{below: 50}", "{below: -1}", 31, "quality.share_few_firms.below", "allowed: a number from 0"),
    ("{below: 50}", "{below: nan}", 31, "quality.share_few_firms.below", "allowed: a number from 0"),
    ("{below: 50}", "{grade: publsh}", 31, "quality.share_few_firms.grade", "allowed: publish_with_warning"),
    ("{below: 50}", "{metric: interval_width}", 31, "quality.share_few_firms.metric", "sample_size; leave it"),
    ("at_least: 0.2, ", "", 33, "quality.narrow", "'narrow' has no limit; needed: at_least, below or both"),
    ("metric: interval_width", "metric: intervalwidth", 33, "quality.narrow.metric", "did you mean 'interval_width'?"),
    ("about: technology", "about: technolgy", 18, "questions.tools.about", "did you mean 'technology'?"),
    ("items: [chatbots,", "items: [chatbot,", 19, "questions.tools.items.0", "did you mean 'chatbots'?"),
    ('"{item}_among_users"', "among_users", 21, "questions.tools.estimates.among_users", "put {item} into it"),
    ("{share: 1, base", "{share: 2, base", 21, f"{AMONG}.share", "'2' is no answer code"),
    ("{share: 1, base", "{share: 1, firms: 1, base", 21, f"{AMONG}.firms", "is one of"),
    ("mean: million_dkk", "mean: milion_dkk", 22, "questions.turnover.mean", "did you mean 'million_dkk'?"),
    ("mean: million_dkk", "mean: percent", 22, "questions.turnover", "a number is shown a hundred times as large"),
    ("{number: true", "{rules: {many: uses_ai = 1}, number: true", 22, "questions.turnover.rules.many", "not a number"),
    ("number: true", "number: maybe", 22, "questions.turnover.number", "allowed: true, false"),
    ("of: turnover, per", "of: turnovr, per", 25, "estimates.per_firm.of", "did you mean 'turnover'?"),
    ("{count: true}", "{share: 1}", 24, "estimates.firms", "needs 'of': the item that is estimated"),
    (", unit: percent}", "}", 25, "estimates.per_firm", "a ratio needs its unit"),
    ("million_dkk: {label", "percent: {label", 27, "units.percent", "is one of the product's already"),
    ("small: 900", "smal: 900", 29, "calibrate.margins.size.smal", "did you mean 'small'?"),
    ("small: 900", "small: 1.200", 29, "calibrate.margins.size.small", "'1.200' is not allowed; allowed: a whole"),
    ("small: 900", "small: -5", 29, "calibrate.margins.size.small", "'-5' is not allowed; allowed: a whole"),
    ("small: 900", "small: ", 29, "calibrate.margins.size.small", "is empty; allowed: a whole number"),
    ("small: 900", "small: 901", 29, "calibrate.margins", "size 1001, industry_id 1000; they must agree"),
    ("calibrate:\n", "variance: {level: 95}\ncalibrate:\n", 28, "variance.level", "allowed: a number between 0 and 1"),
    ("calibrate:\n", "change: {since: harbour_2025}\ncalibrate:\n", 28, "change.since", "no wave with a survey file"),
    ("wave: {", "wave: {continues: harbour_2025, ", 2, "wave.continues", "there is no surveys/harbour_2025.yml"),
    ("questions:\n", "questions: [\n", 14, "", "is no well-formed YAML"),
    ("survey: {id: harbour, label: Havnen | The harbour}\n", "", 1, "survey", "is missing"),
]  # fmt: skip


# the same in the file of a published survey, whose names are those of the catalogue
PUBLISHED = [
    (
        "ai_not_used: {share: 0}",
        "ai_not_use: {share: 0}",
        "'ai_not_use' is no indicator of the catalogue or the file; did you",
    ),
    ("indicator: ai_use_degree", "indicator: ai_use_degre", "did you mean 'ai_use_degree'?"),
    ("category: high_degree", "category: high_degre", "did you mean 'high_degree'?"),
    ("question: caisa_q_degree", "question: caisa_q_degre", "did you mean 'caisa_q_degree'?"),
    ("base: caisa_ai_users\n", "base: caisa_ai_user\n", "did you mean 'caisa_ai_users'?"),
    (
        "  caisa_non_users: {where",
        "  caisa_non_user: {where",
        "is not in the catalogue, so it needs a label; did you mean",
    ),
    ("answer: toe_technology", "answer: toe_technolgy", "did you mean 'toe_technology'?"),
    ("{ai_users: ai_use = 1", "{ai_user: ai_use = 1", "did you mean 'ai_users'?"),
    ("any of degree_* in", "any of degre_* in", "no question of the file begins with 'degre_'"),
    (
        "as: ai_vision",
        "as: ai_visoin",
        "'ai_visoin' is no indicator of the catalogue, so nothing would be",
    ),
    ("survey: caisa\n", "survey: ti\n", "wave caisa_2024 is of survey caisa, not 'ti'"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of links with one survey file."""
    (tmp_path / "seeds").symlink_to(PROJECT / "seeds")
    (tmp_path / "surveys").mkdir()
    (tmp_path / "dbt_project.yml").symlink_to(PROJECT / "dbt_project.yml")
    return tmp_path


def message_of(project: Path, text: str, wave: str = "harbour_2026") -> str:
    (project / "surveys" / f"{wave}.yml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        check_survey_files(project)
    assert caught.value.exit_code == ExitCode.BAD_INPUT
    return str(caught.value)


def test_the_file_without_a_mistake_is_accepted(project):
    (project / "surveys" / "harbour_2026.yml").write_text(GOOD, encoding="utf-8")
    check_survey_files(project)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake[3]}: {mistake[1].strip()[:30]}")
def test_a_mistake_is_named_once_with_its_line(project, mistake):
    right, wrong, line, key, expected = mistake
    assert right in GOOD
    message = message_of(project, GOOD.replace(right, wrong, 1))
    where = f"surveys/harbour_2026.yml, line {line}{f', {key}' if key else ''}: "
    assert [found for found in message.splitlines() if found.startswith(where) and expected in found], message
    # what follows from it is not told as well, unless it stands elsewhere
    here = re.compile(rf"surveys/harbour_2026.yml, line {line}[,:]")
    assert len([found for found in message.splitlines() if here.match(found)]) == 1


@pytest.mark.parametrize("mistake", PUBLISHED, ids=lambda mistake: mistake[1].strip())
def test_a_mistake_in_the_file_of_a_published_survey_is_named_with_its_line(project, mistake):
    right, wrong, expected = mistake
    text = (PROJECT / "surveys" / "caisa_2024.yml").read_text(encoding="utf-8")
    assert right in text
    line = text[: text.index(right)].count("\n") + 1
    message = message_of(project, text.replace(right, wrong, 1), "caisa_2024")
    where = f"surveys/caisa_2024.yml, line {line}, "
    assert [found for found in message.splitlines() if found.startswith(where) and expected in found], message


def test_two_estimates_that_would_be_one_observation_are_named(project):
    """A mean and a total of one indicator in one unit; by themselves they are two of the survey's own."""
    both = GOOD.replace("million_dkk, total", "million_dkk, indicator: ai_spending, total")
    both = both.replace("units:\n", "indicators: {ai_spending: Udgift | Spending}\nunits:\n")
    expected = "'turnover_total' and 'turnover_mean' would be one observation; name another indicator"
    assert expected in message_of(project, both)


def test_the_most_important_comes_first(project):
    message = message_of(project, GOOD.replace("mode: email_web", "mode: emailweb").replace("units:", "unts:"))
    first, *_ = message.splitlines()[1:]
    assert ", unts: is no key here; did you mean 'units'?" in first


def test_columns_and_values_are_compared_with_the_heads_of_the_response_files(project):
    write_wave(project / "responses", SURVEY, WAVE, [row | {"size": "small"} for row in answers()])
    (project / "surveys" / f"{WAVE}.yml").write_text(f"{FILE}valid: size = small\n", encoding="utf-8")
    check_survey_files(project)
    wrong = (
        FILE.replace("  how_often:\n", "  how_oftn:\n")
        .replace("{1: how_often", "{1: how_oftn")
        .replace("how_often in", "how_oftn in")
    )
    message = message_of(project, wrong, WAVE)
    assert re.search(
        r"line 12, questions.how_oftn: 'how_oftn' is no column of responses/.*did you mean 'how_often'", message
    )
    assert "'sector' is neither a question or group of the file nor a column of responses/" in message_of(
        project, FILE.replace("[total, industry_id]", "[total, sector]"), WAVE
    )


# What is written at the end of the sixth survey's file, and what is said of it; r1 holds numbers, r2 a text among them.
OF_NUMBERS = [
    ("replicates: {columns: 'r{1..4}', method: BRR}", "replicates.columns: 'r2' holds 'x', which is no number; a"),
    ("replicates: {columns: [r1, r4], method: BRR}", "replicates.columns: 'r4' is neither a question or group"),
    ("replicates: {columns: [r1, r1], method: BRR}", "replicates.columns: 'r1' stands there twice"),
    ("replicates: {columns: [r1], method: JK1}", "replicates.columns: one replicate has no variance"),
    ("replicates: {columns: [r1, how_often], method: BRR}", "replicates.columns: 'how_often' has answer codes"),
    ("calibrate: {method: linear, firms: 9, totals: {r2: 9}}", "calibrate.totals.r2: 'r2' holds 'x', which is no"),
    ("calibrate: {method: logit, bounds: [1.2, 2], firms: 9, totals: {r1: 9}}", "calibrate.bounds: [1.2, 2.0]: a f"),
    ("calibrate: {margins: {industry_id: {}}}", "calibrate.margins.industry_id: names no category"),
    ("calibrate: {margins: {industry_id: {construction: 0}}}", "calibrate.margins.industry_id: its counts add up to 0"),
    ("estimates: {q: {of: how_often, share: 1, quantiles: 0.5}}", "estimates.q: quantiles are of numbers"),
]


@pytest.mark.parametrize("case", OF_NUMBERS, ids=lambda case: case[1][:40])
def test_what_further_statistics_cannot_take_is_named_with_its_line(project, case):
    rows = [row | {"r1": 1.5, "r2": "x" if number == 3 else "1.5"} for number, row in enumerate(answers())]
    write_wave(project / "responses", SURVEY, WAVE, rows)
    line = FILE.count("\n") + 1
    message = message_of(project, f"{FILE}{case[0]}\n", WAVE)
    assert f"surveys/{WAVE}.yml, line {line}, {case[1]}" in message


def test_numbers_that_stand_as_text_are_numbers(project):
    rows = [row | {"r1": "1.5", "r2": "2"} for row in answers()]
    write_wave(project / "responses", SURVEY, WAVE, rows)
    (project / "surveys" / f"{WAVE}.yml").write_text(f"{FILE}replicates: {{columns: [r1, r2], method: BRR}}\n")
    check_survey_files(project)


@pytest.mark.parametrize("case", [
    ("the weights miss a margin [calibration_converges]", "calibrate", "calibrate: {method: logit, bounds: [0.9, 1.1], "
     "margins: {industry_id: {construction: 4}}}"),
    ("column rep_1 is a replicate weight, but holds what is no number; rows: 1 [column_holds_numbers]", "replicates",
     "replicates: {columns: [rep_1, rep_2], method: BRR}"),
], ids=lambda case: case[1])  # fmt: skip
def test_what_the_responses_cannot_meet_is_said_with_the_line_that_asks_for_it(project, case):
    finding, key, text = case
    (project / "surveys" / f"{WAVE}.yml").write_text(f"{FILE}{text}\n", encoding="utf-8")
    told = faults(project, [f"test x: Survey {SURVEY}\nSurvey {SURVEY}, wave {WAVE}: {finding}"])
    line = FILE.count("\n") + 1
    assert f"{finding} (surveys/{WAVE}.yml, line {line}, {key})" in (told or "")


def test_a_column_that_every_response_file_needs_is_named(project):
    rows = [{name: value for name, value in row.items() if name != "design_weight"} for row in answers()]
    write_wave(project / "responses", SURVEY, WAVE, rows)
    assert f"survey_wave_id={WAVE} has no column design_weight" in message_of(project, FILE, WAVE)


def test_a_file_that_would_not_be_read_is_named(project):
    (project / "surveys" / "harbour_2026.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"surveys/harbour_2026.yaml, line 1: does not end in .yml"):
        check_survey_files(project)


def test_a_question_of_which_nothing_is_estimated_is_not_crossed(project):
    text = GOOD.replace("1: Under 10, 2: 10+}", "1: Under 10, 2: 10+}, estimates: {}")
    (project / "surveys" / "harbour_2026.yml").write_text(text, encoding="utf-8")
    check_survey_files(project)
    message = message_of(project, text.replace("valid:", "cross: [employees_class × uses_ai]\nvalid:"))
    assert "line 4, cross.0: nothing is estimated of 'employees_class', so there is nothing to cross" in message


def test_a_circle_of_constructs_and_of_waves_is_named(project):
    circle = GOOD.replace("small: employees_class = 1", "small: b = 1") + "\n"
    circle = circle.replace("  employees_class", "  b: {options: yes_no, rules: {1: size = small}}\n  employees_class")
    assert "looks at size, which looks at it in turn" in message_of(project, circle)
    (project / "surveys" / "harbour_2026.yml").write_text(
        "survey: harbour\nwave: {continues: harbour_2027}\n", encoding="utf-8"
    )
    assert "in a circle" in message_of(project, "survey: harbour\nwave: {continues: harbour_2026}\n", "harbour_2027")


@pytest.mark.parametrize("text", ["", "- a\n", "survey: harbour\x00\n", "a: *b\n", "? [a, b]\n: c\n", "[" * 500])
def test_what_is_no_survey_file_at_all_is_named(project, text):
    assert "surveys/harbour_2026.yml, line" in message_of(project, text)
