//! Files to commands.
