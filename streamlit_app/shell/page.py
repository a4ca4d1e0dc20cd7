"""The HTML of a page as it comes with the first byte: title, language, preview, and words to read while it loads."""

from __future__ import annotations

import functools
import html
import re
from pathlib import Path
from string import Template

from shared.text import TEXTS
from streamlit import file_util

FOLDER = Path(__file__).parent
# Streamlit's own font comes first of all its files, and no page uses it.
# What draws the charts, which every page has: asked for at once, not when the first chart arrives.
CHARTS = ("embed.*.js", "ArrowVegaLiteChart.*.js", "arrowFormatUtils.*.js", "recordbatch.*.js", "serialization.*.js")
FONT_PRELOAD = re.compile(r'<link\s+rel="preload"[^>]*as="font"[^>]*>')


def words(page: str, language: str) -> dict[str, str]:
    """Title and lead of a page, by the name in its address; of the overview where no page has that name."""
    place = 0 if language == "da" else 1
    known = page if f"nav_{page}" in TEXTS else "overview"
    named = {"app": "app", "title": f"nav_{known}", "lead": f"{known}_lead", "waiting": "first_waiting"}
    said = {name: TEXTS[key][place] for name, key in named.items() if key in TEXTS}
    return {"lead": TEXTS["app_lead"][place]} | said | {"language": language}


@functools.cache
def _template() -> str:
    """Streamlit's own page with places for ours."""
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8").replace("$", "$$")
    files = [file.name for name in CHARTS for file in Path(file_util.get_static_dir(), "static/js").glob(name)]
    early = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{file}">' for file in files)
    head = f"<style>{(FOLDER / 'first.css').read_text()}</style><script>{(FOLDER / 'shell.js').read_text()}</script>"
    preview = (
        '<meta name="description" content="$lead"><meta property="og:title" content="$title – $app">'
        '<meta property="og:description" content="$lead"><meta property="og:type" content="website">'
        '<meta property="og:locale" content="$locale"><meta name="twitter:card" content="summary">'
    )
    for old, new in (
        ('<html lang="en">', '<html lang="$language">'),
        ("<title>Streamlit</title>", f"<title>$title – $app</title>{preview}{head.replace('$', '$$')}{early}"),
        ('<div id="root"></div>', f'<div id="root">{(FOLDER / "first.html").read_text()}</div>'),
    ):
        if old not in page:
            raise RuntimeError(f"Streamlit's page no longer has {old!r}: mend streamlit_app/shell/page.py.")
        page = page.replace(old, new)
    page = re.sub(r"<noscript>.*?</noscript>", "<noscript><p>$noscript</p></noscript>", page, flags=re.DOTALL)
    return FONT_PRELOAD.sub("", page)


@functools.lru_cache(maxsize=64)
def page(name: str, language: str) -> bytes:
    """The whole page of that name in that language."""
    said = {key: html.escape(text) for key, text in words(name, language).items()}
    place = 0 if language == "da" else 1
    said |= {"locale": ("da_DK", "en_GB")[place], "noscript": html.escape(TEXTS["first_noscript"][place])}
    return Template(_template()).substitute(said).encode()
