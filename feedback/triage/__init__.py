"""What a text is read for: whether it cannot wait, and whether it contradicts its score.

Nothing here may become a figure about anybody (docs/triage.md).
"""
