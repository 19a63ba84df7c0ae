"""Pages that exist in development only: the gallery, the mailbox and the demo's sign-in."""
