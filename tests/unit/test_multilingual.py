"""The encoder for many languages: English vectors stay, other texts land near their translation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expertfinder.index.encoders.encoder import encoder

ENGLISH, MANY = encoder("static-minilm"), encoder("static-multilingual")
TEXTS = [
    "The pump in the boiler room leaks oil and has to be repaired.",
    "Who can check the invoice before the end of the month?",
    "The school needs new chairs for the children.",
    "The ship leaves the harbour at night.",
    "Our customers complain about the password of their account.",
    "The doctor explained the results of the blood test.",
]
TRANSLATED = [
    ("de", "Die Pumpe im Heizraum verliert Öl und muss repariert werden.", 0),
    ("fr", "Qui peut vérifier la facture avant la fin du mois ?", 1),
    ("es", "La escuela necesita sillas nuevas para los niños.", 2),
    ("it", "La nave lascia il porto di notte.", 3),
    ("pt", "Os nossos clientes queixam-se da palavra-passe da sua conta.", 4),
    ("nl", "De arts legde de uitslag van het bloedonderzoek uit.", 5),
    ("pl", "Kto może sprawdzić fakturę przed końcem miesiąca?", 1),
    ("ru", "Корабль покидает гавань ночью.", 3),
    ("uk", "Школі потрібні нові стільці для дітей.", 2),
    ("cs", "Loď opouští přístav v noci.", 3),
    ("tr", "Müşterilerimiz hesaplarının parolasından şikâyet ediyor.", 4),
    ("sv", "Läkaren förklarade resultatet av blodprovet.", 5),
    ("zh", "学校需要给孩子们新椅子。", 2),
    ("ja", "学校には子供たちのための新しい椅子が必要です。", 2),
    ("ko", "고객들이 계정 비밀번호에 대해 불평합니다.", 4),
]


def test_english_keeps_its_vector_to_the_bit() -> None:
    assert np.array_equal(MANY.encode(TEXTS), ENGLISH.encode(TEXTS))


@pytest.mark.parametrize(("language", "text", "right"), TRANSLATED, ids=[language for language, _, _ in TRANSLATED])
def test_a_text_in_another_language_is_nearest_to_its_english_translation(language: str, text: str, right: int) -> None:
    near = MANY.encode(TEXTS) @ MANY.encode([text])[0]
    assert int(near.argmax()) == right


def test_a_word_typed_without_its_accents_finds_the_accented_one() -> None:
    plain, accented = MANY.encode(["la verificacion de la instalacion", "la verificación de la instalación"])
    assert float(plain @ accented) > 0.99


def test_two_encoders_of_one_english_table_are_not_taken_for_each_other() -> None:
    assert (MANY.name, MANY.digest) != (ENGLISH.name, ENGLISH.digest)
    assert MANY.dimension == ENGLISH.dimension


pieces = st.sampled_from([*TEXTS, *(text for _, text, _ in TRANSLATED), "", "🦀", "Wartung " * 300, "กรุงเทพ", "C++"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=40), pieces), max_size=12))
def test_a_vector_has_length_one_or_is_zero_and_does_not_depend_on_its_company(batch: list[str]) -> None:
    vectors = MANY.encode(batch)
    assert vectors.shape == (len(batch), MANY.dimension)
    assert vectors.dtype == np.float32
    for text, vector in zip(batch, vectors, strict=True):
        assert np.array_equal(vector, MANY.encode([text])[0])
        length = float(np.linalg.norm(vector))
        assert length == 0.0 or abs(length - 1.0) < 1e-5
