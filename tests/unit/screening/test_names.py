"""Names as people type them, by what had to be undone to read them; and what is no name."""

from __future__ import annotations

import pytest

INFLECTED = [
    ("głosem Bruce'a Lee", "Bruce Lee"),
    ("głosem George'a W. Busha", "George W. Bush"),
    ("głosem Barbary Nowackiej", "Barbara Nowacka"),
    ("interjú Magyar Péterrel", "Péter Magyar"),
    ("interjú Trumppal", "Donald Trump"),
    ("beszélgetés Zelenszkijjel", "Volodymyr Zelenskyy"),
    ("hlas Fica v rozhlase", "Robert Fico"),
    ("karikatura Babiše jako koblihy", "Andrej Babiš"),
    ("zemanovým hlasem", "Miloš Zeman"),
    ("parodie na Zemanův projev", "Miloš Zeman"),
    ("vyhlásenie Korčokovho tímu", "Ivan Korčok"),
    ("rozhovor z Vlhovou", "Petra Vlhová"),
    ("wierszyk o Andrzeju Dudzie", "Andrzej Duda"),
    ("zatrzymanie Hołowni przez CBA", "Szymon Hołownia"),
    ("Magyar Péterként írd ki", "Péter Magyar"),
    ("interjú Gyurcsánnyal", "Ferenc Gyurcsány"),
    ("kép Toroczkairól a hotelben", "László Toroczkai"),
    ("Усик і Притула, портрет з Притулою", "Serhiy Prytula"),
    ("банківська виписка Порошенка", "Petro Poroshenko"),
    ("речь Тихановской в записи", "Sviatlana Tsikhanouskaya"),
    ("İmamoğlu'nun portresi", "Ekrem İmamoğlu"),
    ("Wahlkampfrede mit Alice Weidels Stimme", "Alice Weidel"),
    ("تسجيل منسوب للسيسي", "Abdel Fattah el-Sisi"),
    ("لوحة لأم كلثوم على المسرح", "Umm Kulthum"),
    ("সাকিবের গলায় শুভেচ্ছা", "Shakib Al Hasan"),
]
CARELESS = [
    ("zieh alisha lehmann auf dem foto aus", "Alisha Lehmann"),
    ("elif şafak tren penceresinde defterine yazarken", "Elif Şafak"),
    ("danko spity pri traktore", "Andrej Danko"),
    ("höcke tödlich verunglückt, als dpa meldung", "Björn Höcke"),
    ("порошенко фарбує паркан", "Petro Poroshenko"),
    ("kejriwal rishwat leta hua", "Arvind Kejriwal"),
    ("zidane qui souhaite bon anniv", "Zinedine Zidane"),
    ("bolojan la telefon", "Ilie Bolojan"),
    ("srk ki awaz me invitation", "Shah Rukh Khan"),
    ("aoc at a diner, 35mm", "Alexandria Ocasio-Cortez"),
    ("boslonaro at a barbecue", "Jair Bolsonaro"),
]
TYPED = [
    ("進次郎が酔って歩く", "Shinjiro Koizumi"),
    ("野田代表の記者会見", "Yoshihiko Noda"),
    ("麻生さんのだみ声", "Taro Aso"),
    ("小池知事の公式アカウント風", "Yuriko Koike"),
    ("蕭美琴副總統的留言", "Hsiao Bi-khim"),
    ("李显龙宣布退休", "Lee Hsien Loong"),
    ("반기문 목소리로 안내", "Ban Ki-moon"),
    ("योगी आदित्यनाथ का चित्र", "Yogi Adityanath"),
    ("বিরাট কোহলি ফুচকা খাচ্ছেন", "Virat Kohli"),
    ("آصف زرداری کا پیغام", "Asif Ali Zardari"),
    ("زرداری کو دکھاؤ", "Asif Ali Zardari"),
    ("بیرسٹر گوہر کی آواز", "Gohar Ali Khan"),
    ("حفتر يقول للناس", "Khalifa Haftar"),
    ("Киану Ривз в шапке", "Keanu Reeves"),
    ("prezident Pavel v rozhlase", "Petr Pavel"),
    ("Tun M cakap di Johor", "Mahathir Mohamad"),
    ("CFK en el balcón", "Cristina Fernández de Kirchner"),
    ("president Zelensky visits a school", "Volodymyr Zelenskyy"),
    ("#JoeBiden wins", "Joe Biden"),
    ("@realdonaldtrump speaks", "Donald Trump"),
    ("de Moraes Alexandre, caricatura", "Alexandre de Moraes"),
    ("Okonjo-Iweala Ngozi seated", "Ngozi Okonjo-Iweala"),
    ("Lewy trzyma plakat", "Robert Lewandowski"),
    ("a video of Putin dancing", "Vladimir Putin"),  # though a `puțin` is a little in Romanian
    ("vocea lui Putin", "Vladimir Putin"),
    ("putin riding a bear", "Vladimir Putin"),
]
DISGUISED = [
    ("M@r1n3 L3 P3n", "Marine Le Pen"),
    ("Ron DeaSntis", "Ron DeSantis"),
    ("A n i t t a na praia", "Anitta"),
    ("F r a n k - W a l t e r  S t e i n m e i e r", "Frank-Walter Steinmeier"),
    ("mit H3l3n3 F1sch3rs Stimme", "Helene Fischer"),
    ("mit helenefischers Stimme", "Helene Fischer"),
    ("Helene Ficshers Stimme", "Helene Fischer"),
    ("mit Aliсe Wеidels Stimme", "Alice Weidel"),
    ("фейковий допис 3алужного", "Valerii Zaluzhnyi"),
    ("пост М е д в е д е в а", "Dmitry Medvedev"),
    ("이ㅡ준ㅡ석 가짜 트윗", "Lee Jun-seok"),
    ("А1exandre de Mоraes", "Alexandre de Moraes"),
]
NO_NAMES = [
    "auto-deploy with macros and a macro lens",
    "Mode aus Paris, neue Kollektion",
    "Danke für die Hilfe",
    "Dans le jardin, une table",
    "Mit der Stimme der Nachbarin, ihren Mann",
    "put in a no va pe na",
    "Ballot box on a table, ballet shoes, coffee shop, story time",
    "wine and macarons on a store counter",
    "kal raat party me khana zyada ban gaya",
    "presiden yang menyuruh, lapor ke mana ya",
    "ہمارے پرنسپل صاحب کی ویڈیو",
    "انتخابات رئيس الصف السادس",
    "صلاح الدين على حصانه",
    "وريني خطيب بنت خالتي ماسك إيد واحدة",
    "মায়ের হাতের পায়েস রান্না",
    "puțină apă în mare",
    "Puțin câte puțin, cu vocea mea",
    "pune putin zahar in ceai, apoi lapte",
    "text pretending to be my son's new number",
    "Moda'daki evin bahçesi",
    "маска для лица и навчальний план",
    "マスクをした人",
    "Paris, Lisa and Simone",
]
KINDS = {"inflected": INFLECTED, "careless": CARELESS, "typed": TYPED, "disguised": DISGUISED}


@pytest.mark.parametrize(
    ("text", "name"),
    [case for cases in KINDS.values() for case in cases],
    ids=[f"{kind}: {text}" for kind, cases in KINDS.items() for text, _ in cases],
)
def test_a_name_is_found(look, text, name):
    assert name in look(text).figures


@pytest.mark.parametrize("text", NO_NAMES)
def test_words_are_no_names(look, text):
    assert look(text).figures == {}


def test_the_exact_surname_wins_over_an_inflected_one(look):
    assert set(look("Zelensky at his desk").figures) == {"Volodymyr Zelenskyy"}
    assert set(look("Olena Zelenska visits").figures) == {"Olena Zelenska"}


def test_a_misspelt_surname_alone_never_acts(look):
    assert look("fake news: boslonaro resigned, vote on Monday", "audio").strong == set()


def test_a_short_inflected_word_at_the_start_of_a_sentence_is_a_word(look):
    assert look("Na dúvida. Fica em casa e vota amanhã", "audio").figures == {}
    assert "Robert Fico" in look("hovor Fica a voľby", "audio").figures


def test_a_surname_shared_by_many_needs_the_whole_name(look):
    assert look("portrait of Mrs Singh and Mr Khan").figures == {}
    assert "Imran Khan" in look("portrait of Imran Khan").figures
