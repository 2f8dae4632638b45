"""Web analytics exports: totals by source / medium for the period their comment block names."""

import datetime
import re

import ibis

from shindan import errors
from shindan.intake import recognise

PERIOD = {"from_date": r"^# ?(?:開始日|Start date): ?(\d{8})", "to_date": r"^# ?(?:終了日|End date): ?(\d{8})"}


def build(rows, files, where):
    """One row per source / medium and file; the period comes from the comments above its header.

    `files` {name below raw/: path}. Raises 21 for a file whose period is not told: the rows hold
    no year.
    """
    told = {name: _period(path, f"{where}/{name}") for name, path in sorted(files.items())}
    dates = {column: ibis.cases(*((rows.source_file == name, ibis.literal(days[place]))
                                  for name, days in told.items()))
             for place, column in enumerate(PERIOD)}
    return rows.mutate(**dates, is_first_touch=rows.first_touch.notnull())


def _period(path, where):
    lines = ["".join(cells) for sheet in recognise.start(path, where) for cells in sheet.rows]
    days = [next((m.group(1) for line in lines if (m := re.match(pattern, line))), None)
            for pattern in PERIOD.values()]
    try:
        return [datetime.datetime.strptime(day, "%Y%m%d").date() for day in days]
    except (TypeError, ValueError):
        raise errors.ShindanError(
            errors.INPUT_INVALID, "The period of this export is not told / 対象期間がありません", f"{where}, row 1",
            "export it again from the report's own menu and keep the lines that begin with # / "
            "レポートの画面から出力し直し、先頭の # の行を消さない") from None
