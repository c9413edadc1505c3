"""How Vary-toy is asked; its family's frame around pictures, and boxes by name.

Source: docs/models/vary.md, "Prompts", "Boxes".
"""

from ocr2.multimodal.families.clip_sam.reader import question_prompt
from ocr2.multimodal.named_boxes import detect_question

__all__ = ["detect_question", "question_prompt"]
