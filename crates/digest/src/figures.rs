//! How numbers and dates are written, everywhere the same.

use corpus::{Day, Month, Period};

/// `+0.12`, `−0.30`, `0.00`: two decimals and a true minus sign, since a hyphen is easily lost in print.
pub fn signed(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded == 0.0 {
        return "0.00".to_owned();
    }
    format!("{rounded:+.2}").replace('-', "−")
}

/// `+0.12 至 +0.30`
pub fn interval((low, high): (f64, f64)) -> String {
    format!("{} 至 {}", signed(low), signed(high))
}

/// `43%`, without decimals: a share among some dozens of voices has no more.
pub fn percent(share: f64) -> String {
    format!("{:.0}%", (share * 100.0).round() + 0.0)
}

/// `1,204`
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `2026年3月`
pub fn month(month: Month) -> String {
    let name = month.to_string();
    let (year, number) = name.split_once('-').expect("a month displays as year-month");
    format!("{year}年{}月", number.trim_start_matches('0'))
}

/// `2026年3月`, or for a week `2026年3月9日至15日`
pub fn period(period: Period) -> String {
    if period.is_month() {
        return month(period.month());
    }
    format!("{}至{}", day(period.first_day()), day_of_month(period.last_day()))
}

/// `2026年3月9日`
pub fn day(day: Day) -> String {
    format!("{}{}", month(day.month()), day_of_month(day))
}

/// `9日`
fn day_of_month(day: Day) -> String {
    let number = day.0 - day.month().first_day().0 + 1;
    format!("{number}日")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_the_same_everywhere() {
        assert_eq!([signed(0.124), signed(-0.3), signed(-0.001)], ["+0.12", "−0.30", "0.00"]);
        assert_eq!(interval((-0.5, 0.0)), "−0.50 至 0.00");
        assert_eq!([percent(0.426), percent(0.0), percent(1.0)], ["43%", "0%", "100%"]);
        assert_eq!(month("2026-03".parse().unwrap()), "2026年3月");
        assert_eq!(period("2026-03-09/2026-03-15".parse().unwrap()), "2026年3月9日至15日");
        assert_eq!(day("2026-10-20".parse().unwrap()), "2026年10月20日");
        assert_eq!(
            [count(0), count(999), count(1204), count(1_000_000)],
            ["0", "999", "1,204", "1,000,000"]
        );
    }
}
