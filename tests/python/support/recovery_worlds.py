"""The other answers that the product names behind each hidden count, tried against everything that is released."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
from support.recovery_attack import Question
from support.recovery_wave import Wave, hidden_counts

from smv_ai.survey.disclosure.model import questions, searched

RELATIONS = {
    "figures": "int_disclosure_figures", "scores": "int_disclosure_answer_scores", "cells": "int_cells_weighted",
    "strata": "int_design_strata", "segments": "int_design_segments", "scored": "int_cells_scored",
    "moments": "int_response_moments", "rules": "int_quality_rules",
}  # fmt: skip
Key = tuple[str, tuple[str, str]]
Move = tuple[int, int, int]  # number of a cell, the answer that a firm leaves, the answer that it takes


def named_worlds(build_file: Path, design_id: str, *, is_graded: bool = True) -> dict[str, list[list[Move]]]:
    """The worlds that the product names, by question; or those that it would name if no figure had a grade."""
    found = {}
    with duckdb.connect(str(build_file), read_only=True) as connection:
        relations = {name: connection.sql(f"from intermediate.{table}") for name, table in RELATIONS.items()}
        relations["figures"] = relations["figures"].filter(f"design_id = '{design_id}'")
        for (_, item), question in questions(connection, relations):
            if not is_graded:
                question.graded = None
            search = searched(question)
            found[item] = [
                [
                    (int(question.cells[cell]), int(question.codes[leaves]), int(question.codes[takes]))
                    for cell, leaves, takes in world.moves
                ]
                for world in search.worlds
            ]
    return found


def possible_values(wave: Wave, worlds: dict[str, list[list[Move]]], is_told: bool = False) -> dict[Key, set[float]]:
    """The values of each hidden count in the worlds that nothing that is released excludes; the truth is 0."""
    values: dict[Key, set[float]] = {key: {0.0} for key in hidden_counts(wave)}
    place = {cell["design_cell"]: at for at, cell in enumerate(wave.cells)}
    for item, moves_of_worlds in worlds.items():
        question = Question(wave, item, is_told)
        for moves in moves_of_worlds:
            answers = question.answers.copy()
            for cell, leaves, takes in moves:
                answers[question.codes.index(leaves), place[cell]] -= 1
                answers[question.codes.index(takes), place[cell]] += 1
            if (answers < 0).any() or not question.allows(answers):
                continue
            score = question.sums_of(answers - question.answers)[1][:, 1]
            for at in np.flatnonzero(np.abs(score) > 1e-9):
                if question.keys[at] in values:
                    values[question.keys[at]].add(round(float(score[at]), 6))
    return values
