"""Rows that people write: their rules (read from seeds/*/_*.yml), the check with file, row and column, the lock.

A rule about one column or row of a seed is stated in its property file and has a twin in dbt; here is what reads and
applies it. Settings of the project belong to `smv_ai/settings.py`, files of responses to `survey/`.
"""
