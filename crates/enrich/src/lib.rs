//! Polarity and topics: fit, evaluate, predict, model files.
//!
//! Models read text and answer how it feels about which matter. Nothing here knows, scores or sorts writers: see `conviction.rs`.
//!
//! - [`Enricher`] judges token batches: the lexicon's rules, a trained linear model over them, and the taxonomy's topics.
//! - [`Taxonomy`] is `dictionaries/topics.toml`, checked.

mod conviction;
mod enricher;
mod error;
mod fingerprint;
#[cfg(test)]
mod fixture;
mod lexicon;
mod rule;
mod taxonomy;

pub use enricher::{Enricher, Scratch};
pub use error::Error;
pub use lexicon::{Lexicon, LexiconFiles, Mark};
pub use taxonomy::{Taxonomy, Topic};
