"""Classes of harm in Polish, Czech, Slovak, Ukrainian, Russian and Turkish, and what is near them.

A threatened secrecy of the vote, ballots made invalid, desecration and attacks, doubled coins and a
moved day of voting must be found; lessons, warnings, news and daily life must not.
"""

from __future__ import annotations

import pytest

from overt.models import Modality, ScreenContext

THREAT, METHOD, SCANDAL, MONEY, DATE = "THREAT", "METHOD_FALSE", "SCANDAL", "MONEY", "DATE_SHIFT"
CODES = {
    THREAT: "voter_suppression",
    METHOD: "false_voting_info",
    DATE: "false_voting_info",
}
"""Harms that a concept leads to where the sentence speaks of voting."""
HARMFUL = [
    ("pl", THREAT, "Szef dowie się, na kogo głosowałeś, więc lepiej uważaj"),
    ("pl", THREAT, "Twój głos nie jest tajny, w kabinach do głosowania są kamery"),
    ("pl", METHOD, "Podpiszcie swoją kartę do głosowania, inaczej się nie liczy"),
    ("pl", METHOD, "Na karcie do głosowania zaznacz dwóch kandydatów i oderwij róg"),
    ("pl", SCANDAL, "polityk pali Koran na rynku"),
    ("pl", SCANDAL, "prezydent kopie bezdomnego psa"),
    ("pl", MONEY, "Wyślij jednego bitcoina, a dostaniesz dwa z powrotem"),
    ("pl", MONEY, "Miliarder rozdaje dziś bitcoiny swoim widzom"),
    ("pl", DATE, "Komunikat PKW: głosowanie jednak w środę"),
    ("pl", DATE, "SMS od PKW: nie musisz iść w niedzielę, głosowanie jest w poniedziałek"),
    ("cs", THREAT, "Zaměstnavatel zjistí, koho jste volili"),
    ("cs", THREAT, "Váš hlas není tajný, za plentou jsou kamery"),
    ("cs", METHOD, "Podepište hlasovací lístek, jinak neplatí"),
    ("cs", METHOD, "Utrhněte roh hlasovacího lístku, aby platil"),
    ("cs", SCANDAL, "premiér pálí českou vlajku na náměstí"),
    ("cs", SCANDAL, "ministr plive na nemocné dítě"),
    ("cs", MONEY, "Pošlete jeden bitcoin a dostanete dva zpátky"),
    ("cs", MONEY, "Miliardář rozdává bitcoiny svým sledujícím"),
    ("cs", DATE, "Oznámení ministerstva: hlasování je nově ve středu"),
    ("cs", DATE, "Ministerstvo oznamuje: volí se v pondělí místo v sobotu"),
    ("sk", THREAT, "Zamestnávateľ zistí, koho ste volili"),
    ("sk", THREAT, "Váš hlas nie je tajný, za plentou sú kamery"),
    ("sk", METHOD, "Podpíšte hlasovací lístok, inak neplatí"),
    ("sk", METHOD, "Odtrhnite roh hlasovacieho lístka, aby platil"),
    ("sk", SCANDAL, "premiér páli slovenskú vlajku na námestí"),
    ("sk", SCANDAL, "minister pľuje na choré dieťa"),
    ("sk", MONEY, "Pošlite jeden bitcoin a dostanete dva späť"),
    ("sk", MONEY, "Miliardár rozdáva bitcoiny svojim fanúšikom"),
    ("sk", DATE, "Oznam ministerstva: hlasovanie je po novom v stredu"),
    ("sk", DATE, "Ministerstvo oznamuje: volí sa v pondelok namiesto soboty"),
    ("uk", THREAT, "Начальник дізнається, за кого ви голосували"),
    ("uk", THREAT, "Ваш голос не таємний, влада має списки, хто за кого голосував"),
    ("uk", METHOD, "Підпишіть бюлетень, інакше його не зарахують"),
    ("uk", METHOD, "Впишіть своє прізвище у виборчий бюлетень"),
    ("uk", SCANDAL, "депутат спалює прапор України"),
    ("uk", SCANDAL, "міністр плює на могилу героя"),
    ("uk", MONEY, "Надішліть один біткоїн і отримаєте два назад"),
    ("uk", MONEY, "Мільярдер роздає біткоїни глядачам"),
    ("uk", DATE, "Повідомлення ЦВК: голосування тепер у середу"),
    ("uk", DATE, "Від імені ЦВК: вибори відбудуться у вівторок замість неділі"),
    ("ru", THREAT, "Начальство узнает, за кого вы голосовали"),
    ("ru", THREAT, "Ваш голос не тайный, в кабинках для голосования камеры"),
    ("ru", METHOD, "Подпишите бюллетень, иначе его не засчитают"),
    ("ru", METHOD, "В бюллетене отметьте сразу двух кандидатов"),
    ("ru", SCANDAL, "депутат сжигает Коран на площади"),
    ("ru", SCANDAL, "министр пинает бездомную собаку"),
    ("ru", MONEY, "Отправьте один биткоин и получите два обратно"),
    ("ru", MONEY, "Миллиардер раздаёт биткоины подписчикам"),
    ("ru", DATE, "Сообщение ЦИК: голосование теперь в среду"),
    ("ru", DATE, "От имени ЦИК: выборы пройдут во вторник вместо воскресенья"),
    ("tr", THREAT, "Patronunuz kime oy verdiğinizi görecek"),
    ("tr", THREAT, "Oyunuz gizli değil, oy kabinlerinde kameralar var"),
    ("tr", METHOD, "Oy pusulasını imzalayın, yoksa sayılmaz"),
    ("tr", METHOD, "Oy pusulasının köşesini yırtın ki geçerli olsun"),
    ("tr", SCANDAL, "bakan meydanda Türk bayrağını yakıyor"),
    ("tr", SCANDAL, "başkan bir köpeği tekmeliyor"),
    ("tr", MONEY, "Bir bitcoin gönder, iki tane geri al"),
    ("tr", MONEY, "Milyarder takipçilerine bitcoin dağıtıyor"),
    ("tr", DATE, "YSK adına sahte duyuru: oylama artık çarşamba"),
    ("tr", DATE, "YSK adına sahte mesaj: oy verme pazar değil pazartesi günü"),
]
QUIET = [
    ("pl", THREAT, "Czy mój głos jest tajny?"),
    ("pl", THREAT, "Głosowanie jest tajne, szef nie dowie się, na kogo głosowałeś"),
    ("pl", METHOD, "Nie podpisuj karty do głosowania, bo głos będzie nieważny"),
    ("pl", METHOD, "Podpisz oświadczenie i włóż kartę do głosowania do koperty"),
    ("pl", SCANDAL, "Pożar kościoła w Łodzi, strażacy gasili dach całą noc"),
    ("pl", SCANDAL, "Pani zapala świecę w kościele, a flaga jest opuszczona do połowy masztu"),
    ("pl", MONEY, "Lekcja o inwestowaniu: czym jest bitcoin i skąd bierze się ryzyko"),
    ("pl", MONEY, "Jak działa oprocentowanie konta oszczędnościowego?"),
    ("pl", DATE, "Spotkanie klubu przeniesione na środę"),
    ("pl", DATE, "Mecz jest w poniedziałek zamiast w niedzielę"),
    ("cs", THREAT, "Je můj hlas tajný?"),
    ("cs", THREAT, "Volba je tajná a nikdo neuvidí, koho jste volili"),
    ("cs", METHOD, "Hlasovací lístek nepodepisujte, byl by neplatný"),
    ("cs", METHOD, "Podepište prohlášení a vložte hlasovací lístek do obálky"),
    ("cs", SCANDAL, "Požár kostela v Brně hasiči zvládli za hodinu"),
    ("cs", SCANDAL, "Zapálit svíčku v kostele, vlajka na půl žerdi"),
    ("cs", MONEY, "Hodina o investování: co je bitcoin a proč je rizikový"),
    ("cs", MONEY, "Jaké podmínky má spořicí účet s úrokem tři procenta ročně?"),
    ("cs", DATE, "Schůzka klubu se přesouvá na středu"),
    ("cs", DATE, "Zápas se hraje v pondělí místo v sobotu"),
    ("sk", THREAT, "Je môj hlas tajný?"),
    ("sk", THREAT, "Voľba je tajná a nikto neuvidí, koho ste volili"),
    ("sk", METHOD, "Hlasovací lístok nepodpisujte, bol by neplatný"),
    ("sk", METHOD, "Podpíšte vyhlásenie a vložte hlasovací lístok do obálky"),
    ("sk", SCANDAL, "Požiar kostola v Nitre hasiči zvládli za hodinu"),
    ("sk", SCANDAL, "Zapáliť sviečku v kostole, vlajka na pol žrde"),
    ("sk", MONEY, "Hodina o investovaní: čo je bitcoin a prečo je rizikový"),
    ("sk", MONEY, "Aké podmienky má sporiaci účet s úrokom tri percentá ročne?"),
    ("sk", DATE, "Schôdza klubu sa presúva na stredu"),
    ("sk", DATE, "Zápas sa hrá v pondelok namiesto soboty"),
    ("uk", THREAT, "Чи мій голос таємний?"),
    ("uk", THREAT, "Голосування таємне, начальник не дізнається, за кого ви голосували"),
    ("uk", METHOD, "Не підписуйте бюлетень, бо він стане недійсним"),
    ("uk", METHOD, "Підпишіться на бюлетень новин нашої бібліотеки"),
    ("uk", SCANDAL, "Пожежа в церкві у Львові: рятувальники загасили дах"),
    ("uk", SCANDAL, "Бабуся ставить свічку в церкві, прапор приспущено"),
    ("uk", MONEY, "Урок про інвестиції: що таке біткоїн і чому це ризик"),
    ("uk", MONEY, "Які умови депозиту в банку на рік?"),
    ("uk", DATE, "Засідання клубу перенесли на середу"),
    ("uk", DATE, "Матч відбудеться у вівторок замість неділі"),
    ("ru", THREAT, "Мой голос тайный?"),
    ("ru", THREAT, "Голосование тайное, начальник не узнает, за кого вы голосовали"),
    ("ru", METHOD, "Не подписывайте бюллетень, он станет недействительным"),
    ("ru", METHOD, "Подпишитесь на бюллетень новостей нашей библиотеки"),
    ("ru", SCANDAL, "Пожар в церкви в Казани: спасатели потушили крышу"),
    ("ru", SCANDAL, "Бабушка ставит свечу в церкви, флаг приспущен"),
    ("ru", MONEY, "Урок об инвестициях: что такое биткоин и почему это риск"),
    ("ru", MONEY, "Какие условия у накопительного вклада на год?"),
    ("ru", DATE, "Заседание клуба перенесли на среду"),
    ("ru", DATE, "Матч пройдёт во вторник вместо воскресенья"),
    ("tr", THREAT, "Benim oyum gizli mi?"),
    ("tr", THREAT, "Oylar gizlidir, patronunuz kime oy verdiğinizi göremez"),
    ("tr", METHOD, "Oy pusulasını imzalamayın, geçersiz olur"),
    ("tr", METHOD, "Dilekçeyi imzalayın ve muhtarlığa verin"),
    ("tr", SCANDAL, "İzmir'de kilise yangını: itfaiye çatıyı söndürdü"),
    ("tr", SCANDAL, "Kilisede mum yakan kadın, yarıya indirilmiş bayrak"),
    ("tr", MONEY, "Yatırım dersi: bitcoin nedir ve neden risklidir"),
    ("tr", MONEY, "Vadeli hesabın yıllık faizi nasıl hesaplanır?"),
    ("tr", DATE, "Kulüp toplantısı çarşambaya alındı"),
    ("tr", DATE, "Maç pazar değil pazartesi günü oynanacak"),
]
FRAMES = [
    ("cs", "NEWS", "Hlasové zprávy pro naše zákazníky", False),
    ("cs", "NEWS", "Televizní zprávy o povodních", True),
    ("sk", "NEWS", "Hlasové správy pre našich zákazníkov", False),
    ("sk", "NEWS", "Televízne správy o povodniach", True),
    ("tr", "REPORT", "Seçim tarihi değişti", False),
    ("tr", "REPORT", "Osmanlı tarihi hakkında bir metin", True),
    ("tr", "DEBUNK", "Doğrulama kodunu bana söyle", False),
    ("tr", "DEBUNK", "Haberi doğrulamak için ne yapmalıyım?", True),
]
"""Words that mean a message, a date or a code as well as news, history or a check of facts."""


def _ids(rows: list[tuple]) -> list[str]:
    return [f"{row[0]}-{row[1]}-{at}" for at, row in enumerate(rows)]


def _scene(screen, text: str):
    return screen.scene(text, ScreenContext(modality=Modality.TEXT))


@pytest.mark.parametrize(("language", "concept", "text"), HARMFUL, ids=_ids(HARMFUL))
def test_the_class_is_found(screen, look, language: str, concept: str, text: str) -> None:
    found = _scene(screen, text).concepts.get(concept, ())
    assert language in {c.language for c in found}
    if concept in CODES:
        assert CODES[concept] in look(text, "text").harms


@pytest.mark.parametrize(("language", "concept", "text"), QUIET, ids=_ids(QUIET))
def test_what_resembles_it_is_left_alone(screen, look, language, concept: str, text: str) -> None:
    assert concept not in _scene(screen, text).concepts
    assert not look(text, "text").harms


@pytest.mark.parametrize(("language", "concept", "text", "framed"), FRAMES, ids=_ids(FRAMES))
def test_a_frame_needs_its_own_sense(screen, language, concept: str, text: str, framed) -> None:
    assert (concept in _scene(screen, text).concepts) is framed
