"""The READMEs' pictures: pages of the demo report in both languages. Run by `make gallery`.

The report is made twice in a folder of its own, from raw files made anew; client_data/ stays as it is.
"""

import json
import math
import os
import shutil
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image

HERE = Path(__file__).resolve().parent
DEMO = HERE.parents[1] / "client_data" / "demo"
SHOWN = {  # name of the picture -> the finding whose page it shows
    "summary": "summary.headline", "proposals": "summary.proposals", "scenarios": "summary.scenarios",
    "acquisition": "acquisition.returns", "repeat": "repeat.f2", "ranks": "rfm.ranks", "products": "basket.next",
    "campaign": "campaign.differences", "nps": "nps.score", "ltv": "ltv.worth", "lists": "lists.made",
}
DPI, COLORS = 80, 128
TILE, COLUMNS = 300, 6  # of the overview: all pages small
ENGLISH = {"language: ja": "language: en", "みほん通販(デモ)": "Mihon Mail Order (demo)", "consultant: 通販診断": "consultant: Shindan"}


def main():
    with tempfile.TemporaryDirectory(prefix="gallery-") as root:
        for lang in ("ja", "en"):
            pictures(delivery(Path(root, lang), lang), lang)


def pictures(made, lang):
    """Write the pages of SHOWN and the overview of a delivery to docs/gallery/<lang>/."""
    folder = HERE / lang
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    findings = [f for result in json.loads((made / "results.json").read_text("utf-8")).values() for f in result["findings"]]
    said = {f["id"]: squeezed(f["text"][lang]) for f in findings}
    with pypdfium2.PdfDocument(made / "report.pdf") as pages:
        words = [squeezed(page.get_textpage().get_text_range()) for page in pages]
        for name, id in SHOWN.items():
            found = [page for page, text in zip(pages, words, strict=True) if id in said and said[id] in text]
            if found:  # the summary repeats sentences: the chapter's own page is the last
                save(found[-1].render(scale=DPI / 72).to_pil(), folder / f"{name}.png", COLORS)
        save(overview(pages), folder / "overview.png", 32)


def overview(pages):
    """All pages as one picture."""
    tiles = [page.render(scale=TILE / page.get_size()[0]).to_pil() for page in pages]
    wide, high = tiles[0].width + 8, tiles[0].height + 8
    sheet = Image.new("RGB", (COLUMNS * wide + 8, math.ceil(len(tiles) / COLUMNS) * high + 8), "#D5DBE1")
    for i, tile in enumerate(tiles):
        sheet.paste(tile, (8 + i % COLUMNS * wide, 8 + i // COLUMNS * high))
    return sheet


def save(picture, file, colors):
    picture.quantize(colors, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, optimize=True)  # keeps rare hues
    print(f"docs/gallery/{file.parent.name}/{file.name}  {file.stat().st_size // 1000} kB")


def delivery(clients, lang):
    """The folder of the demo's delivery in `lang`, made in `clients`."""
    from shindan import config, demo, publish

    os.environ["SHINDAN_CLIENTS"] = str(clients)
    folder = config.Folder("demo")
    folder.path.mkdir(parents=True)
    words = (DEMO / "client.yaml").read_text("utf-8")
    for ours, theirs in ENGLISH.items() if lang == "en" else ():
        words = words.replace(ours, theirs)
    folder.config_file.write_text(words, "utf-8")
    demo.write(folder.raw)
    return publish.diagnose("demo")


def squeezed(text):
    """`text` without what a line break adds."""
    return "".join(text.split()).replace("\u200b", "")


if __name__ == "__main__":
    main()
