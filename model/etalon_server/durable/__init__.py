"""What outlives the process: a journal of every command, and how it is read again."""
