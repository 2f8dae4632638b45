"""What the page of predicted LTV says: the prediction beside what was observed, or the gates that closed."""

from shindan.findings.ltv import measure
from shindan.findings.model import MIN_N_VERDICT, Kpi, Statement, withheld


def pages(checks, worth, observed, horizon_days, period):
    """One statement of the prediction; or, where gates have closed, one a gate with its reason.

    `checks`: Study.checks; `worth`: predicted.ltv; `observed`: ltv.ltv at the same H (a row or none).
    """
    closed = checks[~checks["passed"].astype(bool)]
    if len(closed):
        return tuple(_closed(gate) for gate in closed.to_dict("records"))
    return (_worth(checks, worth, observed, horizon_days, period),)


def _closed(gate):
    return withheld(f"ltv.predicted_{gate['gate']}", f"predicted.withheld.{gate['why']}",
                    value=gate["value"], limit=gate["limit"])


def _worth(checks, worth, observed, horizon_days, period):
    row, column = worth.iloc[0], f"{measure(worth)}_ltv_jpy"
    n, value = int(row["n"]), float(row[column])
    ends = float(row[f"{column}_lo"]), float(row[f"{column}_hi"])
    error = float(checks.set_index("gate")["value"]["holdout"])
    values = {"ltv": value, "low": ends[0], "high": ends[1], "days": horizon_days, "error": error}
    key = f"{measure(worth)}_ahead"
    if len(observed) and observed["n"].iloc[0] >= MIN_N_VERDICT:
        key, values["observed"] = measure(worth), float(observed[column].iloc[0])
    kpis = (Kpi("ltv.predicted_ltv", value, "jpy", n, period, ends),
            Kpi("ltv.predicted_error", error, "ratio", n, period))
    return Statement("ltv.predicted", f"predicted.headline.{key}", values, kpis, n, period)
