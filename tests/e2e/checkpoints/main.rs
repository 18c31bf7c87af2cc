//! Checkpoints of the real program, judged by clients that other people wrote: Go's own `sumdb` libraries and an
//! independent witness.

mod client;
mod outside;
