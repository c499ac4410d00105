"""What each server makes of each feature, where that is not a plain yes.

A server that does something else fails the check, so that what the documentation says stays true.
"""

YES = "yes"
_AGAIN = "comes again, delivery-count 0"
_COUNTED = "comes again, delivery-count 1"
_GONE = "does not come again"
_NO_TOPICS = "has no topics for links"
_WITHOUT_TOPICS = ("rabbitmq3", "rabbitmq4", "rabbitmq43", "rhea", "proton")
_ALL = ("rabbitmq3", "rabbitmq4", "rhea", "proton", "rabbitmq43", "activemq", "artemis")


def _second(said: str) -> str:
    return f"sender, rcv-settle-mode second: {said}; receiver, rcv-settle-mode second: {said}"


# Features of RabbitMQ 4 alone.
_NOT_ASKED = dict.fromkeys([name for name in _ALL if name not in ("rabbitmq4", "rabbitmq43")], "-")

KNOWN: dict[str, dict[str, str]] = {
    "percent_encoded_address": _NOT_ASKED,
    "stream_offsets": _NOT_ASKED,
    "stream_filter": _NOT_ASKED,
    # 4.0 gives back every filter that it was asked for.
    "sql_filter": {**_NOT_ASKED, "rabbitmq4": "said to be in force, and selects nothing"},
    "properties_filter": {**_NOT_ASKED, "rabbitmq4": "said to be in force, and selects nothing"},
    "declined_filters": {**_NOT_ASKED, "rabbitmq4": "said to be in force"},
    "single_active_consumer": {**_NOT_ASKED, "rabbitmq4": "yes, but not told who it is"},
    "consumer_timeout": {**_NOT_ASKED, "rabbitmq4": "not taken back"},
    "delivery_count": _NOT_ASKED,
    "dead_letter": _NOT_ASKED,
    "release": dict.fromkeys(_ALL, _AGAIN),
    "reject": dict.fromkeys(_ALL, _GONE),
    "modify": {
        "rabbitmq3": "SessionEnded amqp:invalid-field, then to another receiver",
        "rabbitmq4": _AGAIN,
        "rhea": _COUNTED,
        "proton": _COUNTED,
        "rabbitmq43": _COUNTED,
        "activemq": _COUNTED,
        "artemis": _COUNTED,
    },
    "undeliverable_here": {
        "rabbitmq3": "SessionEnded amqp:invalid-field, then to another receiver",
        "rabbitmq4": _GONE,
        "rhea": _GONE,
        "proton": _GONE,
        "rabbitmq43": _GONE,
        "activemq": _GONE,
        "artemis": "does not come again, then to another receiver",
    },
    "receiver_settles_second": {
        "rabbitmq3": "SessionEnded amqp:not-implemented",
        "rabbitmq4": "SessionEnded amqp:not-implemented",
        "rabbitmq43": "AttachRefused amqp:not-implemented",
        "activemq": "LinkError",
        "artemis": "LinkError",
    },
    "sender_hears_of_it": {
        "rabbitmq3": "accepted",
        "rabbitmq4": "MessageReleased",
        "rhea": "MessageReleased",
        "proton": "MessageReleased",
        "rabbitmq43": "MessageReleased",
        "activemq": "AttachRefused amqp:unauthorized-access",
        "artemis": "AttachRefused amqp:not-found",
    },
    # 4.0 says so in the session's end; 3.10 has no such mode either.
    "settle_modes": {
        "rabbitmq3": _second("SessionEnded amqp:not-implemented"),
        "rabbitmq4": _second("SessionEnded amqp:not-implemented"),
        "rabbitmq43": _second("AttachRefused amqp:not-implemented"),
        "activemq": _second("LinkError"),
        "artemis": _second("LinkError"),
    },
    # No RabbitMQ keeps it with the message, and proton has no way to give it.
    "message_format": dict.fromkeys(("rabbitmq3", "rabbitmq4", "rabbitmq43", "proton"), "comes as 0"),
    # As `sections` has it, see interop/checks/sections.py.
    "stream_of_unknown_size": {
        "rabbitmq3": "sections come in reverse order",
        "proton": "all but the last section is lost",
        "activemq": "all but the last section is lost",
    },
    # The transfer that says aborted=true has more=false, and no more than that is looked at: what came before is a
    # message. The plug-in takes it for one without a body, and fails.
    "abort": {
        "rabbitmq3": "InDoubt, SessionEnded amqp:internal-error",
        "rabbitmq4": "delivers what there was of it",
        "rhea": "delivers what there was of it",
        "rabbitmq43": "delivers what there was of it",
        "activemq": "InDoubt, no answer",
    },
    # The plug-in has no word for the basic.nack that the queue answers: its connection breaks off, without a close.
    "sender_hears_of_a_full_queue": {
        "rabbitmq3": "InDoubt, ConnectionLost",
        "rabbitmq4": "MessageRejected",
        "rhea": "MessageRejected amqp:not-allowed",
        "proton": "MessageRejected amqp:not-allowed",
        "rabbitmq43": "MessageRejected amqp:resource-limit-exceeded",
        "artemis": "MessageRejected amqp:resource-limit-exceeded",
        "activemq": "never does so",
    },
    "sender_hears_of_a_change": {
        "rabbitmq3": "never does so",
        "rabbitmq4": "never does so",
        "rhea": "MessageModified",
        "proton": "MessageModified",
        "rabbitmq43": "never does so",
        "activemq": "never does so",
        "artemis": "never does so",
    },
    # It reads the message on arrival, and ends the connection of who sent it.
    "undecodable_message": {"artemis": "does not take it: InDoubt, RemoteClosed amqp:internal-error"},
    "drain_an_empty_queue": {"rabbitmq3": "SessionEnded amqp:internal-error"},
    "drain": {"rabbitmq3": "SessionEnded amqp:internal-error"},
    "dynamic_source": {
        "rabbitmq3": "SessionEnded amqp:not-implemented",
        "rabbitmq4": "SessionEnded amqp:not-implemented",
        "rabbitmq43": "AttachRefused amqp:not-implemented",
    },
    "anonymous_relay": {"rabbitmq3": "SessionEnded amqp:invalid-field"},
    "browse": {
        "rabbitmq3": "moves, does not copy",
        "rabbitmq4": "moves, does not copy",
        "rabbitmq43": "moves, does not copy",
    },
    # Its own words are 'Attach already received': it closes the socket.
    "one_name_both_ways": {"rhea": "ConnectionLost"},
    # It echoes every filter as if it were in force.
    "selector": {
        "rabbitmq3": "says that it filters, and does not",
        "rabbitmq4": "says that it filters, and does not",
        "rabbitmq43": "FiltersDeclined",
        "rhea": "FiltersDeclined",
        "proton": "says that it filters, and does not",
    },
    "publish_and_subscribe": dict.fromkeys(_WITHOUT_TOPICS, _NO_TOPICS),
    "durable_subscription": dict.fromkeys(_WITHOUT_TOPICS, _NO_TOPICS),
    "shared_subscription": {
        **dict.fromkeys(_WITHOUT_TOPICS, _NO_TOPICS),
        "activemq": "gives each of them each message",
    },
    "transactions": {
        "rabbitmq3": "TransactionRefused amqp:not-implemented, SessionEnded amqp:not-implemented",
        "rabbitmq4": "TransactionRefused amqp:not-implemented, SessionEnded amqp:not-implemented",
        "rabbitmq43": "TransactionRefused amqp:not-implemented, AttachRefused amqp:not-implemented",
        "rhea": "TransactionRefused, LinkError",
        "proton": "TransactionRefused",
    },
    "request_and_reply": {
        "rabbitmq3": "SessionEnded amqp:not-implemented",
        "rabbitmq4": "SessionEnded amqp:not-implemented",
        "rabbitmq43": "with the capability rabbitmq:volatile-queue",
    },
    "rabbitmq_management": dict.fromkeys(
        ("rabbitmq3", "rhea", "proton", "activemq", "artemis"), "AttachRefused amqp:not-implemented"
    ),
    "without_sasl": {
        "rabbitmq4": "AuthenticationFailed",
        "rabbitmq43": "AuthenticationFailed",
        "activemq": "AuthenticationFailed",
    },
    # There are no virtual hosts in our small brokers.
    "unknown_virtual_host": {
        "rabbitmq3": "RemoteClosed amqp:unauthorized-access",
        "rabbitmq4": "ConnectionLost",
        "rabbitmq43": "ConnectionLost",
    },
    "properties_of_the_peer": {
        "rabbitmq3": "RabbitMQ; no capabilities",
        "rabbitmq4": "RabbitMQ; ANONYMOUS-RELAY, LINK_PAIR_V1_0",
        "rhea": "no product; no capabilities",
        "proton": "no product; no capabilities",
        "rabbitmq43": "RabbitMQ; ANONYMOUS-RELAY, LINK_PAIR_V1_0",
        "activemq": "ActiveMQ; ANONYMOUS-RELAY, DELAYED_DELIVERY",
        "artemis": "apache-activemq-artemis; ANONYMOUS-RELAY, DELAYED_DELIVERY, SHARED-SUBS, sole-connection-for-container",
    },
}


def expected(feature: str, peer: str) -> str:
    """Return what a server is known to make of a feature."""
    return KNOWN.get(feature, {}).get(peer, YES)
