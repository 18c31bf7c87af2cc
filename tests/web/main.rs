//! The pages in a real browser, from the real program, over a made-up town.

mod answers;
mod driver;
mod server;
mod town;
mod verdicts;
mod verify;
mod walk;
