"""What a server is asked to be."""

from dataclasses import dataclass, field

from ocr2.options import LoadOptions

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """One server.

    Attributes:
        host: Address that it listens on.
        port: And its port.
        api_key: That every request must carry; None for none.
        no_auth: Serve other machines without a key.
        loading: How models are loaded.
        max_bytes: Of a request.
        max_pages: Of a document.
        max_seconds: Of a request's work.
        max_waiting: Requests that wait; more are told to come again.
        max_jobs: Results of jobs that are kept.
        receive_seconds: Longest pause of a sender.

    Raises:
        ValueError: If other machines could reach it without a key.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    api_key: str | None = field(default=None, repr=False)
    no_auth: bool = False
    loading: LoadOptions = field(default_factory=LoadOptions)
    max_bytes: int = 64 << 20
    max_pages: int = 500
    max_seconds: float = 600.0
    max_waiting: int = 16
    max_jobs: int = 100
    receive_seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK and self.api_key is None and not self.no_auth:
            raise ValueError(
                f"{self.host} can be reached by other machines: give --api-key KEY, or --no-auth to serve them all"
            )
        if self.api_key is not None and len(self.api_key) < 8:
            raise ValueError(f"an API key needs at least 8 characters, got {len(self.api_key)}")
