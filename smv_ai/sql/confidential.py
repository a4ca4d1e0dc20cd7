"""What a statement by anybody may ask of DuckDB's own catalogue, and messages that tell nothing of the machine.

Tables, columns, types and functions are for everybody; settings, databases, files, secrets and versions are not.
"""

from __future__ import annotations

import re

import duckdb

# Functions that give rows and tell of nothing but the release, or of what is written in the statement.
TABLE_FUNCTIONS = {
    "range", "generate_series", "unnest", "repeat", "repeat_row", "summary", "test_all_types", "test_vector_types",
    "json_each", "json_tree", "histogram", "histogram_values", "duckdb_tables", "duckdb_columns", "duckdb_views",
    "duckdb_functions", "duckdb_types", "duckdb_keywords", "duckdb_constraints", "duckdb_schemas", "duckdb_indexes",
    "pragma_table_info", "pragma_show",
}  # fmt: skip
# The same among the views of the catalogue.
VIEWS = {
    "tables", "columns", "schemata", "character_sets", "key_column_usage", "referential_constraints",
    "table_constraints", "constraint_column_usage", "constraint_table_usage", "sqlite_master", "sqlite_schema",
    "duckdb_tables", "duckdb_columns", "duckdb_views", "duckdb_types", "duckdb_constraints", "duckdb_schemas",
    "duckdb_indexes", "pg_tables", "pg_views", "pg_type", "pg_class", "pg_attribute", "pg_namespace", "pg_description",
    "pg_constraint", "pg_index", "pg_enum", "pg_sequence", "pg_sequences", "pg_indexes", "pg_attrdef", "pg_depend",
    "pg_proc", "pg_prepared_statements", "pragma_table_info", "views", "check_constraints", "pg_am", "pg_collation",
    "sqlite_temp_master", "sqlite_temp_schema",
}  # fmt: skip
# Functions of one value that tell of the server.
SCALAR_FUNCTIONS = {
    "version", "current_setting", "getenv", "getvariable", "current_user", "session_user", "pg_conf_load_time",
    "pg_postmaster_start_time", "write_log", 
}  # fmt: skip
REFUSED = (
    "it asks for what belongs to the server ({name}). Of DuckDB's catalogue duckdb_tables(), duckdb_columns(), "
    "duckdb_functions() and information_schema can be read."
)
OUTSIDE = "it reaches for a file, the network, an extension or a setting; only the tables of the release can be read."
INTERNAL = "DuckDB cannot run this statement; write it in another way."
OUT = re.compile(
    r"Permission Error|disabled (by|through) (the )?configuration|configuration has been locked"
    r"|external access|file ?system|[Ee]xtension\b|No such file|Cannot open file|Could not (read|establish|connect)",
)
# A path of two folders and more from the root, or from somebody's home; a division has no quote or blank before it.
PATH = re.compile(r"(?<![\w)\]/.])~?(?:/[\w.@+~%=-]+){2,}/?")


def forbidden_names(connection: duckdb.DuckDBPyConnection) -> tuple[set[str], set[str]]:
    """Functions, and views, of this DuckDB that a statement must not name; what is new in it is forbidden, too."""
    functions = connection.execute(
        "select distinct lower(function_name) from duckdb_functions() where function_type in"
        " ('table', 'table_macro', 'pragma')"
    ).fetchall()
    views = connection.execute("select distinct lower(view_name) from duckdb_views() where internal").fetchall()
    return ({n for (n,) in functions} - TABLE_FUNCTIONS) | SCALAR_FUNCTIONS, {n for (n,) in views} - VIEWS


def _words(sql: str) -> list[str]:
    """The tokens of a statement without comments, quotes taken off, in small letters."""
    text = sql.encode()
    places = duckdb.tokenize(sql)
    ends = [start for start, _ in places[1:]] + [len(text)] * bool(places)
    found = []
    for (start, kind), end in zip(places, ends, strict=True):
        if kind != duckdb.token_type.comment:
            found += [text[start:end].decode("utf-8", "replace").strip().strip("\"'").casefold()]
    return found


def refused_name(forbidden: tuple[set[str], set[str]], sql: str) -> str | None:
    """The first name in a statement that is among `forbidden_names`; None where there is none.

    A function counts where it is called, a view where it is named; text in quotes can name both.
    """
    functions, views = forbidden
    words = _words(sql)
    for word, after in zip(words, [*words, ""][1:], strict=True):
        if (word in functions and after.startswith("(")) or word in views:
            return word
    return None


def public_message(error: object, *places: str) -> str:
    """DuckDB's message without what it tells of the machine; `places`: folders and files that are the server's."""
    text = str(error).partition("\nStack Trace")[0].partition("Stack Trace:")[0].strip()
    if "INTERNAL Error" in text or "FATAL Error" in text:
        return INTERNAL
    if OUT.search(text.partition("\nLINE ")[0]):
        return OUTSIDE
    for place in sorted(filter(None, places), key=len, reverse=True):
        text = re.sub(re.escape(place) + r"[\w.@+~%=/-]*", "…", text)
    return PATH.sub("…", text)
