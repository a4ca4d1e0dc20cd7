"""What is computed from the weighted cells beyond a level and its error: differences, ratios, tests, quantiles.

Here belongs what needs the covariance of several groups or answers: numpy on the small tables of one design, a row a
cell. Levels, their errors and intervals are SQL models (models/intermediate/estimation), and the scan reads responses.
"""
