"""GOT: General OCR Theory (Wei et al. 2024, arXiv 2409.01704), and the small reader trained here."""

from ocr2.got.models import MODELS

__all__ = ["MODELS"]
