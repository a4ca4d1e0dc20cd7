with not_published as (
    select * from {{ ref('stg_catalogue__not_published') }}
),

publications as (
    select * from {{ ref('stg_catalogue__publications') }}
)

select
    not_published.not_published_id,
    not_published.publication_id,
    publications.publisher,
    not_published.indicator_id,
    not_published.theme,
    not_published.figure_label,
    not_published.shows_da,
    not_published.shows_en,
    not_published.observation_status,
    publications.source_file,
    not_published.source_lines,
    publications.citation,
from not_published
inner join publications on not_published.publication_id = publications.publication_id
