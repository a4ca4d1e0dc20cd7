"""What follows from survey files for the catalogue: rows for whatever the product does not know by itself.

A survey of the catalogue adds nothing but what it names for itself; a survey of its own adds itself, its wave, bases,
questions, indicators, answers, and the codes that it brings. All its ids begin with the id of the survey.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from smv_ai.survey.file.conditions import Rule
from smv_ai.survey.file.estimation import question_id
from smv_ai.survey.file.items import ASKED, DEFAULT_BASE, AskedItem, WaveFile, danish, english, joined
from smv_ai.survey.file.layout import CATALOGUE, Row, Rows
from smv_ai.survey.file.measures import Measure, OwnIndicator, measures_of
from smv_ai.survey.file.model import Option, Own

# Own codes come after those of the product.
FIRST_SORT_ORDER = 1000
CODELISTS = {"themes": "construct_themes", "statistical_units": "statistical_units", "modes": "collection_modes"}
IN_WORDS = {
    "mean": "gennemsnit | mean",
    "total": "i alt | total",
    "population": "antal | number",
    "ratio": "forhold | ratio",
}


def labels(label: str, prefix: str = "label") -> Row:
    """A label as its two columns."""
    return {f"{prefix}_da": danish(label), f"{prefix}_en": english(label)}


def survey_label(wave: WaveFile) -> str:
    """The name of the survey."""
    return wave.file.survey.label or wave.survey_id


def _survey(wave: WaveFile) -> Iterator[Row]:
    survey = wave.file.survey
    if wave.is_own:
        yield {
            "survey_id": survey.id,
            **labels(survey_label(wave)),
            "producer": survey.producer or english(survey_label(wave)),
            "statistical_unit": survey.unit,
            "sampling_design_en": survey.sampling or "Not stated",
            "is_cited_only": False,
        }


def _wave(wave: WaveFile) -> Iterator[Row]:
    said = wave.file.wave
    if wave.wave_id in wave.names.of("survey_wave"):
        return
    first, last = (date.fromisoformat(part) for part in said.fieldwork.split("/")) if said.fieldwork else (None, None)
    rest = wave.wave_id.removeprefix(f"{wave.survey_id}_")
    population = said.population or joined("Virksomheder | Firms", survey_label(wave))
    yield {
        **dict.fromkeys(CATALOGUE["survey_waves"]),
        "survey_wave_id": wave.wave_id,
        "survey_id": wave.survey_id,
        **labels(said.label or rest),
        "reference_period": said.period or (str(first.year) if first else _year(wave.wave_id)),
        "collection_start_date": first,
        "collection_end_date": last,
        "collection_mode": said.mode,
        "invited": said.invited,
        "weighting_method": "calibrated" if wave.file.calibrate else "weighted",
        **labels(population, "population"),
        "previous_survey_wave_id": said.continues,
        "design_effect_basis": "Computed from the responses",
    }


def _year(wave_id: str) -> str:
    found = [part for part in wave_id.split("_") if len(part) == 4 and part.isdecimal()]
    return found[0] if found else "annual"


def _bases(wave: WaveFile) -> Iterator[Row]:
    said = dict(wave.file.bases)
    default = wave.default_base
    if default == DEFAULT_BASE and default not in said and wave.is_own:
        said = {default: wave.base(default), **said}
    for name, base in said.items():
        if name in wave.names.of("base"):
            continue
        label = base.label or wave.file.wave.population or joined("Virksomheder | Firms", survey_label(wave))
        yield {
            **dict.fromkeys(CATALOGUE["base_populations"]),
            "base_population_id": wave.base_id(name),
            "survey_id": wave.survey_id,
            **labels(label),
            "base_kind": base.kind or ("users" if base.where else "all"),
            "size_limits": base.size,
            "parent_base_population_id": wave.base_id(default) if base.where and name != default else None,
        }


def _asked_bases(wave: WaveFile) -> Iterator[Row]:
    """The firms that a question is asked of, where it has a condition and names no base."""
    whole = wave.base_id(wave.default_base)
    for key, question in wave.file.questions.items():
        if not wave.is_own or question.asked_if is None or question.base is not None:
            continue
        da, en = (
            f"{half(_said_label(wave, whole))} ({_in_words(wave, question.asked_if, half)})"
            for half in (danish, english)
        )
        yield {
            **dict.fromkeys(CATALOGUE["base_populations"]),
            "base_population_id": wave.base_id(f"{key}{ASKED}"),
            "survey_id": wave.survey_id,
            "label_da": da,
            "label_en": en,
            "base_kind": "users",
            "size_limits": wave.base(wave.default_base).size,
            "parent_base_population_id": whole,
        }


def _in_words(wave: WaveFile, rule: Rule, half: Callable[[str], str]) -> str:
    """A condition by the labels of its questions and answers; as it is written where it says more than that."""
    parts = []
    for condition in rule.plain or ():
        item = next((item for item in wave.items if item.column == condition.columns[0]), None)
        if item is None:
            return rule.text
        answers = {str(code): half(option.label or str(code)) for code, option in item.options.items()}
        parts.append(f"{half(item.label)}: {'/'.join(answers.get(value, value) for value in condition.values)}")
    return ", ".join(parts) or rule.text


def base_label(wave: WaveFile, base_id: str) -> str:
    """The name of a base as a survey file writes labels."""
    asked = (row for row in _asked_bases(wave) if row["base_population_id"] == base_id)
    found = next(asked, None)
    return f"{found['label_da']} | {found['label_en']}" if found else _said_label(wave, base_id)


def _said_label(wave: WaveFile, base_id: str) -> str:
    """The name of a base of the catalogue or of `bases`; the id of one that does not exist."""
    found = next((row for row in _bases(wave) if row["base_population_id"] == base_id), None)
    return f"{found['label_da']} | {found['label_en']}" if found else wave.names.label("base", base_id)


def theme_of(wave: WaveFile, indicator: OwnIndicator) -> str:
    """The theme of an indicator of the survey's own: as named, or one with the name of the survey."""
    return wave.theme_id(indicator.theme or wave.file.theme)


def _own_indicators(wave: WaveFile) -> dict[str, tuple[OwnIndicator, Measure]]:
    found: dict[str, tuple[OwnIndicator, Measure]] = {}
    for measure in measures_of(wave):
        if isinstance(measure.indicator, OwnIndicator):
            found.setdefault(measure.indicator.indicator_id, (measure.indicator, measure))
    return found


def indicator_label(indicator: OwnIndicator, measure: Measure) -> str:
    """The name of an indicator, with its statistic where that is no share."""
    if (
        not indicator.is_shared
        and measure.statistic in IN_WORDS
        and measure.estimate.label is None
        and measure.item is not None
    ):
        da, en = danish(indicator.label), english(indicator.label)
        word = IN_WORDS[measure.statistic]
        return f"{da}, {danish(word)} | {en}, {english(word)}"
    return indicator.label


def _indicators(wave: WaveFile) -> Iterator[Row]:
    for indicator_id, (indicator, measure) in _own_indicators(wave).items():
        label = indicator_label(indicator, measure)
        yield {
            "indicator_id": indicator_id,
            **labels(label),
            "construct": wave.theme_id(indicator.construct or indicator.theme or wave.file.theme),
            "theme": theme_of(wave, indicator),
            "definition_en": english(label),
        }


def _groups(wave: WaveFile) -> Iterator[Row]:
    seen: set[tuple[str, str]] = set(wave.names.groups)
    own = _own_indicators(wave)
    for measure in measures_of(wave):
        indicator_id = measure.indicator_id
        if indicator_id is None or (indicator_id, measure.base) in seen:
            continue
        seen.add((indicator_id, measure.base))
        name = (
            indicator_label(*own[indicator_id]) if indicator_id in own else wave.names.label("indicator", indicator_id)
        )
        base = base_label(wave, measure.base)
        yield {
            "comparability_group_id": f"{indicator_id}__{measure.base}",
            "indicator_id": indicator_id,
            "base_population_id": measure.base,
            **labels(joined(name, base), "title"),
            "break_note_en": None,
        }


def _questions(wave: WaveFile) -> Iterator[tuple[Row, list[Row]]]:
    """Each question of a survey of its own, with its answers."""
    if not wave.is_own:
        return
    asked = [(key, question) for key, question in wave.file.questions.items() if not question.rules]
    for number, (key, question) in enumerate(asked, start=1):
        items = [item for item in wave.items if item.key == key]
        if question.question is not None or not items:
            continue
        rule = wave.asked_if(items[0])
        kind = "open" if question.number else "single" if question.items is None else "multiple"
        row = {
            **dict.fromkeys(CATALOGUE["questions"]),
            "question_id": question_id(wave, items[0]),
            "survey_wave_id": wave.wave_id,
            "question_number": number,
            "question_type": kind,
            **labels(question.label or key, "wording"),
            "asked_of": rule.text if rule else "all",
            "extent_printed": "full",
        }
        yield row, list(_answers(str(row["question_id"]), items))


def _answers(question: str, items: list[AskedItem]) -> Iterator[Row]:
    shown = (
        [(item.member or "", item.member_label or item.member or "") for item in items]
        if items[0].member is not None
        else [(str(code), option.label or str(code)) for code, option in items[0].options.items()]
    )
    for order, (_, label) in enumerate(shown, start=1):
        yield {
            "answer_option_id": f"{question}_o{order:02d}",
            "question_id": question,
            "option_order": order,
            **labels(label),
            "source_line": None,
        }


def _categories(wave: WaveFile) -> Iterator[Row]:
    """Answer categories of the survey's own, from the answers and the items of batteries that estimates name."""
    used = {measure.answer: measure.item for measure in measures_of(wave) if measure.answer is not None}
    named: dict[str, tuple[str, str]] = {}
    for item in wave.items:
        for name, option in _options_by_name(wave, item):
            shown = option.label or name
            named.setdefault(f"{wave.survey_id}_{item.list_name}_{name}", (shown, item.list_name))
            if option.category is not None:
                named.setdefault(wave.own_id("answer", option.category), (shown, item.list_name))
        if item.member is not None:
            label = item.member_label or item.member
            named.setdefault(f"{wave.survey_id}_{item.key}_{item.member}", (label, item.key))
            named.setdefault(wave.own_id("answer", item.about or item.member), (label, item.key))
    for order, category in enumerate(used):
        if category in wave.names.of("answer"):
            continue
        label, of = named.get(category, (category.removeprefix(f"{wave.survey_id}_"), "answers"))
        yield {
            "answer_category_id": category,
            "sort_order": FIRST_SORT_ORDER + order,
            **labels(label),
            "category_set": f"{wave.survey_id}_{of}",
            "description_en": english(label),
        }


def _options_by_name(wave: WaveFile, item: AskedItem) -> Iterator[tuple[str, Option]]:
    for code, option in wave.option_list(item.key, item.question)[1].items():
        yield option.id or "_".join(str(part) for part in option.codes or [code]), option


def _themes(wave: WaveFile) -> dict[str, Own]:
    """The themes of the survey's own: those of its file, and the one with its name where an indicator names none."""
    used = {theme_of(wave, indicator) for indicator, _ in _own_indicators(wave).values()}
    own = {wave.survey_id: Own(label=survey_label(wave))} if wave.survey_id in used else {}
    return {**own, **wave.file.themes}


def _own_codes(wave: WaveFile) -> Iterator[Row]:
    for section, codelist in CODELISTS.items():
        codes = _themes(wave) if section == "themes" else getattr(wave.file, section)
        for order, (code, own) in enumerate(codes.items()):
            yield {
                "codelist_id": codelist,
                "code_id": code,
                "sort_order": FIRST_SORT_ORDER + order,
                **labels(own.label),
                "description_da": None,
                "description_en": None,
            }


def _constructs(wave: WaveFile) -> Iterator[Row]:
    """Constructs of the survey's own, and for indicators that name none one with the name of their theme."""
    needed = dict.fromkeys(row["construct"] for row in _indicators(wave))
    own = {**_themes(wave), **wave.file.constructs}
    for order, code in enumerate(code for code in needed if code not in wave.names.of("construct")):
        label = own[code].label if code in own else wave.names.label("theme", code)
        yield {"construct": code, "sort_order": FIRST_SORT_ORDER + order, **labels(label)}


def _units(wave: WaveFile) -> Iterator[Row]:
    for code, unit in wave.file.units.items():
        yield {
            "unit_of_measure": code,
            **labels(unit.label),
            **(labels(unit.symbol, "symbol") if unit.symbol else {"symbol_da": None, "symbol_en": None}),
            "minimum_value": unit.minimum,
            "maximum_value": unit.maximum,
        }


def catalogue_rows(waves: list[WaveFile]) -> Rows:
    """The rows of all tables of `layout.CATALOGUE`; what several waves of a survey say stands once."""
    rows: Rows = {name: [] for name in CATALOGUE}
    for wave in waves:
        questions = list(_questions(wave))
        found: dict[str, list[Row]] = {
            "surveys": list(_survey(wave)),
            "survey_waves": list(_wave(wave)),
            "base_populations": [*_bases(wave), *_asked_bases(wave)],
            "indicators": list(_indicators(wave)),
            "comparability_groups": list(_groups(wave)),
            "questions": [row for row, _ in questions],
            "answer_options": [row for _, answers in questions for row in answers],
            "answer_categories": list(_categories(wave)),
            "codes": list(_own_codes(wave)),
            "constructs": list(_constructs(wave)),
            "units": list(_units(wave)),
        }
        for name, added in found.items():
            key = list(CATALOGUE[name])[: 2 if name == "codes" else 1]
            known = {tuple(row[column] for column in key) for row in rows[name]}
            rows[name] += [row for row in added if tuple(row[column] for column in key) not in known]
    return rows
