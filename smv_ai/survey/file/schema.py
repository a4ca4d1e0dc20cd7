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
}


def _parts() -> dict[str, type[model.Part]]:
    return {name: part for name, part in vars(model).items() if isinstance(part, type) and issubclass(part, model.Part)}


def schema() -> dict[str, Any]:
    """The schema, from the models that read the files."""
    found = model.SurveyFile.model_json_schema()
    definitions = found["$defs"]
    for (part, key), kinds in SHORTER.items():
        where = definitions[part]["properties"][key]
        where["anyOf"] = [*kinds, *where["anyOf"]]
    definitions["Question"]["properties"].pop("option_list", None)
    for name, part in _parts().items():
        if part.SHORT is not None and name in definitions:
            full = definitions[name]
            definitions[name] = {
                "description": full.get("description", ""),
                "anyOf": [{"type": "string"}, {"type": "null"}, full],
            }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def text() -> str:
    """The schema as it stands in surveys/."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
