//! How fast clean text goes through redaction on one core. `cargo bench -p privacy --bench redaction`.
//!
//! The aim is 100 MB/s on text without personal data. The texts are invented feedback: sentences over everyday matters with numbers of things in some of them.
//! On 2026-11-22 it was 160 MB/s on one of two shared cores (72 before the table of characters); over 29,000 real texts in which nothing is found, half of
//! them with digits or letters, `cargo run --release -p privacy --example redact -- --bench < TEXTS` gave 131 MB/s (78).

use std::time::Instant;

use privacy::{Redactor, Scratch};

const ROUNDS: usize = 400;

#[expect(clippy::print_stdout, reason = "a bench prints")]
fn main() {
    let clean = [
        "食堂的饭菜最近确实有改善，早餐品种多了，就是排队时间太长，希望能多开两个窗口。",
        "宿舍热水一到晚上就不够用，洗澡要等很久，建议把加热时间往后调一调。",
        "培训课讲得很实在，例子都是现场的，听得懂也用得上，下次可以再安排一些操作。",
        "班车晚点的情况比上个月好多了，司机态度也不错。",
        "设备老化得厉害，备件迟迟不到，夜班的人只能干等着。",
        "胜坨3-4-163井的抽油机噪声大，2026年3月9日报修，版本V2.3.1的系统里查不到进度。",
        "加班费发得及时，绩效说得清楚，大家心里有数。",
        "体检项目太少，建议增加颈椎和腰椎检查。",
    ];
    let texts: Vec<String> = clean.iter().map(|text| (*text).to_owned()).collect();
    let bytes: usize = texts.iter().map(String::len).sum::<usize>() * ROUNDS;
    let redactor = Redactor::new();
    let (mut scratch, mut spans) = (Scratch::default(), Vec::new());
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let started = Instant::now();
        let mut found = 0;
        for _ in 0..ROUNDS {
            for text in &texts {
                redactor.find_with(&mut scratch, text, &mut spans);
                found += spans.len();
            }
        }
        best = best.min(started.elapsed().as_secs_f64());
        assert_eq!(found, 0, "nothing in these texts is a person's");
    }
    println!("{:.1} MB/s on one core, {:.1} MB", bytes as f64 / best / 1e6, bytes as f64 / 1e6);
}
