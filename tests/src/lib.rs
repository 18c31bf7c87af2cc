//! End-to-end tests: the real program on real folders and sockets. The tests themselves lie in `e2e/`.
