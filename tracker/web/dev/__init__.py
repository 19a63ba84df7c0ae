"""What exists in development only: the gallery, the mailbox, and the sign-in of the demo."""
