//! From bytes to tokens: decode, unescape, normalize, cut once, and tell near-duplicates.
//!
//! Pure and synchronous; the only owner of jieba. The order is fixed, each step happens once:
//!
//! 1. [`decode_stream`] decides the encoding of a whole file, or refuses. Double encoding is undone and recorded in [`Repairs`].
//! 2. [`normalize_batch`] takes HTML out ([`unescape()`]) and brings each text to normal form ([`Normalizer`]): two strings and the [`OffsetMap`] between them.
//! 3. Redaction, elsewhere, replaces spans in both strings ([`NormalizedText::replace`]).
//! 4. [`Segmenter`] cuts each text once, with the words of a [`Lexicon`]; index, models and fingerprints read the same tokens.
//! 5. [`fingerprint`] and [`Folder`] find copies of the same message within a sliding window.
//!    [`Boilerplate`] tells how much of what a group wrote is copied, [`Forms`] which clauses of a text are only form.
#![warn(missing_docs)]

mod boilerplate;
mod decode;
mod duplicate;
mod forms;
mod lexicon;
mod normalize;
mod offset_map;
mod repairs;
mod scratch;
mod segment;
mod unescape;

pub use boilerplate::{Boilerplate, RecurringClause};
pub use decode::{DecodeError, Decoded, decode_stream, restore};
pub use duplicate::{Folder, Message, fingerprint};
pub use forms::{Form, FormLimits, Forms, Written, recognize_forms};
pub use lexicon::{Lexicon, LexiconError, Notice, Problem, Word};
pub use normalize::{
    NormalizedDocument, NormalizedText, Normalizer, PhraseTable, PhraseTableError, TEXT_BYTES_MAX,
    normalize_batch,
};
pub use offset_map::{MapDecodeError, OffsetMap};
pub use repairs::Repairs;
pub use scratch::Scratch;
pub use segment::{Considered, EXPLAINED_CHARS_MAX, Segmenter};
pub use unescape::unescape;
