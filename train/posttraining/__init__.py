"""Post-training: a model samples answers, rewards judge them, and it learns from that.

Group-relative policy optimisation (GRPO), listwise preferences (PerPO) with DPO as their case of two, reflective
unlikelihood (RePer), and plain supervised training to compare with. docs/posttraining.md has what each does.
"""
