"""Documents as sound, in a file."""

from pathlib import Path

from ocr2.formats import save_bytes
from ocr2.formats.speech.script import document_to_pieces
from ocr2.formats.speech.speaker import Speaker, speak_pieces
from ocr2.results.document import Document


def save_speech(document: Document, path: Path, speaker: Speaker) -> Path:
    """Write a document as a WAV file, as `save_bytes` does.

    Raises:
        OCR2Error: If the speaker fails.
        OutputError: If the file cannot be written.
    """
    return save_bytes(path, speak_pieces(document_to_pieces(document), speaker))
