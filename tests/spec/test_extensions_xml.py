"""The XML of the extensions keeps the schema and its habits, and the filters are those that servers know."""

import re
from pathlib import Path

import pytest
from lxml import etree

import amqp_spec
from amqp_spec import Described, Source, Symbol, ULong, decode_value, encode_value, identical

FOLDER = Path(__file__).parents[2] / "spec" / "amqp-1.0-xml" / "extensions"
FILES = sorted(FOLDER.glob("*.xml"))
NAMESPACE = "{http://www.amqp.org/schema/amqp.xsd}"
# 1.3.3: the domain of the standard is 0; what its committee adds later stands there too.
COMMITTEE = {"amqp:sql-filter", "amqp:properties-filter", "amqp:application-properties-filter"}


def elements(name: str) -> list[etree._Element]:
    return [found for file in FILES for found in etree.parse(file).getroot().iter(NAMESPACE + name)]


def test_there_is_a_file_for_each_kind() -> None:
    assert [file.stem for file in FILES] == ["azure", "filters", "rabbitmq"]
    for file in FILES:
        assert file.read_bytes().isascii()
        assert etree.parse(file).getroot().get("name") == file.stem


@pytest.mark.parametrize("kind", ["amqp", "section", "type", "choice", "definition"])
def test_everything_has_a_label_and_a_line_of_doc(kind: str) -> None:
    for element in elements(kind):
        docs = [child.text or "" for child in element if child.tag == NAMESPACE + "doc"]
        assert len(docs) == 1, element.get("name")
        assert re.fullmatch(r"[1-5](\.[1-9]\d*)*: [^\s.][^\n]*[^\s.]\.", docs[0]), docs[0]
        assert len(docs[0]) <= 140, docs[0]
        assert element.get("label", "").strip(), element.get("name")


def test_a_descriptor_is_in_the_domain_of_its_owner() -> None:
    for descriptor in elements("descriptor"):
        name, code = descriptor.get("name", ""), descriptor.get("code")
        assert name.startswith("amqp:") == (name in COMMITTEE)
        assert code is None or code.startswith("0x00000000:") == (name in COMMITTEE)


# Filter, its descriptor as a number (None: it has none), a value, and the symbol.
FILTERS: list[tuple[str, int | None, object, str]] = [
    ("SelectorFilter", 0x0000468C00000004, "color = 'red'", "apache.org:selector-filter:string"),
    ("NoLocalFilter", 0x0000468C00000003, [], "apache.org:no-local-filter:list"),
    ("NoLocalFilter", 0x0000468C00000003, "NoLocalFilter{}", "apache.org:no-local-filter:list"),
    ("SqlFilter", 0x120, "p.subject LIKE 'a%'", "amqp:sql-filter"),
    ("PropertiesFilter", 0x173, {Symbol("subject"): "&p:a"}, "amqp:properties-filter"),
    ("ApplicationPropertiesFilter", 0x174, {"k": 5}, "amqp:application-properties-filter"),
    ("StreamOffsetSpec", None, "first", "rabbitmq:stream-offset-spec"),
    ("StreamOffsetSpec", None, ULong(7), "rabbitmq:stream-offset-spec"),
    ("StreamFilter", None, ["a", "b"], "rabbitmq:stream-filter"),
    ("StreamMatchUnfiltered", None, True, "rabbitmq:stream-match-unfiltered"),
    ("SessionFilter", 0x0000001370000000 + 0xC, None, "com.microsoft:session-filter"),
]


@pytest.mark.parametrize(("name", "code", "value", "symbol"), FILTERS)
def test_a_filter_is_the_described_value_that_servers_know(
    name: str, code: int | None, value: object, symbol: str
) -> None:
    kind = getattr(amqp_spec, name)
    descriptor = Symbol(symbol) if code is None else ULong(code)
    expected = Described(descriptor, value)
    found = decode_value(kind(value).encode())
    assert identical(found.descriptor, descriptor)
    assert found == expected
    assert encode_value(kind(value)) == kind(value).encode()
    # 1.3.3: the symbol is as good as the number.
    for form in (descriptor, Symbol(symbol)):
        assert kind.decode(encode_value(Described(form, found.value))) == kind(found.value)


@pytest.mark.parametrize(("name", "code", "value", "symbol"), FILTERS)
def test_filters_of_a_source_become_their_classes(
    name: str, code: int | None, value: object, symbol: str
) -> None:
    made = getattr(amqp_spec, name)(value)
    data = Source(address="q", filter={Symbol(symbol): made}).encode()
    found = Source.decode(data).filter
    assert found is not None
    assert found[symbol] == made
    assert type(found[symbol]) is type(made)


def test_an_unknown_filter_stays_described() -> None:
    unknown = Described(Symbol("example.com:filter"), "x")
    found = Source.decode(Source(filter={"f": unknown}).encode()).filter
    assert found is not None
    assert identical(found["f"], unknown)


def test_names_of_azure() -> None:
    assert amqp_spec.AZURE_BATCH_FORMAT == 0x80013700
    assert str(amqp_spec.AzureErrorCondition.SERVER_BUSY) == "com.microsoft:server-busy"
    assert str(amqp_spec.AzureAnnotation.PARTITION_KEY) == "x-opt-partition-key"
    error = amqp_spec.Error(
        condition=amqp_spec.AzureErrorCondition.DEAD_LETTER, info={"DeadLetterReason": "x"}
    )
    assert amqp_spec.Error.decode(error.encode()).condition == amqp_spec.AzureErrorCondition.DEAD_LETTER
