"""The measures interface of the server: what services write and search."""
