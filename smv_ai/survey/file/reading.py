"""Reading survey files: YAML as text with the line of every key, wave after the wave that it continues.

Everything is read as text and takes the type that its place asks for, so that `No` is an answer and `2026` a label.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_args

import yaml
from pydantic import BaseModel, ValidationError

from smv_ai.errors import BadInputError
from smv_ai.suggest import allowed_in_words, nearest
from smv_ai.survey.file.model import SurveyFile

FOLDER = "surveys"
SUFFIX = ".yml"
# What may lie beside the files.
PASSED_OVER = {"survey.schema.json", "README.md", ".gitkeep", ".DS_Store"}
DEEPEST = 12
NULL = "tag:yaml.org,2002:null"
# What a wave that continues another says for itself.
OF_ITS_OWN = ("wave", "change", "source", "frame", "dispositions", "eligible_share", "non_response")
# Sections whose entries a later wave adds to, changes, or takes out by leaving them empty.
BY_NAME = (
    "bases",
    "options",
    "groups",
    "questions",
    "estimates",
    "indicators",
    "themes",
    "constructs",
    "units",
    "statistical_units",
    "modes",
)

Place = tuple[str | int, ...]


class Line(NamedTuple):
    """Where something stands: the file as messages show it, and the line."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.number}"


class Problem(NamedTuple):
    """What is wrong at a key of a file; `weight` puts the more important first."""

    line: Line
    key: str
    message: str
    weight: int = 1

    def __str__(self) -> str:
        return f"{self.line}{f', {self.key}' if self.key else ''}: {self.message}"


@dataclass
class Tree:
    """What stands in a file, as text, and the line of every key by its place."""

    content: dict[str, Any]
    lines: dict[Place, Line]

    def line(self, place: Iterable[str | int]) -> Line:
        """The line of a place, or of the nearest one around it."""
        found = tuple(place)
        while found and found not in self.lines:
            found = found[:-1]
        return self.lines[found]


@dataclass
class Read:
    """A file that was read: `file` where it is one of a survey, with all that is wrong with it."""

    wave_id: str
    path: str
    tree: Tree | None
    file: SurveyFile | None = None
    problems: list[Problem] = field(default_factory=list)

    def problem(self, place: Place, message: str, weight: int = 1) -> None:
        """Note what is wrong at a place; each once."""
        lines = self.tree.line(place) if self.tree else Line(self.path, 1)
        found = Problem(lines, ".".join(str(part) for part in place), message, weight)
        if found not in self.problems:
            self.problems.append(found)


class _Reader:
    """Turns the nodes of a YAML document into text, lists and mappings, and notes their lines."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.lines: dict[Place, Line] = {(): Line(read.path, 1)}

    def _fault(self, node: yaml.Node, place: Place, message: str) -> None:
        line = Line(self.read.path, node.start_mark.line + 1)
        self.read.problems.append(Problem(line, ".".join(map(str, place)), message, 0))

    def value(self, node: yaml.Node, place: Place) -> Any:
        """What a node says."""
        self.lines.setdefault(place, Line(self.read.path, node.start_mark.line + 1))
        if len(place) > DEEPEST:
            self._fault(node, place[:3], "is nested too deeply")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(part, (*place, number)) for number, part in enumerate(node.value)]
        is_plain = isinstance(node, yaml.ScalarNode) and not node.style
        return None if is_plain and node.tag == NULL else str(node.value)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(key_node, place, "a list or mapping cannot be a key; a text with a comma needs quotes")
                continue
            name = str(key_node.value)
            here = (*place, name)
            if name in found:
                first = self.lines[here].number
                self._fault(key_node, here, f"stands there twice, first in line {first}; keep one")
                continue
            self.lines[here] = Line(self.read.path, key_node.start_mark.line + 1)
            found[name] = self.value(value_node, here)
        return found


def _tree(path: Path, read: Read) -> Tree | None:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        read.problem((), f"cannot be read ({error.strerror}); put the file back", 0)
        return None
    except UnicodeDecodeError as error:
        read.problem((), f"byte {error.start} is not UTF-8; save the file as UTF-8", 0)
        return None
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        reader = _Reader(read)
        content = {} if node is None else reader.value(node, ())
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it is nested too deeply or broken"
        hint = "; is the text around it to be put in quotes?" if "mapping" in reason or "flow" in reason else ""
        read.problems.append(
            Problem(Line(read.path, mark.line + 1 if mark else 1), "", f"is no well-formed YAML: {reason}{hint}", 0)
        )
        return None
    if not isinstance(content, dict) or not content:
        read.problem((), "holds no survey; the smallest one stands in docs/responses.md", 0)
        return None
    return Tree(content, reader.lines)


def _continued(later: Tree, earlier: Tree) -> Tree:
    """A wave with all that the earlier one says and it does not."""
    content = {key: value for key, value in earlier.content.items() if key not in OF_ITS_OWN}
    lines = {place: line for place, line in earlier.lines.items() if place and place[0] not in OF_ITS_OWN}
    for key, value in later.content.items():
        if key in BY_NAME and isinstance(value, dict) and isinstance(content.get(key), dict):
            merged = {**content[key], **value}
            content[key] = {name: body for name, body in merged.items() if not (name in value and body is None)}
            replaced = [(key, name) for name in value]
        else:
            content[key], replaced = value, [(key,)]
        for place in [place for place in lines if any(place[: len(root)] == root for root in replaced)]:
            if place != (key,):
                del lines[place]
    return Tree(content, {**lines, **later.lines})


def _kind_at(place: Place) -> tuple[Any, str | None]:
    """The type that stands at a place of the model, and what its field says of it; None where nothing does."""
    found: Any = SurveyFile
    said: str | None = None
    for step in place:
        found = _inner(found)
        if isinstance(found, type) and issubclass(found, BaseModel):
            fields = [known for name, known in found.model_fields.items() if step in (name, known.alias)]
            found, said = (fields[0].annotation, fields[0].description) if fields else (None, None)
            said = next((text for text in _descriptions(fields[0].metadata)), said) if fields else None
        else:
            found, said = (get_args(found)[-1] if get_args(found) else None), None
    return found, said


def _descriptions(metadata: Iterable[Any]) -> list[str]:
    return [str(part.description) for part in metadata if getattr(part, "description", None)]


def _model_at(place: Place) -> type[BaseModel] | None:
    """The part of the model that stands at a place; None where none does."""
    found = _inner(_kind_at(place)[0])
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _inner(kind: Any) -> Any:
    """A type without what may be left out and without its checks."""
    while get_args(kind) and (hasattr(kind, "__metadata__") or type(None) in get_args(kind)):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return kind


def _keys(model: type[BaseModel]) -> list[str]:
    return [known.alias or name for name, known in model.model_fields.items() if not known.exclude]


def _described(place: Place) -> str:
    """What may stand at a place, in words."""
    kind, said = _kind_at(place)
    parts = [kind, *(part for part in get_args(kind) if part is not type(None))]
    described = [text for part in parts for text in _descriptions(getattr(part, "__metadata__", ()))]
    return described[0] if described else said or "see docs/responses.md"


def _fault(read: Read, error: Any) -> None:
    """Note one finding of the model with its line, key, what is wrong and what is allowed."""
    place = tuple(part for part in error["loc"] if part != "[key]")
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        model = _model_at(place[:-1])
        known = _keys(model) if model else []
        read.problem(place, f"is no key here; {allowed_in_words(str(place[-1]), known)}", 0)
    elif kind == "missing":
        read.problem(place, f"is missing; needed: {_described(place)}", 0)
    elif kind == "literal_error":
        allowed = [part.strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(", ")]
        read.problem(place, f"'{value}' is not allowed; {allowed_in_words(str(value), allowed)}")
    elif kind == "value_error":
        read.problem(place, str(error["msg"]).removeprefix("Value error, "))
    elif isinstance(value, (dict, list)):
        shape = "a mapping" if isinstance(value, dict) else "a list"
        read.problem(place, f"is {shape}; allowed: {_described(place)}")
    elif value is None:
        read.problem(place, f"is empty; allowed: {_described(place)}")
    else:
        read.problem(place, f"'{value}' is not allowed; allowed: {_allowed(kind, context, place)}")


def _allowed(kind: str, context: dict[str, Any], place: Place) -> str:
    if kind in ("int_parsing", "int_type"):
        return "a whole number, digits only"
    if kind in ("float_parsing", "float_type"):
        return "a number with a point, such as 0.95"
    if kind in ("bool_parsing", "bool_type"):
        return "true, false"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        model = _model_at(place)
        return f"a mapping{' with ' + ', '.join(_keys(model)) if model else ''}"
    if kind == "string_pattern_mismatch" and "0-9_" in str(context.get("pattern")):
        return "a name of lower-case letters, digits and underscores, a letter first"
    return _described(place)


def _validate(read: Read) -> None:
    if read.tree is None:
        return
    try:
        read.file = SurveyFile.model_validate(read.tree.content)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        unknown = {fault["loc"] for fault in faults if fault["type"] == "extra_forbidden"}
        for fault in faults:
            beside = [str(place[-1]) for place in unknown if place[:-1] == fault["loc"][:-1]]
            # a key misspelt is told once, where it stands
            if not (fault["type"] == "missing" and nearest(str(fault["loc"][-1]), beside)):
                _fault(read, fault)


def _in_order(reads: dict[str, Read]) -> list[Read]:
    """Each file after the one that it continues, which is merged into it."""
    ordered: list[Read] = []
    waiting = dict(reads)
    while waiting:
        ready = [read for read in waiting.values() if _continues(read) not in waiting]
        if not ready:
            for read in waiting.values():
                read.problem(("wave", "continues"), "the waves continue one another in a circle; let one begin", 0)
                read.tree = None
            return ordered + list(waiting.values())
        for read in ready:
            del waiting[read.wave_id]
            _merge(read, reads)
            ordered.append(read)
    return ordered


def _continues(read: Read) -> str | None:
    wave = read.tree.content.get("wave") if read.tree else None
    earlier = wave.get("continues") if isinstance(wave, dict) else None
    return earlier if isinstance(earlier, str) and earlier != read.wave_id else None


def _merge(read: Read, reads: dict[str, Read]) -> None:
    earlier = _continues(read)
    if earlier is None or read.tree is None:
        return
    if earlier not in reads:
        others = [name for name in reads if name != read.wave_id]
        read.problem(
            ("wave", "continues"), f"there is no {FOLDER}/{earlier}.yml; {allowed_in_words(earlier, others)}", 0
        )
    elif (tree := reads[earlier].tree) is not None:
        read.tree = _continued(read.tree, tree)


def read_files(folder: Path) -> list[Read]:
    """All survey files of a folder, each after the wave that it continues; with what is wrong with their form."""
    reads: dict[str, Read] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        read = Read(path.stem, f"{folder.name}/{path.name}", None)
        read.tree = _tree(path, read)
        reads[path.stem] = read
    ordered = _in_order(reads)
    for read in ordered:
        _validate(read)
    return ordered


def refuse(problems: list[Problem], most: int = 20) -> None:
    """Raise BadInputError with the problems, the most important first; return where there are none."""
    if not problems:
        return
    found = sorted(
        dict.fromkeys(problems), key=lambda problem: (problem.weight, problem.line.file, problem.line.number)
    )
    lines = [str(problem) for problem in found[:most]]
    if len(found) > most:
        lines.append(f"... and {len(found) - most} more")
    count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    raise BadInputError(
        "\n".join([f"{count} in the survey files; nothing was built and nothing was released.", *lines])
    )
