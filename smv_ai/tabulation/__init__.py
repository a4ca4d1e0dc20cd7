"""Tables for people: the estimates of a survey wave as an Excel workbook, as one tidy CSV and as Markdown.

`source` reads the estimates with their labels, `questions` lays them out as tables, `workbook`, `tidy` and `markdown`
write them. Nothing is computed here: every number is one of the release. How estimates come about does not belong here.
"""
