import pytest

from src.rl.sac.sac_features import FEATURE_NAMES, features, momentum, returns


def test_returns_are_relative_changes():
    assert returns([100.0, 110.0, 99.0]) == pytest.approx([0.1, -0.1])


def test_momentum_of_a_flat_market_is_zero():
    assert momentum([100.0] * 5) == 0.0


def test_one_number_for_each_name():
    assert len(features([100.0, 101.0, 102.0])) == len(FEATURE_NAMES)


@pytest.mark.parametrize("prices", [[], [1.0, 2.0], [1.0, 0.0, 2.0]])
def test_bad_windows_are_refused(prices):
    with pytest.raises(ValueError):
        features(prices)
