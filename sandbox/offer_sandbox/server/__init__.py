"""The HTTP server: sockets, the WSGI application called on the event loop, delays, faults and processes."""
