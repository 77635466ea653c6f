//! Charts as SVG, made without a browser.
//!
//! Only presentation attributes: no style element, no script, no font of its own. The same bytes stand in a page under a strict
//! content policy, in print and in mail. Every chart has a title and a description for readers who don't see it, and each mark names
//! the released cell that it draws (`data-cell`). Colours differ in lightness too, so that black-and-white paper keeps them apart.

mod bars;
mod line;
mod sparkline;

use maud::{Markup, html};

pub use bars::{BarChart, BarRow, ShareChart, ShareRow, Shares};
pub use line::{LineChart, Onset, PointValue, Size, TimePoint, value_range};
pub use sparkline::Sparkline;

const INK: &str = "#1d2733";
const MUTED: &str = "#55606d";
const RULE: &str = "#d9dfe5";
const ACCENT: &str = "#0d5c68";
const BAND: &str = "#cfe3e5";
const ONSET: &str = "#9a3412";
const ONSET_BAND: &str = "#f6dfcf";
const NEGATIVE: &str = "#a8471d";
const NEUTRAL: &str = "#dfe4e8";
const POSITIVE: &str = "#2f7f86";

/// An `svg` element with the title and description that screen readers announce.
fn figure(
    id: &str,
    title: &str,
    description: &str,
    width: f64,
    height: f64,
    body: &Markup,
) -> Markup {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox={ "0 0 " (at(width)) " " (at(height)) } width=(at(width)) height=(at(height))
            role="img" aria-labelledby={ (id) "-title " (id) "-desc" } font-size="12" fill=(INK) {
            title id={ (id) "-title" } { (title) }
            desc id={ (id) "-desc" } { (description) }
            (body)
        }
    }
}

/// A coordinate with one decimal: fine enough for print, and the same bytes on every machine.
fn at(coordinate: f64) -> String {
    let rounded = (coordinate * 10.0).round() / 10.0;
    // Adding zero turns −0 into 0.
    format!("{}", rounded + 0.0)
}

/// The first `chars_max` characters of a label, with `…` when it was longer.
fn shortened(label: &str, chars_max: usize) -> String {
    if label.chars().count() <= chars_max {
        return label.to_owned();
    }
    let kept: String = label.chars().take(chars_max.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short_and_never_minus_zero() {
        assert_eq!(at(12.345), "12.3");
        assert_eq!(at(12.0), "12");
        assert_eq!(at(-0.01), "0");
    }

    #[test]
    fn a_long_label_is_cut_between_characters() {
        assert_eq!(shortened("采油一厂", 4), "采油一厂");
        assert_eq!(shortened("采油一厂机关后勤服务中心", 6), "采油一厂机…");
    }
}
