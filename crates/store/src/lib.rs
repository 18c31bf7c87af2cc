//! Where frames and keys lie.
