//! Larger organizations are told of by week: each week once, as soon as it is closed, and nothing that comes later changes it.

use std::time::{SystemTime, UNIX_EPOCH};

use corpus::{Day, EventTime, Period};
use serde_json::{Value, json};

use crate::program::Program;

const SETTINGS: &str = "[organization]\nname = \"青禾油田\"\nperiod = \"week\"\n[[organization.unit]]\nname = \"采油一厂\"\nroster = 80\nperiod = \"week\"\n[[organization.unit]]\nname = \"采油二厂\"\nroster = 40\n";

#[expect(clippy::disallowed_methods, reason = "what is closed depends on the day it is")]
fn today() -> Day {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    EventTime::from_unix_ms(since.as_millis() as i64).unwrap().day()
}

/// The last week that is closed, its seven days of grace over.
fn closed_week() -> Period {
    let mut week = Period::week_of(today());
    while week.last_day().plus(7) >= today() {
        week = Period::week_of(week.first_day().plus(-1));
    }
    week
}

/// Documents of `people` colleagues of each unit, on the first days of a week.
fn documents(week: Period, people: usize, name: &str) -> String {
    let line = |n: usize| {
        let unit = ["采油一厂", "采油二厂"][n % 2];
        let text = ["食堂的饭菜太贵了", "班车准点，司机师傅很好"][n / 2 % 2];
        let document = json!({
            "id": format!("{name}{week}{n}"), "text": format!("{text}，这是第{}次说", n + 3),
            "created_at": week.first_day().plus((n % 4) as i32).to_string(), "author": format!("A{n}"), "unit": unit,
        });
        document.to_string() + "\n"
    };
    (0..2 * people).map(line).collect()
}

/// Released figures of one unit, by period.
fn released(program: &Program, unit: &str) -> Vec<(String, Value)> {
    let digest: Value =
        serde_json::from_slice(&std::fs::read(program.folder().join("out/digest.json")).unwrap())
            .unwrap();
    let cells = digest["table"]["cells"].as_array().unwrap();
    let of_unit =
        |cell: &&Value| cell["key"] == json!({ "source": null, "unit": unit, "topic": null });
    let told =
        |cell: &Value| (cell["period"].as_str().unwrap().to_owned(), cell["figures"].clone());
    cells.iter().filter(of_unit).map(told).collect()
}

#[test]
fn a_week_is_told_of_once_and_latecomers_count_in_the_next() {
    let program = Program::new();
    program.write("huisheng.toml", SETTINGS);
    let week = closed_week();
    program.write("first.jsonl", documents(week, 30, "a"));
    program.json(&["import", "first.jsonl", "--source", "意见箱"], 0);
    program.json(&["digest", "--out", "out"], 0);
    let told = released(&program, "采油一厂");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].0.as_str(), &told[0].1["voices"]), (week.to_string().as_str(), &json!(30)));
    let closed = program.json(&["periods", "show"], 0)["closed"].as_array().unwrap().clone();
    assert!(closed.contains(&json!(week.to_string())), "{closed:?}");

    // More of the same week, from other people.
    program.write("late.jsonl", documents(week, 50, "b"));
    let report = program.json(&["import", "late.jsonl", "--source", "意见箱"], 0);
    assert_eq!(report["sources"][0]["late"], 100, "{report}");
    program.write("copy.jsonl", documents(week, 50, "b"));
    let again = program.json(&["import", "copy.jsonl", "--source", "意见箱"], 0);
    assert_eq!(again["sources"][0]["late"], 0, "what is known is not late once more");
    let page = std::fs::read_to_string(program.folder().join("out/digest.html")).unwrap();
    program.json(&["digest", "--out", "out"], 0);
    assert_eq!(released(&program, "采油一厂"), told);
    assert_eq!(std::fs::read_to_string(program.folder().join("out/digest.html")).unwrap(), page);
    let late = program.json(
        &[
            "search",
            "食堂",
            "--from",
            &week.first_day().to_string(),
            "--to",
            &week.last_day().to_string(),
        ],
        0,
    );
    assert_eq!(late["confidential"]["kind"], "too_few", "texts are of closed months, not of days");
}

#[test]
fn units_under_fifty_are_told_of_by_month_and_may_not_ask_for_weeks() {
    let program = Program::new();
    program.write("huisheng.toml", SETTINGS);
    // A month that is long closed, so that its weeks and the month come out together.
    let march = Period::week_of("2026-03-10".parse().unwrap());
    program.write("old.jsonl", documents(march, 30, "a") + &documents(march.next(), 30, "b"));
    program.json(&["import", "old.jsonl", "--source", "意见箱"], 0);
    program.json(&["digest", "--out", "out"], 0);
    let periods = |unit: &str| -> Vec<String> {
        released(&program, unit).into_iter().map(|(period, _)| period).collect()
    };
    assert_eq!(periods("采油一厂"), [march.to_string(), march.next().to_string()]);
    assert_eq!(periods("采油二厂"), ["2026-03"]);

    // The year goes on as it began, whatever the settings say.
    program.write("huisheng.toml", SETTINGS.replace("week", "month"));
    let april = Period::week_of("2026-04-14".parse().unwrap());
    program.write("next.jsonl", documents(april, 30, "c"));
    program.json(&["import", "next.jsonl", "--source", "意见箱"], 0);
    program.json(&["digest", "--out", "out"], 0);
    assert_eq!(periods("采油一厂").last(), Some(&april.to_string()));

    program.write("huisheng.toml", SETTINGS.replace("roster = 80", "roster = 49"));
    let said = program.fails(&["config", "check"]);
    assert!(said.contains("采油一厂 has 49 people") && said.contains("hint:"), "{said}");
}

/// What makes a text no near copy of others: stops of the bus.
fn stops(n: u32) -> String {
    const STOPS: [&str; 16] = [
        "东门", "西门", "医院", "车站", "学校", "仓库", "商场", "公园", "邮局", "广场", "桥头",
        "码头", "井场", "油库", "宿舍", "机关",
    ];
    let mut state = n;
    let mut stop = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        STOPS[(state >> 28) as usize]
    };
    "坐".to_owned() + &(0..8).map(|_| stop()).collect::<Vec<_>>().join("到")
}

/// Two units below one. One in six of their people complains in the first half of the days, five in six in the second.
fn turned(from: Day, days: i32, people: usize) -> String {
    let line = |day: i32, n: usize| {
        let team = ["采油一厂一队", "采油一厂二队"][n % 2];
        let complains = (n / 2).is_multiple_of(6) == (day < days / 2);
        let text = if complains {
            "班车总是晚点，司机态度很差"
        } else {
            "班车准点，司机师傅很好"
        };
        let document = json!({
            "id": format!("{day}-{n}"), "text": format!("{text}。{}", stops(day as u32 * 31 + n as u32)),
            "created_at": from.plus(day).to_string(), "author": format!("A{n}"), "unit": team,
        });
        document.to_string() + "\n"
    };
    (0..days).flat_map(|day| (0..people).map(move |n| line(day, n))).collect()
}

#[test]
fn a_unit_that_holds_others_is_watched_and_a_change_in_all_is_told_once() {
    let program = Program::new();
    let unit = |name: &str, roster: u32| {
        format!("[[organization.unit]]\nname = \"{name}\"\nroster = {roster}\n")
    };
    let below = |name: &str| unit(name, 40) + "parent = \"采油一厂\"\n";
    program.write(
        "huisheng.toml",
        unit("采油一厂", 80) + &below("采油一厂一队") + &below("采油一厂二队"),
    );
    program.write("a.jsonl", turned("2025-03-01".parse().unwrap(), 122, 24));
    program.json(&["import", "a.jsonl", "--source", "意见箱"], 0);
    let detected = program.json(&["detect"], 0);
    let shifts = detected["shifts"].as_array().unwrap();
    assert_eq!(shifts.len(), 1, "one change is told once: {detected}");
    // No document names the unit above.
    program.json(&["digest", "--out", "out"], 0);
    let file = std::fs::read(program.folder().join("out/digest.json")).unwrap();
    let told: Value = serde_json::from_slice(&file).unwrap();
    let seen = |unit: &str| {
        let effects = told["detectable"]["effects"].as_array().unwrap();
        effects
            .iter()
            .any(|effect| effect["key"] == json!({ "source": null, "unit": unit, "topic": null }))
    };
    assert!(seen("采油一厂"), "{}", told["detectable"]);

    // What a report on April tells was known when April was over: neither the alarm of May nor what June could not have shown.
    program.json(&["digest", "--period", "2025-04", "--out", "april"], 0);
    let file = std::fs::read(program.folder().join("april/digest.json")).unwrap();
    let april: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(told["shifts"].as_array().unwrap().len(), 1);
    for found in ["shifts", "contexts", "emerging"] {
        assert_eq!(april[found], json!([]), "{found}");
    }
    assert_eq!(april["detectable"]["effects"], json!([]));
}
