"""What a study may say of a column: a column, a ratio of two, or the logarithm of either."""

from __future__ import annotations

import re
from dataclasses import dataclass

from smv_ai.sql.quoting import identifier

NAME = r"[A-Za-z_]\w*"
RATIO = re.compile(rf"({NAME})(?:\s*/\s*({NAME}))?")
LOGARITHM = re.compile(r"log\s*\(\s*(.*?)\s*\)")
GRAMMAR = "allowed: a column, a ratio of two (exports / turnover), or the logarithm of either: log(turnover)"


@dataclass(frozen=True)
class Term:
    """A number of one firm in one year: a column, divided by another where given, and its logarithm if wanted."""

    numerator: str
    denominator: str | None = None
    is_logarithm: bool = False

    @property
    def columns(self) -> list[str]:
        """The columns of the panel that it needs."""
        return [self.numerator, *([self.denominator] if self.denominator else [])]

    def __str__(self) -> str:
        text = " / ".join(self.columns)
        return f"log({text})" if self.is_logarithm else text

    def sql(self, relation: str) -> str:
        """SQL of the value in a relation; null where the divisor is 0 or the logarithm does not exist."""
        value = f"cast({relation}.{identifier(self.numerator)} as double)"
        if self.denominator:
            value = f"({value} / nullif(cast({relation}.{identifier(self.denominator)} as double), 0))"
        return f"case when {value} > 0 then ln({value}) end" if self.is_logarithm else value


def read_term(text: str) -> Term:
    """The term that a text says. Raises ValueError with the grammar."""
    inner = LOGARITHM.fullmatch(text.strip())
    ratio = RATIO.fullmatch(inner.group(1) if inner else text.strip())
    if ratio is None:
        raise ValueError(f"'{text}' cannot be read; {GRAMMAR}")
    return Term(ratio.group(1), ratio.group(2), inner is not None)
