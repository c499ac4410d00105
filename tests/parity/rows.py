"""What a user of the Go client that this library measures itself by finds there, and where it is here."""

from __future__ import annotations

from typing import Final, NamedTuple


class Row(NamedTuple):
    """One thing that the other client offers."""

    theirs: str
    ours: str
    test: str


def _row(theirs: str, ours: str, test: str = "") -> Row:
    return Row(theirs, ours, f"test_{test or _snake(theirs)}")


def _snake(name: str) -> str:
    for upper, plain in (
        ("SASL", "Sasl"),
        ("XOAUTH2", "Xoauth2"),
        ("TLS", "Tls"),
        ("UUID", "Uuid"),
        ("ID", "Id"),
    ):
        name = name.replace(upper, plain)
    spaced = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return spaced.replace(".", "_").replace("__", "_").lstrip("_")


ROWS: Final = (
    _row("Dial", "connect"),
    _row("New", "open_over"),
    _row("Client.NewSession", "Connection.open_session"),
    _row("Client.Close", "Connection.close"),
    _row("ConnContainerID", "connect(container_id=)"),
    _row("ConnIdleTimeout", "connect(idle_timeout=)"),
    _row("ConnMaxFrameSize", "connect(max_frame_size=)"),
    _row("ConnMaxSessions", "connect(channel_max=)"),
    _row("ConnProperty", "connect(properties=)"),
    _row("ConnServerHostname", "connect(hostname=, server_hostname=)"),
    _row("ConnConnectTimeout", "connect(connect_timeout=)"),
    _row("ConnTLS", "connect('amqps://...')"),
    _row("ConnTLSConfig", "connect(ssl_context=)"),
    _row("ConnSASLAnonymous", "connect(sasl=Anonymous())"),
    _row("ConnSASLPlain", "connect(sasl=Plain(user, password))"),
    _row("ConnSASLXOAUTH2", "connect(sasl=XOAuth2(user, token, max_frame_size=))"),
    _row("SessionIncomingWindow", "open_session(incoming_window=)"),
    _row("SessionOutgoingWindow", "open_session(outgoing_window=)"),
    _row("SessionMaxLinks", "open_session(handle_max=)"),
    _row("Session.NewSender", "Session.open_sender"),
    _row("Session.NewReceiver", "Session.open_receiver"),
    _row("Session.Close", "Session.close"),
    _row("LinkAddress", "open_sender(address), open_receiver(address)"),
    _row("LinkSourceAddress", "open_sender(source=)"),
    _row("LinkTargetAddress", "open_receiver(target=)"),
    _row("LinkAddressDynamic", "Source(dynamic=True), Target(dynamic=True)"),
    _row("LinkName", "open_sender(name=)"),
    _row("LinkCredit", "open_receiver(credit=)"),
    _row("LinkMaxMessageSize", "open_receiver(max_message_size=)"),
    _row("LinkProperty", "open_sender(properties=)"),
    _row("LinkPropertyInt64", "open_sender(properties={key: Long(n)})", "link_property_int64"),
    _row("LinkSenderSettle", "open_sender(snd_settle_mode=)"),
    _row("LinkReceiverSettle", "open_receiver(rcv_settle_mode=)"),
    _row("LinkSourceCapabilities", "Source(capabilities=)"),
    _row("LinkSourceDurability", "Source(durable=)"),
    _row("LinkSourceExpiryPolicy", "Source(expiry_policy=)"),
    _row("LinkTargetDurability", "Target(durable=)"),
    _row("LinkTargetExpiryPolicy", "Target(expiry_policy=)"),
    _row("LinkSelectorFilter", "Source(filter={name: SelectorFilter(text)})"),
    _row("LinkSourceFilter", "Source(filter={name: Described(code, value)})"),
    _row("LinkBatching", "open_receiver(batch=)"),
    _row("LinkBatchMaxAge", "open_receiver(batch_max_age=)"),
    _row("Message.Format", "Message(format=), Delivery.format"),
    _row("Message.DeliveryTag", "send(tag=), Delivery.tag"),
    _row("Message.Header", "Message(header=Header(...))"),
    _row("Message.DeliveryAnnotations", "Message(delivery_annotations=)"),
    _row("Message.Annotations", "Message(message_annotations=)"),
    _row("Message.Properties", "Message(properties=Properties(...))"),
    _row("Message.ApplicationProperties", "Message(application_properties=)"),
    _row("Message.Data", "Message(b''), Message([Data(...), Data(...)])"),
    _row("Message.Value", "Message(value), Message(AmqpValue(value))"),
    _row("Message.Footer", "Message(footer=)"),
    _row("Message.SendSettled", "send(settled=True)"),
    _row("Message.MarshalBinary", "Message.encode"),
    _row("Message.UnmarshalBinary", "Message.decode"),
    _row("Message.GetData", "Message.body"),
    _row("Message.Accept", "Delivery.accept"),
    _row("Message.Reject", "Delivery.reject"),
    _row("Message.Release", "Delivery.release"),
    _row("Message.Modify", "Delivery.modify"),
    _row("Sender.Send", "Sender.send"),
    _row("Sender.Address", "Sender.address"),
    _row("Sender.Close", "Sender.close"),
    _row("Receiver.Receive", "Receiver.receive"),
    _row("Receiver.Address", "Receiver.address"),
    _row("Receiver.Close", "Receiver.close"),
    _row("Error", "Error"),
    _row("ErrorCondition", "AmqpErrorCondition, ConnectionErrorCondition, ..."),
    _row("DetachError", "LinkDetached"),
    _row("ErrSessionClosed", "SessionEnded"),
    _row("ErrLinkClosed", "LinkDetached"),
    _row("ErrConnClosed", "ConnectionClosed"),
    _row("ErrTimeout", "OperationTimeout"),
    _row("ArrayUByte", "Array", "array_ubyte"),
    _row("UUID", "uuid.UUID"),
    _row("Annotations", "a dict: str keys are symbols, int keys ulongs"),
    _row("Durability", "TerminusDurability"),
    _row("ExpiryPolicy", "TerminusExpiryPolicy"),
    _row("SenderSettleMode", "SenderSettleMode"),
    _row("ReceiverSettleMode", "ReceiverSettleMode"),
)
