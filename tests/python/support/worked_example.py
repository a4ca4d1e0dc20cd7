"""The edits of docs/worked_example.md, made as the page says them."""

from __future__ import annotations

import re

from smv_ai.environment import PROJECT_DIR

PAGE = PROJECT_DIR / "docs" / "worked_example.md"


def edits() -> list[tuple[str, list[str]]]:
    """The hunks of the page: the section that each is in, and its lines."""
    [block] = re.findall(r"```diff\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    hunks: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("@@ "):
            hunks.append((line[3:], []))
        else:
            hunks[-1][1].append(line)
    return hunks


def edited(draft: str) -> str:
    """The draft without its marks, and with the edits."""
    kept = [
        re.sub(r"\s*# DECIDE.*", "", line) for line in draft.splitlines() if not line.lstrip().startswith("# DECIDE")
    ]
    text = "\n".join(kept) + "\n"
    for section, lines in edits():
        head = "" if section == "file" else re.search(rf"(?m)^  {section}:.*\n", text)
        assert head is not None, section
        start = 0 if isinstance(head, str) else head.end() if section == "never_load" else head.start()
        before = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
        after = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
        place = text.find(before, start)
        assert place >= 0, f"{section}: the draft does not have\n{before}"
        text = text[:place] + after + text[place + len(before) :]
    return text
