//! Polarity and topics: fit, evaluate, predict, model files.
//!
//! Models read text and answer how it feels about which matter. Nothing here knows, scores or sorts writers: see `conviction.rs`.
//!
//! - [`Enricher`] judges token batches: the lexicon's rules, constructions that decide short texts (`construction.rs`), a trained model, and the taxonomy's topics.
//! - [`Enricher::clauses`] says which clause of a text praises or complains of which matter.
//! - [`Taxonomy`] is `dictionaries/topics.toml`, checked.
//! - [`train_on_ratings`] learns from the ratings that came with texts, and says whether that is better than what is shipped.
//! - [`Enricher::suggest_labels`] chooses the texts that a label would teach most.
//! - [`discover_topics`] finds what texts are about when nobody has said so.
//! - [`train_topics`] learns to name the taxonomy's topics where none of their words stands, from the texts where one does.
//! - [`train_polarity`] and [`train_topic`] learn a [`Model`] from a [`LabelledBatch`]; [`evaluate()`] says how good it is. A model is
//!   linear (`linear.rs`); with 1,000 texts of no named domain a small network (`network/`) reads the order of symbols beside it, and `combiner.rs` weighs the two.

mod aspect;
mod combiner;
mod compare;
mod construction;
mod conviction;
mod discovery;
mod enricher;
mod error;
mod evaluate;
mod features;
mod fingerprint;
#[cfg(test)]
mod fixture;
mod lexicon;
mod linear;
mod model;
mod model_file;
mod network;
mod question;
mod ratings;
mod records;
mod rule;
mod selection;
mod sequence;
mod shipped_labels;
mod solver;
mod taxonomy;
mod topics;
mod training;

pub use aspect::{Aspect, ClauseJudgement, ClauseScratch};
pub use compare::{Comparison, compare};
pub use construction::Cue;
pub use discovery::{
    DiscoveredTopic, Discovery, DiscoverySettings, Lineage, LineageKind, discover_topics,
    trace_lineage,
};
pub use enricher::{Enricher, Scratch};
pub use error::Error;
pub use evaluate::{ClassEvaluation, CoveragePoint, Evaluation, evaluate};
pub use lexicon::{Lexicon, LexiconFiles, Mark};
pub use model::{Model, Task};
pub use model_file::{CardConfig, CardData, CardFigure, ModelCard, content_hash};
pub use ratings::{MiddleRatings, RatedText, RatedTraining, train_on_ratings};
pub use selection::Suggestion;
pub use taxonomy::{Taxonomy, Topic};
pub use topics::{
    TopicComparison, TopicFigures, TopicText, TopicTraining, evaluate_topics, train_topics,
};
pub use training::{LabelledBatch, LabelledText, train_polarity, train_topic};
