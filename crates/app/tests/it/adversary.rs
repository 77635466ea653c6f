use std::path::Path;

use xtask::adversary::{self, Report, Settings};

/// The small organization under every attack but that on time, which `cargo xtask adversary` measures with the full ones.
#[test]
fn nobody_is_exposed_to_readers() {
    let report = attacked(false);
    // Nine small teams and two months: enough to see that something is answered at all.
    assert!(report.answered > 0.3, "{}", report.lines());
}

/// The same where the whole and the larger departments are told of by week: smaller sets, and more of them that share people.
#[test]
fn nobody_is_exposed_to_readers_of_weeks() {
    let report = attacked(true);
    assert!(report.answered > 0.1, "{}", report.lines());
}

fn attacked(is_weekly: bool) -> Report {
    let program = Path::new(env!("CARGO_BIN_EXE_huisheng"));
    let today = "2026-11-21".parse().unwrap();
    let settings = Settings { seed: 7, is_small: true, is_weekly, today };
    let report = adversary::run(program, &settings).unwrap();
    assert!(report.exposed == 0.0 && report.small == 0.0, "{}", report.lines());
    report
}
