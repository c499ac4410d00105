// A broker in memory on rhea's server side: node rhea_broker.js HOST PORT, with NODE_PATH naming the folder of rhea.
//
// Queues come into being when named. What is sent to a queue whose name begins with "raw-" comes out byte for byte;
// elsewhere rhea decodes what comes in and encodes what goes out. $refuse refuses the attach; a message sent to
// $detach, $end or $close ends the link, the session or the connection with an error; one sent to $reject, $release or
// $modify has that outcome.
'use strict';
const rhea = require('rhea');
const ws = require('ws');

const [host, port, websocketPort] = process.argv.slice(2);
const USERS = { guest: 'guest' };
const CREDIT = 200;

// The broker needs both forms of a message, and rhea hands on what its decoder returns.
const decode = rhea.message.decode;
rhea.message.decode = (bytes) => ({ bytes, decoded: decode(bytes) });

class Queue {
    constructor(name) {
        this.raw = name.startsWith('raw-');
        this.ready = [];
        this.consumers = new Set();
    }

    put(item) {
        this.ready.push(item);
        this.pump();
    }

    putBack(items) {
        this.ready.unshift(...items);
        this.pump();
    }

    // Each consumer in turn gets one message, for as long as there are messages and consumers with credit.
    pump() {
        let sent = true;
        while (sent) {
            sent = false;
            for (const consumer of this.consumers) {
                if (this.ready.length === 0 || !consumer.link.sendable()) continue;
                consumer.deliver(this.ready.shift(), this.raw);
                sent = true;
            }
        }
    }
}

class Consumer {
    constructor(link, queue) {
        this.link = link;
        this.queue = queue;
        this.unsettled = new Map(); // delivery -> item, in the order of sending
        queue.consumers.add(this);
    }

    deliver(item, raw) {
        const message = Object.assign({}, item.message.decoded, { delivery_count: item.failures });
        const octets = raw ? item.message.bytes : rhea.message.encode(message);
        const delivery = this.link.send(octets, undefined, item.format);
        if (!delivery.settled) this.unsettled.set(delivery, item);
    }

    // The item of a delivery that the peer has just given an outcome, once.
    take(delivery) {
        const item = this.unsettled.get(delivery);
        this.unsettled.delete(delivery);
        return item;
    }

    leave() {
        if (!this.queue.consumers.delete(this)) return;
        // rhea can report the end of a link before the outcomes that came in the same read.
        const open = [...this.unsettled].filter(([delivery]) => !isFinal(delivery.remote_state)).map(([, item]) => item);
        for (const item of open) item.failures++;
        this.unsettled.clear();
        this.queue.putBack(open);
    }
}

// Sees what is there when it has credit, and takes nothing.
class Browser {
    constructor(link, queue) {
        this.link = link;
        this.queue = { pump: () => this.pump() };
        this.left = [...queue.ready];
    }

    pump() {
        while (this.left.length > 0 && this.link.sendable()) this.link.send(this.left.shift().message.decoded);
    }

    take() {
        return undefined;
    }

    leave() {
        this.left = [];
    }
}

const isFinal = (state) => state !== undefined && ['accepted', 'rejected'].includes(state.constructor.composite_type);

let named = 0;
const queues = new Map();
const queueOf = (name) => {
    if (!queues.has(name)) queues.set(name, new Queue(name));
    return queues.get(name);
};

const failure = (condition, description) => ({ condition, description });
const refusedBy = {
    $reject: (delivery) => delivery.reject(failure('amqp:not-allowed', 'rejected as the address asks')),
    $release: (delivery) => delivery.release(),
    $modify: (delivery) => delivery.modified({ delivery_failed: true }),
};
const forced = {
    $detach: (context) => context.receiver.close(failure('amqp:resource-deleted', 'detached as the address asks')),
    $end: (context) => context.session.close(failure('amqp:resource-limit-exceeded', 'ended as the address asks')),
    $close: (context) => context.connection.close(failure('amqp:connection:forced', 'closed as the address asks')),
};

const container = rhea.create_container({ id: 'rhea-broker' });
container.sasl_server_mechanisms.enable_anonymous();
container.sasl_server_mechanisms.enable_plain((user, password) => USERS[user] !== undefined && USERS[user] === password);

// rhea writes its attach after these two handlers, and what the handlers set is in it.
container.on('receiver_open', ({ receiver }) => {
    const address = receiver.target && receiver.target.address;
    if (!receiver.target || address === '$refuse') {
        receiver.close(failure('amqp:not-found', 'no such target'));
        return;
    }
    // Without an address each message says where it goes.
    receiver.set_target(address ? { address } : {});
    receiver.set_source({ address: receiver.source && receiver.source.address });
    receiver.local.attach.snd_settle_mode = receiver.snd_settle_mode;
    receiver.local.attach.rcv_settle_mode = receiver.rcv_settle_mode;
    receiver.set_credit_window(CREDIT);
    receiver.add_credit(CREDIT);
});

container.on('sender_open', ({ sender }) => {
    const source = sender.source || {};
    const address = source.dynamic ? `dynamic-${++named}` : source.address;
    if (!address || address === '$refuse') {
        sender.close(failure('amqp:not-found', 'no such source'));
        return;
    }
    const copies = source.distribution_mode === 'copy';
    sender.set_source({ address, dynamic: source.dynamic, distribution_mode: copies ? 'copy' : undefined });
    sender.set_target({ address: sender.target && sender.target.address });
    sender.local.attach.snd_settle_mode = sender.snd_settle_mode;
    sender.local.attach.rcv_settle_mode = sender.rcv_settle_mode;
    sender.consumer = copies ? new Browser(sender, queueOf(address)) : new Consumer(sender, queueOf(address));
});

container.on('message', (context) => {
    const address = context.receiver.target.address || context.message.decoded.to;
    if (forced[address]) {
        forced[address](context);
        return;
    }
    if (refusedBy[address]) {
        refusedBy[address](context.delivery);
        return;
    }
    queueOf(address).put({ message: context.message, format: context.delivery.format || 0, failures: 0 });
    context.delivery.accept();
});

const settle = (context) => {
    // In rcv-settle-mode second the receiver waits for this.
    if (!context.delivery.remote_settled) context.delivery.update(true);
    return context.sender.consumer.take(context.delivery);
};
const giveBack = (context, failures) => {
    const item = settle(context);
    if (item === undefined) return;
    item.failures += failures;
    context.sender.consumer.queue.putBack([item]);
};
container.on('accepted', settle);
container.on('rejected', settle);
container.on('released', (context) => giveBack(context, 0));
container.on('modified', (context) => {
    const { delivery_failed: failed, undeliverable_here: undeliverable } = context.delivery.remote_state;
    if (undeliverable) settle(context);
    else giveBack(context, failed ? 1 : 0);
});

// Later rather than now: when attach and flow came in one read, rhea would write a transfer before its own attach.
const pump = (context) => setImmediate(() => {
    const { sender } = context;
    if (sender.consumer && sender.is_open()) sender.consumer.queue.pump();
});
container.on('sendable', pump);
container.on('sender_draining', (context) => {
    pump(context);
    setImmediate(() => {
        context.sender.set_drained(true);
        // Nothing else makes rhea write when no read is under way.
        context.connection._register();
    });
});

const leave = (link) => {
    if (link.consumer) link.consumer.leave();
};
container.on('sender_close', (context) => leave(context.sender));
container.on('session_close', (context) => context.session.each_link(leave));
container.on('connection_close', (context) => context.connection.each_link(leave));
container.on('disconnected', (context) => context.connection.each_link(leave));

// Without a listener, an error of one connection would end the process.
const report = (name) => container.on(name, (context) => console.error(name, String((context && context.error) || context)));
['error', 'protocol_error', 'connection_error', 'session_error', 'receiver_error', 'sender_error'].forEach(report);

const settings = {
    max_frame_size: 65536,
    channel_max: 255,
    idle_time_out: 30000,
    autoaccept: false,
    credit_window: 0,
    treat_modified_as_released: false,
};
const websockets = new ws.Server({ host, port: Number(websocketPort) });
websockets.on('connection', (socket) => container.websocket_accept(socket, settings));
const server = container.listen({ host, port: Number(port), ...settings });
server.on('listening', () => console.log('ready'));
process.on('SIGTERM', () => process.exit(0));
