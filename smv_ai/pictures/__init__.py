"""Pictures of charts as PNG and SVG, each drawn by a process of its own with limits: a text may bring a renderer down.

What a chart looks like belongs to `streamlit_app/`.
"""
