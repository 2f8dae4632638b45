"""The 44 known ways in which clients' files go wrong, and the test that holds each of them."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
HERE, SALES = "intake/", "analyses/"
WHERE = {
    1: (HERE + "test_exports.py", "test_new_replaced_and_identical_exports_are_counted"),
    2: (HERE + "test_exports.py", "test_lines_alike_without_an_id_are_kept_and_told"),
    3: (HERE + "test_orders.py", "test_an_order_that_contradicts_itself_is_set_aside"),
    4: (HERE + "test_orders.py", "test_an_unknown_status_stops_and_says_how_to_map_it"),
    5: (HERE + "test_orders.py", "test_refunds_zero_yen_and_unknown_codes"),
    6: (HERE + "test_exports.py", "test_refunds_find_their_order_in_another_file_once"),
    7: (HERE + "test_orders.py", "test_refunds_zero_yen_and_unknown_codes"),
    8: (HERE + "test_excluded.py", "test_every_rule_and_how_many_orders_it_sets_apart"),
    9: (HERE + "test_orders.py", "test_statutory_tax_where_the_file_names_no_rate"),
    10: (HERE + "test_presets_formats.py", "test_every_yen_comes_out_right"),
    11: (HERE + "test_days.py", "test_who_pays_is_the_customer_whoever_receives"),
    13: (HERE + "test_identity.py", "test_orders_of_a_guest_belong_to_the_member_with_that_address"),
    33: (HERE + "test_excluded.py", "test_every_rule_and_how_many_orders_it_sets_apart"),
    34: (SALES + "test_campaign.py", "test_sales_a_person_with_and_without_the_largest_order"),
    35: (SALES + "test_repeat.py", "test_cohorts_show_a_cell_only_when_every_member_was_observed"),
    36: (SALES + "test_purchases.py", "test_who_may_be_older_than_the_data_is_not_new"),
    37: (HERE + "test_days.py", "test_a_day_that_holds_half_of_all_orders_is_told"),
    38: (HERE + "test_identity.py", "test_a_withdrawn_members_address_links_nobody"),
    39: (HERE + "test_presets_ads.py", "test_the_newest_export_replaces_a_day"),
    40: (HERE + "test_pitfalls.py", "test_pitfall_24_codes_and_status_words_in_any_width"),
    41: (SALES + "test_campaign.py", "test_reach_and_money"),
    42: (HERE + "test_others.py", "test_sends_name_people_by_id_or_address_and_count_the_others"),
    43: ("test_workbook.py", "test_text_is_never_a_formula_or_a_link"),
    44: (HERE + "test_identity.py", "test_no_address_is_left_in_work"),
}


def functions(file):
    return {n.name for n in ast.walk(ast.parse((TESTS / file).read_text("utf-8"))) if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize("number", range(1, 45))
def test_every_pitfall_has_its_test(number):
    if number in WHERE:
        file, name = WHERE[number]
        assert name in functions(file)
    else:
        assert any(re.match(rf"test_pitfall_{number}_", name) for name in functions("intake/test_pitfalls.py"))
