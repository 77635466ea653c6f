use std::path::Path;

use xtask::adversary::{self, Settings};

/// The small organization under every attack but that on time, which `cargo xtask adversary` measures with the full ones.
#[test]
fn nobody_is_exposed_to_readers() {
    let program = Path::new(env!("CARGO_BIN_EXE_huisheng"));
    let today = "2026-11-21".parse().unwrap();
    let report = adversary::run(program, &Settings { seed: 7, is_small: true, today }).unwrap();
    assert!(report.exposed == 0.0 && report.small == 0.0, "{}", report.lines());
    // Nine small teams and two months: enough to see that something is answered at all.
    assert!(report.answered > 0.3, "{}", report.lines());
}
