"""The survey file, `surveys/<survey_wave_id>.yml`: one a wave, all that a researcher writes about it.

Here belongs what the file may say (`model`, from which the JSON Schema comes), reading it with line numbers
(`reading`), what follows from it as rows of the tables that the models read (`estimation`, `catalogue`, `layout`) and
the checks of what it names (`checking`). Files of answers and how they are scanned belong to the room around it.
"""
