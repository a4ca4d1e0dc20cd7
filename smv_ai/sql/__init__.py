"""SQL on a released database: whether it may be opened, quoting, a stranger's statement in a sandbox, and its printing.

Nothing here writes a release or knows what its tables mean.
"""
