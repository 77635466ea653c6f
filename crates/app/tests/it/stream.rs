//! `detect --stream` and `detect --series`: files in, alarms out, no store.

use serde_json::Value;

use crate::program::Program;

const MATTERS: [&str; 6] = [
    "食堂 饭菜 价格 窗口 早餐 排队 口味 餐具 厨师 米饭 面条 卫生",
    "宿舍 热水 淋浴 楼层 空调 床铺 噪音 门锁 洗衣 网络 室友 暖气",
    "班车 晚点 司机 路线 站点 座位 发车 时刻 拥挤 绕行 车票 停靠",
    "培训 课程 老师 教材 考试 实操 证书 讲义 学员 教室 案例 作业",
    "工资 奖金 考勤 加班 绩效 补贴 扣款 发放 社保 年金 津贴 调薪",
    "设备 检修 配件 故障 阀门 油泵 仪表 保养 图纸 备件 更换 润滑",
];
const NEW: &str = "污水 泄漏 异味 河道 排放 管线 取样 检测 超标 村民 鱼塘 治理";
const EVERYDAY: &str = "反映 希望 建议 觉得 认真 继续 安排 处理 了解 关心 通知 回复";

/// The `n`th line of the stream, on a day counted from 2026-03-01: four words of a matter among words of every day.
fn line(day: usize, n: usize, matter: &str) -> String {
    let mut chaos = n as u64;
    let mut word = |of: &str| {
        // SplitMix64: neighbours in the stream have nothing in common.
        chaos = chaos.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (chaos ^ chaos >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        of.split(' ').nth((mixed >> 33) as usize % 12).unwrap().to_owned()
    };
    let (a, b, c, d) = (word(matter), word(matter), word(matter), word(matter));
    let (e, f) = (word(EVERYDAY), word(EVERYDAY));
    let (month, of_month) = (3 + day / 30, day % 30 + 1);
    serde_json::json!({
        "id": format!("d{n}"),
        "text": format!("{e}{a}和{b},{f}{c}还有{d}"),
        "created_at": format!("2026-{month:02}-{of_month:02}T08:{:02}:00+08:00", n % 60),
    })
    .to_string()
        + "\n"
}

/// Twelve documents a day on old matters, and six on a new one from day 45 on.
fn stream(days: usize) -> String {
    let mut lines = String::new();
    let mut n = 0;
    for day in 0..days {
        for i in 0..if day < 45 { 12 } else { 18 } {
            lines += &line(day, n, if i < 12 { MATTERS[i % 6] } else { NEW });
            n += 1;
        }
    }
    lines
}

fn alarms(program: &Program, docs: &str) -> Vec<Value> {
    program.write("docs.jsonl", docs);
    let output = program.run(&["detect", "--stream", "docs.jsonl", "--out", "alarms.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let written = std::fs::read_to_string(program.folder().join("alarms.json")).unwrap();
    serde_json::from_str(&written).unwrap()
}

#[test]
fn a_new_topic_is_reported_with_its_day_words_and_documents_and_needs_no_store() {
    let program = Program::new();
    let found = alarms(&program, &stream(60));
    let is_new = |term: &Value| NEW.contains(term.as_str().unwrap());
    let of_new = |topic: &&Value| topic["terms"].as_array().unwrap().iter().any(is_new);
    let topic = found.iter().find(of_new).expect("the new topic is found");
    assert_eq!(topic["kind"], "new");
    let day = topic["day"].as_str().unwrap();
    assert!(("2026-04-16".."2026-04-22").contains(&day), "{day}");
    // The 540 documents before day 45 are all of old matters. A topic is grown over words, so one of its documents may be a neighbour.
    let is_late =
        |id: &&Value| id.as_str().unwrap().trim_start_matches('d').parse::<usize>().unwrap() >= 540;
    let ids = topic["ids"].as_array().unwrap();
    assert!(ids.iter().filter(is_late).count() * 5 >= ids.len() * 4, "{topic}");
    assert!(!program.store().exists());
    // What comes later changes nothing.
    let before = |topic: &&Value| topic["day"].as_str().unwrap() < "2026-04-25";
    let until_then: Vec<&Value> = found.iter().filter(before).collect();
    assert_eq!(alarms(&program, &stream(54)).iter().collect::<Vec<_>>(), until_then);
}

fn check(docs: &str, parts: &[&str]) {
    let program = Program::new();
    program.write("docs.jsonl", docs);
    let message = program.fails(&["detect", "--stream", "docs.jsonl", "--out", "alarms.json"]);
    for part in parts {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
    assert!(!program.folder().join("alarms.json").exists());
}

#[test]
fn what_is_wrong_with_a_line_is_named() {
    let good = line(0, 0, NEW);
    check(&format!("{good}{{\"id\":1}}\n"), &["docs.jsonl, line 2", "text", "created_at"]);
    check("nonsense\n", &["docs.jsonl, line 1", "expected {\"id\",\"text\",\"created_at\"}"]);
    check(
        "\n{\"id\":1,\"text\":\"好\",\"created_at\":\"gestern\"}\n",
        &["line 2", "gestern", "is not a date"],
    );
    check(
        &(line(3, 0, NEW) + &good),
        &["line 2", "2026-03-01 comes after 2026-03-04", "hint:", "sort"],
    );
}

#[test]
fn the_promise_of_a_mode_is_printed_and_the_file_of_alarms_keeps_its_form() {
    let program = Program::new();
    let days = "[4,2,4],".repeat(59) + "[4,2,4]";
    program.write(
        "series.jsonl",
        format!("{{\"id\":\"a\",\"start\":\"2025-01-01\",\"counts\":[{days}]}}\n"),
    );
    for (mode, promise) in [
        ("calibrated", "about 0.45 false alarms a year in each series"),
        ("guaranteed", "at most 0.5 false alarms a year in each series"),
    ] {
        let arguments =
            ["detect", "--series", "series.jsonl", "--out", "alarms.json", "--mode", mode];
        let output = program.run(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(promise) && said.contains(mode), "{said}");
        let written = std::fs::read_to_string(program.folder().join("alarms.json")).unwrap();
        assert_eq!(written, "{\"a\":[]}");
    }
}

#[test]
fn a_series_that_stands_twice_is_an_error() {
    let program = Program::new();
    let line = "{\"id\":\"a\",\"start\":\"2025-01-01\",\"counts\":[[4,2,4]]}\n";
    program.write("series.jsonl", line.repeat(2));
    let message = program.fails(&["detect", "--series", "series.jsonl", "--out", "alarms.json"]);
    assert!(message.contains("line 2") && message.contains("line 1"), "{message}");
    assert!(!program.folder().join("alarms.json").exists());
}
