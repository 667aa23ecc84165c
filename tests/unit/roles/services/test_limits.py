from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.resolve.context import Context
from roles.services.resolve import choose

POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_MAX_THREADS", "RAYON_NUM_THREADS",
         "GOMAXPROCS", "PYTHON_CPU_COUNT")  # fmt: skip
QUOTA = "; 46 threads a pool (OMP_NUM_THREADS and the like): it may use 46.5 of 384 cores it sees"


@pytest.mark.parametrize(
    ("cpus", "cores", "written", "count", "said"),
    [
        (46.5, 384, {}, "46", QUOTA),
        (0.5, 384, {"threads": None}, "1", "; 1 threads a pool (OMP_NUM_THREADS and the like): it may use 0.5 of 384 cores it sees"),
        (8, 8, {}, None, ""),
        (8, 0, {}, None, ""),  # what it sees is not known
        (8, 8, {"threads": 2}, "2", "; 2 threads a pool (OMP_NUM_THREADS and the like)"),
        (46.5, 384, {"threads": 100}, "100", "; 100 threads a pool (OMP_NUM_THREADS and the like)"),
        (8, 8, {"memory_gib": 1.5, "nofile": 4096}, None, "; at most 1.5 GiB a process; at most 4096 open files a process"),
    ],
)  # fmt: skip
def test_a_pool_gets_as_many_threads_as_it_may_use_cores(settings, survey, cpus, cores, written, count, said) -> None:
    box = replace(survey, cpus=cpus, cores=cores, tools={"tmux": "/x"})
    chosen = choose(settings("services", {"job": {"command": "x", **written}}), box, Context("demo", "cn"))
    assert dict(chosen.services[0].env) == (dict.fromkeys(POOLS, count) if count else {})
    assert chosen.reasons == (f"job: no port, ready once it keeps running{said}",)


def test_what_a_person_sets_counts_and_limits_are_in_the_units_of_ulimit(settings, survey) -> None:
    box = replace(survey, cpus=4.0, cores=64, tools={"tmux": "/x"})
    written = {"command": "x", "env": {"OMP_NUM_THREADS": "9"}, "memory_gib": 0.5, "nofile": 100}
    (service,) = choose(settings("services", {"job": written}), box, Context("demo", "cn")).services
    assert (service.env["OMP_NUM_THREADS"], service.env["MKL_NUM_THREADS"]) == ("9", "4")
    assert (service.memory_kib, service.nofile) == (512 * 1024, 100)
