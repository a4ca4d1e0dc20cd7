with publications as (
    select * from {{ ref('stg_catalogue__publications') }}
)

select
    publication_id,
    publisher,
    title_da,
    title_en,
    authors,
    publication_kind,
    language,
    published_date,
    published_date_note,
    published_year,
    source_file,
    source_sha256,
    source_line_count,
    text_extraction,
    licence_note,
    citation,
from publications
