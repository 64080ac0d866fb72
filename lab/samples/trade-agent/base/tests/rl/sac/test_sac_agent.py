import pytest

from src.rl.sac.sac_agent import SacAgent

PRICES = [100.0 + i * 0.1 for i in range(20)]


def test_action_is_a_position_between_minus_one_and_one():
    assert -1.0 <= SacAgent().act(PRICES) <= 1.0


def test_same_seed_same_action():
    assert SacAgent(seed=3).act(PRICES, explore=True) == SacAgent(seed=3).act(PRICES, explore=True)


def test_learning_moves_the_weights():
    agent = SacAgent()
    before = list(agent.weights)
    agent.learn(PRICES, 1.0, 2.0)
    assert agent.weights != before


def test_model_survives_a_file(tmp_path):
    agent = SacAgent(seed=9)
    agent.save(tmp_path / "sac_test.pkl")
    assert SacAgent.load(tmp_path / "sac_test.pkl").weights == agent.weights


def test_another_model_format_is_refused(tmp_path):
    import pickle

    (tmp_path / "sac_other.pkl").write_bytes(pickle.dumps({"format": 99}))
    with pytest.raises(ValueError, match="model format 99"):
        SacAgent.load(tmp_path / "sac_other.pkl")
