"""What a tool's own definition says of the questions: texts, answers with their codes, boxes to tick, who is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["single", "several", "matrix", "number", "text"]


@dataclass(frozen=True)
class Choice:
    """An answer, a box or a row of a matrix: the tool's code and its text; `open` where it is written in words."""

    code: str
    text: str
    open: bool = False


@dataclass(frozen=True)
class Routing:
    """Asked of those who gave one of these answers (codes of the tool) to a question (name of the tool)."""

    question: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A question as the tool knows it.

    `choices` are the answers, or the boxes of a question with several; `items` the rows of a matrix. `columns`
    holds, where
    the definition names them, the column of each item or box.
    """

    name: str
    text: str
    kind: Kind
    choices: list[Choice] = field(default_factory=list)
    items: list[Choice] = field(default_factory=list)
    routing: tuple[Routing, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    separator: str | None = None
    """What joins its choices in one cell, where it is not what usually does."""


@dataclass(frozen=True)
class Definition:
    """The questions in the order of the questionnaire, the survey's name, and what could not be read of the routing."""

    title: str
    questions: list[Asked]
    unread: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Asked]:
        return iter(self.questions)
