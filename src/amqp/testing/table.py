"""The composites of the standard with their codes and fields in order, copied by hand: nothing here is generated."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

__all__ = ["ALIASES", "BY_DESCRIPTOR", "CHOICES", "FORMS", "SHORT", "Field", "Form"]


class Field(NamedTuple):
    """A field: its name in snake_case, its type (``[]`` behind it: several), and the value that absence means."""

    name: str
    type: str
    default: Any = None


class Form(NamedTuple):
    """A composite type; or a section that is no list of fields, which has one field ``value``."""

    name: str
    code: int
    symbol: str
    fields: tuple[Field, ...]
    composite: bool = True

    def field(self, name: str) -> Field:
        """Return the field of that name; KeyError without one."""
        for each in self.fields:
            if each.name == name:
                return each
        raise KeyError(name)


# A restricted type is written as its source.
ALIASES: Final = {
    "milliseconds": "uint",
    "seconds": "uint",
    "handle": "uint",
    "sequence-no": "uint",
    "delivery-tag": "binary",
    "role": "boolean",
    "snd-mode": "ubyte",
    "rcv-mode": "ubyte",
    "sasl-code": "ubyte",
    "durability": "uint",
}
# Names of the values of a restricted type.
CHOICES: Final[dict[str, dict[str, int | bool]]] = {
    "role": {"sender": False, "receiver": True},
    "snd-mode": {"unsettled": 0, "settled": 1, "mixed": 2},
    "rcv-mode": {"first": 0, "second": 1},
    "sasl-code": {"ok": 0, "auth": 1, "sys": 2, "sys-perm": 3, "sys-temp": 4},
    "durability": {"none": 0, "configuration": 1, "unsettled-state": 2},
}
# A str for one of these types means this field of it.
SHORT: Final = {"error": "condition", "source": "address", "target": "address"}


def _form(name: str, code: int, fields: str, kind: str = "list") -> Form:
    """Make a form of a text with ``name:type`` and ``name:type=default`` in it."""
    found: list[Field] = []
    for each in fields.split():
        declared, _, default = each.partition("=")
        field, _, field_type = declared.partition(":")
        found.append(Field(field, field_type, _default(default)))
    return Form(name, code, f"amqp:{name}:{kind}", tuple(found), fields.partition(":")[0] != "value")


def _default(text: str) -> Any:
    if not text:
        return None
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() else text


_TERMINUS: Final = (
    "address:* durable:durability=0 expiry_policy:symbol=session-end timeout:seconds=0 dynamic:boolean=false "
    "dynamic_node_properties:fields "
)

_ALL: Final = (
    # 2.7
    _form(
        "open",
        0x10,
        "container_id:string hostname:string max_frame_size:uint=4294967295 channel_max:ushort=65535 "
        "idle_time_out:milliseconds outgoing_locales:symbol[] incoming_locales:symbol[] "
        "offered_capabilities:symbol[] desired_capabilities:symbol[] properties:fields",
    ),
    _form(
        "begin",
        0x11,
        "remote_channel:ushort next_outgoing_id:sequence-no incoming_window:uint outgoing_window:uint "
        "handle_max:handle=4294967295 offered_capabilities:symbol[] desired_capabilities:symbol[] properties:fields",
    ),
    _form(
        "attach",
        0x12,
        "name:string handle:handle role:role snd_settle_mode:snd-mode=2 rcv_settle_mode:rcv-mode=0 source:source "
        "target:target unsettled:map incomplete_unsettled:boolean=false initial_delivery_count:sequence-no "
        "max_message_size:ulong offered_capabilities:symbol[] desired_capabilities:symbol[] properties:fields",
    ),
    _form(
        "flow",
        0x13,
        "next_incoming_id:sequence-no incoming_window:uint next_outgoing_id:sequence-no outgoing_window:uint "
        "handle:handle delivery_count:sequence-no link_credit:uint available:uint drain:boolean=false "
        "echo:boolean=false properties:fields",
    ),
    _form(
        "transfer",
        0x14,
        "handle:handle delivery_id:sequence-no delivery_tag:delivery-tag message_format:uint settled:boolean "
        "more:boolean=false rcv_settle_mode:rcv-mode state:state resume:boolean=false aborted:boolean=false "
        "batchable:boolean=false",
    ),
    _form(
        "disposition",
        0x15,
        "role:role first:sequence-no last:sequence-no settled:boolean=false state:state batchable:boolean=false",
    ),
    _form("detach", 0x16, "handle:handle closed:boolean=false error:error"),
    _form("end", 0x17, "error:error"),
    _form("close", 0x18, "error:error"),
    # 2.8.14
    _form("error", 0x1D, "condition:symbol description:string info:fields"),
    # 3.2
    _form(
        "header",
        0x70,
        "durable:boolean=false priority:ubyte=4 ttl:milliseconds first_acquirer:boolean=false delivery_count:uint=0",
    ),
    _form("delivery-annotations", 0x71, "value:annotations", "map"),
    _form("message-annotations", 0x72, "value:annotations", "map"),
    _form(
        "properties",
        0x73,
        "message_id:message-id user_id:binary to:* subject:string reply_to:* correlation_id:message-id "
        "content_type:symbol content_encoding:symbol absolute_expiry_time:timestamp creation_time:timestamp "
        "group_id:string group_sequence:sequence-no reply_to_group_id:string",
    ),
    _form("application-properties", 0x74, "value:map", "map"),
    _form("data", 0x75, "value:binary", "binary"),
    _form("amqp-sequence", 0x76, "value:*"),
    _form("amqp-value", 0x77, "value:*", "*"),
    _form("footer", 0x78, "value:annotations", "map"),
    # 3.4
    _form("received", 0x23, "section_number:uint section_offset:ulong"),
    _form("accepted", 0x24, ""),
    _form("rejected", 0x25, "error:error"),
    _form("released", 0x26, ""),
    _form("modified", 0x27, "delivery_failed:boolean undeliverable_here:boolean message_annotations:fields"),
    # 3.5
    _form(
        "source",
        0x28,
        _TERMINUS
        + "distribution_mode:symbol filter:fields default_outcome:state outcomes:symbol[] capabilities:symbol[]",
    ),
    _form("target", 0x29, _TERMINUS + "capabilities:symbol[]"),
    _form("delete-on-close", 0x2B, ""),
    _form("delete-on-no-links", 0x2C, ""),
    _form("delete-on-no-messages", 0x2D, ""),
    _form("delete-on-no-links-or-messages", 0x2E, ""),
    # 4.5
    _form("coordinator", 0x30, "capabilities:symbol[]"),
    _form("declare", 0x31, "global_id:*"),
    _form("discharge", 0x32, "txn_id:binary fail:boolean"),
    _form("declared", 0x33, "txn_id:binary"),
    _form("transactional-state", 0x34, "txn_id:binary outcome:state"),
    # 5.3.3
    _form("sasl-mechanisms", 0x40, "sasl_server_mechanisms:symbol[]"),
    _form("sasl-init", 0x41, "mechanism:symbol initial_response:binary hostname:string"),
    _form("sasl-challenge", 0x42, "challenge:binary"),
    _form("sasl-response", 0x43, "response:binary"),
    _form("sasl-outcome", 0x44, "code:sasl-code additional_data:binary"),
)

FORMS: Final = {form.name: form for form in _ALL}
BY_DESCRIPTOR: Final[dict[tuple[str, Any], Form]] = {
    **{("ulong", form.code): form for form in _ALL},
    **{("symbol", form.symbol): form for form in _ALL},
}
