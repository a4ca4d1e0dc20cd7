"""Official tables of other offices: reading, keeping and describing them, and what margins allow (bounds).

Here belong the readers of Eurostat's and StatBank's formats, the store of raw files, the descriptions in official/, the
only client of the network in the product (fetch.py), and bounds by linear programming. Surveys with answers do not
belong here (survey/), nor figures printed in reports (seeds/).
"""
