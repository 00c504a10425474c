"""What people can do in the chat, one file per subject."""
