"""What the pages say against the marts: headlines, tables, filters, links, files, and the kinds of evidence apart."""

from __future__ import annotations

import html
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import altair as alt
import duckdb
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from support.app_pages import open_page, page_names, read_csv

from smv_ai.environment import Kind

LANGUAGES = ("da", "en")
# The pages with figures; every filter of theirs is a select box or a row of buttons with a key.
PAGES = ("overview", "adoption", "barriers", "productivity", "official", "explore", "sources")
AGE = re.compile(r"(, made |, dannet )[^,\n]*")
# The widgets that are no filters.
OTHERS = {"language_switch", "evidence_switch"}


@pytest.fixture
def visit(release_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page of the app on the release under test."""
    return lambda page, lang="da", **address: open_page(release_dir, monkeypatch, page, lang=lang, **address)


@pytest.fixture
def visit_demo(demo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page of the demonstration app."""
    return lambda page, lang="da", **address: open_page(
        demo_dir, monkeypatch, page, kind=Kind.DEMONSTRATION, lang=lang, **address
    )


@pytest.fixture
def demo_marts(demo_warehouse: duckdb.DuckDBPyConnection) -> Callable[[str], list[tuple]]:
    """Rows of a query on the demonstration, asked past the app."""
    return lambda sql: demo_warehouse.execute(sql).fetchall()


@pytest.fixture
def marts(warehouse: duckdb.DuckDBPyConnection) -> Callable[[str], list[tuple]]:
    """Rows of a query on the release, asked past the app."""
    return lambda sql: warehouse.execute(sql).fetchall()


def opened(app: AppTest, key: str) -> AppTest:
    """The page with the table of a figure in the place of its chart."""
    app.session_state[f"tabs_{key}"] = "Table" if app.query_params["lang"] in ("en", ["en"]) else "Tabel"
    return app.run()


def said(app: AppTest) -> str:
    """All words of a page but how long ago the release was made, which is another from one minute to the next."""
    return AGE.sub(r"\1", "\n".join(text.value for text in [*app.markdown, *app.caption]))


def printed(text: str) -> str:
    """A label or value of a mart with the signs of print: 5–9 and −0,9."""
    return re.sub(r"(?<![\w-])-(?=[0-9])", "\u2212", re.sub(r"(?<=[0-9])-(?=[0-9])", "\u2013", text))


def print_keys(rows: list[tuple[str, float]]) -> dict[str, float]:
    """What is printed and the number behind it."""
    return {printed(text): value for text, value in rows}


def is_whole(app: AppTest) -> bool:
    """Whether a page was drawn without an error; the banner of a demonstration is none."""
    return not app.exception and all("emonstration" in error.value for error in app.error)


def filters(app: AppTest) -> list[str]:
    """The keys of the filters on a page."""
    return [box.key for box in [*app.selectbox, *app.button_group] if box.key not in OTHERS]


def widget(app: AppTest, key: str):
    """The select box or row of buttons with a key."""
    return next(box for box in [*app.selectbox, *app.button_group] if box.key == key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_questions_are_answered_on_the_first_page(visit, marts, language: str) -> None:
    app = visit("overview", language)
    [(use,)] = marts(
        f"select value_text_{language} from marts.mart_adoption where indicator_id = 'ai_use' "
        "and industry_id = 'construction' and size_class_id = '5_9' and evidence_type = 'published'"
    )
    [(barrier, share)] = marts(
        f"select barrier_label_{language}, value_text_{language} from marts.mart_barriers "
        "where survey_wave_id = 'ti_2025' and indicator_id = 'barrier' and rank_in_question = 1 "
        "and evidence_type = 'published'"
    )
    growth = marts(
        f"select value_text_{language} from marts.mart_productivity where indicator_id = 'growth_productivity' "
        "and ai_use_group_id in ('ai_users', 'non_users') and evidence_type = 'published'"
    )
    words = said(app).replace("\u00a0", " ")
    # before them stand the two figures of firms of one size
    assert [metric.value.replace("\u00a0", " ") for metric in app.metric][2:] == [use, share, "?"]
    assert barrier in words
    assert len(growth) == 2 and all(value in words for (value,) in growth)
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert len(links) == 3 + len(page_names())
    assert any("focus=construction" in query for query in links.values())


def test_what_is_not_published_for_construction_is_said_and_true(visit, marts) -> None:
    [(sizes,)] = marts(
        "select count(*) from marts.mart_adoption where indicator_id = 'ai_use' and industry_id = 'construction' "
        "and size_class_id = '10_49' and evidence_type = 'published'"
    )
    [(barriers,)] = marts(
        "select count(*) from marts.mart_barriers where industry_id = 'construction' and evidence_type = 'published'"
    )
    words = said(visit("overview"))
    assert ("10–49 ansatte er ikke offentliggjort" in words) == (sizes == 0)
    assert ("Ingen af rapporterne opdeler barrierer på byggeriet" in words) == (barriers == 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_range_of_headlines_equals_the_mart(visit, marts, language: str) -> None:
    [(low, high)] = marts(
        f"select arg_min(value_text_{language}, observation_value), arg_max(value_text_{language}, observation_value) "
        "from marts.fct_headline_figures"
    )
    said_first = visit("overview", language).title[0].value.replace("\u00a0", " ")
    assert 0 < said_first.index(low) < said_first.index(high)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_filter_draws(visit, page: str, language: str) -> None:
    app = visit(page, language)
    assert is_whole(app)
    for key in filters(app):
        app = visit(page, language)
        options = len(widget(app, key).options)
        # The default is drawn above; the labels are what differs in English, so there the last must do.
        for position in sorted({1 % options, options // 2, options - 1}) if language == "da" else [options - 1]:
            box = widget(app, key)
            box.select_index(position) if hasattr(box, "select_index") else box.set_value(box.options[position])
            assert is_whole(app.run()), (key, position)


def test_shares_by_industry_and_size_equal_the_mart(visit, marts) -> None:
    waves = marts(
        "select survey_wave_id, base_population_id, count(distinct industry_id), count(distinct size_class_id) "
        "from marts.mart_adoption where indicator_id = 'ai_use' and evidence_type = 'published' group by all"
    )
    app = opened(visit("adoption"), "ai_use")
    for wave, base, industries, sizes in waves:
        app.selectbox(key="asked").set_value(f"{wave}.{base}.percent").run()
        for by in [name for name, groups in (("industry", industries), ("size_class", sizes)) if groups > 1]:
            if len(widget(app, "by").options) > 1:
                widget(app, "by").set_value(by)
                app.run()
            expected = marts(
                f"select {by}_label_da, value_text_da from marts.mart_adoption where indicator_id = 'ai_use' and "
                f"survey_wave_id = '{wave}' and ({by}_id <> 'total' or segment_label_da in ('I alt', '5-9 ansatte')) "
                "and evidence_type = 'published'"
            )
            table = app.dataframe[0].value
            shown = set(zip(table["Gruppe"], table["Værdi"], strict=True))
            expected = {(printed(group), printed(value)) for group, value in expected}
            assert shown <= expected and len(shown) > 1, (wave, by)


def test_explorer_says_the_extremes_of_each_indicator(visit, marts) -> None:
    app = opened(visit("explore", "en"), "explore")
    for code in app.selectbox(key="indicator").options:
        assert ": " in code
    indicators = marts(
        "select distinct theme || '.' || indicator_id, indicator_id from marts.fct_observations "
        "where theme <> 'response' and observation_status <> 'label_uncertain' and observation_value is not null "
        "and evidence_type = 'published'"
    )
    union = " union all by name ".join(
        f"(select * from marts.mart_{name})" for name in ("adoption", "barriers", "productivity")
    )
    # Every second one: the others differ in nothing that the page does.
    for code, indicator in sorted(indicators)[::2]:
        app.selectbox(key="indicator").set_value(code).run()
        assert is_whole(app), code
        wave, base, unit = app.selectbox(key="asked").value.split(".")
        known = print_keys(
            marts(
                f"select value_text_en, observation_value from ({union}) where indicator_id = '{indicator}' "
                f"and survey_wave_id = '{wave}' and base_population_id = '{base}' and unit_of_measure = '{unit}' "
                "and observation_status <> 'label_uncertain' and evidence_type = 'published'"
            )
        )
        values = list(app.dataframe[0].value["Value"])
        assert set(values) <= set(known), code
        assert len(values) <= app.dataframe[0].value["Group"].nunique(), "no group has two figures"
        for extreme in (min(values, key=known.get), max(values, key=known.get)):
            words = " ".join(text.value for text in [*app.markdown, *app.header, *app.subheader]).replace("\u00a0", " ")
            assert extreme in words, code


def test_undetermined_figures_are_in_no_chart(visit) -> None:
    app = visit("adoption", "en", technology_asked="dst_ict_2024.dst_ict_manufacturing.percent")
    alternatives = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert alternatives
    assert not any("Not settled" in text for text in alternatives)


def test_what_the_charts_leave_out_is_listed(visit, marts) -> None:
    app = visit("adoption", "en")
    app.session_state["undetermined"] = app.session_state["unpublished"] = True
    app.run()
    for number_of, table in zip(
        (
            "marts.mart_adoption where observation_status = 'label_uncertain'",
            "marts.fct_not_published where theme = 'adoption'",
        ),
        app.dataframe,
        strict=True,
    ):
        [(expected,)] = marts(f"select count(*) from {number_of}")
        assert len(table.value) == expected > 0


def test_chart_description_says_every_figure(visit, marts) -> None:
    expected = marts(
        "select industry_label_en, value_text_en from marts.mart_adoption where indicator_id = 'ai_use' "
        "and survey_wave_id = 'dst_micro_2023' and evidence_type = 'published'"
    )
    text = visit("adoption", "en").get("vega_lite_chart")[0].proto.alt
    assert expected
    assert all(f"{industry} {value}" in text for industry, value in expected)


def test_barriers_chart_never_mixes_surveys(visit) -> None:
    app = opened(visit("barriers"), "barriers")
    for wave in ("ti_2025", "caisa_2024", "dania_2025"):
        app.selectbox(key="survey").set_value(wave).run()
        table = app.dataframe[0].value
        # What all rows have in common stands above the table alone.
        assert all(table[name].nunique() == 1 for name in ("Måling", "Population") if name in table), wave


def test_area_indicator_shows_both_waves_and_the_change(visit, marts) -> None:
    expected = marts(
        "select region_label_en, value_text_en, change_from_previous_wave from marts.mart_productivity "
        "where indicator_id = 'productivity_indicator' and change_from_previous_wave is not null "
        "and evidence_type = 'published'"
    )
    table = opened(visit("productivity", "en"), "productivity_by_area").dataframe[0].value
    assert expected
    for area, value, change in expected:
        rows = table[table["Group"] == area]
        assert len(rows) == 2
        assert (printed(value), change) in set(zip(rows["Value"], rows["Change"], strict=True))


def test_figures_that_cannot_be_told_apart_are_marked(visit, marts) -> None:
    unclear = marts(
        "select from_industry.industry_label_en, to_industry.industry_label_en from marts.fct_changes as changes "
        "join marts.mart_adoption as from_industry on from_observation_id = from_industry.observation_id "
        "join marts.mart_adoption as to_industry on to_observation_id = to_industry.observation_id "
        "where changes.indicator_id = 'fixed_internet' and is_within_rounding"
    )
    table = opened(visit("adoption", "en", digital="fixed_internet"), "digitalisation").dataframe[0].value
    pairs = zip(table["Group"], table["Group"].shift(), table["Marks"], strict=True)
    marked = {frozenset((group, above)) for group, above, marks in pairs if "≈" in marks}
    beside = {frozenset(pair) for pair in zip(table["Group"], table["Group"].shift(), strict=True)}
    assert marked == {frozenset(pair) for pair in unclear} & beside
    assert marked


@pytest.mark.parametrize("language", LANGUAGES)
def test_growth_carries_the_caution(visit, language: str) -> None:
    caution = {"da": "ikke at AI er årsagen", "en": "not that AI is the cause"}[language]
    app = visit("productivity", language)
    assert [caution in text.value for text in [*app.info, *app.caption]].count(True) == 1, "said once on the page"
    alone = visit("productivity", language, figure="growth")
    assert any(caution in caption.value for caption in alone.caption), "and by the figure where it stands alone"


def test_checks_are_filtered(visit, marts) -> None:
    sql = "select count(*) from marts.fct_source_checks where outcome = 'contradiction'"
    for address, where in (({}, ""), ({"report": "ti_2025"}, " and publication_id = 'ti_2025'")):
        [(expected,)] = marts(sql + where)
        app = visit("sources", part="checks", **address)
        assert f"{expected} kontroller vist" in said(app)


def test_address_gives_back_the_filters_and_forgets_the_unknown(visit) -> None:
    app = visit("adoption", "en", asked="caisa_2024.caisa_smes.percent", by="size_class", maturity="nonsense")
    assert app.selectbox(key="asked").value == "caisa_2024.caisa_smes.percent"
    assert widget(app, "by").value == "size_class"
    assert "maturity" not in app.query_params
    app.selectbox(key="digital").set_value("edi_sales").run()
    assert app.query_params["digital"] in ("edi_sales", ["edi_sales"])
    app.selectbox(key="digital").set_value("cloud_use").run()
    assert "digital" not in app.query_params, "what is at its default is left out"


def test_copied_link_gives_back_the_page(visit) -> None:
    app = visit("adoption", "en", asked="caisa_2024.caisa_smes.percent", by="industry", focus="construction")
    words = said(app)
    app.session_state["menu_ai_use"] = True
    link = app.run().code[0].value
    address = dict(parse_qsl(urlsplit(link).query))
    assert address["release"] in link and urlsplit(link).fragment == "ai-use"
    again = visit("adoption", address.pop("lang"), **address)
    assert said(again) == words
    assert {"asked", "by", "focus", "technology_asked", "maturity", "digital"} <= set(address)


def exported(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple]:
    """What every menu of a page offers: the function behind each file, by name, and the SQL, by figure."""
    found: dict[str, tuple] = {}
    monkeypatch.setattr(st, "download_button", lambda *_, data, file_name, **__: found.update({file_name: data}))
    for menu in app.get("popover"):
        app.session_state[menu.proto.id.split("-")[-1]] = True
    app.run()
    assert is_whole(app)
    return found


CARRIED = {
    "sample_size", "base_population", "interval_method", "source_file", "citation", "release_id", "is_synthetic",
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_file_says_what_it_is(visit, monkeypatch: pytest.MonkeyPatch, marts, page: str) -> None:
    app = visit(page, "en")
    files = exported(app, monkeypatch)
    assert {name.split(".")[-1] for name in files} >= {"csv", "parquet"}
    release = app.query_params.get("release") or next(iter(files)).split("_")[-1].split(".")[0]
    for name, make in files.items():
        if name.endswith((".pdf", ".bib", ".ris", ".xlsx", ".zip")):
            continue  # in tests/python/passport, but for what cites
        content = make()
        if name.endswith("csv"):
            rows = read_csv(name, content)
        elif name.endswith("parquet"):
            rows = pd.read_parquet(io.BytesIO(content))
        else:
            picture_says_what_it_is(name, make, content, release)
            continue
        assert set(rows) >= CARRIED, name
        assert len(rows) and set(rows["release_id"]) == {release} and not rows["is_synthetic"].any(), name
    statements = [code.value for code in app.code if code.language == "sql"]
    assert len(statements) == len([name for name in files if name.endswith("_excel.csv")])
    assert all(marts(sql) for sql in statements), "the SQL runs as it is shown"


def picture_says_what_it_is(name: str, make: Callable, content: bytes, release: str) -> None:
    """A picture follows the schema of Vega-Lite and has title, n, method or reason, source and release burned in."""
    spec = make.args[0]
    alt.VConcatChart.from_dict(spec)
    if name.endswith("png"):
        assert content.startswith(b"\x89PNG") and len(content) > 20_000, name
        return
    words = content.decode()
    assert all(line in html.unescape(words) for line in (*spec["title"]["text"], *spec["title"]["subtitle"])), name
    assert "n\u00a0=" in words or "n not published" in words or "there is no n" in words, name
    assert "Source: " in words and release in words, name
    assert "interval" in words, name


@pytest.mark.parametrize("page", PAGES)
def test_published_is_shown_unless_asked(visit, visit_demo, page: str) -> None:
    mixed, alone = visit_demo(page), visit(page)
    assert mixed.radio[0].value == "published" and not alone.radio, "one kind of evidence needs no switch"
    assert not mixed.warning and not alone.warning
    assert is_whole(mixed) and is_whole(alone)
    charts = [chart.proto.alt for chart in mixed.get("vega_lite_chart")]
    assert charts == [chart.proto.alt for chart in alone.get("vega_lite_chart")]


@pytest.mark.parametrize("page", ["barriers", "adoption", "productivity", "explore"])
def test_synthetic_evidence_is_said_everywhere(visit_demo, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    app = visit_demo(page, evidence="synthetic")
    assert is_whole(app)
    assert "ikke af data om virkelige virksomheder" in app.warning[0].value
    charts = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert charts and all("Syntetiske tal" in text for text in charts)
    for name, make in exported(app, monkeypatch).items():
        if not name.endswith(("csv", "svg")):
            continue
        content = make()
        if name.endswith("csv"):
            rows = read_csv(name, content)
            if "not_published" not in name:
                assert name.startswith("demonstration_synthetic_")
                assert set(rows["evidence_type"]) == {"synthetic"} and rows["is_synthetic"].all(), name
        elif name.endswith("svg"):
            assert "ikke virkelige virksomheder" in content.decode() and "Syntetiske tal" in content.decode(), name


def test_kind_of_evidence_survives_a_change_of_page(visit_demo) -> None:
    app = visit_demo("adoption", evidence="synthetic")
    app.switch_page("pages/barriers.py").run()
    assert app.warning and app.query_params["evidence"] in ("synthetic", ["synthetic"])
    app.radio[0].set_value("published").run()
    assert not app.warning and "evidence" not in app.query_params
    app.switch_page("pages/overview.py").run()
    assert not app.warning


@pytest.mark.parametrize("page", ["adoption", "barriers", "productivity", "explore"])
def test_page_with_little_to_show_says_so(
    demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    shutil.copytree((demo_dir / "current").resolve(), tmp_path / "release")
    (tmp_path / "current").symlink_to("release")
    with duckdb.connect(str(tmp_path / "release" / "smv_ai.duckdb")) as connection:
        for table in ("fct_observations", "mart_adoption", "mart_barriers", "mart_productivity"):
            connection.execute(
                f"delete from marts.{table} where evidence_type = 'synthetic' "
                "and not (indicator_id = 'ai_use' and survey_wave_id = 'ti_2025')"
            )
    app = open_page(tmp_path, monkeypatch, page, kind=Kind.DEMONSTRATION, lang="da", evidence="synthetic")
    assert is_whole(app)
    assert any(info.value == "Ingen rækker med dette valg." for info in app.info) or page == "explore"


def test_withheld_figure_is_drawn_as_such(visit_demo, demo_marts) -> None:
    withheld = demo_marts(
        "select distinct size_class_label_en, value_text_en, observation_status_label_en from marts.mart_adoption "
        "where indicator_id = 'ai_scaled' and evidence_type = 'synthetic' and observation_value is null"
    )
    app = visit_demo("explore", "en", evidence="synthetic", indicator="adoption.ai_scaled", by="size_class")
    [text] = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert withheld
    for size, value, status in withheld:
        assert f"{size} {value}" in text
        assert f"{value} = {status}." in said(app)


def test_synthetic_figures_of_a_whole_survey_leave_breakdowns_out(visit_demo, demo_marts) -> None:
    """A demonstration survey is broken down in many ways; a figure of all firms holds each answer once."""
    app = visit_demo("productivity", "en", evidence="synthetic")
    for key, indicator in (("productivity_distribution", "productivity_change"), ("drivers", "productivity_driver")):
        table = opened(app, key).dataframe[0].value
        app.session_state[f"tabs_{key}"] = "Chart"
        latest = demo_marts(
            "select answer_category_label_en, value_text_en from marts.mart_productivity "
            f"where indicator_id = '{indicator}' and evidence_type = 'synthetic' "
            "and survey_wave_id = 'deb_2025_autumn' and segment_label_en not like '%employees%' "
            "and 'total' = all([industry_id, size_class_id, region_id, ai_use_group_id])"
        )
        assert not table["Group"].duplicated().any() and len(table) > 1
        assert set(zip(table["Group"], table["Value"], strict=True)) <= set(latest), key


def test_older_schema_inside_a_part_of_a_page_is_a_clear_page(
    release_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree((release_dir / "current").resolve(), tmp_path / "older")
    (tmp_path / "current").symlink_to("older")
    with duckdb.connect(str(tmp_path / "older" / "smv_ai.duckdb")) as connection:
        connection.execute("alter table marts.mart_barriers drop column rank_in_question")
    app = open_page(tmp_path, monkeypatch, "barriers", lang="da")
    assert not app.exception
    assert [title.value for title in app.title] == ["Ingen data at vise / No data to show"]


def test_industry_by_size_is_a_heatmap_where_it_exists(visit_demo, demo_marts) -> None:
    app = visit_demo("adoption", "en", evidence="synthetic")
    [heatmap] = [chart.proto.alt for chart in app.get("vega_lite_chart") if "by industry and size" in chart.proto.alt]
    cells = demo_marts(
        "select industry_label_en, size_class_label_en, value_text_en from marts.mart_adoption where "
        "indicator_id = 'ai_use' and evidence_type = 'synthetic' and survey_wave_id = 'caisa_2024' "
        "and industry_id <> 'total' and size_class_id <> 'total'"
    )
    assert len(cells) > 1
    said_cells = [cell for cell in cells if " ".join(cell) in heatmap]
    assert len(said_cells) == 12 and f"and {len(cells) - 12} more rows" in heatmap
    assert any(
        "None of the reports publishes industry by size" in info.value for info in visit_demo("adoption", "en").info
    )


def test_a_figure_is_split_by_as_little_as_the_survey_allows(visit) -> None:
    visit("overview")
    from shared import breakdown

    by_all = ["total", "industry", "industry, size_class", "industry, size_class, technology", "region, technology"]
    for ways, shown, needed, fewest in (
        (by_all, ("industry",), (), ["industry", "total"]),
        (by_all, ("total",), (), ["total"]),
        (by_all, ("industry", "size_class"), ("industry", "size_class"), ["industry, size_class"]),
        (by_all, ("region",), ("technology",), ["region, technology"]),
        (["size_class, technology", "technology"] * 2, ("size_class",), (), ["size_class, technology", "technology"]),
        (["technology"], ("industry",), ("answer_category",), []),
    ):
        assert breakdown._fewest(pd.Series({"ways": ways}), shown, needed) == fewest


def test_pairs_stand_together_the_largest_first_and_what_is_last_at_the_end(visit) -> None:
    visit("overview")
    from shared.evidence import Answer

    rows = pd.DataFrame(
        {
            "label": ["all", "all", "low", "low", "high", "high", "withheld"],
            "observation_value": [99.0, 1.0, 3.0, 2.0, 4.0, 8.0, None],
            "is_last": [True, True, False, False, False, False, False],
        }
    )
    found = Answer(rows, "", {}).in_pairs().rows
    assert found["label"].tolist() == ["high", "high", "low", "low", "withheld", "all", "all"]
    assert found.loc[found["is_upper"], "observation_value"].tolist() == [8.0, 3.0, 99.0]
    assert found["observation_value"].tolist()[:4] == [4.0, 8.0, 3.0, 2.0], "a pair keeps its order"
    without = Answer(rows.drop(columns="is_last"), "", {}).in_pairs().rows
    assert without["label"].tolist() == ["all", "all", "high", "high", "low", "low", "withheld"]
