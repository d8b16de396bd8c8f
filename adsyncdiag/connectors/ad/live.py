"""A live Active Directory domain behind the port `SourceDirectory`, over LDAPS or StartTLS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ldap3.utils.conv import escape_filter_chars

from adsyncdiag.connectors.ad import answers, faults
from adsyncdiag.connectors.ad.convert import Decoder, Missing
from adsyncdiag.connectors.ad.search import (
    ANY,
    INVALID_DN,
    NO_RIGHTS,
    NO_SUCH_OBJECT,
    REFERRAL,
    SUCCESS,
    first_range,
    read_whole,
)
from adsyncdiag.connectors.ad.session import Answer, Session
from adsyncdiag.connectors.ad.target import target
from adsyncdiag.errors import ConnectorError, ConnectorRefused, UsageError
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image, Unreadable
from adsyncdiag.model.sid import sid_text

_ROOT_DSE = ("dnsHostName", "namingContexts", "currentTime")


class LdapDirectory:
    r"""One domain, read as the connector account sees it; connects on first use and keeps the connection.

    *user* is a DN, `svc@contoso.com` or `CONTOSO\svc`; *password* is called for each bind. *timeout* is in seconds. Raises
    `ConfigurationError` for a URL that would send the password in clear text, and for a global catalog.
    """

    def __init__(
        self,
        connector: Connector,
        *,
        url: str,
        user: str,
        password: Callable[[], str],
        ca_file: str = "",
        start_tls: bool = False,
        timeout: float = 10,
    ) -> None:
        self._connector = connector
        self._target = target(connector.name, url, user=user, ca_file=ca_file, start_tls=start_tls, timeout=timeout)
        self._session = Session(self._target, password)
        self._decoder = Decoder(connector, self._owner)
        self._owners: dict[bytes, str | None] = {}
        self._wanted = tuple(
            first_range(name) if name.lower() == "member" and self._decoder.is_multi_valued(name) else name
            for name in self._decoder.wanted
        )

    def __repr__(self) -> str:
        return f"LdapDirectory({self._target.url!r}, user={self._target.user!r})"

    def read(self, dn: Dn) -> Image | Unreadable:
        """Return the object at *dn* with its included attributes, multi-valued ones whole, or why it is not to be had."""
        answer = read_whole(self._session, dn.text, self._wanted)
        refusal = self._refusal(dn, answer)
        if refusal is not None:
            return refusal
        try:
            image = self._decoder.image(answer.entries[0])
        except UsageError as error:
            raise ConnectorRefused(
                f"{self._target.url} answers the search for {dn} with {faults.printable(answer.entries[0].dn)!r}, "
                "which is no distinguished name",
                code="failed-search",
            ) from error
        if isinstance(image, Missing):
            return answers.nothing_readable(self._target.url, dn, image.attribute, account=self._target.user)
        return image

    def is_member(self, group: Dn, member: Dn) -> bool | None:
        """Say whether *member* is a direct member of *group*, however many it has; None when the group cannot be read.

        A group whose `member` attribute alone is hidden from the account answers False: its filter finds nothing, and
        nothing tells that from a group without this member ([MS-ADTS] 3.1.1.3.1.3.1).
        """
        condition = f"(member={escape_filter_chars(member.text)})"
        found = self._session.search(group.text, condition, ("objectGUID",))
        if self._refusal(group, found, matched=False) is not None:
            return None
        if found.entries:
            return True
        there = self._session.search(group.text, ANY, ("objectGUID",))
        return None if self._refusal(group, there) or not there.entries[0].values("objectGUID") else False

    def check(self) -> Mapping[str, str]:
        """Return server, host name, account, TLS, naming contexts and partitions, and the server's clock against ours."""
        answer = self._session.search("", ANY, _ROOT_DSE)
        if answer.code != SUCCESS or not answer.entries:
            raise faults.search_refused(self._target, "the root DSE", answer.code, answer.message)
        root = answer.entries[0]
        contexts = [value.decode("utf-8", "replace") for value in root.values("namingContexts")]
        facts = {
            "server": self._target.url,
            "host name": ", ".join(value.decode("utf-8", "replace") for value in root.values("dnsHostName")),
            "account": self._target.user,
            "TLS": self._session.encryption(),
            "naming contexts": "; ".join(contexts),
            "partitions": self._partitions(contexts),
            "clock": _clock(root.values("currentTime"), datetime.now(UTC)),
        }
        return {name: faults.printable(fact) for name, fact in facts.items() if fact}

    def close(self) -> None:
        """Give back the connection; the next read would open another one."""
        self._session.close()

    def _refusal(self, dn: Dn, answer: Answer, *, matched: bool = True) -> Unreadable | None:
        """Return why *answer* holds no entry for *dn*; None when it does, or when a filter simply was not *matched*.

        Raises `ConnectorError` for what is the server's trouble and no property of the object.
        """
        where = self._target.url
        if answer.code == SUCCESS:
            if answer.entries or not matched:
                return None
            return answers.not_shown(where, dn, account=self._target.user)
        if answer.code == NO_SUCH_OBJECT:
            return answers.not_shown(
                where,
                dn,
                account=self._target.user,
                nearest=faults.printable(answer.nearest),
                note=answers.no_partition(self._connector, dn),
            )
        if answer.code == REFERRAL:
            return answers.held_elsewhere(where, dn, tuple(faults.printable(uri) for uri in answer.referrals))
        if answer.code == NO_RIGHTS:
            return answers.no_rights(where, dn, self._target.user)
        if answer.code == INVALID_DN:
            return answers.not_accepted(where, dn, faults.printable(answer.message))
        raise self._failed(str(dn), answer)

    def _owner(self, sid: bytes) -> str | None:
        """Return the DN of the account with this SID; None for one of another forest, or deleted, or hidden."""
        if sid not in self._owners:
            answer = self._session.search(f"<SID={sid_text(sid)}>", ANY, ("objectSid",))
            if answer.code not in (SUCCESS, REFERRAL, NO_SUCH_OBJECT, INVALID_DN, NO_RIGHTS):
                raise self._failed(f"the account {sid_text(sid)}", answer)
            self._owners[sid] = answer.entries[0].dn if answer.entries else None
        return self._owners[sid]

    def _failed(self, what: str, answer: Answer) -> ConnectorError:
        return faults.search_refused(self._target, what, answer.code, answer.message)

    def _partitions(self, contexts: list[str]) -> str:
        """Return for each selected partition of the connector whether this server holds it."""
        held = {context.casefold() for context in contexts}
        selected = (entry.dn.text for entry in self._connector.partitions if entry.selected and entry.dn is not None)
        return "; ".join(f"{dn} {'held' if dn.casefold() in held else 'not held'} here" for dn in selected)


def _clock(values: tuple[bytes, ...], now: datetime) -> str:
    """Return the server's time and how far it is from *now*; Kerberos and certificates care, a sync report does too."""
    text = values[0].decode("ascii", "replace") if values else ""
    try:
        there = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return ""
    seconds = round((there - now).total_seconds())
    if abs(seconds) <= 1:  # it comes in whole seconds
        return f"{there:%Y-%m-%dT%H:%M:%SZ}, the same as here"
    return f"{there:%Y-%m-%dT%H:%M:%SZ}, {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} this computer"
