"""Exports of ad platforms, mail tools and survey tools with the whole header of each, as they come."""

import csv
import dataclasses
import io

QUESTION = "当店を薦める可能性は？"


@dataclasses.dataclass(frozen=True)
class Export:
    """One format's file: `text` as comma-separated lines, the `ways` it comes in, what client.yaml says of it.

    `ways`: (encoding, newline, delimiter); `rows`: (read, accepted) of it; `record`: the number of the first
    accepted row, `first`: some of its fields.
    """

    text: str
    rows: tuple
    record: int
    first: dict
    ways: tuple = (("utf-8", "\n", ","),)
    columns: dict = dataclasses.field(default_factory=dict)

    def data(self, way=0):
        """The file's bytes as it comes in the way of that number."""
        encoding, newline, delimiter = self.ways[way]
        text = self.text if delimiter == "," else retold(self.text, delimiter)
        return text.replace("\n", newline).encode(encoding)


def retold(text, delimiter):
    """Comma-separated text under another delimiter."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(csv.reader(io.StringIO(text)))
    return out.getvalue()


UTF8, BOM, TABS = ("utf-8", "\n", ","), ("utf-8-sig", "\n", ","), ("utf-16", "\n", "\t")
STAMPS = '"{""ImportId"":""x"",""timeZone"":""Asia/Tokyo""}"'
EXPORTS = {
    "google_ads": Export(
        'キャンペーン レポート\n"2024年1月1日 - 2024年1月2日"\n'
        "キャンペーンの状態,日,キャンペーン,キャンペーン タイプ,表示回数,クリック数,通貨コード,費用,コンバージョン,コンバージョン値\n"
        '有効,2024-01-01,指名,検索,"1,200",30,JPY,"1,234",1.5,--\n有効,2024-01-02,一般,検索,0,0,JPY, --,0.00,--\n'
        '合計: キャンペーン, --, --, --,"1,200",30,JPY,"1,234",1.5,--\n合計: アカウント, --, --, --,"1,200",30,JPY,"1,234",1.5,--\n',
        rows=(4, 2), record=4, first={"campaign_name": "指名", "media_cost_jpy": 1234, "impressions": 1200, "platform_cv": 1.5},
        ways=(UTF8, BOM, TABS)),
    "meta_ads": Export(
        "日,キャンペーン名,広告セット名,広告名,インプレッション,リーチ,リンクのクリック,クリック(すべて),消化金額 (JPY),結果,"
        "結果インジケーター,結果の単価,レポート開始日,レポート終了日,通貨\n"
        ",1件のキャンペーンの結果,,,500,,5,6,500,,,,2024-01-01,2024-01-02,\n"
        '2024-01-01,"春,夏",s,a,300,200,3,4,500,1,x,500,2024-01-01,2024-01-02,JPY\n',
        rows=(2, 1), record=3, first={"campaign_name": "春,夏", "media_cost_jpy": 500, "clicks": 3}, ways=(BOM, UTF8, ("utf-8-sig", "\r\n", ","))),
    "yahoo_ads": Export(
        "日,キャンペーン名,インプレッション数,クリック数,コスト,コンバージョン数,コンバージョンの価値\n"
        '2024/01/01,指名①,"1,000",10,"1,500",2,--\n合計,,"1,000",10,"1,500",2,--\n',
        rows=(2, 1), record=2, first={"campaign_name": "指名①", "media_cost_jpy": 1500}, ways=(UTF8, ("cp932", "\r\n", ","), BOM)),
    "line_ads": Export(
        "日,キャンペーン名,インプレッション数,クリック数,CV（LINE Tagクリック）,ご利用金額\n"
        '2024-01-01,友だち,"1,000",2,1,"1,000"\n合計,,"1,000",2,1,"1,000"\n',
        rows=(2, 1), record=2, first={"campaign_name": "友だち", "media_cost_jpy": 1000, "platform_cv": 1}, ways=(UTF8, ("cp932", "\r\n", ","))),
    "x_ads": Export(
        "Time period,Ad Group name,Impressions,Clicks,Leads,Spend\n2024-01-01,g,10,2,1,1000\nTotal,,10,2,1,1000\n",
        rows=(2, 1), record=2, first={"adset_name": "g", "media_cost_jpy": 1000}),
    "microsoft_ads": Export(
        "日付,キャンペーン名,インプレッション,クリック数,コンバージョン,費用\n2024/1/1,c,10,2,1,\"¥1,000\"\n©2024 Microsoft Corporation,,,,,\n",
        rows=(2, 1), record=2, first={"campaign_name": "c", "media_cost_jpy": 1000, "clicks": 2}),
    "ga4": Export(
        "# ----------------------------------------\n# ユーザー獲得\n# 開始日: 20240101\n# 終了日: 20240131\n"
        "# ----------------------------------------\n\nユーザーの最初の参照元 / メディア,総ユーザー数,セッション,キーイベント\n"
        "google / cpc,1200,1500,30.5\n(direct) / (none),300,350,\n(not set),5,5,0\n\n# 国別\n国,総ユーザー数\n日本,5\n",
        rows=(3, 3), record=8, first={"source_medium": "google / cpc", "users": 1200, "key_events": 30.5}),
    "klaviyo_campaigns": Export(
        "Campaign Name,Tags,Subject,List,Send Time,Send Weekday,Total Recipients,Unique Placed Order,Placed Order Rate,Revenue,"
        "Unique Opens,Open Rate,Total Opens,Unique Clicks,Click Rate,Total Clicks,Unsubscribes,Spam Complaints,"
        "Spam Complaints Rate,Successful Deliveries,Bounces,Bounce Rate,Campaign ID,Campaign Channel\n"
        '春,F2,"[MULTIPLE, VARIATIONS]",List,2024-02-01 09:00:00,Thursday,121401.0,12,0.02%,"34,500.0",300.0,0.25,400,50.0,4%,60,'
        "3,1,0.0025,121399,2,0.1%,K1,Email\n",
        rows=(1, 1), record=2, first={"campaign_id": "K1", "recipients": 121401, "delivered": 121399, "revenue_jpy": 34500}),
    "klaviyo_flows": Export(
        "Day,Flow ID,Flow Name,Flow Message ID,Flow Message Name,Flow Message Channel,Status,Delivered,Unique Opens,Open Rate,"
        "Unique Clicks,Click Rate,Placed Order,Placed Order Rate,Revenue,Revenue per Recipient,Unsub Rate,Complaint Rate,"
        "Bounce Rate,Tags\n2024-02-01,F1,W,M1,Welcome 1,Email,live,10,5,50%,1,10%,1,10%,1000,100,0%,0%,0%,\n",
        rows=(1, 1), record=2, first={"campaign_id": "F1 M1", "variant": "Welcome 1", "delivered": 10, "revenue_jpy": 1000}),
    "mailchimp_audience": Export(
        "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,"
        "GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
        'a@example.jp,太郎,見本,4,2022-12-31 15:30:00,,2023-01-01 00:00:00,,,,,,,JP,,2023-01-02 00:00:00,1,e,"一行\n二行",\n',
        rows=(1, 1), record=2, first={"email": "a@example.jp", "registered_at": "2023-01-01 00:30:00"}),
    "mailchimp_campaigns": Export(
        "Title,Subject,List,Send Date,Total Recipients,Successful Deliveries,Soft Bounces,Hard Bounces,Total Bounces,"
        "Unique Opens,Total Opens,Unique Clicks,Total Clicks,Unsubscribes,Abuse Reports,Unique Id\n"
        "夏,件名,L,6/29/2018 21:30,100,95,3,2,5,40,60,7,9,1,0,U1\n",
        rows=(1, 1), record=2, first={"campaign_id": "U1", "delivered": 95, "bounces": 5}),
    "surveymonkey": Export(
        "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,"
        f"{QUESTION},\n,,,,,,,,,Response,自由回答\n"
        '118,1,01/05/2024 10:00:00 AM,01/05/2024 10:11:12 PM,,a@example.jp,,,,9 - とても,"良い\n早い"\n'
        "119,1,02/13/2024 10:00:00 AM,02/13/2024 10:11:12 AM,,,,,7,0,\n",
        rows=(3, 2), record=3, first={"response_id": "118", "score": 9, "responded_at": "2024-01-05 22:11:12"},
        ways=(BOM, ("utf-8-sig", "\r\n", ",")), columns={"score": QUESTION}),
    "qualtrics": Export(
        "StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,ResponseId,RecipientLastName,"
        "RecipientFirstName,RecipientEmail,ExternalReference,LocationLatitude,LocationLongitude,DistributionChannel,UserLanguage,Q3\n"
        f"開始日,終了日,回答タイプ,IP アドレス,進捗,所要時間,終了,記録日,回答ID,姓,名,メール,外部,緯度,経度,配信,言語,{QUESTION}\n"
        + ",".join([STAMPS] * 18) + "\n"
        "2024-01-05 10:00:00,2024-01-05 10:01:00,IP Address,,100,60,True,2024-01-05 10:01:01,R_1,,,a@example.jp,,,,email,JA,10\n",
        rows=(3, 1), record=4, first={"response_id": "R_1", "score": 10, "responded_at": "2024-01-05 10:01:01"}, ways=(BOM, TABS),
        columns={"score": "Q3"}),
    "typeform": Export(
        f"#,{QUESTION},email,Response Type,Start Date (UTC),Stage Date (UTC),Submit Date (UTC),Network ID,Tags,Ending\n"
        "ab1,9,a@example.jp,completed,2024-01-05 20:00:00,,2024-01-05 20:10:00,n,,e\n",
        rows=(1, 1), record=2, first={"response_id": "ab1", "score": 9, "responded_at": "2024-01-06 05:10:00"}, columns={"score": QUESTION}),
    "google_forms": Export(
        f"タイムスタンプ,メールアドレス,{QUESTION}\n2024/01/05 9:11:12 午後 GMT+9,a@example.jp,９\n",
        rows=(1, 1), record=2, first={"score": 9, "responded_at": "2024-01-05 21:11:12"}, ways=(UTF8, ("utf-8", "\r\n", ",")),
        columns={"score": QUESTION}),
}
EXPORTS["klaviyo_campaign_names"] = dataclasses.replace(
    EXPORTS["klaviyo_campaigns"], first={"campaign_id": "K1", "name": "春", "channel": "email", "start_date": "2024-02-01"})
EXPORTS["mailchimp_campaign_names"] = dataclasses.replace(
    EXPORTS["mailchimp_campaigns"], first={"campaign_id": "U1", "name": "夏", "start_date": "2018-06-29"})
