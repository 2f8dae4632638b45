"""The known truth of the demo shop, as a plain dict: what a correct diagnostic must find."""

from collections import Counter

import numpy as np

from shindan.demo import campaigns, costs, shop, subscriptions
from shindan.demo import catalogue as cat

WINDOWS = (30, 60, 90, 180, 365)


class Truth:
    """Sums over the blocks of one shop; `result()` makes the dict of them."""

    def __init__(self, plan):
        self.plan, self.sum = plan, Counter()

    def add(self, block):
        """Count one simulated block (see demo.Block)."""
        c, p = block.customers, block.purchases
        channel = shop.observed_channel(c)
        buyers = c.buys.to_numpy()
        self.sum["customers"] += int(buyers.sum())
        self._second(c[buyers], channel[buyers])
        self._naive(c, p)
        self._ranks(p)
        self._sends(block.sends, p)
        self._nps(block.answers)
        self._sales(c, block.orders)
        self.sum.update({("contracts", n): k for n, k in Counter(block.contracts.course).items()})

    def _second(self, c, channel):
        product = np.array([p.name for p in cat.PRODUCTS], dtype=object)[c["product"]]
        month = (cat.START + c.first_day.to_numpy()).astype("datetime64[M]").astype(str)
        for days in WINDOWS:
            chance = shop.second_purchase(c, days)
            for group, names in (("channel", channel), ("product", product)):
                for name, value in chance.groupby(names).sum().items():
                    self.sum["f2", group, name, days] += value
            self.sum["f2", days] += chance.sum()
        self.sum.update({("product", k): v for k, v in Counter(product).items()})
        self.sum.update({("channel", k): v for k, v in Counter(channel).items()})
        self.sum.update({("month", *k): v for k, v in Counter(zip(month, channel, strict=True)).items()})

    def _naive(self, c, p):
        seen = p[p.day <= cat.AS_OF]
        self.sum["repeaters"] += int((seen.no == 2).sum())
        self.sum["purchases"] += len(seen)

    def _ranks(self, p):
        h = campaigns.history(p, cat.AS_OF + 1)  # the report's day included
        recency = h.recency - 1
        in_window = p[p.day.between(cat.AS_OF - 364, cat.AS_OF)].groupby("customer").size()
        rank = campaigns.ranks(in_window.reindex(h.index, fill_value=0), recency)
        self.sum.update({("rank", k): v for k, v in Counter(rank).items()})

    def _sends(self, sends, p):
        for campaign in cat.CAMPAIGNS:
            sent = sends[sends.campaign == campaign.id]
            bought = campaigns.bought(campaign, sent, p)
            for arm in ("A", "control"):
                of_arm = (sent.arm == arm).to_numpy()
                self.sum["n", campaign.id, arm] += int(of_arm.sum())
                self.sum["bought", campaign.id, arm] += int(bought[of_arm].sum())

    def _nps(self, answers):
        for wave, net in answers.groupby("wave").net:
            for key in (wave, "all"):
                self.sum["net", key] += net.sum()
                self.sum["answers", key] += len(net)

    def _sales(self, c, orders):
        o = orders[orders.kind == "valid"]
        first_year = o.day - c.first_day.to_numpy()[o.customer] < 365
        self.sum["year_jpy"] += int(o.revenue[first_year].sum())
        self.sum["year_ex_tax_jpy"] += int(o.revenue_ex_tax[first_year].sum())
        seen = o[o.day <= cat.AS_OF]
        self.sum["valid_orders"] += len(seen)
        self.sum["revenue_jpy"] += int(seen.revenue.sum())
        self.sum["revenue_ex_tax_jpy"] += int(seen.revenue_ex_tax.sum())
        self.sum.update({("orders", k): v for k, v in
                         Counter(orders.kind[orders.day <= cat.AS_OF]).items()})

    def result(self):
        """The truth; rates are 0..1, NPS is -100..100, amounts whole yen. See demo.truth."""
        s = self.sum
        return {
            "as_of": cat.LAST_DATE, "data_start": cat.FIRST_DATE, "customers": s["customers"],
            "purchases": s["purchases"], "valid_orders": s["valid_orders"],
            "orders": {k: s["orders", k] for k in ("valid", "cancelled", "returned", "sample")},
            "revenue_jpy": s["revenue_jpy"], "revenue_ex_tax_jpy": s["revenue_ex_tax_jpy"], **self._acquisition(),
            "f2": {days: float(s["f2", days] / s["customers"]) for days in WINDOWS},
            "f2_naive": s["repeaters"] / s["customers"],
            "f2_by_channel": self._by("channel"), "f2_by_product": self._by("product"),
            "ranks": {k: s["rank", k] for k in ("premium", "semi_premium", "regular", "dormant")},
            "campaigns": {campaign.id: self._campaign(campaign) for campaign in cat.CAMPAIGNS},
            "nps": {w: {"nps": float(100 * s["net", w] / s["answers", w]), "n": s["answers", w]}
                    for w in ("all", *[wave[:7] for wave in cat.WAVES])},
            "subscriptions": {course.promised: {
                "n": s["contracts", number], "reaches": {n: course.reaches(n) for n in range(1, 13)}}
                for number, course in enumerate(subscriptions.COURSES)},
            "ltv_sales_365_jpy": s["year_jpy"] / s["customers"],
            "ltv_sales_365_ex_tax_jpy": s["year_ex_tax_jpy"] / s["customers"],
        }

    def _by(self, group):
        names = sorted(key[1] for key in self.sum if key[0] == group and len(key) == 2)
        return {name: {days: float(self.sum["f2", group, name, days] / self.sum[group, name])
                       for days in WINDOWS} for name in names}

    def _campaign(self, campaign):
        s, arms = self.sum, ("A", "control") if campaign.random else ("A",)
        return {"assignment": "random" if campaign.random else "rule",
                "lift_pt": campaign.lift, "sent": campaign.sent, "window_days": campaign.days,
                "n": {arm: s["n", campaign.id, arm] for arm in arms},
                "bought": {arm: s["bought", campaign.id, arm] for arm in arms}}

    def _acquisition(self):
        """Per channel: cost (without tax), new customers in the ledger, CPA; and by month."""
        cost = costs.spend(self.plan)
        total = cost.groupby("channel").cost_jpy.sum()
        new = {key[1]: n for key, n in self.sum.items() if key[0] == "channel"}
        channels = {name: {"cost_jpy": int(total.get(name, 0)), "new_customers": n,
                           "cpa_jpy": float(total[name] / n) if name in total else None}
                    for name, n in sorted(new.items())}
        paid = sum(n for name, n in new.items() if name in total)
        months = {(f"{r.month:%Y-%m}", r.channel): r.cost_jpy for r in cost.itertuples()}
        seen = {key[1:]: n for key, n in self.sum.items() if key[0] == "month"}
        return {
            "channels": channels, "cost_jpy": int(total.sum()),
            "cpa_blended_jpy": float(total.sum() / self.sum["customers"]),
            "cpa_paid_jpy": float(total.sum() / paid), "unknown_share": new.get("unknown", 0) / self.sum["customers"],
            "months": [{"month": month, "channel": channel, "cost_jpy": months.get((month, channel), 0),
                        "new_customers": seen.get((month, channel), 0)}
                       for month, channel in sorted(months.keys() | seen.keys())],
        }
