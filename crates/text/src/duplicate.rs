//! Finds copies of the same message: a similarity hash of each text, and a sliding window of hashes.
//!
//! The hash is Charikar's SimHash (STOC 2002) over words and word pairs, so that few edits change few of its 64 bits.

mod folder;
mod simhash;

pub use folder::{Folder, Message};
pub use simhash::fingerprint;

#[cfg(test)]
mod tests;
