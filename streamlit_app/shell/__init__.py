"""What a browser gets before Streamlit runs: the page with its title and language, its script, and small assets.

Only what must be there with the first byte belongs here; everything that reads a release belongs to `shared/`.
"""
