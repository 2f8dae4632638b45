"""What the report may know of the mailing lists: counts, never people."""

import numpy as np
import pandas as pd

from shindan.analyses import intervals
from shindan.engine import as_table

MOST_PT = 0.3
# the report's columns, and the outcomes that each takes together (scenarios/stops.py)
COLUMNS = {
    "n_opted_out_all": ("n_opted_out", "n_no_consent", "n_complaint"),
    "n_unreachable": ("n_bounced", "n_no_address", "n_set_aside"),
    "n_withdrawn": ("n_withdrawn",), "n_capped": ("n_capped",), "n_subscriber": ("n_subscriber",),
    "n_returned": ("n_returned",), "n_own": ("n_bought_again", "n_overtaken"),
}


def has_consent(customers):
    """True if the client told anybody's consent to mail at all; else no mail list may be written."""
    return bool(as_table(customers).mail_optin.notnull().any().fill_null(False).to_pandas())


def can_tell(rate, n_sent, n_control):
    """The difference of purchase rates found 8 times in 10, where usually `rate` buy.

    Missing where nobody is left out, where nobody usually buys, or where only a difference beyond
    MOST_PT would be found: so few people tell nothing.
    """
    rate, n_sent, n_control = (np.asarray(x, float) for x in (rate, n_sent, n_control))
    pt = intervals.detectable_difference(*(np.nan_to_num(x)[..., None] for x in (rate, n_sent, n_control)))
    return np.where((n_control > 0) & (rate > 0) & (pt <= MOST_PT), pt, np.nan)


def by_series(counts):
    """One row per series of lists with somebody due (pandas), those that go first before others.

    Columns: series, n (due), those of COLUMNS (stopped, by why), n_control, n_sent, detectable_pt (the
    difference found 8 times in 10 with the series' people, each once; missing where so few tell nothing).
    n = Σ of the stopped + n_control + n_sent in every row.
    """
    t = counts[counts["n"] > 0]
    t = t.assign(weight=(t.n_sent + t.n_control).where(t.usual_rate.notna(), 0),
                 **{name: t[list(parts)].sum(axis=1) for name, parts in COLUMNS.items()})
    t["weighted"] = t.weight * t.usual_rate.fillna(0)
    numbers = ["n", *COLUMNS, "n_control", "n_sent", "n_people_control", "n_people_sent", "weight", "weighted"]
    out = t.groupby("series")[numbers].sum().join(t.groupby("series").priority.min())
    rate = pd.Series(intervals.rate(out.weighted, out.weight), out.index)
    out["detectable_pt"] = can_tell(rate, out.n_people_sent, out.n_people_control)
    out = out.reset_index().sort_values(["priority", "series"], ignore_index=True)
    return out[["series", "n", *COLUMNS, "n_control", "n_sent", "detectable_pt"]]
