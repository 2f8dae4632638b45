"""The READMEs' pictures: the F2 page of the demo report, in both languages. Run by `make gallery`.

The report is made twice in a folder of its own, from the demo's raw files; client_data/ stays as it is.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pypdfium2

HERE = Path(__file__).resolve().parent
DEMO = HERE.parents[1] / "client_data" / "demo"
PAGE = "repeat.f2"   # the finding whose page is shown
DPI, COLORS = 92, 128
ENGLISH = {"language: ja": "language: en", "みほん通販(デモ)": "Mihon Mail Order (demo)", "consultant: 通販診断": "consultant: Shindan"}


def main():
    with tempfile.TemporaryDirectory(prefix="gallery-") as root:
        for lang in ("ja", "en"):
            picture(delivery(Path(root, lang), lang), lang).save(HERE / f"{lang}.png", optimize=True)
            print(f"docs/gallery/{lang}.png  {(HERE / f'{lang}.png').stat().st_size // 1000} kB")


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
    if (DEMO / "raw").is_dir():
        shutil.copytree(DEMO / "raw", folder.raw)
    else:
        demo.write(folder.raw)
    return publish.diagnose("demo")


def picture(made, lang):
    """The page that says the finding PAGE, as an image of few colours."""
    results = json.loads((made / "results.json").read_text("utf-8"))
    said = next(f["text"][lang] for f in results[PAGE.split(".")[0]]["findings"] if f["id"] == PAGE)
    with pypdfium2.PdfDocument(made / "report.pdf") as pages:
        found = [page for page in pages if squeezed(said) in squeezed(page.get_textpage().get_text_range())]
        return found[-1].render(scale=DPI / 72).to_pil().quantize(COLORS)


def squeezed(text):
    """`text` without what a line break adds."""
    return "".join(text.split()).replace("\u200b", "")


if __name__ == "__main__":
    main()
