use std::path::Path;

use crate::program::Program;

/// The sample of the repository, all of it: every source adds up and a digest is written. What is found against the planted truth is the
/// release build's business (`README`): here the point is that the whole flow holds together.
#[test]
fn the_demo_ends_with_a_digest_and_counts_that_add_up() {
    let program = Program::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample");
    let report = program.json(&["demo", "--no-serve", "--sample", sample.to_str().unwrap()], 0);
    for source in report["sources"].as_array().unwrap() {
        let count = |name: &str| source[name].as_u64().unwrap();
        assert_eq!(
            count("read"),
            count("stored")
                + count("known")
                + count("revised")
                + count("withdrawn")
                + count("quarantined"),
            "{source}"
        );
        assert!(count("folded") <= count("stored") && count("stored") > 0, "{source}");
    }
    assert!(Path::new(report["digest"].as_str().unwrap()).is_file());
    assert!(!report["planted"]["found"].as_array().unwrap().is_empty());
}
