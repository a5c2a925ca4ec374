"""Nothing that was rendered passes without a look at the finished file."""

from __future__ import annotations

import io

import pytest
from disclosure_media import media, picture
from PIL import Image

from overt.disclosure import Content, Rendered, Renderer, examine, plan
from overt.errors import StageError
from overt.models import Media


def rendered(form: str = "PNG") -> tuple[Media, Rendered]:
    asset = media(picture(900, 600, form), f"image/{form.lower()}")
    facts = examine(asset, declared=asset.media_type)
    owed = plan(Content(asset.media_type, facts), (), (), ("en",))
    return asset, Renderer().render(asset, owed, facts=facts)


def test_proving_measures_the_file_that_it_is_given() -> None:
    _, made = rendered()
    (claimed,), (proved,) = made.claimed, made.prove(made.media)
    assert "contrast" not in claimed.evidence
    assert proved.evidence["contrast"] >= 7.0
    assert proved.evidence["match"] >= 0.75
    assert proved.evidence["box"] == claimed.evidence["box"]


def test_a_claim_alone_is_no_proof() -> None:
    asset, made = rendered()
    with pytest.raises(StageError) as caught:
        made.prove(asset)  # the same picture without its label
    assert caught.value.code == "disclose.mismatch"


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_finished_file_that_does_not_decode_fails(form: str) -> None:
    _, made = rendered(form)
    cut = made.media.read()[: len(made.media.read()) * 2 // 3]
    with pytest.raises(StageError) as caught:
        made.prove(media(cut, made.media.media_type))
    assert caught.value.code == "output.truncated"


def test_a_label_that_was_blurred_away_fails() -> None:
    _, made = rendered()
    with Image.open(io.BytesIO(made.media.read())) as image:
        small = image.resize((30, 20)).resize(image.size)
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    with pytest.raises(StageError) as caught:
        made.prove(media(buffer.getvalue(), "image/png"))
    assert caught.value.code == "disclose.mismatch"
