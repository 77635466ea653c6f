//! The type that says: the guard has let it out.

use serde::{Serialize, Serializer};

/// Something that readers may see, because the [`crate::Guard`] admitted it. Only the guard makes one.
///
/// ```
/// let shown = privacy::Guard::default().facts(privacy::Facts::default());
/// assert!(shown.get().sources.is_empty());
/// ```
///
/// Neither its constructor nor its field can be reached from outside, and it cannot be read from a file:
///
/// ```compile_fail,E0624
/// let shown = privacy::Disclosed::new(privacy::Facts::default());
/// ```
///
/// ```compile_fail,E0423
/// let shown = privacy::Disclosed(privacy::Facts::default());
/// ```
///
/// ```compile_fail,E0277
/// fn from_json<T: serde::de::DeserializeOwned>() {}
/// from_json::<privacy::Disclosed<privacy::Facts>>();
/// ```
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

impl<T: Clone> Disclosed<Vec<T>> {
    /// A part of what may be shown, which may be shown as well.
    #[must_use]
    pub fn retained(&self, keep: impl Fn(&T) -> bool) -> Self {
        Self(self.0.iter().filter(|item| keep(item)).cloned().collect())
    }
}

impl<T: Serialize> Serialize for Disclosed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
