"""PDFs written by hand, so that every test says what is in its file."""

import hashlib
from collections.abc import Callable, Sequence

import pytest

HELLO = b"BT /F1 24 Tf 72 700 Td (Hello world) Tj ET"
HELVETICA = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


@pytest.fixture(scope="session")
def make_pdf() -> Callable[..., bytes]:
    """Return a function that writes a PDF of one page, or with `kids` of others."""

    def make(
        content: bytes = HELLO,
        *,
        box: str = "0 0 612 792",
        page: str = "",
        catalog: str = "",
        trailer: str = "",
        kids: str = "3 0 R",
        font: bytes = HELVETICA,
        more: Sequence[bytes] = (),  # objects from number 6
    ) -> bytes:
        entries = f"/Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> {page}"
        objects = [
            f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
            f"<< /Type /Pages /Kids [{kids}] /Count {kids.count('R')} >>".encode(),
            f"<< /Type /Page {entries} >>".encode(),
            _stream(content),
            font,
            *more,
        ]
        return _file(objects, trailer)

    return make


@pytest.fixture(scope="session")
def encrypted_pdf(make_pdf: Callable[..., bytes]) -> bytes:
    """A PDF that the empty password does not open."""
    keys = f"/O <{'11' * 32}> /U <{'22' * 32}>"
    return make_pdf(trailer=f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 {keys} >> /ID [<00> <00>]")


@pytest.fixture(scope="session")
def locked_pdf(make_pdf: Callable[..., bytes]) -> Callable[[str], bytes]:
    """Return a function that writes a PDF which a password opens; ISO 32000-1, 7.6.3, revision 2."""

    def make(password: str) -> bytes:
        filler = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
        padded = (password.encode() + filler)[:32]
        owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
        key = hashlib.md5(padded + owner + (-4).to_bytes(4, "little", signed=True) + b"\0").digest()[:5]
        content = _rc4(hashlib.md5(key + bytes((4, 0, 0, 0, 0))).digest()[:10], HELLO)  # object 4
        keys = f"/O <{owner.hex()}> /U <{_rc4(key, filler).hex()}>"
        return make_pdf(content, trailer=f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 {keys} >> /ID [<00> <00>]")

    return make


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


@pytest.fixture(scope="session")
def make_stream() -> Callable[..., bytes]:
    """Return a function that writes a stream object."""
    return _stream


def _stream(content: bytes, entries: str = "") -> bytes:
    return f"<< /Length {len(content)} {entries} >>\nstream\n".encode() + content + b"\nendstream"


def _file(objects: Sequence[bytes], trailer: str) -> bytes:
    data, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R {trailer} >>\n"
    return data + f"{end}startxref\n{len(data)}\n%%EOF\n".encode()
