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
# What almost every page draws, by the names of Streamlit's files: asked for at once, with all that these import, not
# when the first of each arrives, after which each file would be asked for when the one before has been read.
EARLY = (
    "embed", "ArrowVegaLiteChart", "loadVegaEmbed", "ButtonGroup", "PageLink", "TextInput", "Html", "Selectbox",
    "Multiselect",
)  # fmt: skip
IMPORT = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')
# Streamlit's own font comes first of all its files, and no page uses it.
FONT_PRELOAD = re.compile(r'<link\s+rel="preload"[^>]*as="font"[^>]*>')


def words(page: str, language: str) -> dict[str, str]:
    """Title and lead of a page, by the name in its address; of the overview where no page has that name."""
    place = 0 if language == "da" else 1
    known = page if f"nav_{page}" in TEXTS else "overview"
    named = {"app": "app", "title": f"nav_{known}", "lead": f"{known}_lead", "waiting": "first_waiting"}
    said = {name: TEXTS[key][place] for name, key in named.items() if key in TEXTS}
    return {"lead": TEXTS["app_lead"][place]} | said | {"language": language}


def early_files() -> list[str]:
    """The files of EARLY with all that they import, each once, in the order in which a browser would come to them."""
    folder = Path(file_util.get_static_dir(), "static/js")
    waiting = [file.name for name in EARLY for file in sorted(folder.glob(f"{name}.*.js"))]
    found: dict[str, None] = {}
    for file in waiting:  # grows meanwhile
        if file not in found:
            found[file] = None
            waiting += IMPORT.findall((folder / file).read_text(encoding="utf-8"))
    return list(found)


@functools.cache
def _template() -> str:
    """Streamlit's own page with places for ours."""
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8").replace("$", "$$")
    early = "".join(
        f'<link rel="modulepreload" crossorigin fetchpriority="low" href="./static/js/{file}">'
        for file in early_files()
        if file not in page
    )
    head = f"<style>{(FOLDER / 'first.css').read_text()}</style><script>{(FOLDER / 'shell.js').read_text()}</script>"
    preview = (
        '<meta name="description" content="$lead"><meta property="og:title" content="$title – $app">'
        '<meta property="og:description" content="$lead"><meta property="og:type" content="website">'
        '<meta property="og:locale" content="$locale"><meta name="twitter:card" content="summary">'
    )
    for old, new in (
        ('<html lang="en">', '<html lang="$language">'),
        ("<title>Streamlit</title>", f"<title>$title – $app</title>{preview}{head.replace('$', '$$')}"),
        # After the app's own files, which come first.
        ("</head>", f"{early}</head>"),
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
