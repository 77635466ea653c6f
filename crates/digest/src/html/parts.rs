//! Pieces that several sections use.

use maud::{Markup, html};
use privacy::{Figures, TOO_FEW};

use crate::evidence::Cited;
use crate::figures::{count, interval, percent, signed};

/// A heading with its Chinese number.
pub(super) fn heading(number: &str, title: &str) -> Markup {
    html! { h2 { span.number { (number) } (title) } }
}

/// A figure in running text, with the number of the row behind it.
pub(super) fn with_row(text: &str, row: Option<&str>) -> Markup {
    // An interval broken over two lines reads like a subtraction.
    let text = text.replace(" 至 ", "\u{a0}至\u{a0}");
    html! { span data-cell=[row] { (text) @if let Some(row) = row { sup.row { a href={ "#" (row) } { (row) } } } } }
}

/// The last column of a table: the row behind the figures.
pub(super) fn row_link(row: Option<&str>) -> Markup {
    html! { td.row { @if let Some(row) = row { a href={ "#" (row) } { (row) } } @else { "–" } } }
}

/// `86 人`, or the neutral answer.
pub(super) fn voices_text(figures: &Figures) -> String {
    match figures {
        Figures::Shown { voices, .. } | Figures::Range { voices, .. } => {
            format!("{} 人", count(u64::from(*voices)))
        }
        Figures::Suppressed => TOO_FEW.to_owned(),
    }
}

/// `+0.12`, or the range, or the neutral answer.
pub(super) fn mean_text(figures: &Figures) -> String {
    match figures {
        Figures::Shown { mean, .. } => signed(*mean),
        Figures::Range { mean, .. } => interval(*mean),
        Figures::Suppressed => TOO_FEW.to_owned(),
    }
}

/// What stands beside a mean: its interval, or that it is a range.
pub(super) fn mean_interval_text(figures: &Figures) -> String {
    match figures {
        Figures::Shown { mean_interval, .. } => interval(*mean_interval),
        Figures::Range { .. } => "区间值".to_owned(),
        Figures::Suppressed => "–".to_owned(),
    }
}

/// Share of negative voices.
pub(super) fn negative_text(figures: &Figures) -> String {
    match figures {
        Figures::Shown { negative_share, .. } => percent(*negative_share),
        Figures::Range { negative_share: (low, high), .. } => {
            format!("{}–{}", percent(*low), percent(*high))
        }
        Figures::Suppressed => TOO_FEW.to_owned(),
    }
}

/// A cell of a table that holds one figure.
pub(super) fn amount(text: &str, cited: &Cited<'_>) -> Markup {
    html! { td.amount data-cell=[cited.row.as_deref()] { (text) } }
}
