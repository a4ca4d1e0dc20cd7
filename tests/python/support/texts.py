"""Three hundred texts as people, files and attackers write them; those that no database holds are not among them."""

from __future__ import annotations

import random
import sys
import unicodedata

MARKUP = [
    "]]>", "<![CDATA[x]]>", "<!--", "-->", "&#0;", "&#x1F600;", "&amp;amp;", "</text><script>1</script>", "</style>",
    "<svg onload=alert(1)>", "<a href='javascript:1'>x</a>", "<br/>", "<title>x</title>", "{{7*7}}", "${7*7}", "#{x}",
    "{% raw %}", "%s %n %p", "{0} {x!r}", "\\frac{1}{2}", "$$x^2$$", "\\(x\\)", "~~~", "```sql\nselect 1\n```",
    "[x]: http://evil.example", "[^1]", "- [ ] a", "***", "===", "| a |\n|---|\n| b |", "<http://evil.example>",
    ":blue-background[x]", ":material/delete:", ":streamlit:", "<- -> <-> -- >= <= ~=", "datum.label", "javascript:1",
    "'; drop table marts.dim_units; --", '" or 1=1 --', "../../etc/passwd", "C:\\temp\\x", "\\u0000", "\\x00", "%00",
    "_x0041_", "_x000D_", "#REF!", "#N/A", "NULL", "NaN", "nan", "None", "-", "true", "1e309", "0x1A",
    "1/2", "2026-01-01", "12,5", "1.234,5", "007", "\u2212 5", "1\u202f000",
]  # fmt: skip
FORMULAS = [
    "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example";"x")', "+SUM(1;1)", "-2+3", "@A1", "\t=1", "\r=1", "\n=1",
    " =1", "=", "+", "-", "@", "'=1", "''", "\uff1d1+1", "\uff20SUM(A1)", "=1;2", "=1,2", '="a""b"', "{=1}",
]  # fmt: skip
CELLS = [
    'a;"b"', 'a,"b"', '"', '""', '"a', "a\nb", "a\r\nb", "a\rb", "a\tb", ";", ",",
    " a", "a ", "  ", "a|b", "a\\", "\\N",
]  # fmt: skip
SCRIPTS = [
    "Blåbærgrød på Ærø", "Ærø", "مرحبا AI 2026", "AI שלום (2026) עולם", "abc مرحبا def שלום", "人工智能的采用",
    "AI\u3000採用",
    "ภาษาไทย", "हिन्दी", "한국어 자모 각", "e\u0301a\u030ao\u0308", "Z\u0351\u036b\u0343a\u0363\u0366l\u0334g\u0321o",
    "ﬁ ﬂ ﷺ", "𝒜𝓘 𝔸𝕀",
    "👩‍💻 👍🏽 🇩🇰 🏴\U000e0067\U000e007f", "\ufe0f1\u20e3", "K\u200dx", "ß ẞ ſ İ ı", "\u01c4 \u1e9e",
    "\u2066a\u2069", "a\u202eb\u202c",
    "\u200fa\u200e", "\u2028", "a\u2028b\u2029c", "\x85", "\xad", "\ufeff", "\u3164", "\u180e",
    "\ufff9a\ufffab\ufffb", "\U000f0000\ue000",
    "\ufffd", "\x7f", "\x1b[31mred\x1b[0m", "\x07\x08\x0c", "\x00", "a\x00b", "\ufffe\uffff", "\U0010ffff", "\ufdd0",
]  # fmt: skip
LONG = [
    "x" * 100_000,
    "word " * 20_000,
    "é" * 33_000,
    "م" * 5_000,
    "a\u0301" * 5_000,
    "=" * 40_000,
    "<b>" * 9_000,
    "\n" * 3_000,
]


def _drawn(draw: random.Random) -> str:
    """Letters, marks, signs and controls of any plane, mixed with what is read as markup."""
    parts = []
    for _ in range(draw.choice([1, 2, 5, 12])):
        if draw.random() < 0.3:
            parts.append(draw.choice([*MARKUP, *FORMULAS, *CELLS, *SCRIPTS]))
        else:
            letter = chr(draw.randrange(sys.maxunicode + 1) if draw.random() < 0.3 else draw.randrange(0x3000))
            parts.append("x" if unicodedata.category(letter) == "Cs" else letter)
    return "".join(parts)


def three_hundred_texts() -> list[str]:
    """The texts, each once, the same in every run."""
    draw = random.Random(2026)
    found = dict.fromkeys([*MARKUP, *FORMULAS, *CELLS, *SCRIPTS, *LONG])
    while len(found) < 300:
        found.setdefault(_drawn(draw))
    return list(found)
