//! Progress for people: a bar when a terminal is there, nothing when it is not.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::pipeline::Progress;

/// A line that counts documents.
pub(crate) struct DocumentBar(ProgressBar);

impl DocumentBar {
    /// Shows `name`. The number of documents of a source is not known before its end, so there is a rate and no percentage.
    pub(crate) fn new(name: &str, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template(
            "{spinner} {msg:<16} {human_pos:>9} documents  {per_sec:>14}  {elapsed}",
        );
        let bar = ProgressBar::new_spinner().with_style(style.expect("the template is valid"));
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    pub(crate) fn finish(&self) {
        self.0.finish();
    }
}

impl Progress for DocumentBar {
    fn advanced(&self, documents: u64, _bytes: u64) {
        self.0.inc(documents);
    }
}
