"""The few errors of our own; all say what came and what was expected."""


class OCR2Error(Exception):
    """Base of the package's errors."""


class DocumentError(OCR2Error):
    """A document or page that cannot be opened or decoded."""


class MissingToolError(DocumentError):
    """A program that was asked for and is not installed."""


class PageTimeoutError(DocumentError):
    """A page that took longer than allowed."""


class CheckpointError(OCR2Error):
    """Weights that do not fit the model, or are not there."""


class ModelError(OCR2Error):
    """An unknown model, or one that cannot do what was asked."""


class SpeakerError(OCR2Error):
    """A speech program that fails, or whose sound cannot be used."""


class OutputError(OCR2Error):
    """A result that cannot be written."""
