"""The one question of a run: may these changes be made?"""

from __future__ import annotations

from gevent.event import AsyncResult

from gpustrap.run.report import Change
from gpustrap.run.steps import pending
from gpustrap.run.work import Options, Work


class Question:
    """Asks once, when every instance has said what it would change or has failed."""

    def __init__(self, count: int, options: Options):
        self._open = count
        self._ask = options.confirm
        self._patience = options.patience
        self._plans: dict[str, list[Change]] = {}
        self._answer: AsyncResult[bool] = AsyncResult()
        self._seen: set[str] = set()

    def agreed(self, work: Work) -> bool:
        """Whether this instance may be changed; waits until all have a plan and the person has answered."""
        if self._ask is None:
            return True
        self._plans[work.name] = pending(work)
        self.is_not_waited_for(work.name)
        agreed: bool = self._answer.get()
        if agreed:
            work.session.connector.refresh()  # a person may have thought for a while
        return agreed

    def is_not_waited_for(self, instance: str) -> None:
        """This instance has its plan or has failed."""
        if self._ask is None or instance in self._seen:
            return
        self._seen.add(instance)
        self._open -= 1
        if self._open == 0:
            changing = {name: plan for name, plan in self._plans.items() if plan}
            try:
                with self._patience.counted():
                    self._answer.set(not changing or self._ask(changing))
            except Exception as error:  # all wait for this answer: each hears why there is none
                self._answer.set_exception(error)
