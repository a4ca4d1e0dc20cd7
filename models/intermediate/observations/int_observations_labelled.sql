-- One wide row per observation with labels in both languages; the headline marts are selections from it.
{% set dimensions = ['industry', 'size_class', 'region', 'technology', 'maturity_level', 'ai_use_group', 'own_group', 'barrier', 'answer_category'] %}
with observations as (
    select * from {{ ref('int_observations_described') }}
),

labels as (
    select * from {{ ref('int_observation_labels_pivoted') }}
),

evidence_types as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'evidence_types'
),

labelled as (
    select
        observations.*,
        labels.* exclude (observation_id),
        case when observations.evidence_type <> 'published' then evidence_types.description_da end as evidence_notice_da,
        case when observations.evidence_type <> 'published' then evidence_types.description_en end as evidence_notice_en,
    from observations
    inner join labels on observations.observation_id = labels.observation_id
    inner join evidence_types on observations.evidence_type = evidence_types.code_id
)

select
    *,
    {% for language in ['da', 'en'] %}
    {{ value_text(language) }} as value_text_{{ language }},
    -- what the row is about within its title; empty for the whole base population
    coalesce(nullif(concat_ws(', '
        {%- for dimension in dimensions -%}
        , case when {{ dimension }}_id not in ('total', 'undetermined') then {{ dimension }}_label_{{ language }} end
        {%- endfor -%}
        , case when label_position is not null then {{ "'værdi nr. '" if language == 'da' else "'value no. '" }} || label_position end
    ), ''), {{ "'I alt'" if language == 'da' else "'Total'" }}) as segment_label_{{ language }},
    {% endfor %}
    coalesce(nullif(concat_ws(', '
        {%- for dimension in dimensions -%}
        , case when {{ dimension }}_id <> 'total' then '{{ dimension }}' end
        {%- endfor -%}
    ), ''), 'total') as broken_down_by,
    nullif(concat(
        case observation_status
            when 'label_uncertain' then '†' when 'ocr_uncertain' then '‡'
            when 'base_uncertain' then '§' when 'derived' then '‖'
        end,
        case when contradiction_count > 0 then '¶' end
    ), '') as status_marks,
from labelled
