"""Bytes that do not say what they are become the words that were written, by what makes words of them."""

from __future__ import annotations

from itertools import combinations

import pytest

from expertfinder.sources.encodings import NAMES, decoded, guessed, mended
from expertfinder.sources.lines import as_text, text_lines

SAID = {
    "cp1252": (
        "Jürgen Müßig – Säure „dosiert“",
        "Año nuevo: válvula de dosificación",
        "Réglage de la pompe à acide",
        "Målning av rør på Ærø",
    ),
    "cp1250": ("Kalibracja pompy dozującej do kwasów żrących", "Wymiana łożysk i uszczelek prądnicy"),
    "iso8859-2": ("Kalibracja pompy dozującej do kwasów żrących", "Wymiana łożysk i uszczelek prądnicy"),
    "cp850": ("Dosierpumpe für Säure kalibriert", "Ölstand täglich prüfen"),
    "mac_roman": ("Dosierpumpe für Säure kalibriert", "Ölstand täglich prüfen, Schläuche wechseln"),
    "cp1251": ("Калибровка дозирующего насоса для кислоты", "Замена подшипников генератора на стенде"),
    "koi8-r": ("Калибровка дозирующего насоса для кислоты", "Замена подшипников генератора на стенде"),
    "cp866": ("Калибровка дозирующего насоса для кислоты", "Замена подшипников генератора на стенде"),
    "cp1253": ("Βαθμονόμηση της αντλίας δοσομέτρησης οξέος", "Αλλαγή των ρουλεμάν της γεννήτριας"),
    "cp932": ("投薬ポンプを校正する", "発電機の軸受を交換しました"),
    "euc_jp": ("投薬ポンプを校正する", "発電機の軸受を交換しました"),
    "gb2312": ("校准加药泵的流量", "更换发电机的轴承和密封"),
    "big5": ("校準加藥泵的流量", "更換發電機的軸承和密封"),
    "cp949": ("산 투입 펌프를 교정합니다", "발전기의 베어링을 교체했다"),
}


@pytest.mark.parametrize("encoding", SAID)
def test_words_come_out_of_bytes_as_they_were_written(encoding: str) -> None:
    for one, other in combinations((*SAID[encoding], "ASCII only"), 2):
        text = f"{one}\nFixes #12, see ISO 9001.\n{other}"
        raw = text.encode(encoding)
        assert as_text(raw) == text
        assert decoded(raw, guessed(raw)) == text
    assert guessed(raw) in NAMES


@pytest.mark.parametrize("text", [line for lines in SAID.values() for line in lines])
def test_what_is_utf_8_stays_and_so_does_all_but_a_broken_byte(text: str) -> None:
    assert as_text(text.encode()) == text
    assert as_text(text.encode() + b" \xff") == f"{text} ÿ"


@pytest.mark.parametrize("text", ["Jürgen Müller", "Säure für Øl", "投薬ポンプ", "насос", "“dosiert” – 5 €"])
def test_a_text_that_was_read_in_the_wrong_encoding_and_written_again_is_mended(text: str) -> None:
    for encoding in ("latin-1", "cp1252"):
        try:
            wrong = text.encode().decode(encoding)
        except UnicodeDecodeError:
            continue
        assert mended(wrong) == text
    assert mended(text) == text


def test_a_table_is_read_in_one_encoding_which_is_said(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "people.csv"
    path.write_bytes("id;имя;отдел\n1;Иван Петров;Насосы\n2;Ли;ИТ\n".encode("cp1251"))
    told: list[str] = []
    lines = [line for _, line in text_lines(path, "", told=told.append)]
    assert lines == ["id;имя;отдел\n", "1;Иван Петров;Насосы\n", "2;Ли;ИТ\n"]
    assert set(told) == {"lines read as windows-1251, because they are not UTF-8"}
