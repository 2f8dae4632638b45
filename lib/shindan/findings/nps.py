"""What the NPS chapter says, from the small frames of analyses.nps."""

from shindan.analyses import intervals
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld


def score(total, by_wave, as_of, surveys=None):
    """The score with its interval and the two shares; below 30 answers the distribution only.

    `surveys`: all surveys of the client; the first is the one scored.
    """
    row = total.iloc[0]
    n, period = int(row["n"]), _period(by_wave, as_of)
    if n < MIN_N_SHOWN:
        return withheld("nps.score", "nps.withheld.few" if n else "nps.withheld.none", n=n)
    count = Kpi("nps.n_answers", n, "count", n, period)
    if n < MIN_N_VERDICT:
        return Statement("nps.score", "nps.headline.score_small", {"n": n}, (count,), n, period)
    values = {"nps": float(row["nps"]), "lo": float(row["nps_lo"]), "hi": float(row["nps_hi"]),
              "promoters": float(row["promoter_share"]), "detractors": float(row["detractor_share"]),
              "n": n}
    kpis = (Kpi("nps.score", values["nps"], "score", n, period, (values["lo"], values["hi"])),
            _share("promoter_share", row["n_promoters"], row["promoter_design"], n, period),
            _share("detractor_share", row["n_detractors"], row["detractor_design"], n, period), count)
    key = "score"
    if surveys is not None and len(surveys) > 1:
        key, values = "score_of_survey", values | {"survey": surveys["survey_id"].iloc[0], "others": int(surveys["n"].iloc[1:].sum())}
    return Statement("nps.score", f"nps.headline.{key}", values, kpis, n, period)


def _share(name, k, design, n, period):
    low, high = intervals.wilson(k / design, n / design)
    return Kpi(f"nps.{name}", float(k / n), "ratio", int(n), period, (float(low), float(high)))


def waves(by_wave, as_of):
    """The latest wave against the one before of the same survey, where both have a score."""
    known = by_wave.dropna(subset=["nps"])
    n = int(by_wave["n"].sum())
    if known.empty:
        return withheld("nps.waves", "nps.withheld.few", n=n)
    last = known.iloc[-1]
    known = known[known["survey_id"] == last["survey_id"]]
    period = _period(by_wave, as_of)
    values = {"wave": last["wave"], "nps": float(last["nps"]), "lo": float(last["nps_lo"]),
              "hi": float(last["nps_hi"]), "n": int(last["n"])}
    latest = Kpi("nps.latest_score", values["nps"], "score", values["n"], period,
                 (values["lo"], values["hi"]))
    if len(known) < 2:
        return Statement("nps.waves", "nps.headline.one_wave", values, (latest,), values["n"], period)
    before = known.iloc[-2]
    low, high = intervals.difference(last["nps"], (last["nps_lo"], last["nps_hi"]),
                                     before["nps"], (before["nps_lo"], before["nps_hi"]))
    values |= {"before": float(before["nps"]), "change": float(last["nps"] - before["nps"]),
               "change_lo": float(low), "change_hi": float(high)}
    both = int(last["n"] + before["n"])
    change = Kpi("nps.change", values["change"], "score", both, period, (values["change_lo"], values["change_hi"]))
    key = "waves_up" if low > 0 else "waves_down" if high < 0 else "waves_unclear"
    return Statement("nps.waves", f"nps.headline.{key}", values, (latest, change), both, period)


def segments(scored, by_wave, as_of):
    """Does NPS differ by rank, F-count, channel or first product: Cochran's Q, Holm over the kinds."""
    kinds = [t for kind, t in scored.groupby("kind") if len(t) > 1 and kind != "wave"]
    if not kinds:
        return withheld("nps.segments", "nps.withheld.segments", n=int(scored["n"].sum()))
    p = intervals.holm([intervals.alike_p(t["nps"], t["nps_error"]) for t in kinds])
    clearest = kinds[int(p.argmin())]
    n = int(clearest["n"].sum())
    values = {"gap": float(clearest["nps"].max() - clearest["nps"].min()), "n": n, "p": float(p.min()), "n_kinds": len(kinds)}
    apart = f"segments_apart.{clearest['kind'].iloc[0]}"
    key = apart if p.min() < 1 - intervals.LEVEL else "segments_unclear"
    return Statement("nps.segments", f"nps.headline.{key}", values, (), n, _period(by_wave, as_of))


def _period(by_wave, as_of):
    """From the first answer to the report's day."""
    first = by_wave["wave_date"].dropna()
    return f"{str(first.min())[:10]}/{as_of}" if len(first) else str(as_of)


def later(frame, by_wave, as_of, days):
    """Promoters against detractors: who bought within `days` days after the answer."""
    rows = frame.set_index("group")
    most, least = rows.loc["promoter"], rows.loc["detractor"]
    n, smaller = int(most["n"] + least["n"]), int(min(most["n"], least["n"]))
    if smaller < MIN_N_VERDICT:
        return withheld("nps.later", "nps.withheld.later", n=smaller, days=days)
    period = _period(by_wave, as_of)
    low, high = (float(x) for x in intervals.newcombe(
        most["n_buyers"], most["n"], least["n_buyers"], least["n"]))
    values = {"promoters": float(most["bought_rate"]), "detractors": float(least["bought_rate"]),
              "diff": float(most["bought_rate"] - least["bought_rate"]), "lo": low, "hi": high,
              "days": days, "n": n}
    kpis = tuple(Kpi(f"nps.{group}_later_rate", float(row["bought_rate"]), "ratio", int(row["n"]),
                     period, (float(row["bought_rate_lo"]), float(row["bought_rate_hi"])))
                 for group, row in (("promoter", most), ("detractor", least)))
    key = "later_more" if low > 0 else "later_less" if high < 0 else "later_unclear"
    return Statement("nps.later", f"nps.headline.{key}", values, kpis, n, period)


def respondents(frame, by_wave, as_of):
    """How far those who answered stand for all customers: the premium rank's share in both."""
    n, everybody = int(frame["n_respondents"].sum()), int(frame["n_customers"].sum())
    if n < MIN_N_VERDICT:
        return withheld("nps.respondents", "nps.withheld.few", n=n)
    best = frame.set_index("rank").loc["premium"]
    values = {"answered": n / everybody, "n": n, "n_customers": everybody,
              "respondent_share": float(best["respondent_share"]),
              "customer_share": float(best["customer_share"])}
    period = _period(by_wave, as_of)
    kpi = Kpi("nps.answered_rate", values["answered"], "ratio", everybody, period)
    gap = intervals.newcombe(best["n_respondents"], n,
                             best["n_customers"] - best["n_respondents"], everybody - n)
    key = "more" if gap[0] > 0 else "less" if gap[1] < 0 else "alike"
    return Statement("nps.respondents", f"nps.headline.respondents_{key}", values, (kpi,), n, period)


def response(rates, as_of):
    """The share of the people asked in the latest wave who answered."""
    known = rates.dropna(subset=["response_rate"])
    if known.empty:
        return withheld("nps.response", "nps.withheld.asked")
    row = known.iloc[-1]
    asked, rate = int(row["n_asked"]), float(row["response_rate"])
    kpi = Kpi("nps.response_rate", rate, "ratio", asked, _period(rates, as_of),
              (float(row["response_rate_lo"]), float(row["response_rate_hi"])))
    values = {"wave": row["wave"], "rate": rate, "n": int(row["n"]), "asked": asked}
    return Statement("nps.response", "nps.headline.response", values, (kpi,), asked, _period(rates, as_of))


def follow_up(frame, as_of):
    """How many detractors can be called back and how many promoters asked, by each person's latest answer."""
    rows, n = frame.set_index("group"), int(frame["n"].sum())
    if n < MIN_N_SHOWN:
        return withheld("nps.follow_up", "nps.withheld.few", n=n)
    call, ask = rows.loc["detractor"], rows.loc["promoter"]
    values = {"detractors": int(call["n"]), "to_call": int(call["n_known"]), "recent": int(call["n_recent"]),
              "promoters": int(ask["n"]), "to_ask": int(ask["n_known"])}
    kpis = (Kpi("nps.detractors_to_call", values["to_call"], "count", values["detractors"], str(as_of)),
            Kpi("nps.promoters_to_ask", values["to_ask"], "count", values["promoters"], str(as_of)))
    return Statement("nps.follow_up", "nps.headline.follow_up", values, kpis, n, str(as_of))


def advice(statement):
    """The catalogue key of what to do after a statement (see messages, `advice`)."""
    return f"nps.advice.{statement.key.removeprefix('nps.headline.').split('.')[0]}"
