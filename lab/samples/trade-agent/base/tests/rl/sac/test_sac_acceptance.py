from pathlib import Path

from src.rl.sac.sac_agent import load_config, session_from

ROOT = Path(__file__).resolve().parents[3]


def traded(steps):
    session = session_from(load_config(ROOT / "configs" / "sac_config.json"))
    for _ in range(steps):
        session.step()
    return session


def test_orders_are_taken():
    assert traded(1000).error_percent() < 1.0


def test_latency_is_within_the_target():
    assert traded(1000).metrics()["sac_latency_p95_ms"] < 250.0


def test_position_stays_within_the_limit():
    session = traded(500)
    assert abs(session.position) <= session.max_position + 1
