"""From the description of a survey and its response files to one aggregate query a wave."""
