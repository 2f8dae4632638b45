"""The client's logo and colour: what cannot be drawn is said by its field, what cannot be read is set darker."""

import io

import pypdfium2
import pytest
from PIL import Image

from shindan import config, errors, publish, report
from shindan.report import brand

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="30" height="10">{}</svg>'


def picture(kind, mode="RGB", size=(60, 20)):
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("name, content, called", [
    ("a.png", picture("PNG"), "logo.png"), ("LOGO.PNG", picture("PNG", "RGBA"), "logo.png"),
    ("a.jpeg", picture("JPEG"), "logo.jpg"), ("print.jpg", picture("JPEG", "CMYK"), "logo.jpg"),
    ("renamed.png", picture("JPEG"), "logo.jpg"), ("a.svg", SVG.format("<rect width='9' height='9'/>").encode(), "logo.svg"),
])
def test_a_logo_is_what_it_holds_not_what_it_is_called(tmp_path, name, content, called):
    (tmp_path / name).write_bytes(content)
    assert brand.logo({"logo": str(tmp_path / name)}) == (called, content)


@pytest.mark.parametrize("content", [
    b"", b"no picture", picture("PNG")[:50], picture("GIF"), SVG[:60].encode(), b"\x89PNG" + b"0" * brand.LARGEST,
    SVG.format('<image xlink:href="/etc/hostname" width="9" height="9"/>').encode(),
])
def test_a_logo_that_cannot_be_drawn_names_its_field(tmp_path, content):
    (tmp_path / "logo.svg").write_bytes(content)
    with pytest.raises(errors.ShindanError) as failure:
        brand.logo({"logo": str(tmp_path / "logo.svg")})
    assert failure.value.code == errors.BAD_CONFIG and "brand.logo" in failure.value.where and failure.value.mend


@pytest.mark.parametrize("size", [(4000, 20), (20, 4000)])
def test_a_logo_of_any_shape_stays_on_the_cover(japanese, ja_meta, tmp_path, size):
    (tmp_path / "logo.png").write_bytes(picture("PNG", size=size))
    file = report.build(japanese, {**ja_meta, "brand": {"logo": str(tmp_path / "logo.png")}}, tmp_path / "x.pdf")
    with pypdfium2.PdfDocument(file) as opened:
        page = opened[0]
        logo = next(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))
        left, bottom, right, top = logo.get_bounds()
        assert 0 <= left < right <= page.get_width() and 0 <= bottom < top <= page.get_height()


def test_a_light_colour_is_darkened_for_words_and_a_dark_one_is_kept():
    assert brand.ink("#0B6E99") == "#0B6E99"
    for light in ("#FFFF00", "#FFFFFF", "#8AD4FF"):
        made = [int(brand.ink(light)[i:i + 2], 16) for i in (1, 3, 5)]
        assert brand.contrast(made) >= brand.READABLE
    assert brand.contrast([255, 255, 255]) == pytest.approx(1) and brand.contrast([0, 0, 0]) == pytest.approx(21)


def test_what_lies_beside_the_data_is_looked_at_before_the_work(tmp_path):
    folder = config.Folder("abc", tmp_path)
    (folder.path / "commentary").mkdir(parents=True)
    for setting, field in (("brand: {logo: logo.png}", "brand.logo"), ("pdf_password_file: none.txt", "pdf_password_file")):
        folder.config_file.write_text(f"name: x\n{setting}\n", "utf-8")
        (folder.path / "logo.png").write_bytes(b"no picture")
        with pytest.raises(errors.ShindanError) as failure:
            publish.ready(folder)
        assert field in failure.value.where
    folder.config_file.write_text("name: x\n", "utf-8")
    publish.ready(folder)
    (folder.commentary / "repeat.md").write_bytes("所見".encode("cp932"))
    with pytest.raises(errors.ShindanError, match="UTF-8"):
        publish.ready(folder)
