"""What is released of a question with a hidden count: the digits that it would show, too, were the count another one.

Here belong the figures and answers of a question (tabulated.py), the other answers that leave a hidden count open
(other_answers.py), what earlier releases have shown (past.py) and the table of what is therefore shown (model.py).
Which counts are hidden is SQL: int_suppressions_united.
"""
