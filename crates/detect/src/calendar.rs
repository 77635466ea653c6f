//! Which days are worked: weekends, the public holidays of China and the weekends that are worked in return (调休).
//!
//! On days of rest other people write, about other things, and a holiday in the middle of a week is a day of rest. A detector that only knows weekdays takes the eight days of October
//! for a shift. The table holds what the General Office of the State Council announced for each year in November of the year before, and the prolonged Spring Festival of 2020. It
//! covers 2018 to 2026; in other years, and for holidays of one company, days follow their weekday unless they are named in [`WorkCalendar::new`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use corpus::Day;

/// Month and day.
type Date = (u32, u32);

/// What was announced for a year.
struct Announced {
    year: i32,
    /// First and last day of each holiday, weekends included.
    holidays: &'static [(Date, Date)],
    /// Saturdays and Sundays that are worked.
    worked: &'static [Date],
}

const ANNOUNCED: [Announced; 9] = [
    Announced {
        year: 2018,
        holidays: &[
            ((1, 1), (1, 1)),
            ((2, 15), (2, 21)),
            ((4, 5), (4, 7)),
            ((4, 29), (5, 1)),
            ((6, 16), (6, 18)),
            ((9, 22), (9, 24)),
            ((10, 1), (10, 7)),
            ((12, 30), (12, 31)),
        ],
        worked: &[(2, 11), (2, 24), (4, 8), (4, 28), (9, 29), (9, 30), (12, 29)],
    },
    Announced {
        year: 2019,
        holidays: &[
            ((1, 1), (1, 1)),
            ((2, 4), (2, 10)),
            ((4, 5), (4, 7)),
            ((5, 1), (5, 4)),
            ((6, 7), (6, 9)),
            ((9, 13), (9, 15)),
            ((10, 1), (10, 7)),
        ],
        worked: &[(2, 2), (2, 3), (4, 28), (5, 5), (9, 29), (10, 12)],
    },
    Announced {
        year: 2020,
        holidays: &[
            ((1, 1), (1, 1)),
            ((1, 24), (2, 2)),
            ((4, 4), (4, 6)),
            ((5, 1), (5, 5)),
            ((6, 25), (6, 27)),
            ((10, 1), (10, 8)),
        ],
        worked: &[(1, 19), (4, 26), (5, 9), (6, 28), (9, 27), (10, 10)],
    },
    Announced {
        year: 2021,
        holidays: &[
            ((1, 1), (1, 3)),
            ((2, 11), (2, 17)),
            ((4, 3), (4, 5)),
            ((5, 1), (5, 5)),
            ((6, 12), (6, 14)),
            ((9, 19), (9, 21)),
            ((10, 1), (10, 7)),
        ],
        worked: &[(2, 7), (2, 20), (4, 25), (5, 8), (9, 18), (9, 26), (10, 9)],
    },
    Announced {
        year: 2022,
        holidays: &[
            ((1, 1), (1, 3)),
            ((1, 31), (2, 6)),
            ((4, 3), (4, 5)),
            ((4, 30), (5, 4)),
            ((6, 3), (6, 5)),
            ((9, 10), (9, 12)),
            ((10, 1), (10, 7)),
            ((12, 31), (12, 31)),
        ],
        worked: &[(1, 29), (1, 30), (4, 2), (4, 24), (5, 7), (10, 8), (10, 9)],
    },
    Announced {
        year: 2023,
        holidays: &[
            ((1, 1), (1, 2)),
            ((1, 21), (1, 27)),
            ((4, 5), (4, 5)),
            ((4, 29), (5, 3)),
            ((6, 22), (6, 24)),
            ((9, 29), (10, 6)),
        ],
        worked: &[(1, 28), (1, 29), (4, 23), (5, 6), (6, 25), (10, 7), (10, 8)],
    },
    Announced {
        year: 2024,
        holidays: &[
            ((1, 1), (1, 1)),
            ((2, 10), (2, 17)),
            ((4, 4), (4, 6)),
            ((5, 1), (5, 5)),
            ((6, 8), (6, 10)),
            ((9, 15), (9, 17)),
            ((10, 1), (10, 7)),
        ],
        worked: &[(2, 4), (2, 18), (4, 7), (4, 28), (5, 11), (9, 14), (9, 29), (10, 12)],
    },
    Announced {
        year: 2025,
        holidays: &[
            ((1, 1), (1, 1)),
            ((1, 28), (2, 4)),
            ((4, 4), (4, 6)),
            ((5, 1), (5, 5)),
            ((5, 31), (6, 2)),
            ((10, 1), (10, 8)),
        ],
        worked: &[(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)],
    },
    Announced {
        year: 2026,
        holidays: &[
            ((1, 1), (1, 3)),
            ((2, 15), (2, 23)),
            ((4, 4), (4, 6)),
            ((5, 1), (5, 5)),
            ((6, 19), (6, 21)),
            ((9, 25), (9, 27)),
            ((10, 1), (10, 7)),
        ],
        worked: &[(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)],
    },
];

/// Whether people work on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// A day on which people work.
    Workday,
    /// A weekend or holiday.
    RestDay,
}

/// The days that are not what their weekday says. The default knows the holidays of China from 2018 to 2026 and no others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkCalendar {
    own: BTreeMap<Day, DayKind>,
}

impl WorkCalendar {
    /// The calendar of China with days of one's own, which go before it: a company that closes in August, or the announcement of a new year.
    pub fn new(own: impl IntoIterator<Item = (Day, DayKind)>) -> Self {
        Self { own: own.into_iter().collect() }
    }

    /// Whether the holidays of a year are known, announced or of one's own.
    pub fn knows(&self, year: i32) -> bool {
        ANNOUNCED.iter().any(|announced| announced.year == year)
            || self.own.keys().any(|day| day.month().year() == year)
    }

    /// Whether people work on a day.
    pub fn kind(&self, day: Day) -> DayKind {
        if let Some(kind) = self.own.get(&day) {
            return *kind;
        }
        announced(day).unwrap_or(if day.weekday() < 5 {
            DayKind::Workday
        } else {
            DayKind::RestDay
        })
    }

    /// The weekday that a day is like, from Monday: a holiday is a Sunday, and a weekend that is worked is a Monday after a holiday or a Friday before one.
    pub(crate) fn weekday_like(&self, day: Day) -> usize {
        let weekday = day.weekday() as usize;
        match (self.kind(day), weekday) {
            (DayKind::RestDay, 0..5) => 6,
            (DayKind::Workday, 5) => 4,
            (DayKind::Workday, 6) => 0,
            _ => weekday,
        }
    }
}

/// What was announced for a day, if it was.
fn announced(day: Day) -> Option<DayKind> {
    static DAYS: LazyLock<Vec<(Day, DayKind)>> = LazyLock::new(|| {
        let mut days: Vec<(Day, DayKind)> = ANNOUNCED.iter().flat_map(Announced::days).collect();
        days.sort_unstable_by_key(|(day, _)| *day);
        days
    });
    DAYS.binary_search_by_key(&day, |(day, _)| *day).ok().map(|index| DAYS[index].1)
}

impl Announced {
    fn day(&self, (month, day): Date) -> Day {
        Day::from_ymd(self.year, month, day).expect("the table holds dates that exist")
    }

    fn days(&self) -> impl Iterator<Item = (Day, DayKind)> {
        let holidays = self.holidays.iter().flat_map(|(first, last)| {
            (self.day(*first).0..=self.day(*last).0).map(|day| (Day(day), DayKind::RestDay))
        });
        holidays.chain(self.worked.iter().map(|date| (self.day(*date), DayKind::Workday)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(day: &str, kind: DayKind, weekday_like: usize) {
        let (calendar, day): (_, Day) = (WorkCalendar::default(), day.parse().unwrap());
        assert_eq!((calendar.kind(day), calendar.weekday_like(day)), (kind, weekday_like), "{day}");
    }

    #[test]
    fn holidays_rest_worked_weekends_do_not_and_other_days_follow_their_weekday() {
        check("2024-10-02", DayKind::RestDay, 6);
        check("2024-10-12", DayKind::Workday, 4);
        check("2024-09-29", DayKind::Workday, 0);
        check("2024-10-08", DayKind::Workday, 1);
        check("2024-10-19", DayKind::RestDay, 5);
        check("2020-01-31", DayKind::RestDay, 6);
        check("2031-10-01", DayKind::Workday, 2);
        check("2017-10-01", DayKind::RestDay, 6);
    }

    #[test]
    fn days_of_ones_own_go_before_the_table() {
        let [day, other]: [Day; 2] = ["2024-10-02", "2027-02-08"].map(|day| day.parse().unwrap());
        let calendar = WorkCalendar::new([(day, DayKind::Workday), (other, DayKind::RestDay)]);
        assert_eq!(
            [day, other].map(|day| calendar.kind(day)),
            [DayKind::Workday, DayKind::RestDay]
        );
    }

    #[test]
    fn each_year_gives_as_many_free_days_as_the_law_says() {
        // Holidays move free days about and add those of the law: 11 a year, 13 from 2025 on; in 2020 the Spring Festival took a workday more and a worked Saturday back.
        for announced in &ANNOUNCED {
            let (mut given, mut taken) = (0, 0);
            for (day, kind) in announced.days() {
                match (kind, day.weekday() < 5) {
                    (DayKind::RestDay, true) => given += 1,
                    (DayKind::Workday, false) => taken += 1,
                    (DayKind::RestDay, false) => {}
                    (DayKind::Workday, true) => panic!("{day} is no weekend"),
                }
            }
            let lawful = if announced.year >= 2025 || announced.year == 2020 { 13 } else { 11 };
            assert_eq!(given - taken, lawful, "{}", announced.year);
        }
    }
}
