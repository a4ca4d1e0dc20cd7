"""One build, from the check of what people wrote to the switch: dbt run, its result audited, a release asked for.

Here belongs what happens in the order of `smv-ai build` and what it shows. How a release folder is made, kept and read
belongs to `releases/`; rules about rows to `seeds/`.
"""
