"""Shops that break careless analyses: the whole diagnosis of each ends in a report that is true.

95 % buy once · one customer · nobody comes back · subscriptions only · the export starts in mid-history.
No NaN, no infinity, no empty chart, no verdict on a handful of people; what cannot be said is withheld
with its reason.
"""

import csv
import datetime
import json
import math
import random
import re

import nbformat
import pypdfium2
import pytest

from shindan import chapter, config, publish

START = datetime.date(2023, 1, 1)
YAML = """
name: {name}
as_of: 2025-12-31
language: {language}
purchases: {{data_starts_with_shop: {whole}}}
money: {{contribution_rate: 0.4}}
channels: {{}}
sources:
  - path: orders.csv
    preset: generic_orders
    status: {{完了: valid, 取消: cancelled}}
"""
PRODUCTS = [("A1", "お試しセット", 1980), ("B1", "基礎化粧水", 3850), ("C1", "美容クリーム", 5500)]
COLUMNS = ("order_no", "customer_id", "ordered_at", "status", "order_type", "subscription_id", "subscription_seq",
           "sku", "product_name", "qty", "unit_price_jpy", "items_jpy", "billed_jpy", "acq_channel")


def order(number, who, day, product=1, **more):
    sku, name, price = PRODUCTS[product]
    return {"order_no": f"{number:06}", "customer_id": f"C{who:05}", "ordered_at": f"{day} {9 + who % 12:02}:30:00",
            "status": "完了", "sku": sku, "product_name": name, "qty": 1, "unit_price_jpy": price,
            "items_jpy": price, "billed_jpy": price, "acq_channel": ["検索広告", "紹介", "organic"][who % 3], **more}


def once(n_people, share_back=0.0, start=START):
    """`n_people` first orders over the days since `start`; `share_back` of them order again once or twice."""
    draw, orders = random.Random(n_people), []
    days = (datetime.date(2025, 12, 31) - start).days
    for who in range(n_people):
        day = start + datetime.timedelta(days=draw.randrange(days))
        times = 1 + (draw.random() < share_back) * draw.choice([1, 1, 2])
        for _ in range(times):
            if day <= datetime.date(2025, 12, 31):
                orders.append(order(len(orders), who, day, draw.randrange(3)))
            day += datetime.timedelta(days=draw.randrange(15, 200))
    return orders


def subscriptions(n_people):
    """Everybody's first order opens a subscription; deliveries follow by themselves every 30 days."""
    draw, orders = random.Random(5), []
    for who in range(n_people):
        day = START + datetime.timedelta(days=draw.randrange(900))
        for seq in range(1, draw.randrange(2, 14)):
            if day > datetime.date(2025, 12, 31):
                break
            orders.append(order(len(orders), who, day, order_type="subscription",
                                subscription_id=f"S{who}", subscription_seq=seq))
            day += datetime.timedelta(days=30)
    return orders


def regulars():
    """A shop of many years whose export starts in its midst: people who come every few weeks."""
    draw, orders = random.Random(9), []
    for who in range(300):
        day = datetime.date(2024, 10, 1) + datetime.timedelta(days=draw.randrange(60) if who < 200 else draw.randrange(400))
        while day <= datetime.date(2025, 12, 31):
            orders.append(order(len(orders), who, day, draw.randrange(3)))
            day += datetime.timedelta(days=draw.randrange(20, 120))
    return orders


SHOPS = {  # name -> (orders, does the data start with the shop, language)
    "onetime": (once(1200, 0.05), "true", "ja"),
    "single": ([order(0, 1, datetime.date(2025, 6, 1))], "true", "ja"),
    "norepeat": (once(300), "true", "en"),
    "subscribers": (subscriptions(250), "true", "ja"),
    "midway": (regulars(), "false", "ja"),
}


@pytest.fixture(scope="module", params=SHOPS)
def shop(request, clients):
    """The client's folder after the whole diagnosis."""
    orders, whole, language = SHOPS[request.param]
    folder = config.Folder(f"edge-{request.param}")
    folder.raw.mkdir(parents=True)
    folder.config_file.write_text(YAML.format(name=request.param, whole=whole, language=language), "utf-8")
    with (folder.raw / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(orders)
    publish.diagnose(folder.client)
    return folder


@pytest.fixture(scope="module")
def results(shop):
    return json.loads((shop.deliverables / "latest" / "results.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def words(shop):
    pdf = pypdfium2.PdfDocument(shop.deliverables / "latest" / "report.pdf")
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def blocks(folder):
    """Everything a notebook showed: (chapter, block of chapter.MIME)."""
    for file in sorted(folder.notebooks.glob("*.ipynb")):
        for cell in nbformat.read(file, as_version=4).cells:
            for output in cell.get("outputs", []):
                if chapter.MIME in output.get("data", {}):
                    yield file.stem, output.data[chapter.MIME]


def test_every_figure_is_a_number_with_its_people(results):
    for kpi in (k for r in results.values() for k in r["kpis"]):
        ends = [kpi["value"], *(kpi["ci"] or [])]
        assert all(v is None or math.isfinite(v) for v in ends), kpi
        if kpi["ci"] and kpi["value"] is not None:
            assert kpi["ci"][0] <= kpi["value"] <= kpi["ci"][1], kpi
        if kpi["unit"] == "ratio" and kpi["value"] is not None and kpi["benchmark"] is None:
            assert kpi["value"] >= 0, kpi
        assert kpi["n"] >= 30 or kpi["verdict"] is None, kpi


def test_the_pages_print_no_broken_number(words):
    assert not re.search(r"(?<![A-Za-z])(nan|NaN|inf|null|NaT)(?![A-Za-z])|\bNone\b(?! of)|∞|-0(\.0+)?%|−0(\.0+)?%", words)
    assert not re.search(r"[{}]\w*[{}]|\{\w+[:}]", words), "a placeholder was not filled"


def test_no_chart_is_empty(shop):
    for name, block in blocks(shop):
        if block["kind"] == "figure":
            drawn = re.findall(r'clip-path="url\(#\w+\)"', block["svg"])
            assert len(drawn) >= 2, (name, block["name"])


def test_what_is_withheld_says_why_and_the_rest_is_shown(results, words):
    gates = [gate for r in results.values() for gate in r["gates"]]
    assert any(not g["shown"] for g in gates) and any(g["shown"] for g in gates)
    for gate in gates:
        assert gate["shown"] or all(gate["why"][lang] for lang in ("ja", "en")), gate
    assert len(words) > 2000


def gates(results):
    return {gate["id"]: gate["shown"] for r in results.values() for gate in r["gates"]}


def figures(results):
    return {kpi["id"]: kpi for name, r in results.items() if name != "summary" for kpi in r["kpis"]}


def test_each_shop_is_told_what_it_is(shop, results):
    shown, kpis = gates(results), figures(results)
    name = shop.client.removeprefix("edge-")
    if name == "single":
        assert not shown["repeat.f2"] and not shown["cards.page"]
        assert not any(kpi["verdict"] for kpi in kpis.values())
        assert not any(kpi["ci"] for kpi in kpis.values() if kpi["n"] == 1)
    elif name == "norepeat":
        assert kpis["repeat.f2_rate_365"]["value"] == 0 < kpis["repeat.f2_rate_365"]["ci"][1]
        assert not shown["repeat.second_days"] and not shown["repeat.funnel"]
    elif name == "onetime":
        assert 0.02 < kpis["repeat.f2_rate_365"]["value"] < 0.08 and kpis["repeat.f2_rate_365"]["verdict"] == "×"
        assert "repeat.f5_rate_365" not in kpis or kpis["repeat.f5_rate_365"]["n"] < 30
    elif name == "subscribers":
        assert not shown["repeat.f2"], "deliveries that come by themselves are no second purchases"
        assert not any(kpi["verdict"] for id, kpi in kpis.items() if id.startswith("repeat."))
    elif name == "midway":
        new = kpis.get("repeat.f2_rate_90", {"n": 0})["n"]
        assert new <= 100, "people of the first year in the data may be old customers"
