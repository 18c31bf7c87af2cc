//! Complaints about registers of this kind, each by its name: its input goes in by a public way (the program's interface over a
//! socket, or its command line), and what is right is asserted. About intake, identity and names; others stand with their matters.

mod checks;
mod codes;
mod files;
mod identity;
mod lookups;
mod minors;
mod names;
mod registers;
mod reports;
