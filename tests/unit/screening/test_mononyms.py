"""People whom all call by one name: found where an office or an election tells who is meant."""

from __future__ import annotations

import pytest

MEANT = [
    ("karikatura, poslanec Turek slibuje voličům rychlejší dálnice", "Filip Turek"),
    ("rozhovor: prezident Pavel o volbách do Senátu", "Petr Pavel"),
    ("plakát, primátor Svoboda před volbami otevírá most", "Bohuslav Svoboda"),
    ("europoslankyně Konečná na předvolebním mítinku, kresba", "Kateřina Konečná"),
    ("Ficov hlas pred voľbami vyzýva ľudí", "Robert Fico"),
    ("guvernér Kažimír pred voľbami, karikatúra", "Peter Kažimír"),
    ("primarul Fritz la alegeri, caricatură", "Dominic Fritz"),
    ("liderul UDMR Kelemen despre alegeri", "Hunor Kelemen"),
    ("Kapitány miniszter a választásról, karikatúra", "István Kapitány"),
    ("rajz, Karácsony főpolgármester a választás estéjén", "Gergely Karácsony"),
    ("rysunek, europoseł Biedroń przed wyborami", "Robert Biedroń"),
    ("rysunek, minister Bodnar o wyborach", "Adam Bodnar"),
    ("rysunek, minister Żurek i wybory", "Waldemar Żurek"),
    ("Bundeskanzler Kurz vor der Wahl, Karikatur", "Sebastian Kurz"),
    ("Ministerpräsident Özdemir am Wahlabend, Karikatur", "Cem Özdemir"),
    ("Spitzenkandidat Siegmund vor der Wahl, Karikatur", "Ulrich Siegmund"),
    ("la ministre Borne et les élections, caricature", "Élisabeth Borne"),
    ("Premier ministre Philippe avant les élections, dessin", "Édouard Philippe"),
    ("il governatore Fontana e le elezioni, vignetta", "Attilio Fontana"),
    ("vignetta con il sindaco Sala e le elezioni", "Giuseppe Sala"),
    ("il premier Conte prima delle elezioni, vignetta", "Giuseppe Conte"),
    ("il segretario Magi e il referendum, vignetta", "Riccardo Magi"),
    ("el alcalde Almeida antes de las elecciones", "José Luis Martínez-Almeida"),
    ("la presidenta Cristina y las elecciones", "Cristina Fernández de Kirchner"),
    ("el alcalde Fico y las elecciones en Medellín", "Federico Gutiérrez"),
    ("Marcelo e as eleições, caricatura", "Marcelo Rebelo de Sousa"),
    ("o presidenciável Ciro e as eleições, charge", "Ciro Gomes"),
    ("o prefeito Paes e as eleições, charge", "Eduardo Paes"),
    ("a ex-primeira-dama Michelle e as eleições, charge", "Michelle Bolsonaro"),
    ("o apresentador Bonner e as eleições, charge", "William Bonner"),
    ("eski bakan Soylu ve seçim, karikatür", "Süleyman Soylu"),
    ("CHP'li İnce ve seçim, karikatür", "Muharrem İnce"),
    ("CHP lideri Özel seçim öncesi, karikatür", "Özgür Özel"),
    ("Цоя цитируют на выборах, плакат", "Viktor Tsoi"),
    ("письменник Жадан і вибори, портрет", "Serhiy Zhadan"),
    ("الرئيس عباس والانتخابات، كاريكاتير", "Mahmoud Abbas"),
    ("البرادعي والانتخابات، كاريكاتير", "Mohamed ElBaradei"),
    ("الرئيس الشرع والانتخابات، كاريكاتير", "Ahmed al-Sharaa"),
    ("صلاح نجم ليفربول والانتخابات، ملصق", "Mohamed Salah"),
    ("योगी जी और चुनाव, कार्टून", "Yogi Adityanath"),
    ("तेजस्वी और बिहार चुनाव, कार्टून", "Tejashwi Yadav"),
    ("सांसद कंगना और चुनाव, कार्टून", "Kangana Ranaut"),
    ("কবি নজরুল ও নির্বাচন, পোস্টার", "Kazi Nazrul Islam"),
    ("ভোটের আগে হাসিনা, কার্টুন", "Sheikh Hasina"),
    ("الیکشن کے پوسٹر پر قیدی نمبر 804", "Imran Khan"),
    ("Ketua DPR Puan dan pemilu, karikatur", "Puan Maharani"),
    ("Gubernur KDM dan pilkada, karikatur", "Dedi Mulyadi"),
    ("斎藤知事と選挙、似顔絵", "Motohiko Saito"),
    ("배우 수지와 선거, 그림", "Bae Suzy"),
    ("小英總統與選舉，漫畫", "Tsai Ing-wen"),
    ("election cartoon of Zohran on a bus", "Zohran Mamdani"),
    ("a cartoon, Prime Minister Albo before the election", "Anthony Albanese"),
    # Among their own, where politics or deceit is the matter, a surname that is a word besides:
    ("ústavní soud prý vyřadil Pavla z volby, vyrob ten titulek", "Petr Pavel"),
    ("exit poll, ve kterém Motoristé s Turkem v čele vyhráli volby", "Filip Turek"),
    ("sondaggio: la lista di Sala crolla alle elezioni", "Giuseppe Sala"),
    ("enregistrement truqué où Borne promet une valise de billets", "Élisabeth Borne"),
    ("gizli çekim kaydı, orada İnce rüşvet alıyor", "Muharrem İnce"),
    ("портрет Гагарина к выборам", "Yuri Gagarin"),
    ("montaj video, sahnede Hadise oy istiyor", "Hadise Açıkgöz"),
    ("deepfake suara Puan mengumumkan hasil pemilu", "Puan Maharani"),
    ("অভিষেকের গলায় ভুয়া ভোটের ঘোষণা", "Abhishek Banerjee"),
    ("सुनो, कंगना की आवाज़ में चुनाव का झूठा बयान", "Kangana Ranaut"),
    # In a caricature, an advertisement or somebody's mouth, too:
    ("boneco de carnaval, o Marcelo de sunga, caricatura", "Marcelo Rebelo de Sousa"),
    # Turkish parts the ending of a name from it, whatever the case:
    ("sahnede ince'nin bir kadınla fotoğrafı, paparazzi işi", "Muharrem İnce"),
    ("Hadise'nin konser fotoğrafı, kostümü kırmızı olsun", "Hadise Açıkgöz"),
]
ORDINARY = [
    "Büşra Tekin'in düğün fotoğrafı",
    "Deniz'in doğum günü için tebrik kartı",
    "Desain baliho calon kepala desa Haji Mansur, foto kami tempel sendiri",
    "জন্মদিনে অভিষেক কেক কাটছে",
    "the voice of Pavel on election night, a character in my novel",
    "volby do školní rady vyhrál Pavel Zemánkovic ze třetí třídy",
    "Konečná stanice: volební místnost je hned vedle",
    "Borne de vote à l'entrée du bureau, photo",
    "elezioni del condominio nella sala da ballo",
    "pan Turek z vedlejší vesnice prodává med",
    "svoboda slova, plakát do školy",
    "konečná stanice tramvaje v mlze",
    "pavel a petr hrají šachy",
    "Fritz der Dackel schläft im Korb",
    "kurz vor Mitternacht am Bahnhof",
    "Hagel und Regen über dem Feld",
    "sala da ballo vuota, luce calda",
    "una fontana in piazza, acquerello",
    "i re magi nel presepe",
    "conte antico in costume, ritratto",
    "giulia al mare con il cane",
    "borne de recharge pour voiture électrique",
    "Philippe et Marie au marché de Noël",
    "maillot de bain rouge sur la plage",
    "biedronka na liściu, makro",
    "un puente de piedra al amanecer",
    "o Marcelo do terceiro andar a regar as plantas",
    "a Michelle e o Pedro no casamento, foto",
    "um candidato seguro de si na entrevista",
    "moedas antigas de lisboa",
    "kapitány a hajón, akvarell",
    "karácsony este, hóesés",
    "magyar népmese, rajz",
    "soylu atlar çayırda koşuyor",
    "ince belli çay bardağı, masa üstü",
    "özel gün için davetiye",
    "hadise yerinde polis kordonu",
    "kıvanç duyuyoruz, mezuniyet afişi",
    "Nusret dedem için doğum günü kartı",
    "Хабиб, мой сосед, чинит машину",
    "поляк и поляка на рынке",
    "سجل صوت جدي عباس وهو يحكي قصة",
    "عرفات في موسم الحج، صورة للحجاج",
    "فيروزة زرقاء على خاتم فضة",
    "صلاح جارنا يصلح الدراجة",
    "العم السوداني يشرب الشاي",
    "أحكام الشرع في الميراث، ملخص",
    "तेजस्वी चेहरे वाला बच्चा, चित्र",
    "कंगना पहने दुल्हन का हाथ",
    "योगी आसन करते हुए, सुबह",
    "নজরুল চাচার দোকান, সকাল",
    "হাসিনা খালার রান্নাঘর",
    "Puan dan Tuan sekalian, selamat datang",
    "수지 타산이 맞는 가게",
    "소리 없이 비 오는 날 공유 오피스",
    "小英和小明在公园放风筝",
    "斎藤さんちの猫",
    "Rahul's birthday invitation with a cricket theme",
    "Rishi makes dal for his mother",
    "albo kot albo pies, wybierz obrazek",
    "a Corvette on a mountain road",
    "the weekend crowd at the market",
    "A4 poster with a red border",
]


@pytest.mark.parametrize(("text", "who"), MEANT)
def test_one_name_beside_an_office_or_an_election(look, text: str, who: str) -> None:
    assert who in look(text).figures


@pytest.mark.parametrize("text", ORDINARY)
def test_the_same_word_in_daily_life(look, text: str) -> None:
    assert not look(text).figures


def test_a_first_name_beside_a_compatriot_that_context_made_sure(look) -> None:
    text = "Amul-hoarding-type cartoon with Modi and Rahul pulling a giant kulfi from both ends"
    assert {"Narendra Modi", "Rahul Gandhi"} <= set(look(text).figures)


def test_a_voice_alone_makes_a_first_name_nobody_for_sure(look) -> None:
    assert not look("Rahul ki awaaz mein janamdin ki badhai").strong
    assert look("Rahul ki awaaz mein chunav ka bhashan").strong


@pytest.mark.parametrize("text", ["Bush with red berries, macro photo", "Bush in bloom, macro"])
def test_a_word_that_begins_a_sentence_is_nobody_for_sure(look, text: str) -> None:
    assert not look(text).strong
