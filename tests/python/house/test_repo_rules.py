"""The house rules as queries on dbt's manifest: layers, names, keys, documentation, contracts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.project import BUILD_FILE, PROJECT

from smv_ai.build import dbt
from smv_ai.build.audit import read_suites
from smv_ai.seeds.accept import accept
from smv_ai.seeds.check import check_seeds
from smv_ai.seeds.lock import LOCK_NAME

PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("dim_", "fct_", "mart_", "meta_")}


@pytest.fixture(scope="module")
def manifest(worker_id):
    # one for each process, for they would write into each other's
    target = PROJECT / "target" / f"house_{worker_id}"
    target.mkdir(parents=True, exist_ok=True)
    kept = dbt.kept_reading(BUILD_FILE, "{}")
    if kept is not None:
        shutil.copyfile(kept, target / kept.name)
    outcome = dbt.read(PROJECT, PROJECT / BUILD_FILE, ["--target-path", str(target)])
    assert outcome.success, outcome.exception
    return outcome.result


@pytest.fixture(scope="module")
def models(manifest):
    return [node for node in manifest.nodes.values() if node.resource_type == "model"]


def layer_of(model) -> str:
    return model.fqn[1]


def parents(manifest, model):
    return [manifest.nodes[name] for name in model.depends_on.nodes if name in manifest.nodes]


def test_layers_read_only_what_they_may(manifest, models):
    allowed = {
        "staging": lambda parent: parent.resource_type == "seed",
        "intermediate": lambda parent: (
            parent.resource_type == "model" and layer_of(parent) in ("staging", "intermediate")
        ),
        "marts": lambda parent: parent.resource_type == "model",
    }
    wrong = [
        (model.name, parent.name)
        for model in models
        for parent in parents(manifest, model)
        if not allowed[layer_of(model)](parent)
    ]
    assert wrong == []


def folder_of(model) -> str:
    return "/".join(model.fqn[1:-1])


def circles(reads: dict[str, set[str]]) -> list[list[str]]:
    """The ways round: lists of folders that each read the next one, the last the first."""
    found: list[list[str]] = []

    def follow(path: list[str]) -> None:
        for folder in sorted(reads.get(path[-1], ())):
            if folder == path[0]:
                found.append(path)
            elif folder > path[0] and folder not in path:
                follow([*path, folder])

    for folder in sorted(reads):
        follow([folder])
    return found


def test_no_folder_of_models_reads_one_that_reads_it(manifest, models):
    reads: dict[str, set[str]] = {}
    for model in models:
        read = {folder_of(parent) for parent in parents(manifest, model) if parent.resource_type == "model"}
        reads.setdefault(folder_of(model), set()).update(read - {folder_of(model)})
    assert len(reads) > 10
    assert circles(reads) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]


def test_staging_is_one_model_for_each_raw_table(manifest, models):
    for model in models:
        if layer_of(model) == "staging":
            raw = parents(manifest, model) + [
                manifest.sources[name] for name in model.depends_on.nodes if name in manifest.sources
            ]
            # what survey files add to a seed stands beside its rows
            seeds = {parent.name for parent in raw if parent.resource_type == "seed"}
            raw = [parent for parent in raw if parent.resource_type != "source" or parent.name not in seeds]
            folders = {parent.fqn[1] for parent in raw}
            assert len(folders) == 1
            assert len(raw) == 1 or folders == {"published"}, model.name


def test_names_tell_the_layer(models):
    assert [model.name for model in models if not model.name.startswith(PREFIXES[layer_of(model)])] == []
    staging = re.compile(r"stg_[a-z]+__[a-z_]+")
    assert [m.name for m in models if layer_of(m) == "staging" and not staging.fullmatch(m.name)] == []


def test_columns_are_named_for_their_type(warehouse):
    columns = warehouse.execute(
        "select distinct column_name, data_type from duckdb_columns() where schema_name = 'marts'"
    ).fetchall()
    wrong = [
        name
        for name, kind in columns
        if (kind == "BOOLEAN") != name.startswith(("is_", "has_"))
        or (kind == "DATE") != name.endswith("_date")
        or (kind.startswith("TIMESTAMP") != name.endswith("_at"))
    ]
    assert wrong == []


def test_every_model_and_column_is_described_and_no_description_repeats_the_name(manifest):
    described = [node for node in manifest.nodes.values() if node.resource_type in ("model", "seed")]
    poor = []
    for node in described:
        texts = {node.name: node.description} | {f"{node.name}.{c.name}": c.description for c in node.columns.values()}
        for name, text in texts.items():
            plain = re.sub(r"\W+", " ", text).strip().casefold()
            if len(plain) < 8 or plain == name.split(".")[-1].replace("_", " "):
                poor.append((name, text))
    assert poor == []


def test_the_first_sentence_of_a_model_states_the_grain(models):
    assert [model.name for model in models if not model.description.startswith("One row per ")] == []


def constrained(model) -> set[str]:
    """The columns that the model's contract keeps from being null."""
    return {
        column.name
        for column in model.columns.values()
        if any(constraint.type.value == "not_null" for constraint in column.constraints)
    }


def test_python_models_give_relations_of_their_session():
    """A table of Arrow is written on another connection, whose transaction meets that of the drop (build_in_place)."""
    for path in sorted((PROJECT / "models").rglob("*.py")):
        heads = re.findall(r"^def model\(.*\) -> (.*):$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert heads == ["duckdb.DuckDBPyRelation"], path


def test_marts_have_a_key_that_is_unique_by_test_and_not_null_by_contract(manifest, models):
    keys = {}
    for node in manifest.nodes.values():
        if getattr(node, "attached_node", None) and node.test_metadata.name == "keys":
            keys[node.attached_node] = set(node.test_metadata.kwargs.get("primary", []))
    for model in models:
        if layer_of(model) == "marts":
            assert keys.get(model.unique_id), f"{model.name} has no key"
            assert keys[model.unique_id] <= constrained(model), model.name


def test_no_test_repeats_what_a_contract_guarantees(manifest, models):
    guaranteed = {model.unique_id: constrained(model) for model in models if model.contract.enforced}
    idle = [
        (node.attached_node, node.column_name)
        for node in manifest.nodes.values()
        if getattr(node, "attached_node", None) and node.test_metadata.name == "not_null"
        if node.column_name in guaranteed.get(node.attached_node, set())
    ]
    assert idle == []


def test_the_suites_judge_tables_as_a_whole():
    """What must hold for each row stands in a contract or a dbt test, once."""
    judged = "row_count|distinct_values|values_to_be_between|proportion_of_non_null|match_regex"
    kinds = {expectation["type"] for suite in read_suites() for expectation in suite["expectations"]}
    assert [kind for kind in sorted(kinds) if not re.search(judged, kind)] == []


def test_every_macro_says_what_it_does(manifest):
    ours = [macro for macro in manifest.macros.values() if macro.package_name == "smv_ai"]
    assert ours
    assert [macro.name for macro in ours if "{#-" not in macro.macro_sql] == []


def test_the_app_is_declared_and_reads_marts_only(manifest):
    [exposure] = manifest.exposures.values()
    declared = {name.split(".")[-1] for name in exposure.depends_on.nodes}
    read = set()
    for page in (PROJECT / "streamlit_app").rglob("*.py"):
        text = page.read_text(encoding="utf-8")
        read |= set(re.findall(r"\bmarts\.(\w+)", text))
        assert not re.search(r"\bfrom (staging|intermediate|seeds)\.", text), page.name
    assert read == declared


def calls_of(functions: str, text: str) -> list[tuple[str, str]]:
    """Each call of one of the functions up to its closing bracket, with the text before it."""
    found = []
    for match in re.finditer(rf"\b({functions})\(", text):
        end, open_brackets = match.end(), 1
        while open_brackets:
            open_brackets += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        found.append((text[: match.start()], text[match.start() : end]))
    return found


def test_aggregates_that_keep_an_order_state_it():
    """Threads deliver rows in any order: the same seeds would give another content."""
    sorted_after = ("list_sort(", "list_sort(list_distinct(", "list_reverse_sort(flatten(")
    loose = [
        (path.name, call)
        for folder in ("models", "macros")
        for path in sorted((PROJECT / folder).rglob("*.sql"))
        for before, call in calls_of("string_agg|array_agg|list|first|last", path.read_text(encoding="utf-8"))
        if "order by" not in call and not before.endswith(sorted_after)
    ]
    assert loose == []


def test_every_row_of_the_seeds_is_accepted_and_the_lock_is_what_accepting_writes(tmp_path):
    """Whoever changes a row compares it with its source and accepts it; the same seeds give the same lock."""
    assert check_seeds(PROJECT / "seeds") == 0
    seeds = Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))
    accept(seeds, [], write=True)
    assert (seeds / LOCK_NAME).read_bytes() == (PROJECT / "seeds" / LOCK_NAME).read_bytes()


def test_statistics_and_version_checks_are_off():
    assert "send_anonymous_usage_stats: false" in (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    streamlit = (PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert re.search(r"^gatherUsageStats\s*=\s*false", streamlit, re.MULTILINE)
    assert 'os.environ["GX_ANALYTICS_ENABLED"] = "false"' in (PROJECT / "smv_ai" / "build" / "audit.py").read_text(
        encoding="utf-8"
    )


def test_no_path_of_a_machine_is_committed():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split()
    local = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")
    text = (".py", ".sql", ".yml", ".md", ".toml", ".csv", ".json", "Makefile")
    found = [
        name for name in tracked if name.endswith(text) and local.search((PROJECT / name).read_text("utf-8", "replace"))
    ]
    assert found == []
