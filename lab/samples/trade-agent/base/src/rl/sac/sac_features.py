"""What the policy sees: a few numbers made from a window of prices."""

import math

FEATURE_NAMES = ("last_return", "mean_return", "volatility", "momentum")


def returns(prices):
    """Relative changes from each price to the next."""
    return [after / before - 1.0 for before, after in zip(prices, prices[1:])]


def momentum(prices):
    """Last price against the mean of the window."""
    return prices[-1] / (sum(prices) / len(prices)) - 1.0


def features(prices):
    """The observation for a window of at least three positive prices."""
    if len(prices) < 3:
        raise ValueError("features need at least three prices, got %d" % len(prices))
    if min(prices) <= 0:
        raise ValueError("prices must be positive")
    changes = returns(prices)
    mean = sum(changes) / len(changes)
    variance = sum((change - mean) ** 2 for change in changes) / len(changes)
    return [changes[-1], mean, math.sqrt(variance), momentum(prices)]
