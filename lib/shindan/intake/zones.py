"""The zone a file's times are in, where the file itself says it (Qualtrics, in its third header row)."""

import re
import zoneinfo

from shindan import errors
from shindan.intake import recognise

TOLD = re.compile(r'"timeZone" ?: ?"([^"]+)"')


def put(preset, path, where):
    """`preset` with the zone that its option `timezone: told` leaves to the file; without one if it says none."""
    if preset.options.get("timezone") != "told":
        return preset
    options = {k: v for k, v in preset.options.items() if k != "timezone"}
    zone = _told(path, where)
    return preset.model_copy(update={"options": {**options, "timezone": zone} if zone else options})


def _told(path, where):
    cells = [(number, cell) for sheet in recognise.start(path, where)
             for number, row in enumerate(sheet.rows, start=1) for cell in row]
    row, zone = next(((number, m.group(1)) for number, cell in cells if (m := TOLD.search(cell))), (0, None))
    if zone and zone not in zoneinfo.available_timezones():
        raise errors.ShindanError(
            errors.INPUT_INVALID, f"There is no time zone `{zone}` / この時間帯は分かりません", f"{where}, row {row}",
            "say it under this source in client.yaml / client.yaml のその source に書く: options: {timezone: Asia/Tokyo}")
    return zone
