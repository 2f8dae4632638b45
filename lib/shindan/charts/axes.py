"""What several charts do to an axis."""

from matplotlib.ticker import FuncFormatter, MaxNLocator

from shindan import text as words
from shindan.style import GREY, INK

WHOLE_PERCENT = FuncFormatter(lambda value, _: words.percent(value, 0))
HALO = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # no line runs through a label


def percent_axis(axis, bins=7):
    """Label a share axis in percent, at round places up to 100, with a digit only where it needs one."""
    axis.set_major_locator(_Shares(nbins=bins, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda share, _: words.percent(share, _digits(share))))


class _Shares(MaxNLocator):
    """Round places, none beyond the whole however far the axis goes on for its labels."""

    def tick_values(self, vmin, vmax):
        return [place for place in super().tick_values(vmin, vmax) if place < 1 + 1e-9]


def _digits(share):
    return 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1


def money_axis(axis, text, bins=6):
    """Label an axis of money as people read it."""
    axis.set_major_locator(MaxNLocator(nbins=bins, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words.yen_read(value, text.lang, text.currency)))


def said_above(axes, said):
    """What the vertical axis counts, written level over it: nobody turns the head."""
    axes.set_title(said, loc="left", fontsize=9, color=GREY, pad=8)


def lines_down(axes, names, room=0.75):
    """One row a name, the first on top; a light vertical grid and no axis on the left."""
    axes.set_yticks(range(len(names)), names)
    _keep_free(axes.figure, left=max(map(_width, names), default=0) + 6)
    axes.set_ylim(len(names) - 0.5, -room)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def cut(name, longest):
    """A name that fits beside a chart, `longest` kanji wide; … stands for its middle: names often differ at their end."""
    if words.is_missing(name):
        return words.DASH
    if _width(name, 1) <= longest:
        return name
    head = _fitting(name, (longest - 1) * 2 / 3)
    return head + "…" + _fitting(name[::-1], longest - 1 - _width(head, 1))[::-1]


def _fitting(name, room):
    """As much of the beginning of `name` as is at most `room` kanji wide."""
    return name[:max(end for end in range(len(name)) if _width(name[:end], 1) <= room)]


def figures_right(axes, heads, rows, colors=None):
    """Write `rows` (words of one line each) in columns right of the axes, where no line crosses them.

    `heads` stand over the columns, in grey; figures align on their right, as in a table.
    """
    edge = 0.0
    for place, head in enumerate(heads):
        column = [row[place] for row in rows]
        edge += 13 + max(map(_width, [head, *column]))
        _beside(axes, head, axes.get_ylim()[1], edge, GREY)
        for line, said in enumerate(column):
            _beside(axes, said, line, edge, colors[line] if colors else INK)
    _keep_free(axes.figure, right=edge)


def _keep_free(figure, left=0.0, right=0.0):
    """Room in points at the sides for what is written there: the figure keeps its width."""
    if figure.get_layout_engine() is None:
        points, now = 72 * figure.get_figwidth(), figure.subplotpars
        figure.subplots_adjust(left=min(0.45, max(now.left, left / points)), right=max(0.5, min(now.right, 1 - right / points)))


def _width(said, size=9):
    """About how wide words are, in points; a kanji takes the room of two letters."""
    return max(size * sum(1 if letter > "\u2e80" else 0.56 for letter in line) for line in said.split("\n"))


def _beside(axes, said, height, edge, color):
    axes.annotate(said, (1, height), (edge, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                  ha="right", va="center", fontsize=8.5, color=color, annotation_clip=False)
