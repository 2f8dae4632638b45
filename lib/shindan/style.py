"""One look for every chart and page: fonts, colours, sizes. No arguments."""

import functools
import os

# colour-blind-safe; one accent, greys for the rest
INK, GREY, PALE, GRID = "#1F2933", "#66727E", "#CBD2D9", "#E4E7EB"
ACCENT, SECOND, THIRD, WARN = "#0B6E99", "#D9822B", "#5B8C5A", "#B83A3A"
SERIES = (ACCENT, SECOND, THIRD, "#8B6BB1", GREY, "#3E4C59")
RANK_COLORS = {"premium": ACCENT, "semi_premium": "#5FA8C8", "regular": "#B8C4CE", "dormant": "#8A94A0"}
FAMILY = "Noto Sans CJK JP"
WHOLE, HALF = (6.6, 4.8), (4.9, 3.9)  # inches: alone beside its notes; one of two side by side


@functools.cache
def font_files():
    """The two font files (regular, bold) that charts and pages share."""
    import importlib.util
    from pathlib import Path

    files = []
    for package in ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold"):
        root = Path(importlib.util.find_spec(package).origin).parent
        files += sorted(str(f) for f in root.rglob("*") if f.suffix in (".otf", ".ttf", ".ttc"))
    return tuple(files)


@functools.cache
def apply():
    """Set matplotlib up for this process: our font, our axes, searchable and repeatable SVG."""
    os.environ.setdefault("MPLBACKEND", "agg")
    import matplotlib
    from matplotlib import font_manager

    for file in font_files():
        font_manager.fontManager.addfont(file)
    matplotlib.rcParams.update({
        "font.family": FAMILY, "font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "shindan",
        "axes.edgecolor": GREY, "axes.labelcolor": INK, "axes.titlesize": 10,
        "axes.spines.top": False, "axes.spines.right": False, "axes.unicode_minus": False,
        "text.parse_math": False,  # a product called "$5 set" is not a formula
        "axes.grid": True, "axes.grid.axis": "y", "axes.axisbelow": True, "grid.color": GRID,
        "xtick.color": INK, "ytick.color": INK, "text.color": INK,
        "legend.frameon": False, "figure.figsize": WHOLE, "figure.dpi": 100,
        "axes.prop_cycle": matplotlib.cycler(color=SERIES), "lines.linewidth": 2,
    })


def to_svg(figure):
    """The finished figure as SVG text: Japanese stays text, equal input gives equal bytes."""
    import io

    import matplotlib.pyplot as plt

    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return out.getvalue()
