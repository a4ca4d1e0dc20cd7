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
FIRST = "overview"
# What a page draws, by the names of Streamlit's files: asked for at once, with all that these import, not when the
# first of each arrives, after which each file would be asked for when the one before has been read.
FRAME = ("ButtonGroup", "PageLink", "TextInput", "Html", "Selectbox")
CHARTS = (*FRAME, "embed", "ArrowVegaLiteChart", "loadVegaEmbed", "Multiselect")
EARLY = {
    "overview": (*CHARTS, "Metric", "Table"),
    "adoption": CHARTS,
    "barriers": CHARTS,
    "productivity": (*CHARTS, "Metric"),
    "official": CHARTS,
    "explore": (*CHARTS, "Checkbox"),
    "surveys": (*CHARTS, "Checkbox", "Metric"),
    "sources": (*FRAME, "DataFrame"),
    "files": (*FRAME, "DownloadButton"),
    "sql": (*FRAME, "TextArea", "DataFrame"),
}
IMPORT = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')
# Streamlit's own font comes first of all its files, and no page uses it.
FONT_PRELOAD = re.compile(r'<link\s+rel="preload"[^>]*as="font"[^>]*>')


def known(page: str) -> str:
    """The page of that name, or the first where there is none."""
    return page if page in EARLY else FIRST


def words(page: str, language: str) -> dict[str, str]:
    """Title and lead of a page, by the name in its address; of the overview where no page has that name."""
    place = 0 if language == "da" else 1
    named = {"app": "app", "title": f"nav_{known(page)}", "lead": f"{known(page)}_lead", "waiting": "first_waiting"}
    said = {name: TEXTS[key][place] for name, key in named.items() if key in TEXTS}
    return {"lead": TEXTS["app_lead"][place]} | said | {"language": language}


@functools.cache
def _imports(file: str) -> list[str]:
    """The files that a file of Streamlit's imports."""
    return IMPORT.findall(Path(_folder(), file).read_text(encoding="utf-8"))


def _folder() -> Path:
    return Path(file_util.get_static_dir(), "static/js")


def early_files(page: str) -> list[str]:
    """The files of a page with all that they import, each once, in the order in which a browser would come to them."""
    waiting = [file.name for name in EARLY[page] for file in sorted(_folder().glob(f"{name}.*.js"))]
    found: dict[str, None] = {}
    for file in waiting:  # grows meanwhile
        if file not in found:
            found[file] = None
            waiting += _imports(file)
    return list(found)


def files() -> list[str]:
    """The addresses of all scripts and styles that the pages ask for at once, those of the first page first."""
    asked = (path for name in EARLY for path in re.findall(r'"\./(static/[^"]+)"', _template(name)))
    return ["/" + path for path in dict.fromkeys(asked)]


@functools.cache
def _template(name: str) -> str:
    """Streamlit's own page with places for ours."""
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8").replace("$", "$$")
    early = "".join(
        f'<link rel="modulepreload" crossorigin fetchpriority="low" href="./static/js/{file}">'
        for file in early_files(name)
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
    return Template(_template(known(name))).substitute(said).encode()
