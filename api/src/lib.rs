//! The HTTP interface as types.
