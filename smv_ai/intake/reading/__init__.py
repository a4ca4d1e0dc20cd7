"""From bytes to a table of raw text cells, and from a tool's own definition to questions. Nothing is interpreted here.

Each format belongs to a library: python-calamine (workbooks), pyreadstat (SPSS, Stata), DuckDB (delimited text,
Parquet).
"""
