"""The HTTP server: sockets, requests answered on the event loop, delays, faults and processes."""
