"""What is decided of a project. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field

from gpustrap.laptop.remote import Checkout
from gpustrap.laptop.tree import Tree
from gpustrap.resolve.environment import Environment
from gpustrap.resolve.project import OnBoxChanges
from roles.project.access import Access


@dataclass(frozen=True)
class Project:
    """The decision: a `tree` of this computer, or a `checkout`, in the folder `dest`.

    `user` is whose the files are on the instance, empty for root; `jobs` is the folder of long steps. `environment` is
    None where the project has no file that asks for one.
    """

    dest: str
    user: str
    on_box_changes: OnBoxChanges
    tree: Tree | None = None
    checkout: Checkout | None = None
    access: Access = field(default_factory=Access)
    environment: Environment | None = None
    jobs: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Changes whenever what is to stand there does."""
        return self.tree.digest if self.tree is not None else self.checkout.commit if self.checkout is not None else ""

    @property
    def trees(self) -> tuple[Tree, ...]:
        """One, or none."""
        return () if self.tree is None else (self.tree,)

    @property
    def checkouts(self) -> tuple[Checkout, ...]:
        """One, or none."""
        return () if self.checkout is None else (self.checkout,)

    @property
    def environments(self) -> tuple[Environment, ...]:
        """One, or none."""
        return () if self.environment is None else (self.environment,)
