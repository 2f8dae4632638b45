"""Predicted LTV: BG/NBD and Gamma-Gamma on the new customers, and the gates before anything is shown.

New customers only (is_new): for the others the first purchase in the data is not where life began.
Everything is fitted on counts of alike customers, so that the work does not grow with the shop.
"""

import dataclasses
import datetime

import ibis
import numpy as np
import pandas as pd

from shindan.analyses import intervals
from shindan.analyses.lifetime_models import (
    Fit,
    alive,
    expected_if_alive,
    fit_purchases,
    fit_values,
    mean_value,
)
from shindan.analyses.ltv import acquired
from shindan.engine import as_table, days_between, frame, whole_sum

CELL = ["repeats", "last_days", "observed_days"]
MANY = 200_000  # customers from which days are rounded to weeks
FINE = 1000  # cells of mean values per unit of their logarithm (0.1 %)
TRACKING = ["week_date", "n_actual", "n_predicted"]


@dataclasses.dataclass(frozen=True)
class Limits:
    """The gates; each is one row of Study.checks."""

    subscription_share: float = 0.0  # of purchases: deliveries come by themselves
    history_days: int = 365
    repeaters: int = 300
    correlation: float = 0.3         # |r| of repeat purchases and their mean value
    holdout_error: float = 0.15      # |predicted ÷ actual − 1| in the second half


@dataclasses.dataclass(frozen=True, eq=False)
class Study:
    """What was found up to `as_of`; fits are None where a gate before them has closed.

    checks: one row per gate looked at: gate, why (of the sentence), value, limit, passed.
    tracking: one row per week, cumulative repeat purchases of those won in the first half:
    week_date, n_actual, n_predicted (from the middle on).
    history: one row per new customer, lazy; cells: the same, counted.
    """

    checks: pd.DataFrame
    history: object
    cells: pd.DataFrame
    purchases: Fit | None = None
    values: Fit | None = None
    tracking: pd.DataFrame = dataclasses.field(default_factory=lambda: pd.DataFrame(columns=TRACKING))

    @property
    def passed(self):
        """Every gate was looked at and none has closed."""
        return self.values is not None and bool(self.checks["passed"].all())

    @property
    def error(self):
        """Predicted ÷ actual − 1 of the second half's repeat purchases."""
        return holdout_error(self.tracking)


def study(buyers, purchases, as_of, limits=Limits()):  # noqa: B008 - frozen
    """The Study of the new customers: cheap gates first, models only behind them."""
    n = int(acquired(buyers, as_of).count().to_pandas())
    lives = history(buyers, purchases, as_of, 7 if n > MANY else 1)
    counted = cells(lives)
    spent = value_cells(lives)
    checks = _first_checks(counted, spent, _subscription_share(buyers, purchases, as_of), limits)
    if not all(check["passed"] for check in checks):
        return Study(pd.DataFrame(checks), lives, counted)
    buying = fit_purchases(*counted[CELL].to_numpy(float).T, counted["n"])
    worth = fit_values(spent["repeats"], spent["mean_jpy"], spent["n"])
    half, weeks = holdout(buyers, purchases, as_of, 7 if n > MANY else 1)
    checks += [_correlation_check(spent, limits), _fit_check("purchase_fit", buying), _value_check(worth),
               _holdout_check(half, weeks, limits)]
    return Study(pd.DataFrame(checks), lives, counted, buying, worth, weeks)


# -- customers as cells ---------------------------------------------------------------------------
def history(buyers, purchases, until, step_days=1):
    """One row per new customer won up to `until`, lazy: what the models need to know.

    Columns: customer_key, repeats (purchases after the first), last_days (first to last purchase),
    observed_days (first to `until`), both rounded to `step_days`; first_jpy, repeat_jpy (sales).
    """
    people = acquired(buyers, until).select("customer_key", "first_date")
    p = as_table(purchases)
    p = p.filter(p.purchase_date <= until).inner_join(people, "customer_key")
    first = p.purchase_no == 1
    lives = p.group_by(["customer_key", "first_date"]).agg(
        repeats=p.count() - 1, last_date=p.purchase_date.max(),
        first_jpy=whole_sum(ibis.ifelse(first, p.revenue_jpy, 0)),
        repeat_jpy=whole_sum(ibis.ifelse(first, 0, p.revenue_jpy)))
    return lives.select(
        "customer_key", "repeats", "first_jpy", "repeat_jpy",
        last_days=_rounded(days_between(lives.last_date, lives.first_date), step_days),
        observed_days=_rounded(days_between(ibis.literal(until), lives.first_date), step_days))


def _rounded(days, step):
    return days if step == 1 else (days + step // 2) // step * step


def cells(history, by=()):
    """One row per group of `by` × (repeats, last_days, observed_days): n and Σ of the money."""
    h = as_table(history)
    first = h.first_jpy
    counted = h.group_by([*by, *CELL]).agg(
        n=h.count(), first_jpy=first.sum(), repeat_jpy=h.repeat_jpy.sum(),
        first_squares=(first * first).cast("decimal(38, 0)").sum())
    money = ["first_jpy", "repeat_jpy", "first_squares"]
    return frame(counted, by=[*by, *CELL]).astype(dict.fromkeys(money, float))


def value_cells(history):
    """One row per (repeats, mean value of a repeat purchase to 0.1 %): repeats, mean_jpy, n.

    Customers whose repeat purchases add up to nothing have no value to model and are left out.
    """
    h = as_table(history)
    h = h.filter(h.repeats > 0, h.repeat_jpy > 0)
    size = ((h.repeat_jpy / h.repeats).ln() * FINE).round().cast("int64")
    counted = frame(h.group_by(["repeats", size.name("size")]).agg(n=h.count()), by=["repeats", "size"])
    return counted.assign(mean_jpy=np.exp(counted["size"] / FINE)).drop(columns="size")


# -- gates ----------------------------------------------------------------------------------------
def _first_checks(counted, spent, subscription_share, limits):
    people = int(spent["n"].sum())
    days = int(counted["observed_days"].max()) if len(counted) else 0
    return [
        _check("subscription", subscription_share, limits.subscription_share,
               subscription_share <= limits.subscription_share),
        _check("history", days, limits.history_days, days >= limits.history_days),
        _check("repeaters", people, limits.repeaters, people >= limits.repeaters),
    ]


def _check(gate, value, limit, passed, why=None):
    return {"gate": gate, "why": why or gate, "value": value, "limit": limit, "passed": bool(passed)}


def _subscription_share(buyers, purchases, as_of):
    """Share of subscription deliveries in the new customers' purchases; 0 without a purchase."""
    p = as_table(purchases)
    p = p.filter(p.purchase_date <= as_of).semi_join(acquired(buyers, as_of), "customer_key")
    row = p.agg(n=p.count(), subscribed=p.is_subscription.fill_null(False).cast("int64").sum()).to_pandas().iloc[0]
    return float(row["subscribed"] / row["n"]) if row["n"] else 0.0


def _correlation_check(spent, limits):
    value = correlation(spent)
    return _check("correlation", value, limits.correlation, abs(value) < limits.correlation)


def correlation(spent):
    """Pearson's r of repeats and mean value over the repeaters; 0 where one of them does not vary."""
    moments = np.cov(spent["repeats"], spent["mean_jpy"], fweights=spent["n"], ddof=0)
    scale = np.sqrt(moments[0, 0] * moments[1, 1])
    return float(moments[0, 1] / scale) if scale > 0 else 0.0


def _fit_check(gate, fit):
    return _check(gate, np.nan, np.nan, fit.problem is None, fit.problem and f"{gate}_{fit.problem}")


def _value_check(fit):
    if fit.problem is None and np.isnan(mean_value(fit.params)):
        return _check("value_fit", np.nan, np.nan, False, "value_fit_no_mean")
    return _fit_check("value_fit", fit)


def _holdout_check(fit, weeks, limits):
    error = holdout_error(weeks)
    if fit is None or fit.problem or np.isnan(error):
        return _check("holdout", np.nan, limits.holdout_error, False, "holdout_unfit")
    return _check("holdout", error, limits.holdout_error, abs(error) <= limits.holdout_error)


# -- hold-out -------------------------------------------------------------------------------------
def holdout(buyers, purchases, as_of, step_days=1):
    """(Fit or None, tracking): fitted on the first half, predicting the second for the same people.

    The halves are of the time from the first new customer to `as_of`. Tracking as in Study.
    """
    start = acquired(buyers, as_of).first_date.min().to_pandas()
    start = pd.Timestamp(start).date()
    middle = start + (as_of - start) // 2
    counted = cells(history(buyers, purchases, middle, step_days))
    weeks = _actual(buyers, purchases, (start, middle, as_of))
    if not (counted["n"] * counted["repeats"]).sum() > 0:
        return None, weeks
    fit = fit_purchases(*counted[CELL].to_numpy(float).T, counted["n"])
    if fit.problem is None:
        ahead = weeks["week_date"] >= middle
        days = np.array([(day - middle).days for day in weeks.loc[ahead, "week_date"]], float)
        base = weeks.loc[ahead, "n_actual"].iloc[0]
        weeks.loc[ahead, "n_predicted"] = base + _expected_after(fit.params, counted, days)
    return fit, weeks


def _actual(buyers, purchases, span):
    """Cumulative repeat purchases of those won by the middle, every 7 days counted from it."""
    start, middle, as_of = span
    p = as_table(purchases)
    p = p.filter(p.purchase_no > 1, p.purchase_date <= as_of).semi_join(acquired(buyers, middle), "customer_key")
    days = frame(p.group_by("purchase_date").agg(n=p.count()), by=["purchase_date"])
    upto = days.set_index(pd.to_datetime(days["purchase_date"]))["n"].cumsum()
    dates = [middle + datetime.timedelta(days=7 * week)
             for week in range(-((middle - start).days // 7), (as_of - middle).days // 7 + 1)]
    dates += [as_of] if dates[-1] < as_of else []
    seen = upto.reindex(pd.to_datetime(dates), method="ffill").fillna(0).astype("int64")
    return pd.DataFrame({"week_date": dates, "n_actual": seen.to_numpy(), "n_predicted": np.nan})


def _expected_after(params, counted, days):
    """Expected purchases of all customers of the cells in each number of days from now."""
    x, t_x, t = counted[CELL].to_numpy(float).T
    still = counted.assign(still=counted["n"] * alive(params, x, t_x, t))
    still = still.groupby(["repeats", "observed_days"], as_index=False)["still"].sum()
    x, t = (still[[column]].to_numpy(float) for column in ("repeats", "observed_days"))
    return still["still"].to_numpy() @ expected_if_alive(params, x, t, days[None, :])


def holdout_error(weeks):
    """Predicted ÷ actual − 1 over the predicted weeks; NaN without a prediction or a purchase."""
    ahead = weeks[weeks["n_predicted"].notna()]
    if len(ahead) < 2:
        return np.nan
    gain = ahead[["n_actual", "n_predicted"]].astype(float).diff(len(ahead) - 1).iloc[-1]
    return float(intervals.rate(gain["n_predicted"], gain["n_actual"]) - 1)
