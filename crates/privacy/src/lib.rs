//! Keeps people out of the data on the way in, and out of the numbers on the way out.
//!
//! Two types carry the promise through the program. [`Redacted`] is the only form in which documents reach segmentation, models and store;
//! [`Disclosed`] is the only form in which anything derived from documents reaches digest, pages and API.
//! Both can be made only in this crate. This crate is pure: no files, no clock; keys and registers are handed in.
#![warn(missing_docs)]

mod disclosed;
mod redacted;
mod release;

pub use disclosed::Disclosed;
pub use redacted::Redacted;
pub use release::{
    ConfidentialAnswer, Facts, Figures, OpenHit, OpenHits, Quotation, ReleasedCell, ReleasedTable,
    SearchAnswer, SourceFacts, TOO_FEW,
};
