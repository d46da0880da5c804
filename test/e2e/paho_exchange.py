"""Exchanges messages through a broker with paho, as test/e2e/broker-paho.test.ts says.

Usage: paho_exchange.py PORT VERSION. Prints one line for each step that held.
"""

import queue
import socket
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PORT = int(sys.argv[1])
VERSION = {"3.1": mqtt.MQTTv31, "3.1.1": mqtt.MQTTv311, "5": mqtt.MQTTv5}[sys.argv[2]]
PATIENCE_SECONDS = 10


class Client:
    """A paho client whose events wait in queues until they are asked for."""

    def __init__(self, client_id, stays=False, will=None):
        is_5 = VERSION == mqtt.MQTTv5
        clean = {} if is_5 else {"clean_session": not stays}
        self.paho = mqtt.Client(client_id=client_id, protocol=VERSION, **clean)
        self.connected = queue.Queue()
        self.subscribed = queue.Queue()
        self.messages = queue.Queue()
        self.paho.on_connect = lambda _c, _u, flags, rc, *_: self.connected.put((flags, rc))
        self.paho.on_subscribe = lambda *_: self.subscribed.put(True)
        self.paho.on_message = lambda _c, _u, message: self.messages.put(message)
        if will is not None:
            self.paho.will_set(will, "gone", qos=1)
        more = {}
        if is_5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 60 if stays else 0
            more = {"clean_start": not stays, "properties": properties}
        self.paho.connect("127.0.0.1", PORT, 60, **more)
        self.paho.loop_start()
        self.flags, code = self.connected.get(timeout=PATIENCE_SECONDS)
        assert code == 0, code

    def subscribe(self, topic, qos):
        self.paho.subscribe(topic, qos)
        self.subscribed.get(timeout=PATIENCE_SECONDS)

    def publish(self, topic, payload, qos, retain=False):
        self.paho.publish(topic, payload, qos, retain).wait_for_publish()

    def next(self):
        return self.messages.get(timeout=PATIENCE_SECONDS)

    def leave(self):
        self.paho.disconnect()
        self.paho.loop_stop()

    def cut(self):
        self.paho.socket().shutdown(socket.SHUT_RDWR)
        self.paho.loop_stop()


def exchange(qos):
    a, b = Client(f"a{qos}"), Client(f"b{qos}")
    a.subscribe("to/a", qos)
    b.subscribe("to/b", qos)
    a.publish("to/b", "from a", qos)
    b.publish("to/a", "from b", qos)
    for client, payload in ((a, b"from b"), (b, b"from a")):
        message = client.next()
        assert (message.payload, message.qos) == (payload, qos), message.payload
    a.leave()
    b.leave()


def retained():
    publisher = Client("p")
    publisher.publish("paho/retained", "kept", 1, retain=True)
    subscriber = Client("s")
    subscriber.subscribe("paho/+", 1)
    message = subscriber.next()
    assert (message.payload, message.retain) == (b"kept", True)
    publisher.publish("paho/retained", "", 1, retain=True)
    assert subscriber.next().payload == b""
    subscriber.leave()
    late = Client("late")
    late.subscribe("paho/+", 1)
    publisher.publish("paho/live", "live", 1)
    assert late.next().payload == b"live"
    late.leave()
    publisher.leave()


def will():
    watcher = Client("w")
    watcher.subscribe("paho/will", 1)
    Client("dies", will="paho/will").cut()
    assert watcher.next().payload == b"gone"
    watcher.leave()


def session():
    first = Client("stays", stays=True)
    first.subscribe("paho/session", 2)
    first.leave()
    publisher = Client("p")
    publisher.publish("paho/session", "one", 1)
    publisher.publish("paho/session", "two", 2)
    publisher.leave()
    back = Client("stays", stays=True)
    assert [back.next().payload for _ in range(2)] == [b"one", b"two"]
    back.leave()


for level in (0, 1, 2):
    exchange(level)
    print(f"exchange at QoS {level}")
for step in (retained, will, session):
    step()
    print(step.__name__)
