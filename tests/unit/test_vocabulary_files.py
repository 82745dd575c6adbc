"""Vocabularies as they are read: SKOS in both forms and tables, and what is wrong with one, said once and exactly."""

from __future__ import annotations

import socket
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.errors import SourceError
from expertfinder.ingest import concepts as module
from expertfinder.ingest.concepts import read_vocabulary
from expertfinder.store.statements.concepts import Concept

TURTLE = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ef: <urn:expertfinder:> .
<urn:t:weld> a skos:Concept ; skos:prefLabel "Welding"@en , "Schweißen"@de ; skos:altLabel "arc  welding"@en ;
  skos:hiddenLabel "weldng"@en ; ef:halfLife "lasting" .
<urn:t:tig> skos:prefLabel "TIG" ; skos:broader <urn:t:weld> .
<urn:t:mig> skos:prefLabel "MIG"@en ; ef:hide true .
<urn:t:weld> skos:narrower <urn:t:mig> .
<urn:t:old> a skos:Concept ; skos:prefLabel "Old"@en ; <http://www.w3.org/2002/07/owl#deprecated> true .
<urn:t:scheme> a skos:ConceptScheme ; skos:prefLabel "All of it"@en .
"""
XML = """\
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#"
  xmlns:xl="http://www.w3.org/2008/05/skos-xl#" xmlns:ef="urn:expertfinder:">
<skos:Concept rdf:about="urn:t:weld"><skos:prefLabel xml:lang="en">Welding</skos:prefLabel>
<xl:prefLabel><xl:Label><xl:literalForm xml:lang="de">Schweißen</xl:literalForm></xl:Label></xl:prefLabel>
<skos:altLabel xml:lang="en">arc welding</skos:altLabel><skos:hiddenLabel xml:lang="en">weldng</skos:hiddenLabel>
<ef:halfLife>lasting</ef:halfLife></skos:Concept>
<skos:Concept rdf:about="urn:t:tig"><skos:prefLabel>TIG</skos:prefLabel><skos:broader rdf:resource="urn:t:weld"/>
</skos:Concept>
<skos:Concept rdf:about="urn:t:mig"><skos:prefLabel xml:lang="en">MIG</skos:prefLabel><ef:hide>true</ef:hide>
<skos:broader rdf:resource="urn:t:weld"/></skos:Concept>
</rdf:RDF>
"""
TABLE = """\
id;label;label_de;alias;broader;hide;half_life
urn:t:weld;Welding;Schweißen;arc welding|weldng;;;lasting
urn:t:tig;TIG;;;Welding;no;
urn:t:mig;MIG;;;urn:t:weld;yes;
"""
FOUND = [
    Concept(id="urn:t:mig", labels=("MIG@en",), broader=("urn:t:weld",), hidden=True),
    Concept(id="urn:t:tig", labels=("TIG@",), broader=("urn:t:weld",)),
    Concept(
        id="urn:t:weld",
        labels=("Schweißen@de", "Welding@en"),
        aliases=("arc welding@en", "weldng@en"),
        half_life="lasting",
    ),
]


def test_one_vocabulary_is_the_same_in_turtle_in_xml_and_in_a_table() -> None:
    assert read_vocabulary("v.ttl", TURTLE.encode()) == FOUND
    assert read_vocabulary("v.rdf", XML.encode()) == FOUND
    table = read_vocabulary("v.csv", TABLE.encode("utf-8-sig"))
    assert [replace(one, labels=tuple(sorted(one.labels))) for one in table] == [
        replace(one, labels=("TIG@en",)) if one.id == "urn:t:tig" else one for one in FOUND
    ]


def test_a_table_of_esco_is_read_as_it_is() -> None:
    body = 'conceptType,conceptUri,preferredLabel,altLabels,status\nSkill,urn:e:1,Schweißen,"Löten\nFügen",ok\n'
    (one,) = read_vocabulary("skills_de.csv", body.encode(), language="de")
    assert one == Concept(id="urn:e:1", labels=("Schweißen@de",), aliases=("Löten@de", "Fügen@de"))


WRONG = {
    ("v.txt", "x"): "v.txt: a vocabulary is SKOS",
    ("v.csv", ""): "v.csv: it has no concept",
    ("v.csv", "name\nx\n"): "v.csv, line 1, field name: 'name' is no column",
    ("v.csv", "id\nx\n"): "v.csv, line 1, field label: it has no column label",
    ("v.csv", "label,alias\na,b\n,c\n"): "v.csv, line 3, field label: it has no label",
    ("v.csv", "label\na\na\n"): "v.csv, line 3, field id: 'a' is there twice",
    ("v.csv", "label\na,b\n"): "v.csv, line 2: it has 2 cells, and there are 1",
    ("v.csv", "label,hide\na,perhaps\n"): "v.csv, line 2, field hide: 'perhaps' is neither",
    ("v.csv", "label,half_life\na,long\n"): "v.csv, line 2, field half_life: 'long' is none of lasting",
    ("v.csv", "label,broader\na,b\n"): "v.csv, field broader: the concept 'a': there is no concept 'b'",
    ("v.csv", "label\n...\n"): "v.csv, field label: the concept '...'",
    ("v.csv", 'label\n"a\n'): "v.csv, line 2: this is no row",
    ("v.ttl", "<a> <b> ."): "v.ttl, line 1: this is no Turtle",
    ("v.ttl", "\n\n@prefix x <y>"): "v.ttl, line 3: this is no Turtle",
    ("v.ttl", TURTLE + "<urn:t:x> <http://www.w3.org/2004/02/skos/core#prefLabel> <urn:y> ."): "'urn:y' is no text",
    ("v.ttl", TURTLE.replace('"Welding"@en ,', '"Welding"@en , "Weld"@en ,')): "several preferred labels in 'en'",
    ("v.ttl", TURTLE.replace("lasting", "long")): "v.ttl, field half_life: the concept 'urn:t:weld': 'long'",
    ("v.ttl", TURTLE + "<urn:t:x> a skos:Concept ."): "v.ttl, field prefLabel: the concept 'urn:t:x': it has no label",
    ("v.rdf", "<a>"): "v.rdf, line 1: this is no RDF/XML",
    ("v.rdf", '<!DOCTYPE r [<!ENTITY s "x">]>' + XML): "v.rdf: it declares entities",
    ("v.rdf", '<!DOCTYPE r SYSTEM "http://a.example/x.dtd">' + XML): "v.rdf: it declares entities",
}


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_what_is_wrong_is_said_once_with_its_place(name: str, text: str) -> None:
    with pytest.raises(SourceError) as error:
        read_vocabulary(name, text.encode())
    assert WRONG[name, text] in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_utf_8_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match=r"line 2: this is no UTF-8"):
        read_vocabulary("v.csv", b"label\n\xff\n")
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    with pytest.raises(SourceError, match=r"11 bytes, and 10 are read"):
        read_vocabulary("v.csv", b"label\nabcde")


def test_nothing_is_asked_of_the_network_while_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a vocabulary asked the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    imports = "\n<urn:o> <http://www.w3.org/2002/07/owl#imports> <http://a.example/more.ttl> .\n"
    assert read_vocabulary("v.ttl", (TURTLE + imports).encode()) == FOUND
    about = XML.replace("</rdf:RDF>", '<rdf:Description rdf:about="urn:o"><o:imports xmlns:o="http://www.w3.org/2002/07/'
                        'owl#" rdf:resource="http://a.example/more.rdf"/></rdf:Description></rdf:RDF>')  # fmt: skip
    assert read_vocabulary("v.rdf", about.encode()) == FOUND


@given(st.binary(max_size=80), st.sampled_from(["v.csv", "v.tsv", "v.ttl", "v.rdf"]))
def test_no_bytes_are_answered_by_anything_but_concepts_or_one_error(body: bytes, name: str) -> None:
    try:
        found = read_vocabulary(name, body)
    except SourceError as error:
        assert str(error).startswith(name)
    else:
        assert all(one.labels for one in found)


def test_the_order_of_a_file_says_nothing() -> None:
    head, *rows = TABLE.strip().split("\n")
    orders = {tuple(read_vocabulary("v.csv", "\n".join([head, *some]).encode())) for some in permutations(rows)}
    assert len(orders) == 1
