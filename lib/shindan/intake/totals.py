"""Total rows are dropped; where the preset says of which amount they are, the rows must add up to them."""

import ibis


def check(done, field, in_parts=False):
    """[(file, note)]: per file with total rows, whether the greatest of them is Σ of the rows used
    (`in_parts`: whether all of them together are, the totals of a cross-tab's months).

    `done`: conformed rows; `field`: option `total` of the preset.
    """
    used = done.skipped.isnull() & done.reason.isnull()
    total = done.skipped == "total"
    sums = done.group_by("source_file").agg(
        told=done[field].sum(where=total).cast("decimal(38, 4)") if in_parts else done[field].max(where=total), found=done[field].sum(where=used).cast("decimal(38, 4)"))
    sums = sums.filter(sums.told.notnull()).mutate(
        told=ibis._.told.cast("float64"), found=ibis._.found.cast("float64").fill_null(0)).order_by("source_file")
    return [(row.source_file, {
        "id": "total_agrees" if abs(row.told - row.found) < 0.5 else "total_differs",
        "told": row.told, "found": row.found}) for row in sums.to_pandas().itertuples()]
