//! Buffers that a thread keeps between calls, so that a warm batch allocates only what it hands out.

/// One a thread. Holds no result, only memory.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) text: String,
    pub(crate) next: String,
    /// Where the characters of the word at hand start.
    pub(crate) boundaries: Vec<usize>,
}
