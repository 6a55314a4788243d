"""The framer against httptools: whatever the packets, the parser reads the same requests, and no head grows."""

import contextlib

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offer_sandbox.contract.http import MAX_HEAD_BYTES
from offer_sandbox.server.framing import HeadTooLarge, MalformedRequest, RequestFramer

BODY = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\n" + BODY[:5] + b"\r\n%x\r\n" % (len(BODY) - 5) + BODY[5:]


class Reader:
    """Reads requests as the listener does: `requests` has method, header pairs and body of each complete one."""

    def __init__(self) -> None:
        self.framer = RequestFramer()
        self.parser = httptools.HttpRequestParser(self)
        self.requests: list[tuple[bytes, list[tuple[bytes, bytes]], bytes]] = []
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    def on_message_begin(self) -> None:
        self.headers, self.body = [], b""

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        told = dict(self.headers)
        if b"transfer-encoding" in told:
            self.framer.expect_body(None)
        elif told.get(b"content-length", b"0") != b"0":
            self.framer.expect_body(int(told[b"content-length"]))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.requests.append((self.parser.get_method(), self.headers, self.body))

    def read(self, *packets: bytes) -> "Reader":
        for packet in packets:
            self.framer.feed(packet)
            while piece := self.framer.next_piece():
                self.parser.feed_data(piece)
        return self


def request(*, body: bytes = b"", headers: bytes = b"", chunked: bool = False) -> bytes:
    head = b"POST /x HTTP/1.1\r\nHost: a\r\n" + headers
    if chunked:
        return head + CHUNKED + b"\r\n0\r\nTrailer: t\r\n\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@given(
    st.lists(
        st.sampled_from([request(body=BODY), request(body=BODY, headers=UPGRADE), request(chunked=True)]),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.integers(1, 400), max_size=20),
)
def test_any_packets_give_the_same_requests(texts, cuts):
    stream, packets = b"".join(texts), []
    for cut in cuts:
        packets.append(stream[:cut])
        stream = stream[cut:]
    reader = Reader().read(*packets, stream)
    assert [body for _, _, body in reader.requests] == [BODY] * len(texts)
    assert all(method == b"POST" for method, _, _ in reader.requests)
    assert not reader.framer.in_body


@pytest.mark.parametrize("token", [b"h2c", b"TLS/1.0", b"websocket", b"h2c, TLS/1.0", b"anything;x"])
def test_no_upgrade_reaches_the_parser(token):
    reader = Reader().read(request(body=BODY, headers=b"Connection: upgrade\r\nuPgRaDe:\t" + token + b" \r\n"))
    [(_, headers, body)] = reader.requests
    assert (b"upgrade" in dict(headers), body) == (False, BODY)
    assert reader.framer.upgrades == [token]


@pytest.mark.parametrize("blanks", [b" ", b"\t", b" \t  "])
def test_blanks_around_a_value_are_no_part_of_it(blanks):
    reader = Reader().read(request(headers=b"X-A:" + blanks + b"a b" + blanks + b"\r\nX-B:" + blanks + b"\r\n"))
    headers = dict(reader.requests[0][1])
    assert (headers[b"x-a"], headers[b"x-b"]) == (b"a b", b"")


@pytest.mark.parametrize("value", [b"a\x00b", b"a\x1bb", b"a\x7fb", b"a\rContent-Length: 47"])
def test_an_upgrade_with_control_characters_is_refused(value):
    """It is left to the parser, as any other header."""
    with pytest.raises(httptools.HttpParserError):
        Reader().read(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: " + value + b"\r\n\r\n")


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade:" + b" " * 60_000 + b"x\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: a" + b" " * 60_000 + b"b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a" + b" \t" * 30_000 + b"b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"Upgrade: a \r\n" * 4_000 + b"\r\n",
        b"G" * 60_000 + b" / HTTP/1.1\r\n\r\n",
    ],
    ids=["blanks and LF", "blanks within", "blanks and tabs", "many upgrades", "method"],
)
def test_a_head_takes_linear_time(head):
    """Each of its bytes is looked at a few times: a pattern that goes back would take minutes here."""
    with contextlib.suppress(httptools.HttpParserError, MalformedRequest):
        Reader().read(head)


def test_small_chunks_are_read_in_linear_time():
    """A quarter of a million of them, in one packet: no piece copies what follows it."""
    text = (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1\r\nx\r\n" * 250_000
        + b"0\r\n\r\n"
    )
    assert len(Reader().read(text).requests[0][2]) == 250_000


def test_an_idle_connection_keeps_no_packet():
    reader = Reader().read(request(body=BODY) * 100)
    assert (reader.framer._data, reader.framer.in_head) == (b"", False)
    assert reader.read(b"GET /").framer.in_head


def test_a_line_of_blanks_hides_no_second_request():
    with pytest.raises(httptools.HttpParserError):
        Reader().read(b"GET / HTTP/1.1\r\nHost: a\r\n \r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n")


def padded(size: int) -> bytes:
    head = b"GET / HTTP/1.1\r\nHost: a\r\nX: "
    return head + b"x" * (size - len(head) - 4) + b"\r\n\r\n"


@pytest.mark.parametrize("packet", [1 << 20, 1000, 65_535])
def test_a_head_of_64_KiB_is_read_and_one_byte_more_refused(packet):
    for text, readable in ((padded(MAX_HEAD_BYTES), True), (padded(MAX_HEAD_BYTES + 1), False)):
        packets = [text[start : start + packet] for start in range(0, len(text), packet)]
        if readable:
            assert len(Reader().read(*packets).requests) == 1
        else:
            with pytest.raises(HeadTooLarge):
                Reader().read(*packets)


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        b"GET / HTTP/1.1\r\nHost: a\r\nX",
        b"GET /",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0;",
    ],
    ids=["value", "name", "target", "trailer", "chunk extension"],
)
def test_what_never_ends_is_refused_after_64_KiB(beginning):
    """Not a byte more than the limit and the last packet is held."""
    reader = Reader().read(beginning)
    with pytest.raises(MalformedRequest):
        for _ in range(100):
            reader.read(b"a" * 1000)
            assert len(reader.framer._section) <= MAX_HEAD_BYTES
    assert reader.requests == []


def test_headers_and_trailers_have_one_limit():
    head = padded(MAX_HEAD_BYTES - 1000)[:-4] + b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    assert len(Reader().read(head + b"T: " + b"x" * 900 + b"\r\n\r\n").requests) == 1
    with pytest.raises(HeadTooLarge):
        Reader().read(head + b"T: " + b"x" * 1000 + b"\r\n\r\n")


@pytest.mark.parametrize("text", [b"\x16\x03\x01\x02", b"\x00", b" GET / HTTP/1.1", b"GET\t/"])
def test_what_cannot_become_a_request_is_refused_before_it_ends(text):
    with pytest.raises(MalformedRequest):
        Reader().read(text)


def test_empty_lines_before_a_request_are_skipped():
    assert len(Reader().read(b"\r\n\r\n", b"\r\n" + request(body=b"x")).requests) == 1
