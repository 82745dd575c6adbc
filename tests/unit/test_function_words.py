"""Which words of a question name its subject, and which language a text is in."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.configuration.resources import graph_folder
from expertfinder.index.posts.function_words import LONG, content_words, function_words
from expertfinder.index.posts.language import language_of
from expertfinder.index.posts.tokens import folded, tokenise


@pytest.mark.parametrize(
    "question",
    [
        "welding furnace",
        "who knows welding furnace",
        "Who knows about the welding furnace?",
        "Can anybody help me with our welding furnace please?",
        "I am looking for somebody who could explain the welding furnace",
        "Whom do I ask about a welding furnace?",
        "need an expert in welding furnace",
        "someone with experience in welding furnace",
    ],
)
def test_an_english_question_is_about_its_subject(question: str) -> None:
    assert content_words(question) == ["welding", "furnace"]


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Wer kennt sich mit Pumpen aus?", ["pumpen"]),
        ("Wartung der Pumpe", ["wartung", "pumpe"]),
        ("Qui peut m'aider avec la soudure ?", ["soudure"]),
        ("¿Quién sabe de soldadura?", ["soldadura"]),
        ("Chi si intende di saldatura?", ["saldatura"]),
        ("Quem percebe de soldadura?", ["soldadura"]),
        ("Wie weet iets van lassen?", ["lassen"]),
        ("Kto zna się na spawaniu?", ["spawaniu"]),
        ("Кто разбирается в сварке?", ["сварке"]),
        ("Kaynak konusunda kim bilgili?", ["kaynak"]),
        ("Hvem kender til svejsning?", ["svejsning"]),
        ("谁懂焊接？", ["焊接"]),
        ("溶接に詳しい人はいますか", ["溶接"]),
        ("용접 잘 아는 사람이 있나요?", ["용접"]),
    ],
)
def test_a_question_in_another_language_is_about_its_subject(question: str, subject: list[str]) -> None:
    assert content_words(question) == subject


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Who is responsible for IT?", ["IT"]),
        ("Is it open?", ["open"]),
        ("US tax", ["US", "tax"]),
        ("die casting", ["die", "casting"]),
        ("help desk", ["help", "desk"]),
        ("user experience", ["user", "experience"]),
        ("who knows C++", ["c++"]),
        ("C", ["c"]),
        ("who knows C", ["C"]),
    ],
)
def test_a_word_that_can_be_a_subject_stays(question: str, subject: list[str]) -> None:
    assert content_words(question) == subject


def test_a_question_of_nothing_but_function_words_keeps_them() -> None:
    assert content_words("To be, or not to be") == ["to", "be", "or", "not", "to", "be"]


@given(st.sampled_from(["en", "de", "fr", "es", "it", "pl", "ru"]), st.data())
def test_function_words_around_a_subject_change_nothing(language: str, data: st.DataObject) -> None:
    function = function_words().languages[language].function - function_words().also_english
    words = sorted(word for word in function if len(word) > 1)
    drawn = data.draw(st.lists(st.sampled_from(words), min_size=2, max_size=6))
    assert content_words(" ".join([*drawn, "zyxwv"])) == ["zyxwv"]


WAYS: dict[str, tuple[str, ...]] = {
    "en": ("Hi all, hope you are well! Who looks after the {} these days?", "list everyone who knows {}",
           "Good day, is there any chance somebody could get me started with {}?", "who should I reach out to for {}"),
    "de": ("Liebes Team, wer repariert {}? VG", "Dringende Hilfe gesucht: {}", "{} läuft nicht mehr, wer hilft?"),
    "fr": ("Chers collègues, qui gère {} ? Bonne journée", "{} ne marche plus, qui peut dépanner ?",
           "Bonjour, je recherche le référent pour {}"),
    "es": ("Hola a todos, ¿quién maneja {}?", "{} no funciona, ¿a quién llamo?", "¿Alguien sabría reparar {}?"),
    "it": ("Salve a tutti, chi gestisce {}?", "{} non funziona, chi posso chiamare?", "cerco il referente per {}"),
    "pt": ("Olá a todos, quem trata de {}?", "quem é o encarregado de {}?", "procuro especialistas em {}"),
    "nl": ("Hoi allemaal, wie gaat over {}?", "{} doet het niet, wie kan helpen?", "Wie zorgt voor {}? Groetjes"),
    "pl": ("Cześć wszystkim, kto obsługuje {}?", "{} nie działa, kto naprawi?", "Potrzebuję pomocy z {}"),
    "ru": ("Всем привет, кто занимается {}?", "{} не работает, кто починит?", "Нужна помощь с {}"),
    "uk": ("Привіт всім, хто займається {}?", "{} зламався, хто може полагодити?"),
    "cs": ("Ahoj všem, kdo se stará o {}?", "{} nefunguje, kdo opraví?"),
    "tr": ("Herkese merhaba, {} ile kim ilgileniyor?", "{} bozuldu, kim tamir edebilir?", "{} sorumlusu kim?"),
    "sv": ("Hej alla, vem tar hand om {}?", "{} fungerar inte, vem kan laga?"),
    "da": ("Hej alle, hvem tager sig af {}?", "{} virker ikke, hvem kan reparere?"),
    "ja": ("お疲れ様です、{}を担当している方いますか", "{}が壊れました、誰に連絡すればいいですか",
           "{}を直せる人を探しています"),
    "zh": ("大家好，谁会修{}？", "{}坏了，该联系谁？", "我想找懂{}的人"),
    "ko": ("안녕하세요, {} 담당자가 누구예요?", "{} 고장났어요 누가 도와주세요", "혹시 {} 써본 분 계세요?"),
}  # fmt: skip
"""How people ask, a few ways each language."""
THINGS = {
    "ja": ("溶接機", "リフロー"),
    "zh": ("焊接机", "回流焊炉"),
    "ko": ("용접기", "리플로우"),
    "ru": ("криоклапан",),
}


@pytest.mark.parametrize("language", WAYS)
def test_ways_of_asking_leave_the_subject_alone(language: str) -> None:
    for way in WAYS[language]:
        for thing in THINGS.get(language, ("tensiometer", "Kryoventil", "zyklotron")):
            assert content_words(way.replace("{}", thing)) == content_words(thing), way


def test_a_long_question_loses_the_classic_list_alone() -> None:
    long = "the furnace of our plant does not reach its temperature and we would like to know who could help " * 2
    assert len(tokenise(long)) >= LONG
    assert {"know", "its", "would"} <= set(content_words(long))
    assert not {"the", "of", "and"} & set(content_words(long))


def test_the_lists_are_written_as_the_tokeniser_folds_them() -> None:
    raw = tomllib.loads((graph_folder() / "function_words.toml").read_text(encoding="utf-8"))
    lists = {
        name: [word for words in lists.values() for word in words]
        for name, lists in raw.items()
        if name != "also_english"
    }
    assert len(lists) >= 20
    for name, words in lists.items():
        assert all(words), name
        assert all(folded(word) for word in words), name


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The pump has to be repaired before the end of the month.", "en"),
        ("Die Pumpe muss vor dem Ende des Monats repariert werden.", "de"),
        ("La pompe doit être réparée avant la fin du mois.", "fr"),
        ("La bomba tiene que ser reparada antes del fin de mes.", "es"),
        ("La pompa deve essere riparata prima della fine del mese.", "it"),
        ("A bomba tem de ser reparada antes do fim do mês.", "pt"),
        ("De pomp moet voor het einde van de maand worden gerepareerd.", "nl"),
        ("Pompa musi zostać naprawiona przed końcem miesiąca, bo nie działa.", "pl"),
        ("Насос нужно починить до конца месяца, потому что он не работает.", "ru"),
        ("Čerpadlo musí být opraveno do konce měsíce, protože nefunguje.", "cs"),
        ("ポンプは月末までに修理しなければなりません。", "ja"),
        ("水泵必须在月底前修好。", "zh"),
        ("펌프는 월말까지 수리해야 합니다.", "ko"),
        ("4711 x-17", ""),
        ("", ""),
    ],
)
def test_a_text_tells_its_language_or_nothing_does(text: str, language: str) -> None:
    assert language_of(text) == language
