"""Survey tools' exports: their header rows, zones and half-finished answers."""

import pytest

from shindan import errors
from shindan.intake import recognise, starter

ORDERS = {"path": "orders.csv", "preset": "generic_orders"}


@pytest.fixture
def shop(kept_client):
    for old in kept_client.folder.raw.glob("*"):
        old.unlink()
    kept_client.put("orders.csv", "order_no,ordered_at,items_jpy,customer_id,email\n1,2024-01-05,1100,7,a@x.jp\n")
    return kept_client


def answers(shop, name, preset, **more):
    shop.run([ORDERS, {"path": name, "preset": preset, **more}])
    table = shop.table("nps_responses")
    return [(r.response_id, str(r.responded_at), r.score) for r in table.itertuples()], shop.report().loc[name]


QUESTION = "当店を薦める可能性は？"
MONKEY = (f"Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,{QUESTION},\n"
          ",,,,,,,,,Response,自由回答\n"
          "118,1,01/05/2024 10:00:00 AM,01/05/2024 10:11:12 PM,1.1.1.1,A@x.jp,,,,9 - とても,良い\n"
          "119,1,02/13/2024 10:00:00 AM,02/13/2024 10:11:12 AM,1.1.1.1,,,,7,0,\n")


def test_surveymonkey_has_a_second_header_row(shop):
    shop.put("s.csv", "\ufeff" + MONKEY)
    rows, report = answers(shop, "s.csv", "surveymonkey", columns={"score": QUESTION})
    assert rows == [("118", "2024-01-05 22:11:12", 9), ("119", "2024-02-13 10:11:12", 0)]
    assert report.skipped_why == "total 1"
    assert shop.table("nps_responses").customer_key.nunique() == 1  # by e-mail and by custom data


def test_the_question_is_guessed_and_never_taken_for_granted(shop):
    shop.put("s.csv", MONKEY)
    with pytest.raises(errors.ShindanError, match="score") as stop:
        answers(shop, "s.csv", "surveymonkey")
    assert stop.value.code == errors.INPUT_INVALID
    (found,) = [f for f in recognise.look(shop.folder) if f.file == "s.csv"]
    (source,), _ = starter.suggest([found])
    assert source == {"path": "s.csv", "preset": "surveymonkey", "columns": {"score": QUESTION}}


QUALTRICS = ('StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,ResponseId,RecipientEmail,'
             'ExternalReference,Q3,Q3_NPS_GROUP\n'
             f'開始日,終了日,回答タイプ,IP アドレス,進捗,所要時間,終了,記録日,回答ID,メール,外部,{QUESTION},{QUESTION} - グループ\n'
             + ",".join('"{""ImportId"":""x"",""timeZone"":""Asia/Tokyo""}"' for _ in range(13)) + "\n"
             '2024-01-05 10:00:00,2024-01-05 10:01:00,IP Address,1.1.1.1,100,60,True,2024-01-05 10:01:01,R_1,a@x.jp,,10,推奨者\n'
             '2024-01-05 11:00:00,2024-01-05 11:01:00,Survey Preview,,100,60,True,2024-01-05 11:01:01,R_2,,,3,批判者\n'
             '2024-01-05 12:00:00,2024-01-05 12:01:00,0,1.1.1.1,50,60,False,2024-01-05 12:01:01,R_3,,7,5,批判者\n'
             '2024-01-05 13:00:00,2024-01-05 13:01:00,0,1.1.1.1,100,60,1,2024-01-05 13:01:01,R_4,,7,8,中立者\n')


@pytest.mark.parametrize("way", ["csv", "tsv"])
def test_qualtrics_has_three_header_rows(shop, way):
    if way == "tsv":
        import csv
        import io
        data = "\n".join("\t".join(row) for row in csv.reader(io.StringIO(QUALTRICS))).encode("utf-16")
    else:
        data = "\ufeff" + QUALTRICS
    shop.put("q.csv", data)
    rows, report = answers(shop, "q.csv", "qualtrics", columns={"score": "Q3"})
    assert rows == [("R_1", "2024-01-05 10:01:01", 10), ("R_4", "2024-01-05 13:01:01", 8)]
    assert report.skipped_why == "not_complete 1, test_answer 1, total 2"
    (found,) = [f for f in recognise.look(shop.folder) if f.file == "q.csv"]
    assert starter.suggest([found])[0][0]["columns"]["score"] == "Q3"


@pytest.mark.parametrize(("options", "read"), [({}, "2024-01-06 02:01:01"), ({"timezone": "UTC"}, "2024-01-05 19:01:01")])
def test_qualtrics_says_its_zone_unless_the_client_does(shop, options, read):
    shop.put("q.csv", QUALTRICS.replace("Asia/Tokyo", "America/Denver"))
    rows, _ = answers(shop, "q.csv", "qualtrics", columns={"score": "Q3"}, options=options)
    assert rows[0][1] == read


def test_typeform_is_in_utc(shop):
    shop.put("t.csv", f"#,{QUESTION},email,Response Type,Start Date (UTC),Stage Date (UTC),Submit Date (UTC),Network ID,Tags,Ending\n"
                      "ab1,9,a@x.jp,completed,2024-01-05 20:00:00,,2024-01-05 20:10:00,n,,e\n"
                      "ab2,2,,partial,2024-01-05 20:00:00,2024-01-05 20:10:00,,n,,\n")
    rows, report = answers(shop, "t.csv", "typeform", columns={"score": QUESTION})
    assert rows == [("ab1", "2024-01-06 05:10:00", 9)] and report.skipped_why == "not_complete 1"


@pytest.mark.parametrize(("stamp", "read"), [
    ("2024/01/05 10:11:12", "2024-01-05 10:11:12"), ("2024/01/05 10:11:12 午前 GMT+9", "2024-01-05 10:11:12"),
    ("2024/01/05 9:11:12 午後 GMT+9", "2024-01-05 21:11:12")])
def test_google_forms_stamps(shop, stamp, read):
    shop.put("g.csv", f"タイムスタンプ,メールアドレス,{QUESTION}\n{stamp},a@x.jp,９\n")
    rows, _ = answers(shop, "g.csv", "google_forms", columns={"score": QUESTION})
    assert [(at, score) for _, at, score in rows] == [(read, 9)]
