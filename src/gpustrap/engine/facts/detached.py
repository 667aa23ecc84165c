"""A long step that runs detached on the instance: whether it runs, how it ended, what it was started for."""

from __future__ import annotations

from dataclasses import dataclass

from pyinfra.api import FactBase, QuoteString, StringCommand

SOCKET = "gpustrap-jobs"


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

    def runs(self, identity: str) -> bool:
        """Whether it is at work, and for this."""
        return self.running and self.status is None and self.identity == identity


class DetachedJob(FactBase[JobState]):
    """The state of one job. One that neither runs nor has ended was cut short, as by a reset."""

    def command(self, job: Job) -> StringCommand:
        # The session is looked for first: it ends after its status has been written.
        session = QuoteString(f"={job.name}")
        return StringCommand(
            f"tmux -L {SOCKET} has-session -t", session, "2>/dev/null && echo running;",
            "cd", QuoteString(job.directory), "2>/dev/null || exit 0;",
            "for f in identity status; do [ -s $f ] && echo $f $(cat $f); done; true",
        )  # fmt: skip

    @staticmethod
    def default() -> JobState:
        return JobState()

    def process(self, output: list[str]) -> JobState:
        said = dict(line.partition(" ")[::2] for line in output)
        status = said.get("status")
        return JobState(said.get("identity"), "running" in said, int(status) if status is not None else None)
