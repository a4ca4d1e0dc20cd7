"""The software bill of materials (CycloneDX 1.6, JSON) of requirements.lock, and its licences against the allowed ones.

`python tools/sbom.py` prints it; with `--check` it prints what is wrong with a licence instead, and ends with 1 where
something is. Licences are what the installed packages declare; versions and hashes are those of the lock.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
LOCK, LICENCES = PROJECT / "requirements.lock", PROJECT / "tools" / "licences.toml"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
CLASSIFIER = "License :: "
WORDS = re.compile(r"\s+(?:AND|OR|WITH)\s+")


def locked(text: str) -> dict[str, tuple[str, list[str]]]:
    """Version and SHA-256 sums of each package of a lock, by its normalized name."""
    found: dict[str, tuple[str, list[str]]] = {}
    name = None
    for line in text.splitlines():
        if pin := PIN.match(line):
            name = re.sub(r"[-_.]+", "-", pin[1]).lower()
            found[name] = (pin[2], [])
        if name is not None and (hashed := HASH.search(line)):
            found[name][1].append(hashed[1])
    return found


def licence_of(name: str) -> str | None:
    """What an installed package declares: an SPDX expression, else its classifiers, else the first line of its text.

    None where it is not installed here (a package of another platform) or declares nothing.
    """
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if about.get("License-Expression"):
        return about["License-Expression"]
    classified = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith(CLASSIFIER)
    ]
    said = " AND ".join(dict.fromkeys(line for line in classified if line != "OSI Approved"))
    first = (about.get("License") or "").strip().splitlines()
    return said or (first[0].strip() if first else None)


def bill(text: str) -> dict[str, Any]:
    """The bill of a lock; the same lock gives the same bytes."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    components = []
    for name, (version, hashes) in sorted(locked(text).items()):
        purl = f"pkg:pypi/{name}@{version}"
        component: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
        if (licence := licence_of(name)) is not None:
            component["licenses"] = [{"license": {"name": licence}}]
        # One package has a file for each platform; a component's own hashes would claim that they are one.
        component["externalReferences"] = [
            {"type": "distribution", "url": purl,
             "hashes": [{"alg": "SHA-256", "content": value} for value in sorted(hashes)]}
        ]  # fmt: skip
        components.append(component)
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}",
        "metadata": {"component": {
            "type": "application", "bom-ref": project["name"], "name": project["name"], "version": project["version"],
            "licenses": [{"license": {"id": project["license"]}}],
        }},
        "components": components,
    }  # fmt: skip


def wrong_licences(found: dict[str, str | None], rules: dict[str, Any]) -> Iterator[str]:
    """A line for each package whose licence is not allowed, or not known; `rules`: as tools/licences.toml."""
    allowed = {licence.casefold() for licence in rules["allowed"]}
    for name, licence in sorted(found.items()):
        licence = rules["packages"].get(name, licence)
        if licence is None:
            yield f"{name}: declares no licence; look at it and add it under [packages] in tools/licences.toml"
            continue
        strange = [
            part.strip() for part in WORDS.split(licence) if part.strip() and part.strip().casefold() not in allowed
        ]
        is_choice = " OR " in licence and " AND " not in licence
        if strange and not (is_choice and any(part.strip().casefold() in allowed for part in WORDS.split(licence))):
            yield f"{name}: {', '.join(strange)} is not among the allowed licences of tools/licences.toml"


def main() -> int:
    """Print the bill, or what is wrong with the licences."""
    text = LOCK.read_text(encoding="utf-8")
    if "--check" not in sys.argv[1:]:
        print(json.dumps(bill(text), indent=1))
        return 0
    rules = tomllib.loads(LICENCES.read_text(encoding="utf-8"))
    installed = {name: licence_of(name) for name in locked(text) if _is_installed(name)}
    problems = list(wrong_licences(installed, rules))
    print("\n".join(problems) or f"{len(installed)} packages with allowed licences")
    return int(bool(problems))


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
