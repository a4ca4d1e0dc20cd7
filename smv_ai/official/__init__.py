"""Official tables of other offices: reading, keeping and describing them, margins of surveys, and bounds.

Here belong the readers of Eurostat's and StatBank's formats, the store of raw files, the descriptions in official/, the
only client of the network in the product (fetch.py), the margins that surveys are calibrated to (margins.py), and
bounds by linear programming. Surveys with answers do not belong here (survey/), nor figures printed in reports
(seeds/).
"""
