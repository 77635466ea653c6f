//! Keeps people out of the data on the way in, and out of the numbers on the way out.
//!
//! Two types carry the promise through the program. [`Redacted`] is the only form in which documents reach segmentation, models and store;
//! [`Disclosed`] is the only form in which anything derived from documents reaches digest, pages and API.
//! Both can be made only in this crate. This crate is pure: no files, no clock; keys and registers are handed in.
#![warn(missing_docs)]

mod administrator;
mod disclosed;
mod guard;
mod intake;
mod pseudonym;
mod receipt;
mod redact;
mod redacted;
mod release;
mod sensitive;
mod style;

pub use administrator::{administrator_tag, is_administrator};
pub use disclosed::Disclosed;
pub use guard::{
    AlarmContext, Calendar, CalendarError, CandidateCell, ChangedDocument, ConfidentialMatches,
    Contribution, DetectableEffect, FormCounts, FormShare, GRACE_DAYS, Guard, Impact, LimitError,
    LimitValues, Limits, LoweredLimit, MatterCandidate, OpenTopic, OpenTopics, QuotationCandidate,
    QuotationSet, RegisterEntry, ReleaseRegister, ReleasedMatter, ReleasedTopic, ShiftCandidate,
    SourceVoices, Stance, TopicAssignment, TopicCandidate, TopicImpact, TrendImpact, VoiceMean,
    WeeklyUnits, candidate_cells,
};
pub use intake::{RedactionCounts, redact_batch};
pub use pseudonym::{Key, KeyError, KeyRing, Pseudonymizer};
pub use receipt::{CodeTag, Receipt, draw_code};
pub use redact::{IdentifierKind, OwnError, OwnIdentifiers, Redactor, Scratch, Span, placeholders};
pub use redacted::Redacted;
pub use release::{
    ConfidentialAnswer, Facts, Figures, OpenHit, OpenHits, OpenText, Quotation, ReleasedCell,
    ReleasedTable, SearchAnswer, SourceFacts, TOO_FEW,
};
pub use sensitive::{SensitiveKind, SensitiveMention, sensitive_mentions};
pub use style::{CommonWords, STYLE_RISK_MAX, StyleRisk, WordCount, common_passage};
