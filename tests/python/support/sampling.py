"""Families of cases of which `make test` takes every n-th; the rest is `long` and runs in `make test-reliability`."""

from __future__ import annotations

from collections import Counter

import pytest

# By the name of the test: the cases are alike, and each costs a process, a build or a copy of the seeds.
EVERY = {
    "test_a_failed_build_publishes_nothing_and_names_the_culprit": 2,
    "test_any_damage_is_a_sentence": 150,
    "test_three_hundred_texts_are_drawn": 18,
    "test_three_hundred_texts_stand_on_the_pages": 11,
    "test_app_and_next_build_go_on_after_any_damage": 60,
    "test_a_fault_of_the_machine_works_or_is_a_sentence": 40,
    "test_every_file_says_what_it_is": 8,
    "test_problem_is_named": 3,
    "test_the_command_itself_publishes_over_a_damaged_release": 3,
    "test_hostile_statement_reaches_nothing": 8,
    "test_no_statement_on_the_command_line_touches_the_release": 10,
    "test_a_damaged_release_never_blocks_the_next_build": 10,
    "test_character_is_refused_in_a_label_with_its_place": 8,
    "test_every_cell_is_named_with_file_row_and_column": 4,
    "test_a_slip_in_a_row_is_named_once_with_its_place": 4,
    "test_a_slip_in_a_setting_is_named": 3,
    "test_what_would_not_be_read_below_responses_is_named": 2,
    "test_a_change_of_content_is_seen": 2,
    "test_a_change_of_time_alone_is_not": 4,
    "test_where_the_link_leads_to_no_release_nothing_is_removed_and_it_is_said": 3,
    "test_the_current_release_is_known_and_kept_however_the_link_is_written": 3,
    "test_an_unfinished_run_never_costs_the_current_release": 3,
    "test_every_page_says_that_it_is_a_demonstration": 2,
    "test_an_older_schema_is_said_on_every_page_that_needs_it": 2,
    "test_a_stop_signal_ends_whatever_hangs_and_frees_the_lock": 3,
    "test_every_chart_is_marked_over_its_whole_height": 3,
    "test_every_filter_draws": 6,
    "test_synthetic_evidence_is_said_everywhere": 6,
    "test_no_serious_violation": 6,
    "test_every_file_says_so_in_its_name_and_inside": 3,
    "test_a_leak_is_found": 4,
    "test_a_data_test_finds_the_fault": 8,
    "test_three_values_of_a_hidden_count_remain": 3,
    "test_pictures_of_every_page": 4,
    "test_every_setting_gives_the_oracles_values": 2,
    "test_bounds_contain_the_truth_in_a_hundred_populations": 10,
    "test_forty_mutations_of_series_and_breaks_let_nothing_cross": 5,
}
# Each costs a build of its own, and guards what rarely changes.
LONG = {
    "test_a_build_prunes",
    "test_a_query_of_ones_own",
    "test_rollback_and_forward_and_the_rejected_content_stays_away",
    "test_the_recipes_of_the_guide_run",
    "test_a_second_build_leaves_at_once_and_exactly_one_publishes",
    "test_progress_moves_on_a_terminal_and_nothing_moves_elsewhere",
    "test_the_commands_show_what_is_not_accepted_and_accept_it",
    "test_an_edit_reaches_the_tables_that_show_it_and_no_other",
    "test_a_full_disk_at_each_stage_of_the_release",
    "test_kills_after_dbt_leave_current_whole_and_the_next_build_succeeds",
    "test_two_thousand_bad_files",
    "test_five_hundred_mutated_exports",
    "test_the_release_after_an_edit_is_that_of_a_whole_build",
    "test_cells_are_those_of_all_columns_and_the_weight",
    "test_neither_refuses_what_the_other_accepts",
    "test_measures_on_the_same_firms_hide_the_same_cells",
    "test_both_refuse_the_row",
    "test_twenty_mutated_seeds",
    "test_a_leak_in_parquet_is_found",
    "test_old_response_files_and_waves_are_stale_for_dbt_and_status_alike",
    "test_every_rule_against_the_oracle",
    "test_others_go_on_while_a_query_exhausts_its_process",
    "test_firms_that_are_left_out_are_counted_by_reason",
    "test_number_that_is_not_finite",
    "test_placebo_and_double_difference_take_the_earlier_year",
    "test_something_is_hidden_and_something_released",
    "test_attack_works",
    "test_attack_finds_nothing",
    "test_column_missing_from_the_file",
    "test_respondents_may_stand_in_any_order",
    "test_margins_that_cannot_be_met",
    "test_weight_of_a_row_that_is_not_finite",
    "test_routing_by_a_column_that_is_not_there",
    "test_sensitive_cells_are_hidden",
    "test_a_derived_column_is_used_like_a_column_of_the_file",
    "test_a_wrong_rule_stops_the_build",
    "test_the_scan_groups_by_the_columns_that_decide_the_cell",
    "test_results_do_not_depend_on_threads",
    "test_released_tables_say_nothing_about_respondents",
    "test_shuffled_rows_and_other_threads_give_the_same_bits",
    "test_a_common_sample_is_matched_once_and_complete_in_every_outcome",
    "test_responses_of_one_kind_alone_are_read",
    "test_responses_in_the_wrong_folder_stop_the_build",
    "test_the_demonstration_changes_no_published_row",
    "test_a_changed_published_row_would_be_noticed",
    "test_eight_readers_over_thirty_releases",
    "test_without_responses_only_the_catalogue_speaks",
    "test_command_fails_on_a_wrong_value_a_missing_row_and_a_case_that_cannot_be_built",
    "test_a_demonstration_that_misses_the_published_figures_stops_the_build",
    "test_command_fails_on_a_wrong_value_and_a_case_that_cannot_be_built",
    "test_responses_change_no_published_row",
    "test_nothing_without_responses",
    "test_wilson_interval_where_every_firm_answers_the_same",
    "test_only_the_scan_for_units_tells_them_apart",
    "test_a_model_is_built_anew_in_place_or_the_old_one_stays",
    "test_a_second_signal_changes_nothing",
    "test_another_process_on_a_plainer_processor_writes_the_same_bytes",
}


def mark_the_rest(items: list[pytest.Item]) -> None:
    """Mark all but every n-th case of each family as `long`."""
    seen: Counter[str] = Counter()
    for item in items:
        family = getattr(item, "originalname", item.name)
        if family in LONG:
            item.add_marker(pytest.mark.long)
        if family in EVERY:
            if seen[family] % EVERY[family]:
                item.add_marker(pytest.mark.long)
            seen[family] += 1
