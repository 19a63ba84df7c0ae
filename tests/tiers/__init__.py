"""Who is shown what: everything that is kept of an order, and to whom of owner, guest and widget any of it comes."""
