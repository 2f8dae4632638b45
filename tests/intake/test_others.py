"""Costs, campaigns, answers, events, customers: files beside the orders."""

import pytest

from shindan import errors

ORDERS = {"path": "orders.csv", "preset": "generic_orders"}


@pytest.fixture
def shop(kept_client):
    """Two orders that stay as they are, so that only the files beside them are read."""
    for old in kept_client.folder.raw.glob("*"):
        old.unlink()
    kept_client.put("orders.csv", "order_no,ordered_at,items_jpy,customer_id,email,ad_code\n"
                                  "1,2024-01-05,1100,7,a@x.jp,F1\n2,2024-01-06,2200,,b@x.jp,\n")
    return kept_client


def test_google_and_hand_kept_costs(shop):
    google = ("キャンペーン レポート\n2024年1月1日 - 2024年1月2日\n"
              "日\tキャンペーン\t通貨コード\t費用\t表示回数\tクリック数\tコンバージョン\n"
              "2024-01-01\t指名\tJPY\t\"1,234\"\t1,000\t10\t0.5\n"
              "2024-01-02\t指名\tJPY\t --\t0\t0\t0\n"
              "2024-01-02\t合計: キャンペーン\tJPY\t1,234\t1,000\t10\t0.5\n"
              "合計: アカウント\t --\tJPY\t1,234\t1,000\t10\t0.5\n")
    shop.put("google.csv", google.encode("utf-16"))
    shop.put("offline.csv", "月,媒体,費用\n2024年1月,折込,110000\n合計,,110000\n")
    sources = [ORDERS, {"path": "google.csv", "preset": "google_ads", "values": {"acq_channel": "検索"}},
               {"path": "offline.csv", "preset": "generic_ad_costs", "options": {"cost_tax": "included"},
                "columns": {"cost_date": "月", "acq_channel": "媒体", "media_cost_jpy": "費用"}}]
    shop.run(sources)
    costs = shop.table("ad_costs").sort_values("grain")
    assert costs.media_cost_jpy.tolist() == [1234, 100000]
    assert costs.grain.tolist() == ["day", "month"]
    assert costs.acq_channel.tolist() == ["検索", "折込"]
    assert [str(d) for d in costs.cost_date] == ["2024-01-01", "2024-01-01"]
    # a cost that is not told is no zero
    assert shop.report().loc["google.csv", "skipped_why"] == "no_cost 1, total 2"


def test_meta_total_row_without_a_name(shop):
    shop.put("meta.csv", "\ufeff日,キャンペーン名,広告セット名,広告の名前,消化金額 (JPY),インプレッション,リンクのクリック\n"
                         ",,,,500,20,2\n2024-01-01,春,s,a,500,20,2\n")
    shop.run([ORDERS, {"path": "meta.csv", "preset": "meta_ads"}])
    costs = shop.table("ad_costs")
    assert (len(costs), costs.media_cost_jpy[0], costs.ad_name[0]) == (1, 500, "a")


def test_sends_name_people_by_id_or_address_and_count_the_others(shop):
    """Pitfall 42."""
    shop.put("campaigns.csv", "campaign_id,start_date\nC1,2024-02-01\n")
    shop.put("sends.csv", "campaign_id,customer_id,email,arm,sent_date\nC1,7,,A,2024-02-01\n"
                          "C1,, B@X.JP ,対照群,\nC1,,,A,2024-02-01\nC1,,a@x.jp,A,2024-02-02\n")
    facts = shop.run([ORDERS, {"path": "campaigns.csv", "preset": "generic_campaigns"},
                      {"path": "sends.csv", "preset": "generic_campaign_sends"}])
    sends = shop.table("campaign_sends").set_index("arm")
    orders = shop.table("orders").set_index("order_no")
    assert sends.customer_key.to_dict() == {"A": orders.customer_key["1"], "control": orders.customer_key["2"]}
    assert sends.is_control.to_dict() == {"A": False, "control": True}
    report = shop.report().loc["sends.csv"]
    assert (report.rows_used, report.skipped_why) == (2, "same_person_twice 1, unknown_person 1")
    assert {"id": "unmatched_people", "table": "campaign_sends", "rows": 4, "unmatched": 1} in facts["notes"]


def test_people_nobody_knows_stay_in_their_arm(shop):
    """Dropping those who never ordered would keep just the buyers among the held out."""
    shop.put("campaigns.csv", "campaign_id,start_date,assignment\nC1,2024-02-01,random\n")
    held = "".join(f"C1,{n},p{n}@x.jp,control\n" for n in range(100, 110))
    shop.put("sends.csv", "campaign_id,customer_id,email,arm\nC1,7,a@x.jp,A\n" + held)
    shop.put("clicks.csv", "campaign_id,email,event,event_date\nC1,p103@x.jp,click,2024-02-02\n"
                           "C1,nobody@x.jp,click,2024-02-02\n")
    facts = shop.run([ORDERS, {"path": "campaigns.csv", "preset": "generic_campaigns"},
                      {"path": "sends.csv", "preset": "generic_campaign_sends"},
                      {"path": "clicks.csv", "preset": "generic_campaign_responses"}])
    sends = shop.table("campaign_sends")
    assert sends.is_control.sum() == 10 and sends.customer_key.nunique() == 11
    assert shop.report().loc["sends.csv"].rows_used == 11
    # by his address alone he is the same man
    assert set(shop.table("campaign_responses").customer_key) < set(sends.customer_key[sends.is_control])
    assert {"id": "unmatched_people", "table": "campaign_sends", "rows": 11, "unmatched": 10} in facts["notes"]
    assert {"id": "unmatched_people", "table": "campaign_responses", "rows": 2, "unmatched": 1} in facts["notes"]


def test_somebody_in_two_arms_counts_in_neither(shop):
    shop.put("campaigns.csv", "campaign_id,start_date\nC1,2024-02-01\n")
    shop.put("sends.csv", "campaign_id,customer_id,email,arm\nC1,7,,A\nC1,,a@x.jp,対照群\nC1,,b@x.jp,A\nC1,,b@x.jp,A\n")
    shop.run([ORDERS, {"path": "campaigns.csv", "preset": "generic_campaigns"},
              {"path": "sends.csv", "preset": "generic_campaign_sends"}])
    assert shop.table("campaign_sends").arm.tolist() == ["A"]
    assert shop.report().loc["sends.csv", "skipped_why"] == "in_two_arms 2, same_person_twice 1"


def test_the_planned_share_of_a_hold_out_and_what_is_no_share(shop):
    shop.put("campaigns.csv", "campaign_id,start_date,assignment,holdout_rate\nC1,2024-02-01,random,20%\n"
                              "C2,2024-03-01,random,0.5\nC3,2024-04-01,rule,\nC4,2024-05-01,random,１０％\n")
    source = {"path": "campaigns.csv", "preset": "generic_campaigns"}
    shop.run([ORDERS, source])
    rates = shop.table("campaigns").set_index("campaign_id").holdout_rate
    assert rates.dropna().to_dict() == {"C1": 0.2, "C2": 0.5, "C4": 0.1}
    for wrong in ("20", "100%", "-1%", "半分"):
        shop.put("campaigns.csv", f"campaign_id,start_date,holdout_rate\nC1,2024-02-01,{wrong}\n")
        with pytest.raises(errors.ShindanError, match="row 2, column `holdout_rate`") as stop:
            shop.run([ORDERS, source])
        assert "not a share 0 to 1" in str(stop.value)


def test_scores(shop):
    cells = ["9", "９", "10 - 非常に薦めたい", "9点", "0(全く思わない)", "", "NA"]
    shop.put("nps.csv", "日時,点\n" + "".join(f"2024/03/0{i + 1},{c}\n" for i, c in enumerate(cells)))
    source = {"path": "nps.csv", "preset": "generic_nps",
              "columns": {"responded_at": "日時", "score": "点"}, "values": {"wave": "2024"}}
    shop.run([ORDERS, source])
    scores = shop.table("nps_responses").score
    assert scores.dropna().tolist() == [9, 9, 10, 9, 0] and scores.isna().sum() == 2
    for wrong in ("11", "100", "7.5", "とても良い"):
        shop.put("nps.csv", f"日時,点\n2024/03/01,{wrong}\n")
        with pytest.raises(errors.ShindanError, match="row 2, column `点`"):
            shop.run([ORDERS, source])


def test_customers_of_two_files_are_one_person(shop):
    shop.put("members.csv", "会員ID,メールアドレス,登録日,都道府県(名称),誕生日,性別(名称),購入回数\n"
                            "7,A@x.jp ,2023-05-01,東京都,1980-02-03,女性,3\n8,c@x.jp,2023-06-01,,,,\n")
    shop.put("optin.csv", "customer_id,mail_optin,is_staff\n7,はい,\n8,いいえ,1\n")
    shop.run([ORDERS, {"path": "members.csv", "preset": "eccube4_customer"},
              {"path": "optin.csv", "preset": "generic_customers"}])
    people = shop.table("customers").set_index("customer_key")
    orders = shop.table("orders").set_index("order_no")
    one = people.loc[orders.customer_key["1"]]
    assert (one.prefecture, one.sex, one.birth_year, one.birth_month) == ("東京都", "female", 1980, 2)
    assert (one.lifetime_orders_reported, one.mail_optin, one.ad_code) == (3, True, "F1")
    assert len(people) == 3 and people.is_staff.sum() == 1


def test_orders_of_staff_are_marked(shop):
    shop.put("staff.csv", "customer_id,is_staff\n7,1\n")
    facts = shop.run([ORDERS, {"path": "staff.csv", "preset": "generic_customers"}])
    assert shop.table("orders").set_index("order_no").is_staff.to_dict() == {"1": True, "2": False}
    assert dict(facts["bridge"])["test_staff"] == -1100


def test_events(shop):
    shop.put("events.csv", "event_at,event,visitor_id,customer_id,value_jpy\n2024-01-05 23:30,view_item,v1,7,500\n")
    shop.run([ORDERS, {"path": "events.csv", "preset": "generic_events"}])
    event = shop.table("events").iloc[0]
    assert (str(event.event_at), event.value_jpy) == ("2024-01-05 23:30:00", 500)


def test_a_file_named_by_two_sources(shop):
    with pytest.raises(errors.ShindanError, match="two sources") as stop:
        shop.run([ORDERS, {"path": "*.csv", "preset": "generic_orders"}])
    assert stop.value.code == errors.BAD_CONFIG
