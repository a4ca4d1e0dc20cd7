"""The JSON Schema of survey files: editors complete and check with it while one types.

# yaml-language-server: $schema=survey.schema.json
"""

from __future__ import annotations

import json
from typing import Any

from smv_ai.survey.file import model

NAME = "survey.schema.json"
# Where a name or a list may stand for the mapping that the model holds.
SHORTER: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("Question", "options"): [{"type": "string"}],
    ("Question", "items"): [{"type": "array", "items": {"type": "string"}}],
    ("Question", "statistics"): [{"type": "string"}],
    ("Frame", "columns"): [{"type": "array", "items": {"type": "string"}}],
}
# YAML makes numbers and truths of what is meant as text: 2026, 10, no.
TEXT = ["string", "number", "boolean"]


def _parts() -> dict[str, type[model.Part]]:
    return {name: part for name, part in vars(model).items() if isinstance(part, type) and issubclass(part, model.Part)}


def schema() -> dict[str, Any]:
    """The schema, from the models that read the files."""
    found = model.SurveyFile.model_json_schema()
    definitions = found["$defs"]
    for (part, key), kinds in SHORTER.items():
        where = definitions[part]["properties"][key]
        full = where.pop("anyOf", None) or [
            {key: where.pop(key) for key in ("type", "items", "additionalProperties") if key in where}
        ]
        where["anyOf"] = [*kinds, *full]
    definitions["Question"]["properties"].pop("option_list", None)
    for name, part in _parts().items():
        if name in definitions:
            full = definitions[name]
            short = [{"type": "string"}] if part.SHORT is not None else []
            definitions[name] = {
                "description": full.get("description", ""),
                "anyOf": [*short, {"type": "null"}, full],
            }
    _loosen(found)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _loosen(part: Any) -> None:
    """Let text be whatever YAML makes of it."""
    if isinstance(part, dict):
        if part.get("type") == "string" and "enum" not in part:
            part["type"] = TEXT
        for inner in part.values():
            _loosen(inner)
    elif isinstance(part, list):
        for inner in part:
            _loosen(inner)


def text() -> str:
    """The schema as it stands in surveys/."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    from smv_ai.environment import PROJECT_DIR

    (PROJECT_DIR / "surveys" / NAME).write_text(text(), encoding="utf-8")
