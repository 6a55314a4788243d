"""Credentials planted in requests: in each place, format and encoding that docs/security.md names."""

import base64
import gzip
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

WORDS = (
    *("key", "token", "secret", "password", "passwd", "pwd", "passphrase", "auth", "authorization"),
    *("jwt", "session", "credential", "bearer", "signature"),
)
AROUND = ("", "x", "api", "user", "client", "my private", "app 2")
STYLES: tuple[Callable[[list[str]], str], ...] = (
    lambda words: "".join([words[0], *(word.title() for word in words[1:])]),
    lambda words: "".join(word.title() for word in words),
    "_".join,
    "-".join,
    lambda words: "_".join(words).upper(),
    lambda words: "-".join(word.title() for word in words),
)


@dataclass
class Planted:
    """A call with credentials: its parts, and the texts that nothing may show afterwards."""

    target: str = "/api/v1/offers"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    secrets: list[str] = field(default_factory=list)


class Planter:
    """Makes calls with planted credentials, the same for the same seed."""

    def __init__(self, seed: int, live: Callable[[], str]) -> None:
        self._draw = random.Random(seed)
        self._live = live

    def names(self, number: int) -> list[str]:
        """Names of credentials, each once."""
        found: dict[str, None] = {}
        while len(found) < number:
            words = [
                *self._draw.choice(AROUND).split(),
                self._draw.choice(WORDS),
                *self._draw.choice(AROUND).split(),
            ]
            found[self._draw.choice(STYLES)(words) + str(len(found))] = None
        return [*found]

    def secret(self) -> str:
        """A credential that nothing else resembles."""
        return f"hunter{self._draw.getrandbits(64):016x}"

    def calls(self) -> Iterator[Planted]:
        """One call for each place of a credential."""
        for place in (self._json, self._json_in_json, self._pairs, self._form, self._xml, self._multipart):
            yield place(identity)
            yield place(gzip.compress)
            yield place(lambda data: data + b"\xff")
            yield place(lambda data: data.decode().encode("utf-16"))
            yield place(lambda data: data.decode().encode("utf-16-le"))
        yield self._headers()
        yield self._query()
        yield self._path()
        yield self._live_anywhere()

    def _document(self) -> tuple[dict[str, Any], list[str]]:
        pairs = [(name, self.secret()) for name in self.names(20)]
        nested = [{name: {"value": [secret]}} for name, secret in pairs[10:]]
        return {**dict(pairs[:10]), "terms": {"list": nested}}, [secret for _, secret in pairs]

    def _json(self, coded: Callable[[bytes], bytes]) -> Planted:
        document, secrets = self._document()
        return Planted(body=coded(json.dumps(document).encode()), secrets=secrets)

    def _json_in_json(self, coded: Callable[[bytes], bytes]) -> Planted:
        document, secrets = self._document()
        inner = json.dumps({"more": json.dumps(document)})
        return Planted(body=coded(json.dumps({"terms": {"text": inner}}).encode()), secrets=secrets)

    def _pairs(self, coded: Callable[[bytes], bytes]) -> Planted:
        pairs = [(name, self.secret()) for name in self.names(20)]
        items = [{"name": name, "value": secret} for name, secret in pairs]
        return Planted(body=coded(json.dumps({"items": items}).encode()), secrets=[secret for _, secret in pairs])

    def _form(self, coded: Callable[[bytes], bytes]) -> Planted:
        pairs = [(name, self.secret()) for name in self.names(20)]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return Planted(
            body=coded(urlencode(pairs).encode()), headers=form, secrets=[secret for _, secret in pairs]
        )

    def _xml(self, coded: Callable[[bytes], bytes]) -> Planted:
        pairs = [(name, self.secret()) for name in self.names(20)]
        elements = [f"<s:{name} a='1'>{secret}</s:{name}>" for name, secret in pairs[:10]]
        elements += [f'<item {name} = "{secret}"/>' for name, secret in pairs[10:]]
        text = f"<?xml version='1.0'?><all>{''.join(elements)}</all>"
        return Planted(body=coded(text.encode()), secrets=[secret for _, secret in pairs])

    def _multipart(self, coded: Callable[[bytes], bytes]) -> Planted:
        pairs = [(name, self.secret()) for name in self.names(20)]
        parts = [
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{secret}\r\n' for name, secret in pairs
        ]
        return Planted(body=coded(f"{''.join(parts)}--b--".encode()), secrets=[secret for _, secret in pairs])

    def _headers(self) -> Planted:
        names = [f"{name.replace('_', '-')}-{index}" for index, name in enumerate(self.names(15))]
        headers = {name: self.secret() for name in names}
        secrets = [*headers.values()]
        for name in ("X-Original", "X-Forwarded-Auth-Info", "X-Note"):
            secrets.append(self.secret())
            headers[name] = f"Bearer {secrets[-1]}"
        secrets.append(self.secret())
        headers["Referer"] = f"https://user:{secrets[-1]}@page.example/a?b=c"
        secrets.append(self.secret())
        headers["X-Callback"] = f"https://user:{secrets[-1]}@page.example/a"
        return Planted(headers=headers, secrets=secrets)

    def _query(self) -> Planted:
        pairs = [(name, self.secret()) for name in self.names(20)]
        return Planted(target=f"/api/v1/offers?{urlencode(pairs)}", secrets=[secret for _, secret in pairs])

    def _path(self) -> Planted:
        user, value = self.secret(), self.secret()
        return Planted(target=f"/api/v1/offers/a:{user}@b;token={value}/c", secrets=[user, value])

    def _live_anywhere(self) -> Planted:
        """Issued keys and real credentials in places and names of no meaning."""
        encodings = (
            lambda key: key,
            lambda key: base64.b64encode(key.encode()).decode(),
            lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
            lambda key: base64.urlsafe_b64encode(gzip.compress(key.encode(), mtime=0)).decode().rstrip("="),
            lambda key: base64.b64encode(key.encode("utf-16")).decode(),
            lambda key: "".join(f"\\u{ord(sign):04x}" for sign in key),
            lambda key: "".join(f"%{ord(sign):02X}" for sign in key),
            lambda key: "".join(f"&#{ord(sign)};" for sign in key),
        )
        texts = [encode(self._live()) for encode in encodings]
        target = f"/api/v1/offers?{urlencode([(f'note{n}', text) for n, text in enumerate(texts)])}"
        headers = {f"X-Note-{n}": text for n, text in enumerate(texts)}
        body = json.dumps({"notes": texts, "listing_id": texts[1]}).encode()
        return Planted(target, headers, body, [each for text in texts for each in (text, quote(text))])


def identity(data: bytes) -> bytes:
    """The bytes as they are."""
    return data
