import pytest

from src.rl.sac.sac_agent import OrderRejected, SimulatedVenue


def test_price_off_the_tick_is_rejected():
    with pytest.raises(OrderRejected, match="tick size"):
        SimulatedVenue(0.05).submit(1, 100.01)


def test_price_on_the_tick_is_taken():
    latency_ms, cost = SimulatedVenue(0.05).submit(2, 100.05)
    assert latency_ms > 0 and cost > 0


def test_prices_stay_positive():
    venue = SimulatedVenue(0.05)
    assert all(venue.next_price() > 0 for _ in range(1000))
