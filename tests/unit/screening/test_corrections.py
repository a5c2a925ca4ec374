"""A rumour told to be false is corrected, and votes of shows are cast by text message."""

from __future__ import annotations

import pytest

CORRECTED = {
    "de": "Das Gerücht stimmt nicht: per SMS wählen kann man in keinem Kanton, bitte als Notiz",
    "tr": "Söylentiyi düzelten kısa bir metin yaz: SMS ile oy kullanılmaz",
    "ru": "Проверь факты и напиши, что голосовать по смс нельзя",
    "hi": "अखबार के लिए खंडन लिखो: एसएमएस से वोट नहीं पड़ता",
}
SPREAD = {
    "en": "Correction: you can now vote by text message, no need to go to the polling place",
    "de": "Richtigstellung der Gemeinde: ab jetzt kann man per SMS wählen",
}


@pytest.mark.parametrize("text", CORRECTED.values(), ids=CORRECTED)
def test_a_rumour_that_is_corrected_is_no_harm(look, text: str) -> None:
    assert not look(text, modality="text").certain


@pytest.mark.parametrize("text", SPREAD.values(), ids=SPREAD)
def test_a_correction_that_tells_a_falsehood_is_one(look, text: str) -> None:
    assert "false_voting_info" in look(text, modality="text").harms


SHOWS = {
    "cs": "v SuperStar hlasujte esemeskou za Adama",
    "en": "Eurovision tonight: text your vote for song 7 to this number",
    "es": "vota por SMS a tu concursante favorito",
    "fr": "votez par SMS pour votre chanteur du télé-crochet",
    "ja": "オーディション番組の推しにSMSで投票しよう",
    "pl": "głosuj SMS-em na swoją ulubioną parę w tanecznym show",
}
ELECTIONS = {
    "de": "Sonntag ist Bundestagswahl, abstimmen per SMS, dazu läuft ein Song",
    "en": "vote for your president by text message, the singer on stage said",
    "pl": "wybory prezydenckie: głosuj sms-em na swoją partię",
    "sk": "tento rok sa volí cez SMS, do volebnej miestnosti netreba",
}


@pytest.mark.parametrize("text", SHOWS.values(), ids=SHOWS)
def test_a_vote_for_a_singer_by_text_message_is_none_of_an_election(look, text: str) -> None:
    assert "false_voting_info" not in look(text, modality="audio").harms


@pytest.mark.parametrize("text", ELECTIONS.values(), ids=ELECTIONS)
def test_a_song_beside_an_election_excuses_nothing(look, text: str) -> None:
    assert "false_voting_info" in look(text, modality="text").harms
