"""Changed XML gives working code: rendered, imported in a process of its own, and round-tripped there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.__main__ import main
from tests.codegen.broken import Copy

# What holds however the XML was changed below.
ALWAYS = """
import sys
sys.path.insert(0, sys.argv[1])
import amqp_spec as a
values = [1, True, False, [], {}, a.UInt(0), a.UInt(5), a.UInt(300), a.UInt(70000), a.ULong(0), a.ULong(7), "s",
          a.Symbol("y"), a.Array("uint", [1, 2]), a.Array("string", ["x"]), 0, a.Long(9), a.Long(70000),
          a.Array("boolean", [True] * 2), a.Array("boolean", [True] * 700), "x" * 300, a.Symbol("y" * 300)]
assert a.identical(a.decode_value(a.encode_value(values)), a.decode_value(a.encode_value(a.Map({1: values})))[1])
opened = a.Open(container_id="xxx", properties={"k": 1})
flow = a.Flow(incoming_window=1, next_outgoing_id=300, outgoing_window=70000, properties={"a": 1})
transfer = a.Transfer(handle=0, delivery_id=1, delivery_tag=b"x", more=True, state=a.Modified(delivery_failed=True))
for value in (opened, flow, transfer):
    data = value.encode()
    assert a.decode_frame(data + b"xx") == (value, len(data)), value
for value in (a.Header(durable=True, ttl=5), a.Properties(message_id="x", to="y", content_type="t", user_id=b"z")):
    data = value.encode()
    assert a.decode_section(data, 0, len(data)) == (value, len(data)), value
assert a.SaslMechanisms.decode(a.SaslMechanisms(sasl_server_mechanisms=("A",)).encode()).sasl_server_mechanisms == ("A",)
"""

SECTION = """<type name="trace" class="composite" source="list" provides="section">
<descriptor name="amqp:trace:list" code="0x00000000:0x00000079"/>
<field name="id" type="uuid" mandatory="true"/><field name="hops" type="list"/>
<field name="rate" type="double" default="1.5"/><field name="at" type="timestamp"/><field name="letter" type="char"/>
<field name="ratio" type="float"/><field name="row" type="array"/><field name="price" type="decimal64"/>
<field name="class" type="string" default="a&quot;b\\c"/><field name="any" type="*"/>
<field name="some" type="*" mandatory="true"/><field name="low" type="long" default="-5"/>
<field name="count" type="int"/><field name="data" type="binary" multiple="true"/></type>
<type name="footer\""""

GRADES = """<type name="grade" class="restricted" source="ushort"><choice name="a" value="1"/><choice name="b" value="300"/></type>
<type name="again" class="restricted" source="grade"/>
<type name="word" class="restricted" source="string"><choice name="none" value="x y"/></type>
<type name="seconds" class="restricted" source="uint\""""

# Name -> part, pattern, replacement; then what must hold besides.
VARIATIONS: dict[str, tuple[list[tuple[str, str, str]], str]] = {
    "encodings removed": (
        [
            ("types", rf'<encoding name="{name}".*?</encoding>', "")
            for name in (
                "str8-utf8",
                "sym8",
                "smalluint",
                "uint0",
                "smallulong",
                "list8",
                "map8",
                "array8",
                "true",
                "false",
            )
        ],
        (
            "assert a.encode_value('s') == bytes.fromhex('b1 00000001 73')\n"
            "assert a.encode_value(True) == bytes.fromhex('5601')\n"
            "assert a.Accepted().encode() == bytes.fromhex('00 80 0000000000000024 45')\n"
        ),
    ),
    "encodings added": (
        [
            (
                "types",
                '<encoding name="smallint"',
                '<encoding name="int0" code="0x46" category="fixed" width="0"/><encoding name="smallint"',
            ),
            (
                "types",
                '<encoding name="smalluint"',
                '<encoding name="uint16" code="0x62" category="fixed" width="2"/><encoding name="smalluint"',
            ),
            (
                "types",
                '<encoding name="smalllong"',
                '<encoding name="long32" code="0x76" category="fixed" width="4"/><encoding name="smalllong"',
            ),
        ],
        (
            "assert a.encode_value(0) == b'\\x46' and a.identical(a.decode_value(b'\\x46'), 0)\n"
            "assert a.encode_value(a.UInt(300)) == bytes.fromhex('62012c')\n"
            "assert a.encode_value(a.Long(-70000)) == bytes.fromhex('76fffeee90')\n"
            "assert list(a.decode_value(bytes.fromhex('e0 06 02 62 0001 0002'))) == [1, 2]\n"
        ),
    ),
    "a section added": (
        [("messaging", '<type name="footer"', SECTION)],
        (
            "import uuid\n"
            "x = a.Trace(id=uuid.UUID(int=5), some=[1], hops=[1], at=5, letter=a.Char('x'), ratio=a.Float(1.5), count=4,\n"
            "            row=a.Array('int', [1]), price=a.Decimal64(1), any=a.UInt(4), data=(b'x', b'y'))\n"
            "assert a.identical(a.Trace.decode(x.encode()), x) and a.decode_section(x.encode(), 0, len(x.encode()))[0] == x\n"
            "assert (x.class_, x.rate, x.low) == ('a\"b\\\\c', 1.5, -5) and 0x79 in a.SECTION_ORDER\n"
        ),
    ),
    "other types for an address": (
        [
            (
                "messaging",
                '<type name="address-string"',
                (
                    '<type name="address-list" class="restricted" source="list" provides="address"/>'
                    '<type name="address-map" class="restricted" source="map" provides="address"/>'
                    '<type name="address-named" class="restricted" source="symbol" provides="address">'
                    '<descriptor name="x:y" code="0x1:0x2"/></type><type name="address-string"'
                ),
            )
        ],
        (
            "x = a.Properties(to=['a', 1], reply_to=a.AddressNamed('q'))\n"
            "assert a.Properties.decode(x.encode()) == x\n"
            "assert a.Properties.decode(a.Properties(to={1: 2}).encode()).to == {1: 2}\n"
        ),
    ),
    "choices of other types": (
        [
            ("transport", '<type name="seconds" class="restricted" source="uint"', GRADES),
            (
                "transport",
                '<field name="hostname" type="string"',
                (
                    '<field name="g" type="grade" default="b"/><field name="h" type="again" multiple="true"/>'
                    '<field name="w" type="word" default="x y"/><field name="hostname" type="string"'
                ),
            ),
        ],
        (
            "x = a.Open(container_id='x', g=a.Grade.A, h=(a.Grade.A, a.Grade.B))\n"
            "assert a.Open.decode(x.encode()) == x and x.w is a.Word.NONE and str(x.w) == 'x y'\n"
        ),
    ),
    "a wide descriptor, a field removed, a field retyped": (
        [
            ("transport", "0x00000000:0x00000013", "0x00000001:0x00000013"),
            ("transport", r'<field name="incoming-locales".*?</field>', ""),
            ("transport", 'name="channel-max" type="ushort"', 'name="channel-max" type="uint"'),
        ],
        (
            "assert not hasattr(a.Open(container_id='x'), 'incoming_locales')\n"
            "assert a.Open.decode(a.Open(container_id='x', channel_max=70000).encode()).channel_max == 70000\n"
            "assert flow.encode()[:10] == bytes.fromhex('00 80 0000000100000013')\n"
        ),
    ),
    "outcomes with a symbol alone": (
        [
            (
                "messaging",
                '<type name="released"',
                (
                    '<type name="parked" class="composite" source="list" provides="outcome, delivery-state">'
                    '<descriptor name="example.com:parked:list"/><field name="why" type="string"/></type>'
                    '<type name="noted" class="restricted" source="string" provides="outcome, delivery-state">'
                    f'<descriptor name="example.com:{"n" * 300}"/></type>'
                    '<type name="released"'
                ),
            )
        ],
        (
            "assert a.Parked.DESCRIPTOR == a.Parked.SYMBOL and type(a.Parked.DESCRIPTOR) is a.Symbol\n"
            "assert a.Parked().encode() == bytes.fromhex('00 a3 17') + b'example.com:parked:list' + b'\\x45'\n"
            "for state in (a.Parked(why='x'), a.Noted('y')):\n"
            "    t = a.Transfer(handle=0, state=state)\n"
            "    assert a.decode_frame(t.encode())[0] == t and type(state).decode(state.encode()) == state\n"
            "assert a.peek_descriptor(a.Parked().encode(), 0, 27)[0] is None\n"
        ),
    ),
    "a type that holds itself": (
        [
            (
                "messaging",
                '<field name="undeliverable-here"',
                '<field name="inner" type="*" requires="outcome"/><field name="undeliverable-here"',
            )
        ],
        (
            "m = a.Modified()\n"
            "for _ in range(70): m = a.Modified(inner=m)\n"
            "try: a.Modified.decode(m.encode())\n"
            "except a.DecodeError as error: assert 'nested deeper' in str(error)\n"
            "else: raise AssertionError\n"
            "loop = a.Modified(); loop.inner = loop\n"
            "try: loop.encode()\n"
            "except a.EncodeError as error: assert 'inside itself' in str(error)\n"
            "else: raise AssertionError\n"
            "assert repr(loop) == 'Modified(inner=...)'\n"
        ),
    ),
    "names and texts that Python writes otherwise": (
        [
            (
                "transport",
                '<type name="seconds"',
                (
                    '<type name="none" class="restricted" source="uint"/>'
                    '<type name="a.b" class="composite" source="list"><descriptor name="x:y" code="0x1:0x1"/>'
                    '<field name="c.d" type="string" default="e&#10;f&#x2028;"/></type><type name="seconds"'
                ),
            ),
            (
                "transport",
                '<definition name="MINOR"',
                '<definition name="A.b" value="c&#10;d"/><definition name="MINOR"',
            ),
        ],
        (
            "assert a.None_ is int and a.A_B == 'c\\nd'\n"
            "assert a.AB().c_d == 'e\\nf\\u2028' and a.AB.decode(a.AB(c_d='x').encode()).c_d == 'x'\n"
        ),
    ),
    "a doc with quotes": (
        [("transport", "2.7.1: The largest frame", "2.7.1: \\\\N{x} &quot;&quot;&quot; {{ x }} The &quot;")],
        "",
    ),
}


@pytest.mark.parametrize("name", VARIATIONS)
def test_variation(name: str, tmp_path: Path) -> None:
    changes, program = VARIATIONS[name]
    copy = Copy.into(tmp_path / "amqp")
    for part, pattern, new in changes:
        text = copy.path(part).read_text()
        changed = re.sub(pattern, new.replace("\\", "\\\\"), text, count=1, flags=re.DOTALL)
        assert changed != text, pattern
        copy.path(part).write_text(changed)
    assert main(["--spec", str(copy.folder), "--out", str(tmp_path / "out")]) == 0
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", ALWAYS + program, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
