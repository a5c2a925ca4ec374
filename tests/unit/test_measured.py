"""What a manifest and the ledger tell of a disclosure's evidence."""

from overt.ledger.entries import encode
from overt.measured import as_word, measured
from overt.models import Disclosure, utc_now

SPOKEN = Disclosure(
    mode="spoken",
    language="ur",
    wording="authorized_voice_label",
    text="{name}",
    evidence={
        "start_s": 0.0, "end_s": 3.25, "lufs": -20.53, "match": 0.98765, "voice": "ur_PK-fasih",
        "engine": "somebody's name and more", "starts_s": [0.0, 9.0], "review": "draft",
    },
)  # fmt: skip


def test_numbers_and_plain_names_are_told_and_nothing_else():
    assert measured(SPOKEN) == {
        "start_s": 0.0, "end_s": 3.25, "lufs": -20.53, "match": 0.988, "voice": "ur_PK-fasih",
    }  # fmt: skip


def test_the_ledger_takes_it_as_one_word():
    word = as_word(SPOKEN)
    assert word == ("spoken:ur:authorized_voice_label:match=0.988:lufs=-20.53:start_s=0:end_s=3.25")
    assert encode({"type": "released", "id": "a", "at": utc_now(), "disclosures": [word]})
