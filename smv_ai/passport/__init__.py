"""Files of a figure that leave the app, each with a passport: which release, which query, which rows; and their check.

What a figure shows and how it is drawn belongs to `streamlit_app/`; how a picture is rendered to `pictures/`.
"""
