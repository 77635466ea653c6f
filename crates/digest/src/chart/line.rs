//! One value a period with its interval, and the day on which it changed.

use corpus::{Day, Period};
use maud::{Markup, html};

use super::{ACCENT, BAND, MUTED, ONSET, ONSET_BAND, RULE, at, figure};

/// A line over months or weeks.
///
/// Periods stand in proportion to their days, so that a [`Onset`] lies on its day. One that was not released breaks the line and
/// is marked on the axis: a gap never looks like a value.
#[derive(Debug, Clone)]
pub struct LineChart<'a> {
    /// Prefix of the element ids, unique in the page.
    pub id: &'a str,
    /// What is drawn, as announced by a screen reader.
    pub title: &'a str,
    /// What can be seen in it, in one sentence.
    pub description: &'a str,
    /// Ascending by period.
    pub points: &'a [TimePoint],
    /// Lowest and highest value of the axis; charts shown side by side share one ([`value_range`]).
    pub range: (f64, f64),
    /// How much room it takes.
    pub size: Size,
    /// When the series changed.
    pub onset: Option<Onset>,
}

/// One period of a [`LineChart`].
#[derive(Debug, Clone, PartialEq)]
pub struct TimePoint {
    /// The period.
    pub period: Period,
    /// What was released for it.
    pub value: PointValue,
    /// Id of the row behind it.
    pub cell: Option<String>,
}

/// What is known of one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PointValue {
    /// A mean and its interval.
    Mean {
        /// The mean.
        mean: f64,
        /// Its interval.
        interval: (f64, f64),
    },
    /// Only that the mean lies between these two.
    Range(f64, f64),
    /// Not released.
    Hidden,
}

/// The most likely day of a change, between the first and the last possible day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Onset {
    /// First possible day.
    pub first: Day,
    /// Most likely day.
    pub likely: Day,
    /// Last possible day.
    pub last: Day,
}

/// How much room a chart takes: the width of a page, or half of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 720 × 230
    Full,
    /// 352 × 170
    Half,
}

/// Axis limits for charts that shall be compared: all means and intervals, zero, and at least 0.4 wide, so that noise is not blown up.
pub fn value_range<'a>(points: impl IntoIterator<Item = &'a TimePoint>) -> (f64, f64) {
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    for point in points {
        let (from, to) = match point.value {
            PointValue::Mean { interval, .. } => interval,
            PointValue::Range(from, to) => (from, to),
            PointValue::Hidden => continue,
        };
        low = low.min(from);
        high = high.max(to);
    }
    if high - low < 0.4 {
        let missing = 0.4 - (high - low);
        (low, high) = if high >= -low { (low, high + missing) } else { (low - missing, high) };
    }
    let step = tick_step(high - low);
    ((low / step).floor() * step, (high / step).ceil() * step)
}

impl LineChart<'_> {
    /// The chart as an `svg` element.
    pub fn render(&self) -> Markup {
        let plane = Plane::new(self);
        let body = html! {
            (plane.value_axis())
            @if let Some(onset) = self.onset { (plane.onset(onset)) }
            (plane.period_axis(self.points))
            @for run in runs(self.points) { (plane.run(run)) }
            @for point in self.points { (plane.mark(point)) }
        };
        figure(self.id, self.title, self.description, plane.width, plane.height, &body)
    }
}

/// From days and values to coordinates.
struct Plane {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    first: Day,
    days: f64,
    low: f64,
    high: f64,
    label_every: usize,
}

impl Plane {
    fn new(chart: &LineChart<'_>) -> Self {
        let (width, height) = match chart.size {
            Size::Full => (720.0, 230.0),
            Size::Half => (352.0, 170.0),
        };
        let first = chart.points.first().map_or(Day(0), |p| p.period.first_day());
        let last = chart.points.last().map_or(first, |p| p.period.last_day());
        let room_px = if chart.size == Size::Full { 50.0 } else { 44.0 };
        let label_every =
            (chart.points.len() as f64 * room_px / (width - 58.0)).ceil().max(1.0) as usize;
        let (low, high) = chart.range;
        Self {
            width,
            height,
            left: 46.0,
            right: width - 12.0,
            top: 20.0,
            bottom: height - 34.0,
            first,
            days: f64::from(last.0 - first.0 + 1),
            low,
            high: if high > low { high } else { low + 1.0 },
            label_every,
        }
    }

    fn x(&self, day: f64) -> f64 {
        let share = ((day - f64::from(self.first.0)) / self.days).clamp(0.0, 1.0);
        self.left + share * (self.right - self.left)
    }

    fn x_middle(&self, period: Period) -> f64 {
        self.x(f64::from(period.first_day().0 + period.last_day().0 + 1) / 2.0)
    }

    fn y(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.bottom - share * (self.bottom - self.top)
    }

    fn value_axis(&self) -> Markup {
        let step = tick_step(self.high - self.low);
        let count = ((self.high - self.low) / step).round() as i32;
        html! {
            @for tick in 0..=count {
                @let value = self.low + f64::from(tick) * step;
                @let is_zero = value.abs() < step / 1000.0;
                line x1=(at(self.left)) x2=(at(self.right)) y1=(at(self.y(value))) y2=(at(self.y(value)))
                    stroke=(if is_zero { MUTED } else { RULE }) stroke-width="1" {}
                text x=(at(self.left - 7.0)) y=(at(self.y(value) + 4.0)) text-anchor="end" fill=(MUTED) font-size="11" {
                    (if is_zero { "0".to_owned() } else { signed_tick(value, step) })
                }
            }
        }
    }

    fn period_axis(&self, points: &[TimePoint]) -> Markup {
        // The year stands under its first label only.
        let labels: Vec<(f64, Period)> = points
            .iter()
            .step_by(self.label_every)
            .map(|point| (self.x_middle(point.period), point.period))
            .collect();
        html! {
            @for (number, (x, period)) in labels.iter().enumerate() {
                @let year = period.month().year();
                @let starts_year = number == 0 || labels.get(number - 1).is_some_and(|(_, before)| before.month().year() != year);
                line x1=(at(*x)) x2=(at(*x)) y1=(at(self.bottom)) y2=(at(self.bottom + 4.0)) stroke=(MUTED) {}
                text x=(at(*x)) y=(at(self.bottom + 16.0)) text-anchor="middle" fill=(MUTED) font-size="11" { (label(*period)) }
                @if starts_year {
                    text x=(at(*x)) y=(at(self.bottom + 30.0)) text-anchor="middle" fill=(MUTED) font-size="11" { (year) }
                }
            }
        }
    }

    /// Consecutive periods with a mean: band and line. One alone gets a whisker.
    fn run(&self, run: &[TimePoint]) -> Markup {
        let means: Vec<(f64, f64, f64, f64)> = run
            .iter()
            .filter_map(|point| match point.value {
                PointValue::Mean { mean, interval } => Some((
                    self.x_middle(point.period),
                    self.y(mean),
                    self.y(interval.0),
                    self.y(interval.1),
                )),
                PointValue::Range(..) | PointValue::Hidden => None,
            })
            .collect();
        if let [(x, _, low, high)] = means[..] {
            return html! { line x1=(at(x)) x2=(at(x)) y1=(at(low)) y2=(at(high)) stroke=(BAND) stroke-width="8" {} };
        }
        let pair = |x: f64, y: f64| format!("{},{}", at(x), at(y));
        let upper = means.iter().map(|m| pair(m.0, m.3));
        let lower = means.iter().rev().map(|m| pair(m.0, m.2));
        let band: Vec<String> = upper.chain(lower).collect();
        let line: Vec<String> = means.iter().map(|m| pair(m.0, m.1)).collect();
        html! {
            polygon points=(band.join(" ")) fill=(BAND) fill-opacity="0.8" {}
            polyline points=(line.join(" ")) fill="none" stroke=(ACCENT) stroke-width="2" stroke-linejoin="round" {}
        }
    }

    fn mark(&self, point: &TimePoint) -> Markup {
        let x = self.x_middle(point.period);
        html! {
            @match point.value {
                PointValue::Mean { mean, interval } => {
                    circle cx=(at(x)) cy=(at(self.y(mean))) r="3" fill=(ACCENT) stroke="#ffffff" stroke-width="1" data-cell=[&point.cell] {
                        title { (point.period) "：" (signed(mean)) "（" (signed(interval.0)) " 至 " (signed(interval.1)) "）" }
                    }
                }
                PointValue::Range(low, high) => {
                    rect x=(at(x - 4.0)) width="8" y=(at(self.y(high))) height=(at(self.y(low) - self.y(high)))
                        fill="none" stroke=(ACCENT) stroke-dasharray="3 2" data-cell=[&point.cell] {
                        title { (point.period) "：" (signed(low)) " 至 " (signed(high)) }
                    }
                }
                PointValue::Hidden => {
                    text x=(at(x)) y=(at(self.bottom - 4.0)) text-anchor="middle" fill=(MUTED) font-size="11" data-cell=[&point.cell] {
                        "–" title { (point.period) "：未公布" }
                    }
                }
            }
        }
    }

    fn onset(&self, onset: Onset) -> Markup {
        let (from, to) = (self.x(f64::from(onset.first.0)), self.x(f64::from(onset.last.0) + 1.0));
        let x = self.x(f64::from(onset.likely.0) + 0.5);
        // The label keeps inside the picture near its right edge.
        let (label_x, anchor) =
            if x > self.right - 90.0 { (x - 5.0, "end") } else { (x + 5.0, "start") };
        html! {
            rect x=(at(from)) width=(at((to - from).max(1.0))) y=(at(self.top)) height=(at(self.bottom - self.top)) fill=(ONSET_BAND) fill-opacity="0.7" {}
            line x1=(at(x)) x2=(at(x)) y1=(at(self.top - 6.0)) y2=(at(self.bottom)) stroke=(ONSET) stroke-width="1.5" stroke-dasharray="4 3" {}
            text x=(at(label_x)) y=(at(self.top - 8.0)) text-anchor=(anchor) fill=(ONSET) font-size="11" { (onset.likely) }
        }
    }
}

/// Stretches of periods that hold a mean.
fn runs(points: &[TimePoint]) -> impl Iterator<Item = &[TimePoint]> {
    points
        .chunk_by(|a, b| holds_mean(a) && holds_mean(b) && a.period.next() == b.period)
        .filter(|run| run.first().is_some_and(holds_mean))
}

fn holds_mean(point: &TimePoint) -> bool {
    matches!(point.value, PointValue::Mean { .. })
}

/// `3月`, or for a week its first day, `3/9`.
fn label(period: Period) -> String {
    let first = period.first_day();
    let (month, day) = (first.month().number(), first.0 - first.month().first_day().0 + 1);
    if period.is_month() { format!("{month}月") } else { format!("{month}/{day}") }
}

/// A round distance that gives three to six ticks.
fn tick_step(span: f64) -> f64 {
    [0.1, 0.2, 0.25, 0.5].into_iter().find(|step| span / step <= 6.0 + 1e-9).unwrap_or(1.0)
}

fn signed_tick(value: f64, step: f64) -> String {
    let decimals = if (step * 10.0).fract().abs() < 1e-9 { 1 } else { 2 };
    format!("{value:+.decimals$}").replace('-', "−")
}

fn signed(value: f64) -> String {
    crate::figures::signed(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(name: &str) -> Period {
        name.parse().unwrap()
    }

    fn mean(name: &str, mean: f64) -> TimePoint {
        TimePoint {
            period: month(name),
            value: PointValue::Mean { mean, interval: (mean - 0.1, mean + 0.1) },
            cell: Some(format!("c-{name}")),
        }
    }

    fn hidden(name: &str) -> TimePoint {
        TimePoint { period: month(name), value: PointValue::Hidden, cell: None }
    }

    fn render(points: &[TimePoint], onset: Option<Onset>) -> String {
        let range = value_range(points);
        LineChart {
            id: "t",
            title: "<题>",
            description: "说明",
            points,
            range,
            size: Size::Full,
            onset,
        }
        .render()
        .into_string()
    }

    #[test]
    fn the_title_is_escaped_and_announced() {
        let svg = render(&[mean("2026-01", 0.2)], None);
        assert!(svg.contains(r#"aria-labelledby="t-title t-desc""#), "{svg}");
        assert!(svg.contains("&lt;题&gt;"), "{svg}");
        assert!(!svg.contains("style="), "a strict content policy drops style attributes: {svg}");
    }

    #[test]
    fn a_month_not_released_breaks_the_line() {
        let points = [
            mean("2026-01", 0.1),
            mean("2026-02", 0.2),
            hidden("2026-03"),
            mean("2026-04", 0.2),
            mean("2026-05", 0.1),
        ];
        let svg = render(&points, None);
        assert_eq!(svg.matches("<polyline").count(), 2, "{svg}");
        assert!(svg.contains("2026-03：未公布"), "{svg}");
        assert!(svg.contains(r#"data-cell="c-2026-04""#), "{svg}");
    }

    #[test]
    fn an_onset_stands_inside_its_interval() {
        let likely = Day::from_ymd(2026, 2, 10).unwrap();
        let onset = Onset { first: likely.plus(-5), likely, last: likely.plus(4) };
        let svg = render(
            &[mean("2026-01", 0.3), mean("2026-02", 0.1), mean("2026-03", -0.2)],
            Some(onset),
        );
        assert!(svg.contains(">2026-02-10</text>"), "{svg}");
    }

    #[test]
    fn axis_limits_hold_zero_and_are_wide_enough() {
        for (low, high) in [(0.5, 0.6), (-0.6, -0.5), (-0.05, 0.05), (-1.0, 1.0)] {
            let middle = (low + high) / 2.0;
            let point = TimePoint {
                period: month("2026-01"),
                value: PointValue::Mean { mean: middle, interval: (low, high) },
                cell: None,
            };
            let (from, to) = value_range([&point]);
            assert!(
                from <= low.min(0.0) && to >= high.max(0.0) && to - from >= 0.4 - 1e-9,
                "{low} {high}: {from} {to}"
            );
        }
        assert_eq!(value_range([]), (0.0, 0.4));
    }

    #[test]
    fn no_points_still_make_a_chart() {
        assert!(render(&[], None).starts_with("<svg"));
    }
}
