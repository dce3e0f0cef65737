"""Work on a Dask cluster: the same answers as in one process."""

import pytest

from lamina_graph.batch import batch, cluster
from lamina_graph.errors import InputError

distributed = pytest.importorskip("distributed")


def test_a_cluster_gives_the_same_answers_in_the_same_order() -> None:
    words = [f"word {number}" * (number % 7) for number in range(1000)]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as workers,
        cluster(workers.scheduler_address) as executor,
    ):
        assert list(batch(len, words, executor)) == list(map(len, words))


def test_a_cluster_that_does_not_answer_is_an_input_error() -> None:
    with (
        pytest.raises(InputError, match="no Dask cluster answers"),
        cluster("tcp://127.0.0.1:9", seconds=0.5),
    ):
        pass
