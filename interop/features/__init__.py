"""What servers offer beyond plain traffic, feature by feature: each is tried, and what comes of it is written down.

A feature is an async function of a peer and a front end. It returns what the server did, in a few words, and raises
CheckFailed for what no server may do; where it returns something other than ``known`` says, the check fails too.
"""

from collections.abc import Awaitable, Callable

from interop.features import (
    connections,
    flow,
    logs,
    outcomes,
    receiving,
    requests,
    sending,
    streams,
    subscriptions,
    termini,
    transactions,
)
from interop.fronts import Front
from interop.peers import Peer

Feature = Callable[[Peer, Front], Awaitable[str]]

FEATURES: tuple[Feature, ...] = (
    sending.pipelined_sending,
    sending.send_many,
    sending.settled_beside_unsettled,
    sending.settle_modes,
    sending.own_tags,
    sending.message_format,
    streams.stream,
    streams.stream_of_unknown_size,
    streams.abort,
    receiving.batched_outcomes,
    receiving.undecodable_message,
    receiving.unread_messages,
    receiving.own_session,
    flow.manual_credit,
    flow.drain_an_empty_queue,
    flow.drain,
    flow.small_frames,
    flow.heartbeats,
    outcomes.release,
    outcomes.reject,
    outcomes.modify,
    outcomes.undeliverable_here,
    outcomes.sender_hears_of_it,
    outcomes.sender_hears_of_a_full_queue,
    outcomes.sender_hears_of_a_change,
    outcomes.receiver_settles_second,
    termini.browse,
    termini.dynamic_source,
    termini.anonymous_relay,
    termini.one_name_both_ways,
    termini.many_links,
    subscriptions.selector,
    subscriptions.publish_and_subscribe,
    subscriptions.durable_subscription,
    subscriptions.shared_subscription,
    transactions.transactions,
    requests.request_and_reply,
    requests.reply_over_a_queue,
    requests.rabbitmq_management,
    logs.percent_encoded_address,
    logs.stream_offsets,
    logs.stream_filter,
    logs.sql_filter,
    logs.properties_filter,
    logs.declined_filters,
    logs.single_active_consumer,
    logs.consumer_timeout,
    logs.delivery_count,
    logs.dead_letter,
    connections.anonymous,
    connections.without_sasl,
    connections.unknown_virtual_host,
    connections.properties_of_the_peer,
)
