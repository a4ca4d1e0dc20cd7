"""A project with one survey whose labels hold whatever HTML, XML and Markdown could take for more than text."""

from __future__ import annotations

from pathlib import Path

from smv_ai.environment import PROJECT_DIR

WAVE = "tern_2026"
HOSTILE = "<script>alert(1)</script> & \"x\" 'y' ]]> <!-- | * _z_ {{ 1 }} %s"
FILE = """\
survey: {{id: tern, label: 'Ternen {quoted} | The tern {quoted}', producer: 'A & B <c>'}}
wave: {{fieldwork: 2026-03-01/2026-03-31, invited: 900}}
tables: [total, size]
units: {{heads: Hoveder | Heads}}
groups:
  size: {{label: '{quoted} | {quoted}', values: {{small: '{quoted}', large: Stor | Large}}}}
  users: {{rules: {{yes: uses = 1, no: else}}}}
questions:
  uses:
    label: 'Bruger I AI? {quoted} | Do you use AI? {quoted}'
    options: {{1: '{quoted} ja | {quoted} yes', 2: Nej | No, -3: Ved ikke | Don't know}}
  often: {{label: Hvor tit? | How often?, options: {{1: Dagligt | Daily, 2: Sjældnere | Less}}, asked_if: uses = 1}}
  what:
    label: Til hvad? | What for?
    options: ticked
    items: {{text: 'Tekst {quoted} | Text {quoted}', code: Kode | Code, image: Billeder | Images}}
    asked_if: users = yes
  agree: {{label: Enig? | Agree?, options: {{1: Ja | Yes, 2: Nej | No, 3: Både og | Both}}, items: [pays, lasts]}}
  staff:
    label: Ansatte | Staff
    number: true
    mean: heads
    asked_if: any of what_text, what_code = 1 or often = 1
  any_use: {{label: Noget | Anything, options: yes_no, rules: {{1: 'any of what_* = 1', 0: else}}}}
"""


def codebook_project(folder: Path, label: str = HOSTILE) -> Path:
    """A project folder with the survey; every label holds `label`."""
    (folder / "surveys").mkdir(parents=True)
    for name in ("seeds", "dbt_project.yml"):
        (folder / name).symlink_to(PROJECT_DIR / name)
    quoted = label.replace("|", "/").replace("'", "''")
    (folder / "surveys" / f"{WAVE}.yml").write_text(FILE.format(quoted=quoted), encoding="utf-8")
    return folder


def shown(label: str = HOSTILE) -> str:
    """The label as a survey file can hold it: a bar parts the languages."""
    return label.replace("|", "/")
