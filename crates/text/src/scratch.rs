//! Buffers that a thread keeps between calls, so that a warm batch allocates only what it hands out.

/// One a thread. Holds no result, only memory.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) text: String,
    pub(crate) next: String,
    /// Which of the tokens that jieba gave are words (the others are words inside words), last first.
    pub(crate) words: Vec<u32>,
}
