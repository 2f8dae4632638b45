"""Numbers -> verdicts and sentences. One module a chapter; `model` holds their common shape."""

from shindan.findings.model import Kpi, Statement, judge, withheld

__all__ = ["Kpi", "Statement", "judge", "withheld"]
