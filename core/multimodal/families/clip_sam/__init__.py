"""The CLIP, SAM and Qwen family, which Vary-toy and Fox share: two vocabularies of vision in front of one decoder."""
