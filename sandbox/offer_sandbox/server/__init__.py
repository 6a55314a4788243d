"""Floor 5: the sockets: an HTTP server that calls the WSGI app on its loop and carries out an answer's plan."""
