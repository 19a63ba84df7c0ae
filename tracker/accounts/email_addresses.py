"""E-mail addresses: one written form for each, so that one person is one customer and two are never taken for one."""

from email_validator import validate_email


class InvalidEmailAddress(ValueError):
    """What was typed can't be an e-mail address; the text says so to whoever typed it."""


def normalise_email(typed: str) -> str:
    """The one form in which we keep and compare this address: lower case, domain in ASCII. Raises InvalidEmailAddress.

    Only ASCII before the @: letters that merely look alike, or become alike in lower case, would join two people.
    """
    try:
        address = validate_email(typed.strip(), check_deliverability=False, allow_smtputf8=False)
    except ValueError:  # EmailNotValidError is one, and so is what a domain can raise that has no ASCII form
        raise InvalidEmailAddress(
            "That doesn't look like an e-mail address. It should be like name@example.com."
        ) from None
    return f"{address.local_part.lower()}@{address.ascii_domain.lower()}"


def mask_email(address: str) -> str:
    """The address as its owner knows it again and nobody else can read it: a•••@example.com."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
