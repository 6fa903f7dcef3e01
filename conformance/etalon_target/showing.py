"""Ways to a target by the client certificate that they show: the first one, or the second.

A token that is bound to a certificate is good under that one alone (RFC 8705, 3).
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from etalon_target.cannot import CannotTest
from etalon_target.connecting import Overrides, second_of, transport_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from etalon_target.messages import Answer, Certificate, HttpRequest
    from etalon_target.profile import Profile
    from etalon_target.secrecy import Secrets
    from etalon_target.throwaway_authority import AuthorityFiles
    from etalon_target.tokens import Sends
    from etalon_target.transport import Observer, Transport

FIRST: Final = "first"
SECOND: Final = "second"


class Ways:
    """The ways to a target, opened when they are first taken. May be used by several threads.

    Attributes:
        ends_at: Instant of `time.monotonic` after which no exchange lasts.
    """

    def __init__(
        self, opened: Mapping[Certificate, Callable[[], Transport]], observe: Observer
    ) -> None:
        """Open nothing yet.

        Args:
            opened: What opens each way there is.
            observe: Told of every exchange.
        """
        self._opened = opened
        self._observe = observe
        self._ways: dict[Certificate, Transport] = {}
        self._lock = threading.Lock()

    def check(self) -> None:
        """Go on where there is a way under each of two certificates.

        Raises:
            CannotTest: There is not.
        """
        if not self._opened:
            raise CannotTest(key="target.no_certificates")

    def send(self, request: HttpRequest, ends_at: float) -> Answer:
        """Send a request whose address is absolute by the way that it asks for.

        Raises:
            CannotTest: There is none: no such certificate is declared.
        """
        with self._lock:
            way = self._ways.get(request.certificate)
            if way is None:
                self.check()
                way = self._ways[request.certificate] = self._opened[request.certificate]()
                way.observers.append(self._observe)
        way.ends_at = ends_at
        return way.send(request)

    def close(self) -> None:
        """Close every way."""
        with self._lock:
            ways, self._ways = list(self._ways.values()), {}
        for way in ways:
            way.close()


def openers(
    profile: Profile, overrides: Overrides, secrets: Secrets, files: AuthorityFiles | None
) -> Mapping[Certificate, Callable[[], Transport]]:
    """Return what opens the way under each client certificate; nothing where two are not known.

    Args:
        profile: What is known of the target; it says which they are.
        overrides: What the command line says of TLS.
        secrets: Where passwords are.
        files: Those of an embedded server, which stand for what a profile says.
    """
    if files is not None:
        first = Overrides(ca_bundle=files.authority, certificate=files.first)
        second: Overrides | None = replace(first, certificate=files.second)
    else:
        first, second = overrides, second_of(profile, overrides)
        is_known = first.certificate is not None or bool(profile.tls.certificate)
        second = second if is_known else None
    if second is None:
        return {}
    return {
        FIRST: partial(transport_of, profile, first, secrets),
        SECOND: partial(transport_of, profile, second, secrets),
    }


class Showing:
    """A target to which every request shows a certificate."""

    def __init__(self, target: Sends, certificate: Certificate) -> None:
        """Keep both."""
        self._target = target
        self._certificate: Certificate = certificate

    @property
    def sandbox_address(self) -> str:
        """Address of the controls, or empty."""
        return self._target.sandbox_address

    def send(self, request: HttpRequest) -> Answer:
        """Send a request under the certificate."""
        return self._target.send(replace(request, certificate=self._certificate))
