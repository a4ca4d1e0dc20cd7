"""What describes a survey of respondents, its files of answers, and the one aggregate query that reads them.

Here belong reading and checking both, the plan of a demonstration, and writing the scan; int_response_scans and
int_response_cells run it. Estimation is SQL (models/intermediate/estimation); drawing made-up answers belongs to
`demo/`.
"""
