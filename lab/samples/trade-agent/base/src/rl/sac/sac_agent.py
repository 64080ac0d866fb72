"""The SAC agent, the session it trades in, and the service around both."""

import argparse
import collections
import json
import logging
import math
import os
import pickle
import random
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from src.rl.sac import __version__
from src.rl.sac.sac_features import FEATURE_NAMES, features

SUPPORTED_SCHEMAS = (1,)
MODEL_FORMAT = 1
WARM_UP_STEPS = 2400
WINDOW_ORDERS = 2000
FAILING_ABOVE_PERCENT = 5.0

log = logging.getLogger("sac")


class OrderRejected(Exception):
    """The venue did not take an order; the message says why."""


class SacAgent:
    """A stochastic policy over price features, with an entropy temperature (alpha)."""

    def __init__(self, alpha=0.2, learning_rate=0.05, seed=7, window=20):
        self.alpha = alpha
        self.learning_rate = learning_rate
        self.window = window
        self.random = random.Random(seed)
        self.weights = [self.random.uniform(-1.0, 1.0) for _ in FEATURE_NAMES]

    def act(self, prices, explore=False):
        """Wanted position from -1 (short) to 1 (long)."""
        score = sum(w * x for w, x in zip(self.weights, features(prices[-self.window :]))) * 40.0
        if explore:
            score += self.random.gauss(0.0, self.alpha)
        return math.tanh(score)

    def learn(self, prices, action, reward):
        """Moves the weights toward actions that paid."""
        for i, x in enumerate(features(prices[-self.window :])):
            self.weights[i] += self.learning_rate * reward * action * x

    def save(self, path):
        """Writes the model to a file."""
        state = {"format": MODEL_FORMAT, "alpha": self.alpha, "window": self.window, "weights": self.weights}
        Path(path).write_bytes(pickle.dumps(state, protocol=4))

    @classmethod
    def load(cls, path):
        """Reads a model that save() wrote; another format is refused."""
        state = pickle.loads(Path(path).read_bytes())
        if state.get("format") != MODEL_FORMAT:
            raise ValueError("%s has model format %r, this release reads %d" % (path, state.get("format"), MODEL_FORMAT))
        agent = cls(alpha=state["alpha"], window=state["window"])
        agent.weights = list(state["weights"])
        return agent


class SimulatedVenue:
    """A market with one instrument that accepts prices on its tick only."""

    def __init__(self, tick_size, seed=11):
        self.tick_size = tick_size
        self.random = random.Random(seed)
        self.price = 100.0

    def next_price(self):
        """The next traded price."""
        self.price = max(20.0, self.price * (1.0 + self.random.gauss(0.00002, 0.0008)))
        return self.price

    def submit(self, quantity, price):
        """Takes an order or raises OrderRejected; answers its latency in ms and its cost."""
        ticks = price / self.tick_size
        if abs(ticks - round(ticks)) > 1e-6:
            raise OrderRejected("price %.2f is not a multiple of the tick size %.2f" % (price, self.tick_size))
        if self.random.random() < 0.001:
            raise OrderRejected("venue busy")
        return self.random.lognormvariate(3.6, 0.35), abs(quantity) * price * 0.00004


class TradingSession:
    """The agent trading at a venue; keeps what health and metrics are made of."""

    def __init__(self, agent, venue, max_position=10):
        self.agent = agent
        self.venue = venue
        self.max_position = max_position
        self.prices = [venue.next_price() for _ in range(agent.window)]
        self.position = 0
        self.orders = collections.deque(maxlen=WINDOW_ORDERS)
        self.gains = collections.deque(maxlen=7200)
        self.costs = collections.deque(maxlen=WINDOW_ORDERS)
        self.last_rejection = ""

    def order_price(self):
        """Where a limit order is placed: the last price, on the venue's tick."""
        return round(self.prices[-1] / self.venue.tick_size) * self.venue.tick_size

    def step(self):
        """One price, one decision, one order."""
        before = self.prices[-1]
        self.prices = self.prices[1:] + [self.venue.next_price()]
        gain = self.position * (self.prices[-1] - before)
        self.gains.append(gain)
        action = self.agent.act(self.prices, explore=True)
        self.agent.learn(self.prices, action, gain / 100.0)
        wanted = round(action * self.max_position)
        self.place(wanted - self.position or (1 if self.position <= 0 else -1))

    def place(self, quantity):
        """Sends one order and remembers how it went."""
        try:
            latency_ms, cost = self.venue.submit(quantity, self.order_price())
        except OrderRejected as error:
            self.orders.append((20.0, str(error)))
            self.last_rejection = str(error)
            return
        self.position += quantity
        self.costs.append(cost)
        self.orders.append((latency_ms, None))

    def metrics(self):
        """The numbers that are exported."""
        latencies = sorted(latency for latency, _ in self.orders) or [0.0]
        losses = sorted(-gain for gain in self.gains) or [0.0]
        return {
            "sac_latency_p95_ms": latencies[int(len(latencies) * 0.95)],
            "sac_error_rate_percent": self.error_percent(),
            "sac_pnl_1h": sum(self.gains) - sum(self.costs),
            "sac_risk_var": losses[int(len(losses) * 0.95)] * math.sqrt(60.0),
            "sac_transaction_cost": sum(self.costs) / max(1, len(self.costs)),
        }

    def error_percent(self):
        """Rejected orders among the last ones."""
        return 100.0 * sum(1 for _, error in self.orders if error) / max(1, len(self.orders))

    def health(self):
        """Status, version and, when failing, the reason."""
        percent = self.error_percent()
        if percent <= FAILING_ABOVE_PERCENT:
            return {"status": "ok", "version": __version__}
        reason = "orders rejected: %.0f%% of the last %d: %s" % (percent, len(self.orders), self.last_rejection)
        return {"status": "failing", "reason": reason, "version": __version__}


def load_config(path):
    """Reads a configuration of a schema this release knows."""
    config = json.loads(Path(path).read_text())
    if config.get("schema_version") not in SUPPORTED_SCHEMAS:
        known = ", ".join(map(str, SUPPORTED_SCHEMAS))
        raise ValueError("%s: schema_version is %r, this release knows %s" % (path, config.get("schema_version"), known))
    return config


def session_from(config):
    """A session as the configuration describes it."""
    settings = config["agent"]
    agent = SacAgent(alpha=settings["alpha"], seed=settings["seed"], window=settings["window"])
    return TradingSession(agent, SimulatedVenue(config["execution"]["tick_size"]), settings["max_position"])


def handler_for(session, lock):
    """The HTTP handler: /health and /metrics."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            with lock:
                health, metrics = session.health(), session.metrics()
            if self.path == "/health":
                self.answer(200 if health["status"] == "ok" else 503, "application/json", json.dumps(health) + "\n")
            elif self.path == "/metrics":
                lines = ["# TYPE %s gauge\n%s %.4f\n" % (name, name, value) for name, value in metrics.items()]
                self.answer(200, "text/plain; version=0.0.4", "".join(lines))
            else:
                self.answer(404, "text/plain", "not found\n")

        def answer(self, status, kind, text):
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Probes come every few seconds; they would drown the log."""

    return Handler


def notify_ready():
    """Tells systemd that the port answers (Type=notify)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"READY=1", "\0" + address[1:] if address.startswith("@") else address)


def set_up_logging(log_dir):
    """Logs to the journal and to agent.log."""
    Path(log_dir).mkdir(parents=True, exist_ok=True)
    handlers = [logging.StreamHandler(sys.stderr), logging.FileHandler(Path(log_dir) / "agent.log")]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", handlers=handlers)


def write_state(session, state_dir):
    """Leaves the model and a report where operations look for them."""
    for name in ("models", "reports"):
        (Path(state_dir) / name).mkdir(parents=True, exist_ok=True)
    session.agent.save(Path(state_dir) / "models" / ("sac_v%s.pkl" % __version__))
    rows = "".join("<tr><td>%s</td><td>%.4f</td></tr>" % item for item in session.metrics().items())
    (Path(state_dir) / "reports" / ("sac_v%s.html" % __version__)).write_text("<table>%s</table>\n" % rows)


def serve(config):
    """Trades and answers until SIGTERM."""
    service = config["service"]
    set_up_logging(service["log_dir"])
    session, lock, stopping = session_from(config), threading.Lock(), threading.Event()
    for _ in range(WARM_UP_STEPS):
        session.step()
    server = ThreadingHTTPServer((service["host"], service["port"]), handler_for(session, lock))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    write_state(session, service["state_dir"])
    log.info("sac agent %s answers on port %d", __version__, server.server_address[1])
    notify_ready()
    next_complaint = 0.0
    while not stopping.wait(service["interval_seconds"]):
        with lock:
            session.step()
            health = session.health()
        if health["status"] != "ok" and time.monotonic() >= next_complaint:
            log.error("%s", health["reason"])
            next_complaint = time.monotonic() + 2.0
    log.info("sac agent %s stops", __version__)


def main():
    """Command line: --config FILE."""
    parser = argparse.ArgumentParser(description="SAC trading agent")
    parser.add_argument("--config", required=True)
    try:
        config = load_config(parser.parse_args().config)
    except (OSError, ValueError) as error:
        sys.exit("sac_agent: %s" % error)
    serve(config)


if __name__ == "__main__":
    main()
