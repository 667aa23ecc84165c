"""One instance, checked: what is written for it and for all, against the keys and the roles there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from gpustrap import content
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.inventory.document import Written, merge
from gpustrap.inventory.faults import faults_of, given, unknown_key
from gpustrap.inventory.instance_keys import NAME_PATTERN, InstanceKeys, Region, SharedKeys, settings_model
from gpustrap.inventory.own_roles import faults_of_role
from gpustrap.inventory.secrets import Secret
from gpustrap.inventory.ssh import SshTarget
from gpustrap.language import tr

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Instance:
    """One target. Exactly one of `ssh` and `lab` is set; `settings` has an entry for each of `roles`."""

    name: str
    ssh: SshTarget | None
    lab: str | None
    password: Secret | None
    region: Region
    roles: tuple[str, ...]  # in the order they are applied
    settings: Mapping[str, BaseModel]
    flavour: str | None = None  # of a lab target
    sudo_password: Secret | None = None  # of a user who is not root
    allow_listening: tuple[int | str, ...] = ()  # ports, PORT/udp, programs: what others may have open there
    public_url: str | None = None  # where its port is reached from outside; with `{port}`, each port
    pasted: str | None = None  # the command of one that is not in the file
    given: SecretStr | None = None  # the password that was pasted with it: for this run's first login

    @property
    def typed(self) -> str:
        """The word that means this instance on a command line."""
        return self.name if self.pasted is None else shlex.quote(self.pasted)


class Checker:
    """Turns what is written into instances, and collects every fault on the way.

    What it returns is whole only once `checked` has let it pass.
    """

    def __init__(self, project: Path, file: str):
        self.project = project
        self.file = file
        self.known_roles = content.role_names(project)
        self.faults: list[Fault] = []
        self._beside: dict[str, Any] = {}  # by role of the instance in hand: its settings as they are written
        self._forms: dict[str, list[Fault]] = {}  # by role: what is wrong with the form of its files

    def checked(self, result: T) -> T:
        """`result`, or BadInput with all faults. One of `defaults` is met in each instance, but said once."""
        if self.faults:
            raise BadInput(*sorted(dict.fromkeys(self.faults), key=lambda fault: fault.line or 0))
        return result

    def sections(self, root: Written) -> tuple[Written, Written]:
        """The file's `defaults` and `instances`, as mappings."""
        root = self._mapping(root)
        self._refuse_unknown(root, ("defaults", "instances"))
        defaults, instances = (
            self._mapping(root.data.get(key, Written({}, root.line, key))) for key in ("defaults", "instances")
        )
        known = (*SharedKeys.model_fields, *self.known_roles)
        self._refuse_unknown(defaults, known)
        usable = {key: value for key, value in defaults.data.items() if key in known}
        return replace(defaults, data=usable), instances

    def named(self, name: str, written: Written, defaults: Written) -> Instance:
        if not re.fullmatch(NAME_PATTERN, name):
            form = tr("a name has letters, digits, dots, dashes and _, and begins with a letter or a digit")
            self._fault(written, form)
        return self.instance(name, merge(defaults, self._mapping(written)))

    def instance(self, name: str, merged: Written) -> Instance:
        """The instance that `merged`, which holds the defaults too, describes."""
        self._refuse_unknown(merged, (*InstanceKeys.model_fields, *self.known_roles))
        self._one_target(merged)
        roles = self._roles(merged)
        self._beside = {role: merged.data[role].plain() for role in roles if role in merged.data}
        settings = {role: self._settings(role, merged) for role in self._with_settings(roles, merged)}
        own = {key: value for key, value in merged.data.items() if key in InstanceKeys.model_fields}
        keys = self._validated(InstanceKeys, replace(merged, data=own)) or InstanceKeys()
        listed = {role: found for role, found in settings.items() if role in roles and found is not None}
        target = (keys.ssh, keys.lab, keys.password, keys.region)
        return Instance(
            name,
            *target,
            roles,
            listed,
            keys.flavour,
            keys.sudo_password,
            allow_listening=keys.allow_listening,
            public_url=keys.public_url,
        )

    def _one_target(self, merged: Written) -> None:
        targets = [key for key in ("ssh", "lab") if key in merged.data and merged.data[key].data is not None]
        if len(targets) != 1:
            given = tr("both") if targets else tr("neither")
            self._fault(merged, tr("expected one of ssh and lab, got {given}", given=given))
        if targets == ["ssh"] and (flavour := merged.data.get("flavour")):
            self._fault(flavour, tr("only a lab instance has a flavour"))

    def _roles(self, merged: Written) -> tuple[str, ...]:
        """The names in `roles` that are roles; what has another form is left to the model."""
        written = merged.data.get("roles")
        if written is None or written.data is None:
            self._fault(merged, tr("no roles"), hint=tr("write roles: [NAME, …] here or under defaults"))
            return ()
        names = [one for one in written.data if isinstance(one.data, str)] if isinstance(written.data, list) else []
        for index, one in enumerate(names):
            self._check_role(replace(one, key=written.key), [before.data for before in names[:index]])
        return tuple(one.data for one in names if one.data in self.known_roles)

    def _check_role(self, role: Written, before: list[str]) -> None:
        if role.data not in self.known_roles:
            self._no_role(role)
        elif role.data in before:
            self._fault(role, tr("role '{role}' stands twice", role=role.data))

    def _no_role(self, role: Written) -> None:
        folder = self.project / "roles" / role.data
        if role.data and folder.is_dir() and folder.parent == self.project / "roles":
            self._fault(
                role,
                tr("roles/{role} has no tasks.py", role=role.data),
                hint=tr("`gpustrap role new NAME` writes a whole role"),
            )
        else:
            self._fault(role, tr("no role '{role}'", role=role.data), nearest=nearest(role.data, self.known_roles))

    def _with_settings(self, roles: Iterable[str], merged: Written) -> list[str]:
        """The roles listed, and those that only have settings: a fault in these counts too."""
        written = (key for key in merged.data if key in self.known_roles and key not in InstanceKeys.model_fields)
        return list(dict.fromkeys((*roles, *written)))

    def _settings(self, role: str, merged: Written) -> BaseModel | None:
        """What is written under the role's name; a role named like a key of the instance has its defaults only."""
        written = Written({}, merged.line, merged.child_key(role))
        if role not in InstanceKeys.model_fields:
            written = merged.data.get(role, written)
        if role not in self._forms:
            self._forms[role] = faults_of_role(self.project, role)
        if self._forms[role]:
            self.faults += self._forms[role]
            return None
        try:
            model = settings_model(role)
        except BadInput as bad:
            self.faults += bad.faults
            return None
        return self._checked(role, model, replace(written, data={}) if written.data is None else written)

    def _checked(self, role: str, model: type[BaseModel], written: Written) -> BaseModel | None:
        """As `_validated`, where a check in a person's own settings.py may raise anything."""
        try:
            return self._validated(model, written)
        except (KeyboardInterrupt, BadInput):
            raise
        except BaseException as error:
            where = tr("a check in the settings.py of role '{role}' fails", role=role)
            self._fault(written, f"{where}: {type(error).__name__}: {error}")
            return None

    def _validated(self, model: type[Model], written: Written) -> Model | None:
        try:
            return model.model_validate(written.plain(), context={"project": self.project, "beside": self._beside})
        except ValidationError as error:
            self.faults += faults_of(error, model, written, self.file)
            return None

    def _mapping(self, written: Written) -> Written:
        """`written` with a mapping for its data: an empty one for nothing, and after a fault."""
        if isinstance(written.data, dict):
            return written
        if written.data is not None:
            self._fault(written, tr("expected a mapping (key: value), got {given}", given=given(written)))
        return replace(written, data={})

    def _refuse_unknown(self, mapping: Written, known: tuple[str, ...]) -> None:
        self.faults += [unknown_key(value, known, self.file) for key, value in mapping.data.items() if key not in known]

    def _fault(self, place: Written, message: str, *, nearest: str | None = None, hint: str | None = None) -> None:
        self.faults.append(Fault(message, self.file, place.line, place.key or None, nearest=nearest, hint=hint))
