"""The lines that `serve` prints when it accepts connections."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from offer_sandbox import __version__

if TYPE_CHECKING:
    from offer_sandbox.contract import Provider


@dataclass(frozen=True)
class Announcement:
    """A server that has started: its URL, the token of its control API if it needs one, the file of its CA if it
    serves HTTPS, whether clients need an issued key, and the versions of providers' contracts that new workspaces
    have, where they differ from the default."""

    url: str
    admin_token: str | None
    ca: Path | None
    keyed: bool
    contracts: Mapping[str, str]

    @property
    def tls_url(self) -> str:
        """The HTTPS URL on the same port."""
        return self.url.replace("http", "https", 1)

    def print_json(self) -> None:
        """Prints one JSON object on one line."""
        secured = {"tls_url": self.tls_url, "ca": str(self.ca)} if self.ca else {}
        print(json.dumps({"url": self.url, "admin_token": self.admin_token, **secured}), flush=True)

    def print(self, providers: "Mapping[str, Provider]") -> None:
        """Prints the base URL of each provider, the console, the control API and a first call. The last line is
        the URL."""
        print(f"Offer Sandbox {__version__}. Press Ctrl-C to stop.\n")
        for name, value in self._addresses(providers):
            print(f"  {name:<14}{value}")
        for line in self._outdated(providers):
            print(f"\n{line}")
        print(f"\n{self._first_call}\n")
        print(self.url, flush=True)

    def _outdated(self, providers: "Mapping[str, Provider]") -> Iterator[str]:
        """Yields a line for each provider whose production is at another version of its contract."""
        for name, provider in sorted(providers.items()):
            own = self.contracts.get(name) or next(iter(provider.contracts), "")
            if provider.production and own != provider.production:
                yield (
                    f"{provider.title}: this server is at contract {own}, production at {provider.production}"
                    f" (--contract {name}={provider.production})."
                )

    def _addresses(self, providers: "Mapping[str, Provider]") -> Iterator[tuple[str, str]]:
        for name, provider in sorted(providers.items()):
            base = next((value for value in provider.environment.values() if "{url}" in value), "{url}")
            yield name, base.format(url=self.url, key="")
        yield "console", f"{self.url}/__admin/{f'?token={self.admin_token}' if self.admin_token else ''}"
        token = f" (token: {self.admin_token})" if self.admin_token else ""
        yield "control API", f"{self.url}/__admin{token}"
        if self.ca:
            yield "HTTPS", f"{self.tls_url} (print the CA certificate with: offer-sandbox ca)"

    @property
    def _first_call(self) -> str:
        if not self.keyed:
            return f"Try: curl {self.url}/offers/offer-123 -H 'Authorization: Bearer sbx_demo'"
        token = f" -H 'Authorization: Bearer {self.admin_token}'" if self.admin_token else ""
        body = "-H 'Content-Type: application/json' -d '{\"name\": \"demo\"}'"
        return f"Issue a key: curl {self.url}/__admin/workspaces{token} {body}"
