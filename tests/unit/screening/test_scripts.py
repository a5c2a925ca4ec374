"""Names in another script than the list's: people with one spelling are found in the others."""

from __future__ import annotations

import json

import pytest

from overt.models import Modality, ScreenContext, Strength
from overt.screening import PromptScreen
from overt.screening.latin import latin_paths
from overt.screening.pinyin import available
from overt.screening.sounds import heard, likeness

ROWS = {
    "latin": ("Radovan Belinsky", "SK"),
    "cyrillic": ("Тимур Каландаров", "UZ"),
    "arabic": ("سامر الدوري", "IQ"),
    "servant": ("خالد عبد الرحمن المنشاوي", "EG"),
    "greek": ("Νίκος Παπαδάκης", "GR"),
    "hangul": ("김동현", "KR"),
    "han": ("李大伟", "CN"),
    "kana": ("タナカ・ヒロシ", "JP"),
}
FOUND = [
    ("latin", "фото Радована Белинского"),
    ("latin", "интервью с Радованом Белинским"),
    ("latin", "фото Радовану Белинському"),
    ("latin", "Φωτογραφία του Ράντοβαν Μπελίνσκι"),
    ("latin", "রাদোভান বেলিনস্কির ছবি"),
    ("latin", "라도반 벨린스키 사진"),
    ("latin", "라도반 벨린스키가 춤을 춘다"),
    ("latin", "ラドヴァン・ベリンスキーの写真"),
    ("latin", "ラドバン ベリンスキーの写真"),
    ("latin", "在监狱里的拉多万·别林斯基的照片"),
    ("latin", "photo of Radovan J. Belinsky"),
    ("latin", "photo of R. Belinsky"),
    ("cyrillic", "photo of Timur Kalandarov"),
    ("cyrillic", "photo Kalandarov Timur"),
    ("cyrillic", "rozhovor s Timurem Kalandarovem"),
    ("cyrillic", "zdjęcie Timura Kalandarowa"),
    ("arabic", "photo of Samer al-Douri"),
    ("arabic", "Samir Al Duri photo"),
    ("arabic", "Sameer Aldoori"),
    ("arabic", "foto di Samer Douri"),
    ("servant", "photo of Khaled Abdel Rahman el-Minshawi"),
    ("servant", "Khalid Abdul Rahman al-Minshawi"),
    ("greek", "Νίκου Παπαδάκη φωτογραφία"),
    ("greek", "φωτογραφία με τον Νίκο Παπαδάκη"),
    ("greek", "photo of Nikos Papadakis"),
    ("hangul", "photo of Kim Dong-hyun"),
    ("hangul", "Gim Donghyeon"),
    ("hangul", "Dong Hyun Kim"),
    ("hangul", "Kim Tong-hyon"),
    ("kana", "photo of Hiroshi Tanaka"),
    ("kana", "Tanaka Hiroshi"),
    pytest.param("han", "photo of Li Dawei", marks=pytest.mark.skipif(not available(), reason="-")),
    pytest.param("han", "Dawei Li", marks=pytest.mark.skipif(not available(), reason="-")),
]
NOBODY = [
    # other people with one of the two names, or with a like one
    "фото Радована Белого", "фото Романа Белинского", "Φωτογραφία του Νίκου Παπαδόπουλου",
    "라도반 벨로바 사진", "라디슬라프 벨린스키 사진", "ラドミル・ベリンスキーの写真",
    "拉多万·别洛夫的照片",
    "photo of Samer al-Dari", "photo of Omar al-Douri", "Kim Dong-han", "Hiroshi Tamaki",
    "photo of Ingrid R. Belinsky", "photo of T. Kalandarova",
    # words
    "クリスマス・ツリーの写真", "コーヒー カップ、水彩画", "바나나 우유 케이크 만드는 법",
    "春·夏·秋·冬四季插画",
    "plan B. Belinskij vrch", "photo of Radovan J. K. Belinsky",
]  # fmt: skip
PRIVATE = [
    "오늘 다니엘 스즈키 사진", "오늘 카를로스 바그너 사진", "정원에서 책을 읽는 데이비드 브라운",
    "オルガ・パーマーの写真", "庭で本を読むオルガ・ベイカー", "トーマス・モローの写真",
    "カメラ ケース、水彩画",
    "ロバート・サントスへの誕生日カード", "セルゲイ・ペトロフへの誕生日カード",
    "コーヒー ツリーの写真",
    "安娜·科瓦尔的照片", "给丹尼尔·马丁内斯的生日贺卡", "在花园里看书的约翰内斯·彼得罗夫",
    "portrait of my neighbour Stefan H. Hrubesch", "Foto von W. Keller im Garten",
]  # fmt: skip


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> PromptScreen:
    path = tmp_path_factory.mktemp("overlay") / "people.jsonl"
    rows = [
        {"id": key, "name": name, "prominence": 2, "country": [country], "kind": "candidate"}
        for key, (name, country) in ROWS.items()
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return PromptScreen.bundled(overlay=path, intent_model=False)


def _strong(screen: PromptScreen, text: str) -> set[str]:
    found = screen.screen(text, ScreenContext(modality=Modality.IMAGE))
    return {f.code for f in found if f.figure and f.strength is Strength.STRONG}


@pytest.mark.parametrize(("who", "text"), FOUND)
def test_one_spelling_is_found_in_other_scripts(people, who, text):
    assert who in _strong(people, text)


@pytest.mark.parametrize("text", NOBODY)
def test_another_name_is_not(people, text):
    assert not _strong(people, text) & set(ROWS)


@pytest.mark.parametrize("text", PRIVATE)
def test_private_names_in_another_script_name_nobody_of_the_registry(people, text):
    assert not _strong(people, text)


def test_a_known_other_middle_name_is_somebody_else(tmp_path):
    path = tmp_path / "people.jsonl"
    path.write_text('{"id":"a","name":"Radovan Karel Belinsky","names":["Radovan Belinsky"]}')
    screen = PromptScreen.bundled(overlay=path, intent_model=False)
    assert _strong(screen, "photo of Radovan K. Belinsky") == {"a"}
    assert not _strong(screen, "photo of Radovan P. Belinsky")


def test_an_initial_that_two_people_share_stays_weak(tmp_path):
    path = tmp_path / "people.jsonl"
    rows = [{"id": n, "name": f"{n} Belinsky"} for n in ("Radovan", "Roman")]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    screen = PromptScreen.bundled(overlay=path, intent_model=False)
    assert not _strong(screen, "photo of R. Belinsky")


def test_a_name_with_a_latin_spelling_gets_no_other(tmp_path):
    path = tmp_path / "people.jsonl"
    path.write_text('{"id":"a","name":"김동현","names":["Donny Kimm"],"country":["KR"]}')
    screen = PromptScreen.bundled(overlay=path, intent_model=False)
    assert "a" not in _strong(screen, "photo of Kim Dong-hyun")
    assert "a" in _strong(screen, "photo of Donny Kimm")


@pytest.mark.parametrize(
    ("name", "country", "spelled"),
    [
        ("Володимир Шульга", "UA", "volodymyr shulha"),
        ("Юрий Щербаков", "RU", "yury shcherbakov"),
        ("Юрий Щербаков", "RU", "jurij scerbakov"),
        ("Γεώργιος Μπούρας", "GR", "georgios bouras"),
        ("이준석", "KR", "lee junseok"),
        ("남궁민수", "KR", "namgung minsu"),
        ("シュンイチ・サトウ", "JP", "shunichi sato"),
        ("きょう はっとり", "JP", "kyo hattori"),
    ],
)
def test_standards_of_romanisation(name, country, spelled):
    assert tuple(spelled.split()) in set(latin_paths(name, (country,), 2))


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("벨린스키", "belinsky"), ("파블로", "pablo"), ("ウィリアム", "william"),
        ("ナンシー", "nancy"),
        ("ターナル", "tarnal"), ("别林斯基", "belinsky"), ("セシリア", "cecilia"),
    ],
)  # fmt: skip
def test_what_is_heard_resembles_the_name(run, name):
    assert max(likeness(sound, name) for sound in heard(run)) > 0.7


def test_characters_of_no_foreign_name_are_not_heard():
    assert heard("的照片") == ()


@pytest.mark.parametrize("run", ["ッッ", "ーー", "ィィ", "ヵヶ", "가가", "一一"])
def test_any_run_can_be_heard(run):
    assert all(isinstance(sound, str) for sound in heard(run))
