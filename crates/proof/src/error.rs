//! The one error of every check: which field, what would be right, what stands there.

use std::fmt::Display;

/// What does not hold. Fields are named alike by every verifier of these formats, whatever its language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: expected {expected}, found {found}")]
pub struct ProofError {
    /// Path of the field, outermost first: `path`, `signatures[2].name`.
    pub field: String,
    /// What would be right.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl ProofError {
    pub(crate) fn new(
        field: impl Into<String>,
        expected: impl Display,
        found: impl Display,
    ) -> Self {
        Self {
            field: field.into(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    /// The same fault, seen from the field around it.
    pub(crate) fn inside(mut self, outer: &str) -> Self {
        self.field = format!("{outer}.{}", self.field);
        self
    }
}

/// Refuses two values that are not the same.
pub(crate) fn same<T: PartialEq + Display>(
    field: impl Into<String>,
    expected: T,
    found: T,
) -> Result<(), ProofError> {
    if expected == found {
        Ok(())
    } else {
        Err(ProofError::new(field, expected, found))
    }
}
