from __future__ import annotations


def test_all_that_the_connector_is_told_is_described() -> None:
    """pyinfra refuses a host's data that has no description."""
    from gpustrap.engine.host_data import DATA_META, ReplayData

    ours = {name for name in ReplayData.__annotations__ if name.startswith("gpustrap_")}
    assert ours and ours <= set(DATA_META)
