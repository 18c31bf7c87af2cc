//! A made-up city.
