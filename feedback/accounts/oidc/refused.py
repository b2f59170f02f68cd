"""Why a sign-in at the provider does not do."""


class Refused(Exception):
    """Something is not as it must be: in words for the reader, with a status, and for the log."""

    def __init__(self, words: str, status: int, why: str = "") -> None:
        super().__init__(why or words)
        self.words = words
        self.status = status
