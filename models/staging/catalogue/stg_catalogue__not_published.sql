select
    not_published_id,
    publication_id,
    figure_label,
    source_lines,
    theme,
    indicator_id,
    observation_status,
    shows_da,
    shows_en,
from {{ ref('not_published') }}
