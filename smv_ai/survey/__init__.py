"""What describes a survey of respondents, and the files of answers: codebook, plan of a demonstration, heads of files.

Here belongs reading and checking them. Estimation is SQL (models/intermediate/estimation); drawing made-up answers
belongs to `demo/`.
"""
