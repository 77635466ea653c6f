//! Prints how many texts of each encoding and length are decoded rightly, quarantined and decoded wrongly: `--example decode_table data/labels`.
#![expect(clippy::print_stdout, reason = "an example prints")]

#[path = "../tests/it/decode_table.rs"]
mod decode_table;

use std::path::PathBuf;

const LENGTHS: [usize; 5] = [2, 8, 30, 200, 2000];
const TEXTS: usize = 500;

fn main() -> std::io::Result<()> {
    let folder =
        std::env::args().nth(1).map_or_else(|| PathBuf::from("data/labels"), PathBuf::from);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "tsv"));
    files.sort();
    let mut sentences = String::new();
    for file in files {
        let content = std::fs::read_to_string(file)?;
        for line in content.lines().filter(|line| !line.starts_with('#')) {
            sentences.extend([line.rsplit('\t').next().unwrap_or_default(), "。"]);
        }
    }
    println!("right / quarantined / wrong of {TEXTS} texts");
    print!("{:<26}", "characters");
    LENGTHS.iter().for_each(|chars| print!("{chars:>16}"));
    println!();
    let mut wrong_long = 0;
    for case in &decode_table::CASES {
        print!("{:<26}", case.name);
        for chars in LENGTHS {
            let found = case.measure(&sentences, chars, TEXTS);
            wrong_long += if chars >= 30 { found.wrong } else { 0 };
            print!("{:>16}", format!("{}/{}/{}", found.right, found.quarantined, found.wrong));
        }
        println!();
    }
    println!("wrong at 30 characters or more: {wrong_long}");
    Ok(())
}
