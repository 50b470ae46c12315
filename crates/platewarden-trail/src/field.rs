//! One named value of a record.

/// Fields that one record may have.
pub const MAX_FIELDS: usize = 1024;

/// One named value of a record. The value is JSON text, kept byte for byte as it was committed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name of the field, as in [`Record`](super::Record).
    pub name: String,
    /// JSON text of the value.
    pub value: String,
}
