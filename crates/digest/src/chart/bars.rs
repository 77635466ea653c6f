//! Horizontal bars: one value a row, or the three shares of a row.

use maud::{Markup, html};

use super::{ACCENT, INK, MUTED, NEGATIVE, NEUTRAL, POSITIVE, RULE, at, figure, shortened};

const WIDTH: f64 = 720.0;
const ROW: f64 = 24.0;
const LABEL_WIDTH: f64 = 150.0;
const LABEL_CHARS_MAX: usize = 11;
const VALUE_WIDTH: f64 = 84.0;

/// One bar a row, longest as wide as the picture.
#[derive(Debug, Clone)]
pub struct BarChart<'a> {
    /// Prefix of the element ids, unique in the page.
    pub id: &'a str,
    /// What is drawn, as announced by a screen reader.
    pub title: &'a str,
    /// What can be seen in it, in one sentence.
    pub description: &'a str,
    /// From top to bottom.
    pub rows: &'a [BarRow],
}

/// One row of a [`BarChart`].
#[derive(Debug, Clone, PartialEq)]
pub struct BarRow {
    /// What is counted.
    pub label: String,
    /// Length of the bar; `None` draws no bar.
    pub value: Option<f64>,
    /// What stands behind the bar.
    pub text: String,
    /// Id of the row behind it.
    pub cell: Option<String>,
}

/// Negative, neutral and positive shares of each row, as one bar of 100 %.
#[derive(Debug, Clone)]
pub struct ShareChart<'a> {
    /// Prefix of the element ids, unique in the page.
    pub id: &'a str,
    /// What is drawn, as announced by a screen reader.
    pub title: &'a str,
    /// What can be seen in it, in one sentence.
    pub description: &'a str,
    /// From top to bottom.
    pub rows: &'a [ShareRow],
}

/// One row of a [`ShareChart`].
#[derive(Debug, Clone, PartialEq)]
pub struct ShareRow {
    /// What is counted.
    pub label: String,
    /// The shares; `None` when not released.
    pub shares: Option<Shares>,
    /// What stands behind the bar.
    pub text: String,
    /// Id of the row behind it.
    pub cell: Option<String>,
}

/// Three shares in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Share of negative voices.
    pub negative: f64,
    /// Share in between.
    pub neutral: f64,
    /// Share of positive voices.
    pub positive: f64,
}

impl BarChart<'_> {
    /// The chart as an `svg` element.
    pub fn render(&self) -> Markup {
        let longest = self.rows.iter().filter_map(|row| row.value).fold(0.0, f64::max);
        let room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
        let body = html! {
            @for (number, row) in self.rows.iter().enumerate() {
                @let y = number as f64 * ROW;
                (label(&row.label, y))
                @if let Some(value) = row.value {
                    @let width = if longest > 0.0 { room * value.max(0.0) / longest } else { 0.0 };
                    rect x=(at(LABEL_WIDTH)) y=(at(y + 5.0)) width=(at(width.max(1.0))) height=(at(ROW - 10.0)) fill=(ACCENT) data-cell=[&row.cell] {
                        title { (row.label) "：" (row.text) }
                    }
                    text x=(at(LABEL_WIDTH + width + 7.0)) y=(at(y + 16.5)) fill=(INK) { (row.text) }
                } @else {
                    text x=(at(LABEL_WIDTH + 7.0)) y=(at(y + 16.5)) fill=(MUTED) data-cell=[&row.cell] { (row.text) }
                }
            }
            (baseline(self.rows.len()))
        };
        figure(self.id, self.title, self.description, WIDTH, height(self.rows.len()), &body)
    }
}

impl ShareChart<'_> {
    /// The chart as an `svg` element. The order of the parts (negative, neutral, positive) is the same in every row.
    pub fn render(&self) -> Markup {
        let room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
        let body = html! {
            @for (number, row) in self.rows.iter().enumerate() {
                @let y = number as f64 * ROW;
                (label(&row.label, y))
                @if let Some(shares) = row.shares {
                    @let negative = room * shares.negative.clamp(0.0, 1.0);
                    @let neutral = room * shares.neutral.clamp(0.0, 1.0);
                    @let positive = room * shares.positive.clamp(0.0, 1.0);
                    g data-cell=[&row.cell] {
                        title { (row.label) "：负面 " (percent(shares.negative)) "，中性 " (percent(shares.neutral)) "，正面 " (percent(shares.positive)) }
                        (part(LABEL_WIDTH, negative, y, NEGATIVE, "#ffffff", shares.negative))
                        (part(LABEL_WIDTH + negative, neutral, y, NEUTRAL, INK, shares.neutral))
                        (part(LABEL_WIDTH + negative + neutral, positive, y, POSITIVE, "#ffffff", shares.positive))
                    }
                    text x=(at(LABEL_WIDTH + room + 7.0)) y=(at(y + 16.5)) fill=(MUTED) { (row.text) }
                } @else {
                    text x=(at(LABEL_WIDTH + 7.0)) y=(at(y + 16.5)) fill=(MUTED) data-cell=[&row.cell] { (row.text) }
                }
            }
            (baseline(self.rows.len()))
        };
        figure(self.id, self.title, self.description, WIDTH, height(self.rows.len()), &body)
    }
}

fn part(x: f64, width: f64, y: f64, fill: &str, ink: &str, share: f64) -> Markup {
    // Under this width the number would not fit in its part; the row's title has it.
    let is_labelled = width >= 34.0;
    html! {
        rect x=(at(x)) y=(at(y + 4.0)) width=(at(width)) height=(at(ROW - 8.0)) fill=(fill) {}
        @if is_labelled {
            text x=(at(x + width / 2.0)) y=(at(y + 16.2)) text-anchor="middle" font-size="11" fill=(ink) { (percent(share)) }
        }
    }
}

fn label(label: &str, y: f64) -> Markup {
    html! {
        text x=(at(LABEL_WIDTH - 10.0)) y=(at(y + 16.5)) text-anchor="end" {
            (shortened(label, LABEL_CHARS_MAX))
            @if label.chars().count() > LABEL_CHARS_MAX { title { (label) } }
        }
    }
}

fn baseline(rows: usize) -> Markup {
    html! { line x1=(at(LABEL_WIDTH)) x2=(at(LABEL_WIDTH)) y1="0" y2=(at(rows as f64 * ROW)) stroke=(RULE) {} }
}

fn height(rows: usize) -> f64 {
    rows.max(1) as f64 * ROW + 2.0
}

fn percent(share: f64) -> String {
    crate::figures::percent(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_room() {
        let row = |label: &str, value| BarRow {
            label: label.into(),
            value: Some(value),
            text: value.to_string(),
            cell: None,
        };
        let rows = [row("一厂", 200.0), row("二厂", 50.0)];
        let svg = BarChart { id: "b", title: "声量", description: "", rows: &rows }
            .render()
            .into_string();
        assert!(svg.contains(r#"width="486""#) && svg.contains(r#"width="121.5""#), "{svg}");
    }

    #[test]
    fn a_row_that_is_not_released_has_no_bar() {
        let rows = [ShareRow {
            label: "<b>".into(),
            shares: None,
            text: "不足最小人数".into(),
            cell: Some("c1".into()),
        }];
        let svg = ShareChart { id: "s", title: "占比", description: "", rows: &rows }
            .render()
            .into_string();
        assert!(
            !svg.contains("<rect") && svg.contains("不足最小人数") && svg.contains("&lt;b&gt;"),
            "{svg}"
        );
    }

    #[test]
    fn a_narrow_part_keeps_its_number_in_the_title_only() {
        let shares = Some(Shares { negative: 0.02, neutral: 0.38, positive: 0.60 });
        let rows = [ShareRow { label: "食堂".into(), shares, text: "86 人".into(), cell: None }];
        let svg = ShareChart { id: "s", title: "占比", description: "", rows: &rows }
            .render()
            .into_string();
        assert_eq!(svg.matches("2%").count(), 1, "{svg}");
        assert_eq!(svg.matches("60%").count(), 2, "{svg}");
    }
}
