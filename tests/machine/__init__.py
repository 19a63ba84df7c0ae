"""What the tests need from the machine beside Python: a browser, a PostgreSQL, Node.js, a free port."""
