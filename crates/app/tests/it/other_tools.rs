use std::process::Command;

use crate::program::{Program, lines};

/// Counts rows by unit with two Python packages that share no code of ours: `deltalake` says which files are the table, and pyarrow reads them.
///
/// `DeltaTable.to_pyarrow_table` would do both, but its scanner leaves threads behind that abort the interpreter now and then when it ends.
const SCRIPT: &str = r#"
import collections, json, sys
import pyarrow, pyarrow.parquet
from deltalake import DeltaTable
table = DeltaTable(sys.argv[1])
months = pyarrow.table(table.get_add_actions(flatten=True)).column("partition.month").to_pylist()
units = [unit for path in table.file_uris() for unit in pyarrow.parquet.ParquetFile(path).read(["unit"], use_threads=False).column("unit").to_pylist()]
print(json.dumps({"rows": len(units), "months": len(set(months)), "units": collections.Counter(units)}))
"#;

/// The table is open: another tool reads the same counts. CI has the package (`.ci/run`); on a machine without it there is nothing to compare.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "CI says through its environment that the package must be there"
)]
fn another_tool_reads_the_same_counts() {
    let installed = Command::new("python3")
        .args(["-c", "import deltalake, pyarrow"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !installed {
        assert!(std::env::var("CI").is_err(), "CI lacks the Python package deltalake");
        return;
    }
    let program = Program::new();
    program.write("a.jsonl", lines(240));
    program.json(&["import", "a.jsonl", "--source", "论坛"], 0);
    let table = program.store().join("table");
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(&table).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        read,
        serde_json::json!({ "rows": 240, "months": 12, "units": { "采油一厂": 120, "采油二厂": 120 } })
    );
}
