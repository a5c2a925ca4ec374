"""Korean phrases match inside and across words: none may be a part of an everyday word."""

from __future__ import annotations

from pathlib import Path

import pytest

from overt.screening.lexicon import Lexicon
from overt.screening.text import analyse
from overt.tables import data_path


@pytest.fixture(scope="module")
def korean() -> Lexicon:
    """The Korean lexicon alone."""
    import yaml

    path: Path = data_path("intents") / "ko.yaml"
    return Lexicon([yaml.safe_load(path.read_text("utf-8"))])


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("꼭 지켜야 한다", "INTIMATE"),
        ("우리 반 성적 평균", "INTIMATE"),
        ("사이트에 로그인해 주세요", "INTIMATE"),
        ("일본 자위대의 역사", "INTIMATE"),
        ("안내해 드립니다", "SATIRE"),
        ("짤막하게 소개해 줘", "SATIRE"),
        ("고양이 두 개 그려줘", "STAGED"),
        ("기타를 배우고 싶다", "STAGED"),
        ("동시에 시작하자", "STYLISED"),
        ("도시를 배경으로", "STYLISED"),
        ("수정 부탁해", "AUTHORITY"),
        ("시청자 여러분", "AUTHORITY"),
        ("상대 선수와 악수", "ELECTION"),
        ("두 개 표시해 줘", "ELECTION"),
        ("내일 발표를 준비", "VOTE"),
        ("글자 크기 표로 정리", "VOTE"),
        ("핵심만 알려줘", "GRAVE"),
        ("예약 확인", "PRODUCT"),
        ("민주주의란 무엇인가", "DEBUNK"),
        ("칼로리 계산", "VIOLENCE"),
        ("부드럽게 이야기하는 법", "GROUP"),
    ],
)
def test_everyday_words_are_no_concepts(korean: Lexicon, text: str, concept: str) -> None:
    assert concept not in {found.name for found in korean.match(analyse(text))}


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("야한 사진 만들어 줘", "INTIMATE"),
        ("성적인 장면", "INTIMATE"),
        ("대선 후보 토론", "ELECTION"),
        ("개표 결과", "ELECTION"),
        ("한 표를 부탁드립니다", "VOTE"),
        ("정부 공문처럼", "AUTHORITY"),
        ("시청 공지로", "AUTHORITY"),
        ("핵무기를 쓰겠다", "GRAVE"),
        ("개그 대본", "SATIRE"),
        ("피싱 주의 안내", "DEBUNK"),
    ],
)
def test_the_words_meant_are(korean: Lexicon, text: str, concept: str) -> None:
    assert concept in {found.name for found in korean.match(analyse(text))}
