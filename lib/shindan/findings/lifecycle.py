"""What the pages on CPM and on the stages of life say, from the small frames of analyses.lifecycle."""

from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld


def cpm(table, rules, as_of):
    """How many left after one purchase, and who the loyal active customers are."""
    n = int(table["n"].sum())
    if n < MIN_N_SHOWN:
        return withheld("rfm.cpm", "lifecycle.withheld.cpm", n=n)
    cells = table.set_index(["cpm_state", "cpm_class"])
    left, best = cells.loc[("away", "first")], cells.loc[("active", "premium")]
    active = cells.loc["active"]["n"].sum() / n
    values = {"n": n, "active": active, "first_away": left["people_share"], "first_away_n": int(left["n"]),
              "premium": best["people_share"], "premium_n": int(best["n"]), "premium_sales": best["total_share"],
              "away_days": rules.away_days}
    kpis = (Kpi("rfm.cpm_active_share", active, "ratio", n, str(as_of)),
            Kpi("rfm.cpm_first_away_share", left["people_share"], "ratio", n, str(as_of)),
            Kpi("rfm.cpm_premium_active_share", best["people_share"], "ratio", n, str(as_of)))
    key = "cpm_small" if n < MIN_N_VERDICT else "cpm_no_premium" if best["n"] == 0 else "cpm"
    if key == "cpm" and (best["n"] < MIN_N_SHOWN or best["total_share"] != best["total_share"]):
        key, values["premium_sales"] = "cpm_few_premium", None  # what a few have spent is not said
    return Statement("rfm.cpm", f"lifecycle.headline.{key}", values, kpis, n, str(as_of))


def in_time(table, rules):
    """Whom there is still time to lead on: active customers of one purchase, and young ones; if nobody, that."""
    people = table.set_index(["cpm_state", "cpm_class"])["n"]
    first, young = (int(people[("active", group)]) for group in ("first", "young"))
    return {"key": f"lifecycle.advice.{'in_time' if first + young else 'too_late'}", "first": first,
            "young": young, "away_days": rules.away_days}


def stages(table, as_of):
    """How many the shop knows, how many are only beginning, how many have fallen silent."""
    n = int(table["n"].sum())
    if n < MIN_N_SHOWN:
        return withheld("rfm.stages", "lifecycle.withheld.stages", n=n)
    people = table.set_index("stage")["n"]
    gone = (people["dormant"] + people["lost"]) / n
    values = {"n": n, "prospect_n": int(people["prospect"]), "new": people["new"] / n,
              "regular": people["regular"] / n, "premium": people["premium"] / n, "gone": gone,
              "dormant_n": int(people["dormant"]), "lost_n": int(people["lost"])}
    kpis = (Kpi("rfm.stage_prospects", values["prospect_n"], "count", n, str(as_of)),
            Kpi("rfm.stage_new_share", values["new"], "ratio", n, str(as_of)),
            Kpi("rfm.stage_gone_share", gone, "ratio", n, str(as_of)))
    key = "stages_small" if n < MIN_N_VERDICT else "stages"
    return Statement("rfm.stages", f"lifecycle.headline.{key}", values, kpis, n, str(as_of))
