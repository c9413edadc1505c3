"""HTML printed as PDFs by Chromium without a window (Debian's package chromium)."""

import subprocess
import tempfile
from pathlib import Path


def print_html(html: str, path: Path, *, seconds: float = 60.0, script_seconds: float = 5.0) -> None:
    """Print a document as a PDF.

    Args:
        html: Text of the document.
        path: File that is written.
        seconds: Time after which the browser is stopped.
        script_seconds: Time of their own clock that the document's scripts have.

    Raises:
        subprocess.SubprocessError: If the browser fails or takes too long.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(html, encoding="utf-8")
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        command += ["--no-pdf-header-footer", f"--virtual-time-budget={round(1000 * script_seconds)}"]
        command += [f"--print-to-pdf={path}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=seconds)
