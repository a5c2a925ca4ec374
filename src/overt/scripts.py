"""Scripts and letters: which letters tell a language apart from its neighbours.

Facts of Unicode and of orthographies, used by `overt.language`. Nothing here guesses.

Source: Unicode 16 Blocks.txt; the alphabets of Pashto, Urdu, Persian and Arabic; pairs of
simplified and traditional characters from the Unihan variants, the most frequent ones.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import Counter

_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x41, 0x5A, "Latn"), (0x61, 0x7A, "Latn"), (0xAA, 0xAA, "Latn"), (0xBA, 0xBA, "Latn"),
    (0xC0, 0x24F, "Latn"), (0x250, 0x2AF, "Latn"), (0x370, 0x3FF, "Grek"), (0x400, 0x52F, "Cyrl"),
    (0x531, 0x58F, "Armn"), (0x591, 0x5F4, "Hebr"), (0x610, 0x6FF, "Arab"), (0x750, 0x77F, "Arab"),
    (0x8A0, 0x8FF, "Arab"), (0x900, 0x97F, "Deva"), (0x980, 0x9FF, "Beng"), (0xA00, 0xA7F, "Guru"),
    (0xA80, 0xAFF, "Gujr"), (0xB00, 0xB7F, "Orya"), (0xB80, 0xBFF, "Taml"), (0xC00, 0xC7F, "Telu"),
    (0xC80, 0xCFF, "Knda"), (0xD00, 0xD7F, "Mlym"), (0xD80, 0xDFF, "Sinh"), (0xE00, 0xE7F, "Thai"),
    (0xE80, 0xEFF, "Laoo"), (0xF00, 0xFFF, "Tibt"), (0x1000, 0x109F, "Mymr"),
    (0x10A0, 0x10FF, "Geor"), (0x1100, 0x11FF, "Hang"), (0x1200, 0x139F, "Ethi"),
    (0x1780, 0x17FF, "Khmr"), (0x1C90, 0x1CBF, "Geor"), (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"), (0x2D00, 0x2D2F, "Geor"), (0x2DE0, 0x2DFF, "Cyrl"),
    (0x3041, 0x30FF, "Kana"), (0x3130, 0x318F, "Hang"), (0x31F0, 0x31FF, "Kana"),
    (0x3400, 0x4DBF, "Hani"), (0x4E00, 0x9FFF, "Hani"), (0xA640, 0xA69F, "Cyrl"),
    (0xA720, 0xA7FF, "Latn"), (0xAC00, 0xD7FF, "Hang"), (0xF900, 0xFAFF, "Hani"),
    (0xFB1D, 0xFB4F, "Hebr"), (0xFB50, 0xFDFF, "Arab"), (0xFE70, 0xFEFE, "Arab"),
    (0xFF21, 0xFF5A, "Latn"), (0xFF66, 0xFF9D, "Kana"), (0x20000, 0x3134F, "Hani"),
)  # fmt: skip
"""Blocks of the scripts that are told apart (Unicode 16, Blocks.txt)."""
_STARTS = [start for start, _, _ in _RANGES]

PASHTO = frozenset("ټډړږښګځڅېۍڼ")
URDU = frozenset("ٹڈڑںےہھۓ")
PERSIAN = frozenset("پچژگکی")
ARABIC = frozenset("ةىيكأإؤ")
OTHER_ARABIC = frozenset("ڪٻڄڃڇٺڦڙڻڕێۆڵۇۈۋې") - PASHTO
TRADITIONAL = frozenset(
    "這個們來時為說國學會對發經動過還進現點問無間關電話種幾從見讓給長門開書東車馬魚鳥龍語認識讀寫聽買賣錢"
    "灣區縣號廣條實業產務員選舉總統議題視頻聲製圖畫藍綠紅紙筆處機場飛請謝對應該沒與於當後裡邊樣頭體變"
)
SIMPLIFIED = frozenset(
    "这个们来时为说国学会对发经动过还进现点问无间关电话种几从见让给长门开书东车马鱼鸟龙语认识读写听买卖钱"
    "湾区县号广条实业产务员选举总统议题视频声制图画蓝绿红纸笔处机场飞请谢对应该没与于当后里边样头体变"
) - frozenset("制个")
KANJI_ONLY = frozenset("円気図売読発駅沢辺桜価営経済労働権検験転総戦様黒来変対応実")


def count_scripts(text: str) -> Counter[str]:
    """Letters of each script; a Han, Hangul or Kana sign weighs as much as two letters."""
    counts: Counter[str] = Counter()
    for letter, times in Counter(text).items():
        code = ord(letter)
        at = bisect_right(_STARTS, code) - 1
        if at >= 0 and code <= _RANGES[at][1] and unicodedata.category(letter)[0] in "LM":
            script = _RANGES[at][2]
            counts[script] += times * (2 if script in ("Hani", "Hang", "Kana") else 1)
    return counts


def written(script: str, language: str) -> str:
    """ISO 15924 code of the script a language is written in, given its letters'."""
    if script == "Hani":
        return "Hant" if language == "zh-Hant" else "Hans" if language == "zh-Hans" else "Hani"
    return {"Hang": "Kore", "Kana": "Jpan"}.get(script, script)
