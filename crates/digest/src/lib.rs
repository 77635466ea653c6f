//! The committee's report: disclosed results and their evidence, as one page, one table and one JSON document.
//!
//! Rendering is pure. There is no clock, no file and no network here: the same [`DigestInput`] gives the same bytes, so that a digest can
//! be made again on its table version and compared. Nothing is written that is not counted: each sentence is built from figures, and each
//! figure names the released row behind it (`data-cell`, listed in the annex).
//!
//! - [`render_html`] gives one self-contained file for screen and paper, [`render_csv`] the released cells, [`render_json`] everything.
//! - [`chart`] draws the same SVG for the digest and for the pages of `serve`; [`figures`] writes numbers the same way everywhere.

mod change;
pub mod chart;
mod contributions;
mod csv;
mod evidence;
pub mod figures;
mod findings;
mod html;
mod input;
mod json;

pub use csv::{render_csv, render_table};
pub use findings::alarms_of;
pub use html::render_html;
pub use input::{AlarmQuotations, Detectable, DigestInput, Limits, Method, Promise, Regime};
pub use json::render_json;
