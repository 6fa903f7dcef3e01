"""The validator: resources in, findings out."""

from functools import cache
from typing import Final

from etalon_wire.findings import Finding
from etalon_wire.json_body import Resource
from etalon_wire.modes import Mode
from etalon_wire.validation.compiling import Compiler
from etalon_wire.validation.flaws import Flaw, Flaws
from etalon_wire.validation.profiles import ProfileSet
from etalon_wire.validation.recurring import RightValues
from etalon_wire.validation.references import scope_of
from etalon_wire.validation.severities import Role, severities
from etalon_wire.validation.tables import own_profiles

_FOUND_MOST: Final = 1024
_FOUND_LONGEST: Final = 1024
_GRAVITY: Final = ("fatal", "error", "warning", "information")


class UnknownProfile(LookupError):  # noqa: N818 (the profile is, the program is not)
    """A profile was asked for that is neither in our tables nor in the packages loaded."""


class Validator:
    """Checks resources against profiles compiled once.

    Every finding bears the severity of the role asked for, and the other role's beside it.
    `lenient_ins_key` lets matricules with a wrong key pass as warnings: the examples of PDSm4DMP
    hold such keys. It is off unless asked. A validator that `remembers` does not check again
    what it found right before; it finds the same as one that does not.
    """

    def __init__(
        self,
        profiles: ProfileSet | None = None,
        *,
        lenient_ins_key: bool = False,
        remembers: bool = True,
    ) -> None:
        self.profiles = profiles if profiles is not None else own_profiles()
        own = self.profiles is own_profiles()
        self._compiler = _own(remembers) if own else _compiled(self.profiles, remembers)
        self._lenient_ins_key = lenient_ins_key
        self._found: dict[tuple[str, ...], Finding] = {}

    @property
    def not_evaluated(self) -> tuple[str, ...]:
        """What the profiles ask that no check of ours evaluates, each said once."""
        return tuple(self._compiler.not_evaluated)

    def validate(
        self, resource: Resource, profile: str, mode: Mode, role: Role = "server"
    ) -> list[Finding]:
        """Return what is wrong with `resource` under `profile`, gravest first, then by place.

        `profile` is a name of our tables (`pdsm-simplified-publish`), a canonical address, or the
        name of an R4 resource, which asks for no more than R4 itself.

        Raises:
            UnknownProfile: No such profile.
        """
        found = [self._finding(flaw, mode, role) for flaw in self._flaws(resource, profile)]
        if len(found) > 1:
            found.sort(key=lambda finding: (_GRAVITY.index(finding.severity), finding.expression))
        return found

    def _flaws(self, resource: Resource, name: str) -> Flaws:
        profile = self.profiles.find(name)
        kind = profile.resource if profile is not None else name
        if kind not in self.profiles.base:
            message = f"no profile {name!r}: give one of our tables, or load its package"
            raise UnknownProfile(message)
        if resource.get("resourceType") != kind:
            message = f"a resource of type {kind} is asked"
            return [Flaw(kind, "structure", "base", "type", "W-REC-05a", message)]
        if profile is not None:
            check = self._compiler.profile_check(profile)
        else:
            check = self._compiler.type_check(kind)
        flaws = check(resource, scope_of(resource))
        for flaw in flaws:
            flaw.path = kind + flaw.path
        return flaws

    def _finding(self, flaw: Flaw, mode: Mode, role: Role) -> Finding:
        # The same few things are wrong with message after message.
        known = (
            flaw.path, flaw.code, flaw.level, flaw.rule, flaw.requirement, flaw.message,
            flaw.element, mode, role,
        )  # fmt: skip
        found = self._found.get(known)
        if found is None:
            found = self._new_finding(flaw, mode, role)
            if len(self._found) >= _FOUND_MOST:
                self._found.clear()
            if len(flaw.path) + len(flaw.message) <= _FOUND_LONGEST:
                self._found[known] = found
        return found

    def _new_finding(self, flaw: Flaw, mode: Mode, role: Role) -> Finding:
        other: Role = "client" if role == "server" else "server"
        tables = severities()
        severity, elsewhere = tables.of(flaw, mode, role), tables.of(flaw, mode, other)
        if self._lenient_ins_key and flaw.rule == "ins-key":
            severity = elsewhere = "warning"
        return Finding(
            severity=severity,
            code=flaw.code,
            expression=flaw.path,
            requirement=flaw.requirement,
            message=flaw.message,
            other_severity=elsewhere,
        )


def _compiled(profiles: ProfileSet, remembers: bool) -> Compiler:  # noqa: FBT001 (of one module)
    compiler = Compiler(profiles, RightValues() if remembers else None)
    for profile in profiles:
        compiler.profile_check(profile)
    return compiler


@cache
def _own(remembers: bool) -> Compiler:  # noqa: FBT001 (of one module)
    """Compile our own profiles once a process: validators share the checks, not what they found."""
    return _compiled(own_profiles(), remembers)
