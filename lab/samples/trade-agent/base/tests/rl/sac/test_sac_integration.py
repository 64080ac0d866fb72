import json
import threading
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from src.rl.sac import __version__
from src.rl.sac.sac_agent import SacAgent, SimulatedVenue, TradingSession, handler_for, load_config, session_from

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def session():
    return TradingSession(SacAgent(), SimulatedVenue(0.01))


@pytest.fixture
def address(session):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(session, threading.Lock()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "http://127.0.0.1:%d" % server.server_address[1]
    server.shutdown()
    server.server_close()


def test_the_configuration_makes_a_session():
    session_from(load_config(ROOT / "configs" / "sac_config.json")).step()


def test_unknown_schema_is_refused(tmp_path):
    (tmp_path / "c.json").write_text(json.dumps({"schema_version": 99}))
    with pytest.raises(ValueError, match="schema_version is 99"):
        load_config(tmp_path / "c.json")


def test_health_tells_the_version(address):
    with urllib.request.urlopen(address + "/health", timeout=5) as answer:
        assert json.load(answer) == {"status": "ok", "version": __version__}


def test_health_fails_when_orders_are_rejected(session, address):
    session.venue.tick_size = 1000.0
    session.order_price = lambda: 100.0
    for _ in range(50):
        session.step()
    with pytest.raises(urllib.error.HTTPError) as failed:
        urllib.request.urlopen(address + "/health", timeout=5)
    assert failed.value.code == 503 and "orders rejected" in json.load(failed.value)["reason"]


def test_metrics_are_exported(session, address):
    session.step()
    text = urllib.request.urlopen(address + "/metrics", timeout=5).read().decode()
    for name in session.metrics():
        assert "\n%s " % name in text
