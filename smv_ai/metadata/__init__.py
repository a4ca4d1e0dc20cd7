"""The codebook of a survey wave: as a page (HTML, Markdown) for people, and as DDI Codebook 2.5 for archives.

`contents` reads the survey file: questions, answers with codes, who is asked. `figures` takes what a release shows of
the answers, and no more. `flow` draws the routing, `page`, `plain_page` and `ddi` write. Nothing is computed here, and
no answer of a respondent is read.
"""
