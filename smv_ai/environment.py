"""Where things lie and what the environment may set: the one place that reads SMV_AI_* variables."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from smv_ai.errors import SystemStateError

# An empty variable is as good as none: a folder without a name would be wherever somebody happens to stand.
PROJECT_DIR = Path(os.environ.get("SMV_AI_PROJECT_DIR") or Path(__file__).parent.parent).resolve()
DATABASE_NAME = "smv_ai.duckdb"
# The home of a user who has none, as Debian writes it: what lies there is never found, and nobody asks further.
NO_HOME = "/nonexistent"


class Kind(StrEnum):
    """What a release is: the warehouse, or a demonstration with made-up responses, which lives apart from it."""

    WAREHOUSE = "warehouse"
    DEMONSTRATION = "demonstration"

    @property
    def other(self) -> Kind:
        """The kind that must never lie, or be opened, in the place of this one."""
        return Kind.DEMONSTRATION if self is Kind.WAREHOUSE else Kind.WAREHOUSE


# Every variable of the environment that means something here; SMV_AI_BUILD_FILE and SMV_AI_RELEASED_BEFORE are set by
# the build itself.
ENVIRONMENT = (
    "SMV_AI_APP_KIND", "SMV_AI_BUILD_FILE", "SMV_AI_DEMO_RELEASE_DIR", "SMV_AI_EUROSTAT", "SMV_AI_KEEP_DAYS",
    "SMV_AI_KEEP_RELEASES", "SMV_AI_READERS",
    "SMV_AI_OVERDUE_HOURS", "SMV_AI_PROJECT_DIR", "SMV_AI_RELEASE_DIR", "SMV_AI_SIGN_IN", "SMV_AI_SQL_PAGE",
    "SMV_AI_RELEASED_BEFORE", "SMV_AI_RESPONDENT_KEY", "SMV_AI_SPARK_REMOTE", "SMV_AI_STATBANK", "SMV_AI_SURVEY_DAYS",
)  # fmt: skip


# By kind: the variable that moves the folder of releases away from the project, and the folder.
RELEASE_FOLDERS = {
    Kind.WAREHOUSE: ("SMV_AI_RELEASE_DIR", "release"),
    Kind.DEMONSTRATION: ("SMV_AI_DEMO_RELEASE_DIR", "release_demo"),
}


def release_dir(kind: Kind = Kind.WAREHOUSE) -> Path:
    """The folder of all releases of a kind; SMV_AI_RELEASE_DIR and SMV_AI_DEMO_RELEASE_DIR move them."""
    variable, folder = RELEASE_FOLDERS[kind]
    return Path(os.environ.get(variable) or PROJECT_DIR / folder)


def private_dir() -> Path:
    """What must be kept as long as the releases and never shown: a folder beside theirs, on the same disk.

    Neither below the releases, which are public, nor in target, which may be removed at any time.
    """
    folder = Path(os.path.realpath(release_dir(Kind.WAREHOUSE)))
    return folder.with_name(f"{folder.name}.private")


def released_before() -> Path | None:
    """The file of what earlier releases have shown (SMV_AI_RELEASED_BEFORE), while a warehouse is built; else None."""
    text = os.environ.get("SMV_AI_RELEASED_BEFORE")
    return Path(text) if text else None


def target_dir(kind: Kind) -> Path:
    """Where dbt keeps what it has read of the project; each kind has its own, for other vars make it read all anew."""
    return PROJECT_DIR / "target" / ("demo" if kind is Kind.DEMONSTRATION else "")


def build_file(kind: Kind) -> Path:
    """The private file that dbt writes. Its path never changes: dbt parses the whole project anew when it does."""
    return target_dir(kind) / "build" / DATABASE_NAME


def app_kind() -> Kind:
    """Which kind of release the app shows (SMV_AI_APP_KIND, set by `smv-ai app --demo`)."""
    text = os.environ.get("SMV_AI_APP_KIND", Kind.WAREHOUSE)
    if text not in list(Kind):
        raise SystemStateError(f"SMV_AI_APP_KIND is '{text}'; allowed: {', '.join(Kind)}.")
    return Kind(text)


def _whole_number(variable: str, default: int, least: int) -> int:
    text = os.environ.get(variable, str(default))
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise SystemStateError(f"{variable} is '{text}'; allowed: a whole number from {least}.")
    return int(text)


def keep_releases() -> int:
    """The newest releases that are always kept (SMV_AI_KEEP_RELEASES)."""
    return _whole_number("SMV_AI_KEEP_RELEASES", 10, 2)


def keep_days() -> int:
    """Releases younger than this many days are always kept (SMV_AI_KEEP_DAYS)."""
    return _whole_number("SMV_AI_KEEP_DAYS", 90, 0)


def overdue_hours() -> int:
    """Hours without a successful run after which `status` calls the warehouse overdue (SMV_AI_OVERDUE_HOURS)."""
    return _whole_number("SMV_AI_OVERDUE_HOURS", 36, 1)


def survey_days() -> int:
    """Days after the last wave of a repeated survey when `status` asks for the next (SMV_AI_SURVEY_DAYS)."""
    return _whole_number("SMV_AI_SURVEY_DAYS", 400, 1)


def spark_remote() -> str | None:
    """The Spark Connect server that reads responses where the var `engine` is spark (SMV_AI_SPARK_REMOTE)."""
    text = os.environ.get("SMV_AI_SPARK_REMOTE", "")
    if text and not text.startswith("sc://"):
        raise SystemStateError(
            f"SMV_AI_SPARK_REMOTE is '{text}'; allowed: the address of a server, as sc://host:15002."
        )
    return text or None


# Where `smv-ai official fetch` asks; the variables move it, to a mirror for example.
OFFICES = {
    "eurostat": ("SMV_AI_EUROSTAT", "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data"),
    "statbank": ("SMV_AI_STATBANK", "https://api.statbank.dk/v1"),
}


def official_address(office: str) -> str:
    """The interface of an office (SMV_AI_EUROSTAT, SMV_AI_STATBANK), without a slash at its end."""
    variable, default = OFFICES[office]
    text = os.environ.get(variable, default)
    if not text.startswith(("https://", "http://")):
        raise SystemStateError(f"{variable} is '{text}'; allowed: an address that begins with https://.")
    return text.rstrip("/")


def give_a_home() -> None:
    """Where this user has no home folder, say so in HOME: libraries ask for it as they are imported, and would fail."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = NO_HOME


give_a_home()


def _configuration() -> Path:
    found = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    if found.is_relative_to(NO_HOME):
        raise SystemStateError(
            "This user has no home folder for the respondents' key; name a file for it: SMV_AI_RESPONDENT_KEY."
        )
    return found


def respondent_key_file() -> Path:
    """The key of the respondents' hashes (SMV_AI_RESPONDENT_KEY): a file outside the project, of its owner alone."""
    given = os.environ.get("SMV_AI_RESPONDENT_KEY")
    path = Path(given or _configuration() / "smv_ai" / "respondent.key").absolute()
    if path.is_relative_to(PROJECT_DIR):
        raise SystemStateError(f"SMV_AI_RESPONDENT_KEY is '{path}'; allowed: a file outside the project.")
    return path


# By who may read what is released: the rights of its folders; files have the same but for running and writing.
READERS = {"all": 0o755, "group": 0o750, "owner": 0o700}


def rights_of_readers() -> int:
    """The rights of a folder of releases (SMV_AI_READERS), whatever the umask of who builds takes from other files."""
    text = os.environ.get("SMV_AI_READERS") or "all"
    if text not in READERS:
        raise SystemStateError(f"SMV_AI_READERS is '{text}'; allowed: {', '.join(READERS)}.")
    return READERS[text]


def _is_on(variable: str, default: str) -> bool:
    text = os.environ.get(variable, default)
    if text not in ("on", "off"):
        raise SystemStateError(f"{variable} is '{text}'; allowed: on, off.")
    return text == "on"


def has_sql_page() -> bool:
    """Whether the app has the SQL page (SMV_AI_SQL_PAGE)."""
    return _is_on("SMV_AI_SQL_PAGE", "on")


def must_sign_in() -> bool:
    """Whether readers of the app must sign in (SMV_AI_SIGN_IN)."""
    return _is_on("SMV_AI_SIGN_IN", "off")


def check_environment() -> None:
    """Read every setting once: raises SystemStateError naming the first that is wrong.

    The respondents' key only where it is set: a build needs none, and its user may have no home.
    """
    for setting in (
        keep_releases,
        keep_days,
        overdue_hours,
        survey_days,
        rights_of_readers,
        has_sql_page,
        must_sign_in,
        app_kind,
        spark_remote,
        *([respondent_key_file] if os.environ.get("SMV_AI_RESPONDENT_KEY") else []),
    ):
        setting()
