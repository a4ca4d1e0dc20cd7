"""The passport of a file: release, query, digest of the rows, and for a picture its specification."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import zlib
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smv_ai.errors import BadInputError

if TYPE_CHECKING:
    import pandas as pd

NAME = "smv_ai_passport"
# A passport that unpacks to more is none of ours.
MOST_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Passport:
    """What a file says of itself: figure, release and its kind, the query behind it, the digest of the query's rows.

    `specification`: the Vega-Lite specification of a picture, from which it can be drawn anew; empty for tables.
    """

    figure: str
    release_id: str
    kind: str
    query: str
    digest: str
    specification: dict[str, Any] = field(default_factory=dict)

    def packed(self) -> str:
        """The passport as one line of letters, digits and the signs + / =."""
        return base64.b64encode(zlib.compress(json.dumps(asdict(self)).encode(), 9)).decode()

    @classmethod
    def unpacked(cls, text: str, file: str) -> Passport:
        """The passport in a line; raises BadInputError naming the file where it is damaged."""
        try:
            unpacker = zlib.decompressobj()
            content = unpacker.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
            if unpacker.unconsumed_tail or not unpacker.eof:
                raise ValueError("it is cut off or too long")
            passport = cls(**json.loads(content))
            texts = (passport.figure, passport.release_id, passport.kind, passport.query, passport.digest)
            if not all(isinstance(said, str) for said in texts) or not isinstance(passport.specification, dict):
                raise ValueError("a field has another type")
        except (ValueError, TypeError, zlib.error, RecursionError) as error:
            raise BadInputError(
                f"{file}: its passport is damaged ({error}), so it cannot be checked; save the figure "
                "anew from the app."
            ) from error
        return passport


def plain_value(value: Any) -> Any:
    """A cell as it is compared and digested: None where missing, numbers as floats, all else as text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return value
    if hasattr(value, "item"):
        return plain_value(value.item())
    if isinstance(value, (int, float, Decimal)):
        return float(value)
    text = str(value)
    return None if text in ("<NA>", "NaT", "nan") else text


def digest(rows: pd.DataFrame) -> str:
    """SHA-256 of the rows: names of the columns and cells in their order, whatever library read them."""
    content = [list(map(str, rows.columns))]
    content += [[plain_value(value) for value in row] for row in rows.itertuples(index=False, name=None)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
