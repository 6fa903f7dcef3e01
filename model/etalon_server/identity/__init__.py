"""Identity of the sandbox: who may log in, what tokens say, how long they are good for."""
