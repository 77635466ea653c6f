//! A line as small as a word.

use maud::{Markup, html};

use super::{ACCENT, RULE, at};

const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 22.0;

/// A small line inside a table row; the row's figures are its description.
#[derive(Debug, Clone)]
pub struct Sparkline<'a> {
    /// What is drawn, as announced by a screen reader.
    pub title: &'a str,
    /// Oldest first; `None` breaks the line.
    pub values: &'a [Option<f64>],
    /// Lowest and highest value of the axis; sparklines of one table share it.
    pub range: (f64, f64),
}

impl Sparkline<'_> {
    /// The line as an `svg` element.
    pub fn render(&self) -> Markup {
        let (low, high) = self.range;
        let span = if high > low { high - low } else { 1.0 };
        let step = (WIDTH - 8.0) / (self.values.len().max(2) - 1) as f64;
        let y = |value: f64| HEIGHT - 3.0 - (HEIGHT - 6.0) * ((value - low) / span).clamp(0.0, 1.0);
        let points: Vec<Option<(f64, f64)>> = self
            .values
            .iter()
            .enumerate()
            .map(|(number, value)| value.map(|value| (4.0 + number as f64 * step, y(value))))
            .collect();
        let zero = (low < 0.0 && high > 0.0).then(|| y(0.0));
        html! {
            svg xmlns="http://www.w3.org/2000/svg" class="sparkline" viewBox={ "0 0 " (at(WIDTH)) " " (at(HEIGHT)) }
                width=(at(WIDTH)) height=(at(HEIGHT)) role="img" aria-label=(self.title) {
                @if let Some(zero) = zero { line x1="0" x2=(at(WIDTH)) y1=(at(zero)) y2=(at(zero)) stroke=(RULE) {} }
                @for run in points.chunk_by(|a, b| a.is_some() && b.is_some()) {
                    @let pairs: Vec<String> = run.iter().flatten().map(|(x, y)| format!("{},{}", at(*x), at(*y))).collect();
                    @if pairs.len() > 1 { polyline points=(pairs.join(" ")) fill="none" stroke=(ACCENT) stroke-width="1.5" {} }
                }
                @if let Some((x, y)) = points.iter().rev().flatten().next() {
                    circle cx=(at(*x)) cy=(at(*y)) r="2.2" fill=(ACCENT) {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_breaks_the_line_and_the_last_value_is_marked() {
        let values = [Some(0.1), Some(0.2), None, Some(0.0), Some(-0.1)];
        let svg =
            Sparkline { title: "食堂", values: &values, range: (-0.5, 0.5) }.render().into_string();
        assert_eq!(svg.matches("<polyline").count(), 2, "{svg}");
        assert_eq!(svg.matches("<circle").count(), 1, "{svg}");
        assert!(svg.contains(r#"aria-label="食堂""#), "{svg}");
    }

    #[test]
    fn nothing_makes_an_empty_picture() {
        let svg = Sparkline { title: "", values: &[], range: (0.0, 0.0) }.render().into_string();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
