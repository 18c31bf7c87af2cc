//! Folding and comparing names.
