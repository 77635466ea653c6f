//! Planted-truth generators for tests, benchmarks and the demo.
//!
//! [`company_year::generate`] makes the synthetic year of `data/sample` from a seed; `examples/write_sample.rs` writes it.
//! Its texts come from the hand-written clauses under `bank/`; [`novelty`] measures how much they repeat each other.
//! [`organization::documents`] gives other crates' tests a handful of documents, [`organization::planted_series`] a daily series with a known shift.

pub mod bank;
pub mod clause;
pub mod company_year;
pub mod compose;
pub mod identifier;
pub mod novelty;
pub mod organization;
