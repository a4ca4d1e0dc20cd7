-- Every difference that may be taken: same comparability group, same item and answer, one thing different,
-- either the wave or one group dimension. Figures that are not settled, hidden, bounds and approximations are left out.
-- Two waves of a panel and two groups of one sample are differenced by the engine, which knows what they have in common, and the two groups
-- of a matched comparison by the matching; published figures and waves of separate samples as independent.
-- The difference is always that of the two values that are shown; what is computed for it is rounded like an estimate.
{% set groups = var('group_dimensions') + ['own_group_id'] %}
with observations as (
    select * from {{ ref('int_observations_labelled') }}
    where
        theme <> 'response'
        and observation_status in ('normal', 'derived', 'low_precision')
        and value_qualifier = '='
        and value_form = 'digits'
        and unit_of_measure in ('percent', 'percent_change', 'index_points')
),

waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

own_groups as (
    select * from {{ ref('int_estimate_groups_labelled') }}
),

designed as (
    select rounded.* replace (coalesce(rounded.observation_id, own_groups.observation_id) as observation_id)
    from {{ ref('int_estimates_rounded') }} as rounded
    left join own_groups on rounded.estimate_number = own_groups.estimate_number
    where
        (rounded.is_observation or own_groups.observation_id is not null)
        and rounded.is_change
        and rounded.earlier_survey_wave_id is not null
),

compared_by_design as (
    select distinct
        evidence_type,
        earlier_survey_wave_id,
        survey_wave_id,
    from designed
),

-- in the order of their names, as the pairs below
group_differences as (
    select
        least(observation_id_a, observation_id_b) as first_observation_id,
        greatest(observation_id_a, observation_id_b) as second_observation_id,
        standard_error,
        half_width,
        p_value,
    from {{ ref('int_group_differences_shown') }}
    where comparison_kind = 'pair'
),

pairs as (
    select
        earlier.observation_id as from_observation_id,
        later.observation_id as to_observation_id,
        later.comparability_group_id,
        earlier.comparability_group_id as from_comparability_group_id,
        later.evidence_type,
        later.evidence_notice_da,
        later.evidence_notice_en,
        case when earlier.survey_wave_id <> later.survey_wave_id then 'wave' else 'group' end as change_type,
        case
            when earlier.survey_wave_id <> later.survey_wave_id then 'survey_wave_id'
            {% for dimension in groups -%}
            when earlier.{{ dimension }} <> later.{{ dimension }} then '{{ dimension }}'
            {% endfor %}
        end as changed_dimension,
        later.indicator_id,
        later.base_population_id,
        later.theme,
        later.title_da,
        later.title_en,
        later.unit_of_measure,
        {% for dimension in var('breakdown_dimensions') + ['own_group_id', 'answer_category_id', 'survey_wave_id'] -%}
        later.{{ dimension }},
        {% endfor -%}
        earlier.survey_wave_id as from_survey_wave_id,
        {% for language in ['da', 'en'] -%}
        earlier.segment_label_{{ language }} || ' (' || earlier.survey_wave_label_{{ language }} || ')' as from_label_{{ language }},
        later.segment_label_{{ language }} || ' (' || later.survey_wave_label_{{ language }} || ')' as to_label_{{ language }},
        {% endfor -%}
        earlier.observation_value as from_value,
        later.observation_value as to_value,
        earlier.half_width + later.half_width as rounding_half_width,
        earlier.standard_error as from_standard_error,
        later.standard_error as to_standard_error,
        -- both sides of one matched comparison: its error knows that the groups belong together; the treated come first
        {% for column, value in {
            'standard_error': 'later.matched_standard_error', 'ci_lower': '-later.matched_ci_upper', 'ci_upper': '-later.matched_ci_lower',
            'p_value': 'later.matched_p_value'
        }.items() -%}
        case when earlier.matched_comparison_id = later.matched_comparison_id then {{ value }} end as matched_{{ column }},
        {% endfor -%}
        greatest(earlier.contradiction_count, later.contradiction_count) > 0 as is_disputed,
        earlier.source_file,
        earlier.source_line as from_source_line,
        later.source_line as to_source_line,
    from observations as earlier
    inner join observations as later
        on earlier.comparability_group_id = later.comparability_group_id
        and earlier.evidence_type = later.evidence_type
        and earlier.unit_of_measure = later.unit_of_measure
        and earlier.answer_category_id = later.answer_category_id
        -- groups of a survey's own: of one column, and not of one that is crossed with another
        and (
            earlier.own_group_id = later.own_group_id
            or (
                earlier.own_group_columns = later.own_group_columns
                and not contains(later.own_group_columns, ';')
            )
        )
        {% for dimension in var('breakdown_dimensions') if dimension not in var('group_dimensions') -%}
        and earlier.{{ dimension }} = later.{{ dimension }}
        {% endfor %}
    inner join waves on later.survey_wave_id = waves.survey_wave_id
    where
        (
            -- a wave against the one before it, everything else the same
            waves.previous_survey_wave_id = earlier.survey_wave_id
            {% for dimension in groups -%}
            and earlier.{{ dimension }} = later.{{ dimension }}
            {% endfor %}
        )
        or (
            -- two groups of one wave: one dimension differs, and neither is the total
            earlier.survey_wave_id = later.survey_wave_id
            and (
                {% for dimension in groups -%}
                cast(earlier.{{ dimension }} <> later.{{ dimension }} as integer){{ ' + ' if not loop.last }}
                {%- endfor %}
            ) = 1
            and (
                {% for dimension in groups -%}
                (earlier.{{ dimension }} < later.{{ dimension }} and earlier.{{ dimension }} <> 'total' and later.{{ dimension }} <> 'total')
                {{ 'or ' if not loop.last }}
                {%- endfor %}
            )
        )
),

differenced as (
    select
        pairs.* exclude (matched_standard_error, matched_ci_lower, matched_ci_upper, matched_p_value),
        'chg_' || left(md5(pairs.from_observation_id || pairs.to_observation_id), 16) as change_id,
        pairs.to_value - pairs.from_value as difference,
        coalesce(
            designed.standard_error,
            group_differences.standard_error,
            pairs.matched_standard_error,
            sqrt(pairs.from_standard_error * pairs.from_standard_error + pairs.to_standard_error * pairs.to_standard_error)
        ) as standard_error,
        coalesce(designed.ci_lower, difference - group_differences.half_width, pairs.matched_ci_lower) as designed_ci_lower,
        coalesce(designed.ci_upper, difference + group_differences.half_width, pairs.matched_ci_upper) as designed_ci_upper,
        designed.t_statistic,
        coalesce(designed.p_value, group_differences.p_value, pairs.matched_p_value) as p_value,
        case
            when designed.estimate is null and (pairs.from_standard_error is null or pairs.to_standard_error is null) then 'part_without_interval'
        end as no_interval_reason,
        case
            when designed.estimate is not null or group_differences.half_width is not null then 'design_difference'
            when pairs.matched_standard_error is not null then 'abadie_imbens'
            when pairs.from_standard_error is not null and pairs.to_standard_error is not null then 'independent_difference'
        end as interval_method,
    from pairs
    left join designed
        on pairs.to_observation_id = designed.observation_id
        and pairs.from_survey_wave_id = designed.earlier_survey_wave_id
        and pairs.change_type = 'wave'
    left join group_differences
        on least(pairs.from_observation_id, pairs.to_observation_id) = group_differences.first_observation_id
        and greatest(pairs.from_observation_id, pairs.to_observation_id) = group_differences.second_observation_id
    left join compared_by_design
        on pairs.evidence_type = compared_by_design.evidence_type
        and pairs.from_survey_wave_id = compared_by_design.earlier_survey_wave_id
        and pairs.survey_wave_id = compared_by_design.survey_wave_id
    -- a change of a panel that the engine left out or found too uncertain is not taken in another way
    where
        not coalesce(designed.is_withheld, false)
        and (designed.estimate is not null or compared_by_design.survey_wave_id is null)
        -- two groups of one sample are not independent: without their covariance there is nothing to say
        and (
            pairs.evidence_type = 'published'
            or pairs.change_type = 'wave'
            or pairs.matched_standard_error is not null
            or group_differences.half_width is not null
        )
),

-- published figures and their differences are left as they are, those of the engine are rounded already
digits as (
    select
        *,
        {% for bound, sign in {'lower': '-', 'upper': '+'}.items() -%}
        coalesce(
            designed_ci_{{ bound }}, difference {{ sign }} rounding_half_width {{ sign }} {{ var('confidence_level_z') }} * standard_error
        ) as ci_{{ bound }},
        {% endfor -%}
        case
            when evidence_type <> 'published' and interval_method = 'independent_difference'
                then {{ released_step('standard_error', 'unit_of_measure', '0') }}
        end as released_step,
    from differenced
)

select * exclude (designed_ci_lower, designed_ci_upper, released_step) replace (
    case when released_step is not null then {{ two_digits('standard_error') }} else standard_error end as standard_error,
    coalesce({{ to_step('ci_lower', 'released_step') }}, ci_lower) as ci_lower,
    coalesce({{ to_step('ci_upper', 'released_step') }}, ci_upper) as ci_upper
)
from digits
