"""Soft actor-critic, by name."""


class SAC:
    """Learns nothing; says what it was given."""

    def __init__(self, policy, env, seed=None):
        self.policy, self.env, self.seed = policy, env, seed
