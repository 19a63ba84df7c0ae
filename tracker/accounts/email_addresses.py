"""E-mail addresses: each has one normalised form, so that one person is one customer and no two are merged."""

from email_validator import validate_email


class InvalidEmailAddress(ValueError):
    """The text is not an e-mail address; the error's text is a sentence for the person who typed it."""


def normalise_email(typed: str) -> str:
    """Return the form in which addresses are stored and compared: in lower case, with the domain in ASCII (IDNA).

    Raises InvalidEmailAddress, also for other characters than ASCII before the @: characters that look alike, or become
    equal in lower case, would merge two people into one customer.
    """
    try:
        address = validate_email(typed.strip(), check_deliverability=False, allow_smtputf8=False)
    except ValueError:  # EmailNotValidError is a ValueError; so is the error for a domain that has no ASCII form
        raise InvalidEmailAddress(
            "That doesn't look like an e-mail address. It should be like name@example.com."
        ) from None
    return f"{address.local_part.lower()}@{address.ascii_domain.lower()}"


def mask_email(address: str) -> str:
    """Return the address with its local part hidden, such as a•••@example.com; its owner can still recognise it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
