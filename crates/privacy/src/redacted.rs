//! The type that says: identifiers have been taken out.

/// Something made only from redacted documents.
///
/// Code outside can look into one and derive from one, but not make one:
///
/// ```
/// fn rows(batch: privacy::Redacted<corpus::DocumentBatch>) -> privacy::Redacted<usize> {
///     batch.map(|documents| documents.len())
/// }
/// ```
///
/// ```compile_fail,E0624
/// let batch = privacy::Redacted::new("13812345678");
/// ```
///
/// ```compile_fail,E0423
/// let batch = privacy::Redacted("13812345678");
/// ```
///
/// Only [`crate::redact_batch`] makes one from raw documents. What is computed from it stays inside through [`Redacted::map`],
/// whose closure sees redacted documents and nothing else of the flow.
#[derive(Debug, Clone)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self(inner)
    }

    /// What was redacted, for reading.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// Derives something from it. The closure must not bring in text from elsewhere.
    pub fn map<U>(self, derive: impl FnOnce(T) -> U) -> Redacted<U> {
        Redacted(derive(self.0))
    }
}
