"""The paper says what the product does: data model, settings and contents agree with the code."""

import runpy
from pathlib import Path

import pytest

from feedback.config import SETTINGS

ROOT = Path(__file__).parent.parent


def test_the_data_model_page_is_drawn_from_these_models() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_data_model.py"))["draw"]()
    page = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
    assert page == drawn, "run `python docs/draw_data_model.py`"


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_settings_page(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_shows_pictures_that_are_there(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    pictures = [part.split(")")[0] for part in text.split("](")[1:] if ".png)" in part]
    assert len(pictures) >= 2
    for picture in pictures:
        assert (ROOT / picture).exists(), picture
