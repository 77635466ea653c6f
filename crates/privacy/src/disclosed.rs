//! The type that says: the guard has let it out.

use serde::{Serialize, Serializer};

/// Something that readers may see, because the [`crate::Guard`] admitted it. Only the guard makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Disclosed<T>(T);

impl<T> Disclosed<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self(inner)
    }

    /// What may be shown.
    pub fn get(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> Serialize for Disclosed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
