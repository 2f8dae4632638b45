"""Randomised mail tests as ordinary clients, through the whole campaign chapter.

The shop in mailtest/ is made up: 240 people, half of them drawn, 36 of the 120 sent and 12 of the 120
left out buy within the window; a second mailing goes to people chosen by a rule and changes nothing.
MineThatData's e-mail test (64,000 people, three random arms; Hillstrom 2008) is read where it is present.
"""

import datetime
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from shindan import config, engine, publish, run
from shindan.analyses import campaign, holdout

HERE = Path(__file__).parent / "mailtest"
HILLSTROM = next((file for up in Path(__file__).parents if (file := up / "shared" / "data" / "hillstrom.csv").is_file()), None)
FORBIDDEN = re.compile("効果|増分|リフト|押し上げ")


def diagnosed(name, files, change=lambda settings: settings):
    """The folder of a client with these files ({name: text}) after its tables, chapters and report."""
    folder = config.Folder(name)
    folder.raw.mkdir(parents=True)
    for file, text in files.items():
        (folder.raw / file).write_text(text, "utf-8")
    (folder.path / "client.yaml").write_text(change((HERE / "client.yaml").read_text("utf-8")), "utf-8")
    run.tables(name)
    run.plan(name)
    for chapter in sorted(publish.chapters(config.load(folder)), key=lambda chapter: chapter == "summary"):
        run.chapter(name, chapter)
    publish.publish(name)
    return folder


def own_files():
    return {file.name: file.read_text("utf-8") for file in HERE.glob("*.csv")}


def results(folder, chapter="campaign"):
    return json.loads((folder.results / f"{chapter}.json").read_text("utf-8"))


def figures(folder):
    return {kpi["id"]: kpi for kpi in results(folder)["kpis"]}


def pdf_text(folder):
    import pypdfium2

    pdf = pypdfium2.PdfDocument(folder.deliverables / "latest" / "report.pdf")
    return "".join(page.get_textpage().get_text_range() for page in pdf).replace("\r\n", "")


@pytest.fixture(scope="module")
def shop(clients):
    return diagnosed("mailtest", own_files())


def test_the_made_up_test_gives_its_counts(shop):
    row = results(shop)["tables"]["randomised"][0]
    assert (row["n"], row["n_control"], row["bought_rate"], row["control_rate"]) == (120, 120, .3, .1)
    assert row["pooled_pt"] == pytest.approx(.2) and row["diff_pt_lo"] > .05 and not row["is_refused"]
    assert row["planned_share"] == .5 and row["planned_p"] == 1
    assert figures(shop)["campaign.n_found"]["value"] == 1
    assert "「初夏のはがき」の効果" in pdf_text(shop)


def test_reach_cost_and_break_even_of_the_made_up_test(shop):
    rows = {r["campaign_id"]: r for r in results(shop)["tables"]["economics"]}
    assert rows["R1"]["cost_jpy"] == 10000 + 120 * 80 and rows["S1"]["n"] == 80
    ranks = [r for r in results(shop)["tables"]["campaign_ranks"] if r["campaign_id"] == "R1"]
    assert sum(r["n"] for r in ranks) == 120
    # every purchase is worth ¥2,000 to ¥4,000, half of it margin
    assert all(19600 / 120 / 2000 <= r["break_even_rate"] <= 19600 / 120 / 1000 for r in ranks)


def test_without_a_draw_no_page_speaks_of_an_effect(clients):
    """The same shop, but nobody says the groups were drawn at random; and everybody buys as before."""
    files = own_files()
    files["campaigns.csv"] = files["campaigns.csv"].replace("random,0.5", "rule,")
    folder = diagnosed("mailrule", files)
    text = pdf_text(folder)
    assert "配信が無くても購入した人を含む" in text and "参考" in text
    assert not FORBIDDEN.search(text), FORBIDDEN.search(text).group()
    left = results(folder)
    assert not left["tables"]["randomised"] and not left["tables"]["rank_differences"]
    assert not FORBIDDEN.search(json.dumps(left["findings"] + left["gates"], ensure_ascii=False))


def test_a_share_left_out_that_was_not_planned_refuses_the_comparison(clients):
    files = own_files()
    files["campaigns.csv"] = files["campaigns.csv"].replace("random,0.5", "random,0.2")
    folder = diagnosed("mailratio", files)
    gates = {gate["id"]: gate for gate in results(folder)["gates"]}
    assert not gates["campaign.differences"]["shown"] and "計画" in gates["campaign.differences"]["why"]["ja"]
    assert not FORBIDDEN.search(pdf_text(folder))


# -- MineThatData's e-mail test ---------------------------------------------------------------------
SENT = datetime.date(2008, 3, 20)


def hillstrom_files(rows):
    """The e-mail test as a shop would export it: past and later purchases, two campaigns, one control."""
    person = "h" + rows.index.astype(str).str.zfill(6)
    past = pd.DataFrame({"customer": person, "amount": rows.history, "day": [
        SENT - datetime.timedelta(days=30 * months) for months in rows.recency]})
    later = pd.DataFrame({"customer": person, "amount": rows.spend, "day": SENT})[(rows.spend > 0).to_numpy()]
    orders = pd.concat([past, later], ignore_index=True)
    orders.insert(0, "order", range(1, len(orders) + 1))
    arms = rows.segment.map({"Mens E-Mail": "mens", "Womens E-Mail": "womens", "No E-Mail": "control"})
    sends = pd.concat([pd.DataFrame({
        "campaign": name, "customer": person[mask], "arm": arms[mask].replace({name: "A"}), "day": SENT})
        for name in ("mens", "womens") for mask in [arms.isin([name, "control"]).to_numpy()]])
    campaigns = "campaign,name,medium,day,window,fixed,piece,assignment,left_out\n" + "".join(
        f"{name},{name},email,{SENT},14,,,random,0.5\n" for name in ("mens", "womens"))
    return {"orders.csv": orders.to_csv(index=False), "sends.csv": sends.to_csv(index=False), "campaigns.csv": campaigns}


def hillstrom_settings(text):
    return text.replace("as_of: 2025-12-31", "as_of: 2008-04-30\nlanguage: en\ncurrency: USD").replace(
        "money:", "rfm:\n  ranks:\n    - {rank: premium, min_sales_jpy: 500}\n"
        "    - {rank: semi_premium, min_sales_jpy: 200}\n    - {rank: regular}\n\nmoney:")


@pytest.fixture(scope="module")
def hillstrom(clients):
    if not HILLSTROM:
        pytest.skip("hillstrom.csv is not here")
    rows = pd.read_csv(HILLSTROM)
    return rows, diagnosed("hillstrom", hillstrom_files(rows), hillstrom_settings)


def test_hillstrom_conversion_and_spend(hillstrom):
    """Men's mail against none: conversion .012531 v .005726, spend 1.4226 v .6528, Welch .4851–1.0545."""
    _, folder = hillstrom
    tables = results(folder)["tables"]
    row = next(r for r in tables["randomised"] if r["campaign_id"] == "mens")
    assert (row["n"], row["n_control"]) == (21307, 21306)
    assert (row["bought_rate"], row["control_rate"]) == (pytest.approx(.012531, abs=5e-7), pytest.approx(.005726, abs=5e-7))
    assert row["diff_pt"] == pytest.approx(.006805, abs=1e-4) and row["diff_pt_lo"] > .004
    sales = next(r for r in tables["sales"] if r["name"] == "mens")
    assert sales["sales_diff_jpy"] == pytest.approx(76.98, abs=.01)  # cents
    assert (sales["sales_diff_jpy_lo"], sales["sales_diff_jpy_hi"]) == (pytest.approx(48.51, abs=4), pytest.approx(105.45, abs=4))
    spent = next(r for r in tables["economics"] if r["campaign_id"] == "mens")
    assert spent["sales_per_person_jpy"] == pytest.approx(142.26, abs=.005)
    assert figures(folder)["campaign.n_found"]["value"] == 2
    assert "Effect of “mens”" in pdf_text(folder)


def test_hillstrom_by_history_segment(hillstrom):
    """Conversion difference of men's mail by history_segment, 1 to 7."""
    rows, folder = hillstrom
    con = engine.connect(folder.work / "spill")
    sends, purchases, campaigns = (engine.read(con, folder.tables, name) for name in ("campaign_sends", "purchases", "campaigns"))
    people = campaign.assigned(sends, campaigns)
    bought = campaign.outcomes(people, purchases, campaign.ranks_on_send_dates(people, purchases, config_ranks()), SENT + datetime.timedelta(days=30))
    history = purchases.filter(purchases.purchase_date < SENT).select("customer_key", history=purchases.revenue_jpy)
    edges = [10000, 20000, 35000, 50000, 75000, 100000]
    segmented = bought.drop("rank").join(history, "customer_key")
    segmented = segmented.mutate(rank=sum((segmented.history >= edge).cast("int64") for edge in edges).cast("string"))
    ranked = campaign.by_rank(segmented)
    d = holdout.differences(ranked, holdout.standardised(ranked))
    mens = d[d.campaign_id == "mens"].sort_values("rank")
    assert mens.diff_pt.to_list() == pytest.approx(
        [.004988, .004818, .008480, .008729, .008328, .020022, .009284], abs=5e-7)


def config_ranks():
    from shindan.analyses import rfm

    return rfm.Cuts()
