"""A long step that runs detached on the instance: whether it runs, how it ended, what it was started for."""

from __future__ import annotations

from dataclasses import dataclass

from pyinfra.api import FactBase

from gpustrap.engine.facts.tmux import tmux_script

CUT_OFF = 75  # the exit status that job-run.sh writes where the laptop's network went away


@dataclass(frozen=True)
class Job:
    """One long step: the tmux session `name`, which runs the script `run` of `directory` and logs beside it."""

    name: str
    directory: str

    @property
    def script(self) -> str:
        """The path where its script has to stand."""
        return f"{self.directory}/run"


@dataclass(frozen=True)
class JobState:
    """`identity` is what it was last started for, None for never; `status` is None until it has ended."""

    identity: str | None = None
    running: bool = False
    status: int | None = None

    @property
    def done(self) -> bool:
        """Nothing is left to do of the last start: it went well, or there was none."""
        return self.identity is None or self.status == 0

    @property
    def cut_off(self) -> bool:
        """Whether the laptop's network, by which it downloaded, went away."""
        return not self.running and self.status == CUT_OFF

    def runs(self, identity: str) -> bool:
        """Whether it is at work, and for this."""
        return self.running and self.status is None and self.identity == identity


class DetachedJob(FactBase[JobState]):
    """The state of one job. One that neither runs nor has ended was cut short, as by a reset."""

    def command(self, job: Job) -> str:
        return tmux_script("job-look", "jobs", job=job.name, d=job.directory)

    @staticmethod
    def default() -> JobState:
        return JobState()

    def process(self, output: list[str]) -> JobState:
        said = dict(line.split(" ")[1:] for line in output if line.count(" ") == 2 and line.startswith("job "))
        status = said.get("status", "")
        return JobState(said.get("identity"), "job running" in output, int(status) if status.isdigit() else None)
