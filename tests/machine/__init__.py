"""What the tests need from the machine besides Python: a browser, a PostgreSQL, Node.js, a free port."""
