"""Foreign names written in Hangul, Kana or Han characters, as they sound in Latin letters.

`runs` finds what may be words of such a name in a text: words of Hangul, words of Katakana, and the
characters on both sides of the dot that parts a foreign name in Chinese. `heard` says what one word
may stand for: these scripts write one character for several sounds (`b` and `v`, `l` and `r`) and
put in vowels that nobody says. `likeness` compares that with a word of a name.

Only names of two words or more are found in this way, see `gazetteer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from overt.screening.text import Analysis, Reading, Token
from overt.screening.translit import skeleton

SOUND = "sound"
_ANY = re.compile("[가-힣]{2}|[ァ-ヺー]{2}|[\u3400-\u9fff][·・‧•][\u3400-\u9fff]")
_DOTS = "·・‧•"
_LONGEST = 12
_HAN_LONGEST = 8
_VARIANTS = 24
_PARTICLE_TEXT = (
    "이 가 은 는 을 를 의 에 도 만 와 과 로 씨 님 야 께 에게 에서 에게서 한테 께서 으로 이랑 랑  "
    "하고 이나 처럼 보다 부터 까지 라고 이라고 이다 입니다 씨가 씨는 씨를 씨의 씨와"
)
_PARTICLES = frozenset(_PARTICLE_TEXT.split())

# --- what characters sound like --------------------------------------------------------------
#
# Capitals are sounds that may be one of several, see `_EITHER`.

_LEAD_TEXT = "g kk n d tt l m B pp s ss - j jj C k t P h"
_VOWEL_TEXT = "a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu U ui i"
_TAIL_TEXT = "- k k k n n n t l k m p l l p l m p p t t n t t k t p t"
_LEADS, _VOWELS, _TAILS = (
    part.replace("-", "").split(" ") for part in (_LEAD_TEXT, _VOWEL_TEXT, _TAIL_TEXT)
)
_KANA_TEXT = (
    "ア a イ i ウ u エ e オ o カ ka キ ki ク kU ケ ke コ ko サ sa シ shi ス sU セ se ソ so タ ta  "
    "チ Ci ツ CU テ te ト tU ナ na ニ ni ヌ nU ネ ne ノ no ハ ha ヒ hi フ fU ヘ he ホ ho マ ma  "
    "ミ mi ム mU メ me モ mo ヤ ya ユ yu ヨ yo ラ la リ li ル lU レ le ロ lo ワ wa ヲ o ン n  "
    "ガ ga ギ gi グ gU ゲ ge ゴ go ザ za ジ ji ズ zU ゼ ze ゾ zo ダ da ヂ ji ヅ zU デ de ド dU  "
    "バ Ba ビ Bi ブ BU ベ Be ボ Bo パ pa ピ pi プ pU ペ pe ポ po ヴ vU ァ a ィ i ゥ u ェ e ォ o  "
    "ャ ya ュ yu ョ yo ー R"
)
_KANA_LIST = _KANA_TEXT.split()
_KANA = dict(zip(_KANA_LIST[::2], _KANA_LIST[1::2], strict=True))
_GLIDE = re.compile("ウ(?=[ィェォァ])")

_HAN_TEXT = (
    "阿a 埃e 艾ai 爱e 安an 昂an 奥o 澳o 巴Ba 拜Bai 班Ban 邦Ban 保Bau 鲍Bo 本Ben 比Bi 彼pi 毕Bi  "
    "宾Bin 波po 伯Bo 勃Bo 博Bo 布BU 卜BU 别Be 查Ca 切Ce 奇Ci 琴Cin 楚Cu 茨C 采Ce 策Ce 蔡Cai 达da  "
    "戴dai 丹dan 当dan 道dau 德dU 登den 邓dan 迪di 狄di 蒂ti 丁din 杜du 多do 董don 朵do 厄e 恩n  "
    "尔l 法fa 范van 凡van 方fan 菲fi 费fe 芬fin 丰fon 冯von 夫f 弗f 福fo 富fu 佛fo 盖ge 甘gan  "
    "冈gan 高go 戈go 哥ko 格gU 葛ge 根gen 古gu 瓜gua 圭gui 哈ha 海hai 汉han 豪hau 赫he 黑he  "
    "亨hen 胡hu 华ua 怀uai 惠ui 霍ho 基ki 吉gi 加ga 贾ja 杰je 金kin 津zin 久ju 居ku 卡ka 凯kai  "
    "坎kan 康kon 考kau 科ko 可ko 克kU 肯ken 孔kon 库ku 夸kua 奎kui 昆kun 拉la 莱le 赖lai 兰lan  "
    "朗lan 劳lau 勒lU 雷le 蕾le 冷len 利li 里li 莉li 丽li 李li 黎li 历li 理li 连len 廉lian 良lan  "
    "列le 烈le 林lin 琳lin 龙lon 隆lon 卢lu 鲁lu 露lu 路lu 伦len 罗lo 洛lo 吕lu 马ma 玛ma 迈mai  "
    "麦mai 曼man 芒man 毛mau 梅me 美me 门men 蒙mon 孟men 米mi 密mi 敏min 明min 摩mo 莫mo 默mU  "
    "姆mU 穆mu 木mu 拿na 纳na 娜na 乃nai 奈ne 南nan 瑙nau 内ne 尼ni 妮ni 涅ne 宁nin 纽nu 农non  "
    "努nu 诺no 欧o 帕pa 派pai 潘pan 庞pon 佩pe 彭pen 皮pi 平pin 普pU 浦pu 朴pu 恰Ca 齐Ci 钱Cen  "
    "强jon 乔jo 让ja 日J 荣ion 茹ju 儒ju 瑞lei 若jo 撒sa 萨sa 赛se 塞sU 桑san 瑟sU 沙sha 莎sha  "
    "山shan 尚shan 绍sho 舍she 申shen 圣san 施shi 史sU 石shi 什sh 士s 舒shu 顺shun 朔sho 司sU  "
    "斯s 丝s 思s 松son 宋son 苏su 孙sun 索so 塔ta 泰tai 坦tan 汤ton 唐tan 陶tau 特tU 滕ten 提ti  "
    "铁te 廷tin 汀tin 通ton 图tu 土tu 托to 瓦va 娃va 旺van 万van 王van 威vi 维vi 韦ve 魏ve 文ven  "
    "翁on 沃vo 乌u 伍vu 武vu 西si 希hi 锡si 席si 夏sha 谢she 辛sin 欣hin 兴hin 休hu 许hu 雪she  "
    "逊son 亚a 娅a 雅ya 扬yan 杨yan 耶ye 叶ye 伊i 易i 依i 因in 英in 尤yu 于yu 约yo 宰za 赞zan  "
    "泽ze 扎za 詹jan 珠ju 兹z 孜z 佐zo 祖zu 诸ju 卓jo 季gi 谷gu 贡gon 朱ju 珍jen 珊shan 琼jon  "
    "芙fu 芭Ba 薇vi 苔te 贝Be 娥o 黛da 吾vu 纯jun 哲je 者je 耐ne 热ze 蓬pon 腾ten 丘Cu 斐fe 倍Be  "
    "培pe 森sen 温ven 云un 元uan 原uan 韵in 翰han 汗han 治ji 顿ton 得de 莲len 焦jo 罕han 地di  "
    "柯ko 墨mo 力li 梦mon 卫vi 优yu 素su 歇she 嘉ka 望van 大da"
)
_HAN = {entry[0]: entry[1:] for entry in _HAN_TEXT.split()}

_EITHER = {
    "B": ("b", "v"), "P": ("p", "f"), "C": ("ch", "k"), "R": ("", "r"), "J": ("j", "r"),
    "Y": ("y", "j"), "S": ("s", "c"), "G": ("j", "g"),
}  # fmt: skip
"""Sounds of which a script writes two alike; `R` is a long vowel, or an r after one; `Y`
begins a word only."""


_SOFT_C = re.compile("s(?=h?[ei])h?")
_SOFT_G = re.compile("j(?=[ei])")
_NASAL = re.compile("n(?=[pPB])")


@lru_cache(maxsize=4096)
def heard(run: str) -> tuple[str, ...]:
    """Words in Latin letters that a word of Hangul, Katakana or Han may stand for, likeliest first.

    `U` in them is a vowel that may be there for the script's sake alone. Empty where a character
    is not one that foreign names are written with.
    """
    first = run[0]
    if "가" <= first <= "힣":
        sound = "".join(_hangul(c) for c in run)
    elif "ァ" <= first <= "ー":
        sound = _kana(run)
    else:
        pieces = [_HAN.get(c, "") for c in run]
        if not all(pieces):
            return ()
        sound = "".join(pieces)
    sound = _NASAL.sub("m", _SOFT_G.sub("G", _SOFT_C.sub("S", sound)))
    if not sound:  # small letters alone
        return ()
    if sound[0] == "y":
        sound = "Y" + sound[1:]
    parts = re.split("([BPCRJYSG])", sound)
    choices = [_EITHER.get(part, (part,)) for part in parts]
    found: dict[str, None] = {}
    for chosen in product(*choices):
        found.setdefault("".join(chosen))
        if len(found) >= _VARIANTS:
            break
    return tuple(found)


def _hangul(syllable: str) -> str:
    code = ord(syllable) - 0xAC00
    return _LEADS[code // 588] + _VOWELS[code % 588 // 28] + _TAILS[code % 28]


def _kana(run: str) -> str:
    """Katakana with its small vowels: they take the place of the vowel before."""
    out = ""
    for char in _GLIDE.sub("w", run):
        sound = char if char == "w" else _KANA.get(char, "")
        if char in "ァィゥェォャュョ" and out[-1:] in ("a", "i", "u", "e", "o", "U"):
            out = out[:-1]
        out += sound
    return out


def keys(sound: str) -> tuple[str, ...]:
    """Skeletons under which words of names that sound so are kept."""
    plain = skeleton(sound.replace("U", ""))
    return tuple(key for key in dict.fromkeys((plain, plain.replace("ks", "k"))) if key)


_SHAPE = (
    (re.compile(r"shch|sch|sh|ch|zh|cz|sz|tch|tsch|dzh|dj|dz|ts|tz|z|j"), "s"),
    (re.compile(r"ph"), "f"), (re.compile(r"w"), "v"), (re.compile(r"th"), "t"),
    (re.compile(r"kh|ck|q|c|x"), "k"), (re.compile(r"r"), "l"), (re.compile(r"[h']"), ""),
    (re.compile(r"y"), "i"), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


@lru_cache(maxsize=8192)
def _shape(word: str) -> str:
    for pattern, to in _SHAPE:
        word = pattern.sub(to, word)
    return word


_READ = (
    (re.compile(r"c(?=[eiy])"), "s"), (re.compile(r"(ie|ey)$|ee"), "i"),
    (re.compile(r"oo|ou"), "u"),
)  # fmt: skip
_SILENT_E = re.compile(r"(?<=[^aeiou])e$")


@lru_cache(maxsize=8192)
def _shapes_of_name(name: str) -> tuple[str, ...]:
    """A name as it is spelled, and as English and French may say it."""
    said = name
    for pattern, to in _READ:
        said = pattern.sub(to, said)
    return tuple({_shape(form) for form in (name, said, _SILENT_E.sub("", said))})


def likeness(sound: str, name: str) -> float:
    """Likeness 0 to 1 of what was heard and a word of a name in Latin letters, vowels included.

    0 where they begin or end with another sound: `Olga` is no `Luca`, `Daniel` no `Daniela`.
    """
    from rapidfuzz.distance import Indel

    best = 0.0
    for shape in {_shape(sound.replace("U", "")), _shape(sound.replace("U", "u"))}:
        for wanted in _shapes_of_name(name):
            if shape and wanted and shape[0] == wanted[0] and shape[-1] == wanted[-1]:
                best = max(best, float(Indel.normalized_similarity(shape, wanted)))
    return best


# --- where they stand ------------------------------------------------------------------------


def runs(analysis: Analysis) -> Iterator[Reading]:
    """Words of a text that a foreign name may be written with; few, and none in most texts."""
    if analysis.original.isascii() or _ANY.search(analysis.original) is None:
        return
    tokens, at = analysis.tokens, 0
    while at < len(tokens):
        script = _script(tokens[at])
        until = at + 1
        while until < len(tokens) and _joins(tokens, until, script):
            until += 1
        if script == "hangul":
            yield from _words_of_hangul(tokens, at, until)
        elif script == "kana" and 2 <= until - at <= _LONGEST:
            yield _reading(tokens, at, until)
        elif script == "han":
            yield from _beside_dots(analysis, at, until)
        at = until


def _script(token: Token) -> str:
    char = token.text
    if not token.unspaced or len(char) != 1:
        return ""
    if "가" <= char <= "힣":
        return "hangul"
    if "ァ" <= char <= "ヺ" or char == "ー":
        return "kana"
    return "han" if "\u3400" <= char <= "\u9fff" else ""


def _joins(tokens: tuple[Token, ...], at: int, script: str) -> bool:
    return tokens[at].start == tokens[at - 1].end and _script(tokens[at]) == script != ""


def _reading(tokens: tuple[Token, ...], first: int, last: int) -> Reading:
    return Reading(first, last, "".join(t.text for t in tokens[first:last]), SOUND)


def _words_of_hangul(tokens: tuple[Token, ...], first: int, last: int) -> Iterator[Reading]:
    """A word as it is, and without a particle."""
    if last - first > _LONGEST:
        return
    text = "".join(t.text for t in tokens[first:last])
    for cut in range(min(4, len(text) - 1)):
        if not cut or text[-cut:] in _PARTICLES:
            yield _reading(tokens, first, last - cut)


def _beside_dots(analysis: Analysis, first: int, last: int) -> Iterator[Reading]:
    """Characters that touch a dot: nothing tells where the sentence before or after ends."""
    text, tokens = analysis.original, analysis.tokens
    before = tokens[first].start and text[tokens[first].start - 1] in _DOTS
    after = text[tokens[last - 1].end : tokens[last - 1].end + 1]
    dotted = bool(after) and after in _DOTS
    if before:
        for until in range(first + 1, min(last, first + _HAN_LONGEST) + 1):
            if until < last or not dotted:
                yield _reading(tokens, first, until)
    if dotted:
        starts = (first,) if before else range(max(first, last - _HAN_LONGEST), last)
        for start in starts:
            if last - start <= _HAN_LONGEST:
                yield _reading(tokens, start, last)
