"""From the export of a survey tool to the responses that the build reads, with a certificate of every cell.

Here belong: reading exports (`reading/`: bytes to a table of raw text cells, and the tool's own definition),
recognising the tool (`tools`), drafting a survey file (`draft`), turning raw cells into codes and numbers by it
(`coding`, `canonical`), the certificate of a load, the sampling frame (`frame`), what became of the
sample and the weights that follow (`sample`), and what a load leaves behind (`store`). What a survey file may say
stands in `survey/file/`; estimating is the build's.

The contract for whoever goes on from here: a load writes
`responses/survey_id=<survey>/survey_wave_id=<wave>/responses.parquet` with `respondent_id`, `stratum_id`,
`design_weight`, `stratum_population_size`, the columns of the frame, and one column an item (docs/responses.md). Beside
the responses, in the private folder `intake/<wave>/<load>/`, lie `certificate.json` (the counts, the meaning of every
value of every column), `rows.parquet` (row of the file, outcome, rule, respondent), `spellings.parquet` (cells whose
raw
text does not follow from the code) and `kept_rows.parquet` (rows that were set aside or quarantined).
"""
