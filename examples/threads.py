"""Publish from several threads until SIGTERM or Ctrl-C, and lose nothing: python examples/threads.py [URL [ADDRESS [THREADS]]]"""

import signal
import sys
import threading
import time

import amqp
import amqp.sync


def measure(sensor: int, sender: amqp.sync.Sender, stop: threading.Event) -> None:
    while not stop.wait(0.05):
        message = amqp.Message({"sensor": sensor, "time": time.time()}, header=amqp.Header(ttl=60_000))
        try:
            sender.submit(message, timeout=5)  # waits for credit only
        except amqp.NotSent as error:
            print(f"sensor {sensor}: {error}", flush=True)
            if not sender.is_open:
                return


def main(url: str = "amqp://localhost", address: str = "telemetry", count: str = "8") -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # raises KeyboardInterrupt here, as Ctrl-C does
    stop = threading.Event()
    # Leaving the block waits for the outcomes that are due, and raises those that are failures.
    with amqp.sync.connect(url) as connection, connection.open_sender(address) as sender:
        threads = [threading.Thread(target=measure, args=(n, sender, stop)) for n in range(int(count))]
        try:
            for thread in threads:
                thread.start()
            print(f"{count} threads send to {address}", flush=True)
            lost = connection.wait_closed()  # until the connection is lost, or a signal comes
            if lost is not None:
                raise lost
        except KeyboardInterrupt:
            print("stopping", flush=True)
        finally:
            stop.set()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()


try:
    main(*sys.argv[1:])
except* amqp.AmqpError as errors:
    sys.exit("\n".join(str(error) for error in errors.exceptions))
