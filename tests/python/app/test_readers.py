"""Eight readers and what they ask, each in at most three clicks from the page or link they begin at; with pictures."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.app_server import complete, menu
from support.commands import PATIENCE

pytestmark = pytest.mark.browser
MOST_CLICKS = 3


class Reader:
    """A page on which clicks are counted."""

    def __init__(self, page: Any) -> None:
        self.page, self.clicks = page, 0

    def click(self, target: Any) -> None:
        """One click, and whatever it starts has ended."""
        self.clicks += 1
        target.click()
        self.page.wait_for_timeout(300)
        complete(self.page)

    def says(self, *texts: str) -> None:
        """All of these stand on the page; a space before a per cent sign may be one that does not break."""
        words = self.page.locator("body").inner_text().replace("\u00a0", " ")
        missing = [text for text in texts if text not in words]
        assert not missing, missing

    def button(self, name: str, position: int = 0) -> Any:
        """A button by its name."""
        return self.page.get_by_role("button", name=name).nth(position)


def journalist(reader: Reader, _: duckdb.DuckDBPyConnection) -> None:
    """How many, why do the answers differ, a picture for the article."""
    reader.says("fra 8,3 % ¶ til 66 %", "67 %", "13 %", "så tallene kan ikke sammenlignes", "Indsamlingsmetode")
    reader.click(reader.button("Hent og del"))
    with reader.page.expect_download() as download:
        reader.click(reader.button("Hent PNG"))
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def policy_officer(reader: Reader, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Is construction behind, by how much, how sure."""
    [(value, every)] = warehouse.execute(
        "select max(observation_value) filter (where industry_id = 'construction'), "
        "max(observation_value) filter (where industry_id = 'total') from marts.mart_adoption "
        "where indicator_id = 'ai_use' and survey_wave_id = 'dst_micro_2023' and evidence_type = 'published'"
    ).fetchall()
    assert (value, every) == (3, 13)
    reader.click(reader.page.get_by_role("link", name="Se alle brancher"))
    reader.says("bygge og anlæg lavest med 3 %; om forskellen er tilfældig, vides ikke", "Bygge og anlæg: 3 %.")
    reader.click(reader.button("Fremhæv og sammenlign"))
    reader.says("Første række", "Anden række")


def consultant(reader: Reader, warehouse: duckdb.DuckDBPyConnection) -> None:
    """What holds manufacturers with 10–49 employees back."""
    query = "select count(*) from marts.mart_barriers where size_class_id = '10_49' and evidence_type = 'published'"
    assert warehouse.execute(query).fetchone() == (0,)
    reader.click(menu(reader.page).filter(has_text="Barrierer"))
    reader.says(
        "mangler viden eller kompetencer ligger højest med 36 %", "Produktionsvirksomheder med 10–250 ansatte",
        "Barrierer for virksomheder med 10–49 ansatte er ikke offentliggjort for sig.",
    )  # fmt: skip


def chamber(reader: Reader, _: duckdb.DuckDBPyConnection) -> None:
    """How Nordjylland is doing, against others, against last time, beyond chance."""
    reader.click(menu(reader.page).filter(has_text="Produktivitet"))
    reader.says("Nordjylland lavest med −0,9; om forskellen er tilfældig, vides ikke")
    figure = reader.page.locator(".st-key-figure_productivity_by_area")
    drawn = figure.get_by_test_id("stVegaLiteChart").text_content()
    assert "Nordjylland" in drawn and "−2,4" in drawn
    adjust = figure.get_by_role("button", name="Fremhæv")
    reader.click(adjust)
    reader.says("Fremhæv rækker")


def student(reader: Reader, _: duckdb.DuckDBPyConnection) -> None:
    """All data with metadata; the question as far as the report has it."""
    reader.click(menu(reader.page).filter(has_text="Data og metode"))
    with reader.page.expect_download() as download:
        reader.click(reader.button("Hent det hele"))
    names = zipfile.ZipFile(download.value.path()).namelist()
    assert {Path(name).name for name in names} >= {"datapackage.json", "CITATION.cff", "dictionary.md", "methods.md"}
    assert any(name.endswith("dim_questions.csv") for name in names)


def statistician(reader: Reader, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Standard error, design effect and method of the 66 per cent."""
    [(error, effect)] = warehouse.execute(
        "select standard_error, design_effect from marts.mart_adoption "
        "where observation_id = (select observation_id from marts.fct_headline_figures "
        "where headline_id = 'caisa_2024')"
    ).fetchall()
    reader.click(reader.button("Metode"))
    written = f"{error:.2f}".replace(".", ",")
    reader.says("Kortlægning af AI i danske SMV'er", "en antagelse, ikke et skøn", "Wilson", f"Standardfejl: {written}")
    reader.says(f"Designeffekt {effect:.2f}".replace(".", ","))


def analyst(reader: Reader, _: duckdb.DuckDBPyConnection) -> None:
    """A query of one's own, its error, its rows, a download."""
    reader.click(menu(reader.page).filter(has_text="SQL"))
    box = reader.page.get_by_label("Forespørgsel")
    box.fill(
        "select publisher, count(*) as n from mart_adoption join dim_publications using (publication_id) group by 1"
    )
    reader.click(reader.button("Kør"))
    reader.page.get_by_text("Ambiguous reference").or_(reader.page.get_by_text("rækker på")).first.wait_for()
    box.fill("select mart.publisher, count(*) as n from mart_adoption as mart "
             "join dim_publications using (publication_id) group by 1")  # fmt: skip
    box.press("Control+Enter")
    reader.page.get_by_text("rækker på").wait_for()
    with reader.page.expect_download() as download:
        reader.click(reader.button("Hent CSV"))
    assert "Danmarks Statistik" in Path(download.value.path()).read_text(encoding="utf-8-sig")


def telephone(reader: Reader, _: duckdb.DuckDBPyConnection) -> None:
    """A shared link opens at its place, with the pages named above and nothing over it."""
    place = reader.page.locator("#support").first
    reader.page.wait_for_function("Math.abs(document.querySelector('#support').getBoundingClientRect().top) < 200")
    assert place.is_visible()
    assert menu(reader.page).count() == 10
    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


READERS: dict[str, tuple[Callable, str, int]] = {
    "journalist": (journalist, "?lang=da", 1280),
    "policy_officer": (policy_officer, "?lang=da", 1280),
    "consultant": (consultant, "?lang=da", 1280),
    "chamber": (chamber, "?lang=da", 1280),
    "student": (student, "?lang=da", 1280),
    "statistician": (statistician, "?lang=da", 1280),
    "analyst": (analyst, "?lang=da", 1280),
    "telephone": (telephone, "barriers?lang=da#support", 390),
}


@pytest.fixture
def pictures(project: Path) -> Path:
    """Where the pictures are kept."""
    folder = Path(os.environ.get("SMV_AI_ARTIFACTS", project / "artifacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def sized(browser: Any) -> Iterator[Callable[[int], Any]]:
    """Makes a page of a width; it is closed at the end."""
    made: list[Any] = []

    def of_width(width: int) -> Any:
        page = browser.new_page(viewport={"width": width, "height": 900}, accept_downloads=True)
        page.set_default_timeout(PATIENCE * 1000)
        made.append(page)
        return page

    yield of_width
    for page in made:
        page.close()


@pytest.mark.parametrize("who", READERS)
def test_a_reader_has_the_answer_in_three_clicks(
    sized: Callable[[int], Any], address: str, warehouse: duckdb.DuckDBPyConnection, pictures: Path, who: str
) -> None:
    asks, path, width = READERS[who]
    reader = Reader(sized(width))
    reader.page.goto(f"{address}/{path}")
    complete(reader.page)
    asks(reader, warehouse)
    reader.page.screenshot(path=str(pictures / f"reader_{who}.png"))
    assert reader.clicks <= MOST_CLICKS
