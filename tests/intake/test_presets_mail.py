"""Mail tools' exports: totals per campaign, and who is on a list."""

import pytest

ORDERS = {"path": "orders.csv", "preset": "generic_orders"}


@pytest.fixture
def shop(kept_client):
    for old in kept_client.folder.raw.glob("*"):
        old.unlink()
    kept_client.put("orders.csv", "order_no,ordered_at,items_jpy,customer_id,email\n1,2024-01-05,1100,7,A@x.jp\n")
    return kept_client


KLAVIYO = ("Campaign Name,Tags,Subject,List,Send Time,Send Weekday,Total Recipients,Unique Placed Order,Placed Order Rate,"
           "Revenue,Unique Opens,Open Rate,Total Opens,Unique Clicks,Click Rate,Total Clicks,Unsubscribes,Spam Complaints,"
           "Spam Complaints Rate,Successful Deliveries,Bounces,Bounce Rate,Campaign ID,Campaign Channel{variant}\n")
ROW = ("春,F2,[MULTIPLE VARIATIONS],List,2024-02-01 09:00:00,Thursday,{n},12,0.02%,\"34,500.0\",300.0,0.25,400,50.0,4%,60,"
       "3,1,0.0025,{n},2,0.1%,K1,Email{variant}\n")


def test_klaviyo_campaigns_and_their_totals_from_one_file(shop):
    shop.put("k.csv", KLAVIYO.format(variant="") + ROW.format(n="121401.0", variant=""))
    shop.run([ORDERS, {"path": "k.csv", "preset": "klaviyo_campaigns"},
              {"path": "k.csv", "preset": "klaviyo_campaign_names"}])
    stats, campaign = shop.table("campaign_stats").iloc[0], shop.table("campaigns").iloc[0]
    assert (stats.campaign_id, stats.recipients, stats.delivered, stats.bounces) == ("K1", 121401, 121401, 2)
    assert (stats.unique_opens, stats.unique_clicks, stats.orders, stats.revenue_jpy) == (300, 50, 12, 34500)
    assert (campaign.campaign_id, campaign["name"], campaign.channel, str(campaign.start_date)[:10]) == (
        "K1", "春", "email", "2024-02-01")


def test_klaviyo_variants_and_a_newer_export(shop):
    head = KLAVIYO.format(variant=",Variant")
    shop.put("k1.csv", head + ROW.format(n=100, variant=",A") + ROW.format(n=90, variant=",B"))
    shop.put("k2.csv", head + ROW.format(n=110, variant=",A"))
    shop.run([ORDERS, {"path": "k*.csv", "preset": "klaviyo_campaigns"},
              {"path": "k*.csv", "preset": "klaviyo_campaign_names"}])
    stats = shop.table("campaign_stats")
    assert dict(zip(stats.variant, stats.recipients, strict=True)) == {"A": 110, "B": 90}
    assert len(shop.table("campaigns")) == 1


def test_klaviyos_newer_screen(shop):
    shop.put("k.csv", "Campaign name,Message send date time,Audiences list,Total recipients,Unique opens,Conversion value,"
                      "Count of unique conversions\n夏,2024-06-01 09:00:00,All,50,20,9900,3\n")
    shop.run([ORDERS, {"path": "k.csv", "preset": "klaviyo_campaigns"}])
    stats = shop.table("campaign_stats").iloc[0]
    assert (stats.campaign_id, stats.recipients, stats.orders, stats.revenue_jpy) == ("夏", 50, 3, 9900)


def test_the_days_of_a_klaviyo_flow_are_added_up(shop):
    head = ("Day,Flow ID,Flow Name,Flow Message ID,Flow Message Name,Flow Message Channel,Status,Delivered,Unique Opens,"
            "Open Rate,Unique Clicks,Click Rate,Placed Order,Placed Order Rate,Revenue\n")
    day = "2024-02-0{d},F1,W,M1,Welcome 1,Email,live,{n},5,50%,1,10%,1,10%,1000\n"
    shop.put("f1.csv", head + day.format(d=1, n=10) + day.format(d=2, n=10))
    shop.put("f2.csv", head + day.format(d=2, n=12) + day.format(d=3, n=12))
    shop.run([ORDERS, {"path": "f*.csv", "preset": "klaviyo_flows"}])
    (row,) = shop.table("campaign_stats").itertuples()
    assert (row.campaign_id, row.variant, row.recipients, row.orders, row.revenue_jpy) == ("F1 M1", "Welcome 1", 34, 3, 3000)


AUDIENCE = ("Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,"
            "GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS{more}\n")
PERSON = "{mail},太郎,山田,4,{at},1.1.1.1,2023-01-01 00:00:00,,,,,,,JP,,2023-01-02 00:00:00,1,e,\"a\nb\",{more}\n"


def test_mailchimp_audiences_in_utc(shop):
    shop.put("subscribed_1.csv", AUDIENCE.format(more="") + PERSON.format(mail="a@X.jp", at="2022-12-31 15:30:00", more=""))
    shop.put("unsubscribed_1.csv", AUDIENCE.format(more=",UNSUB_TIME,UNSUB_REASON")
             + PERSON.format(mail="b@x.jp", at="2022-12-31 10:00:00", more=",2024-01-01 00:00:00,N/A"))
    shop.run([ORDERS, {"path": "subscribed_*.csv", "preset": "mailchimp_audience", "values": {"mail_optin": True}},
              {"path": "unsubscribed_*.csv", "preset": "mailchimp_audience"}])
    key = shop.table("orders").customer_key[0]
    people = shop.table("customers").set_index("customer_key")
    assert str(people.registered_at[key]) == "2023-01-01 00:30:00" and bool(people.mail_optin[key]) is True
    other = people.drop(key).iloc[0]
    assert str(other.registered_at) == "2022-12-31 19:00:00" and bool(other.mail_optin) is False


def test_mailchimp_campaigns(shop):
    shop.put("m.csv", "Title,Subject,List,Send Date,Total Recipients,Successful Deliveries,Soft Bounces,Hard Bounces,Total Bounces,"
                      "Unique Opens,Total Opens,Unique Clicks,Total Clicks,Unsubscribes,Abuse Reports,Unique Id\n"
                      "夏,件名,L,6/9/2018 21:30,100,95,3,2,5,40,60,7,9,1,0,U1\n")
    shop.run([ORDERS, {"path": "m.csv", "preset": "mailchimp_campaigns"}, {"path": "m.csv", "preset": "mailchimp_campaign_names"}])
    stats, campaign = shop.table("campaign_stats").iloc[0], shop.table("campaigns").iloc[0]
    assert (stats.delivered, stats.bounces, stats.unique_clicks) == (95, 5, 7)
    assert (campaign.campaign_id, str(campaign.start_date)[:10]) == ("U1", "2018-06-09")


def test_an_address_list_per_result(shop):
    """blastmail and the like: one file of addresses for each result; the result is in client.yaml."""
    shop.put("campaigns.csv", "campaign_id,start_date\nB1,2024-02-01\n")
    shop.put("click.csv", "メールアドレス\na@x.jp\nnobody@x.jp\n".encode("cp932"))
    shop.run([ORDERS, {"path": "campaigns.csv", "preset": "generic_campaigns"},
              {"path": "click.csv", "preset": "generic_campaign_responses", "columns": {"email": "メールアドレス"},
               "values": {"campaign_id": "B1", "event": "click", "event_date": "2024-02-01"}}])
    (row,) = shop.table("campaign_responses").itertuples()
    assert (row.campaign_id, row.event, row.customer_key) == ("B1", "click", shop.table("orders").customer_key[0])
