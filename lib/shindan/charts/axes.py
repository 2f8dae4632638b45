"""What several charts do to an axis."""

from matplotlib.ticker import FuncFormatter, MaxNLocator

from shindan import text as words


def percent_axis(axis):
    """Label a share axis in percent, at round places, with a digit only where it needs one."""
    axis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda share, _: words.percent(share, _digits(share))))


def _digits(share):
    return 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1
