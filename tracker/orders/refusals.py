"""How an order says no. Every refusal is a sentence that a customer may read."""


class Refusal(Exception):
    """The order doesn't allow this; nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
