use crate::program::{Program, files as walk, lines};

#[test]
fn a_file_comes_in_is_found_counted_and_reported() {
    let program = Program::new();
    program.write("a.jsonl", lines(600));
    let report =
        program.json(&["import", "a.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    let source = &report["sources"][0];
    assert_eq!(
        (source["read"].as_u64(), source["stored"].as_u64(), source["quarantined"].as_u64()),
        (Some(600), Some(600), Some(0))
    );

    let answer = program.json(&["search", "食堂", "--limit", "3"], 0);
    assert_eq!(
        (answer["open"]["total"].as_u64(), answer["open"]["hits"].as_array().map(Vec::len)),
        (Some(100), Some(3))
    );
    let hit = &answer["open"]["hits"][0];
    let marks = hit["highlights"][0].as_array().unwrap();
    let snippet: Vec<char> = hit["snippet"].as_str().unwrap().chars().collect();
    let marked: String = snippet
        [marks[0].as_u64().unwrap() as usize..marks[1].as_u64().unwrap() as usize]
        .iter()
        .collect();
    assert_eq!(marked, "食堂");
    let narrowed = program.json(
        &["search", "食堂", "--from", "2025-01-01", "--to", "2025-01-31", "--unit", "采油一厂"],
        0,
    );
    assert_eq!(
        narrowed["open"]["total"], 50,
        "all of January's canteen documents come from the first unit"
    );

    let detected = program.json(&["detect"], 0);
    assert_eq!(
        (&detected["promise"]["mode"], &detected["promise"]["false_alarms_per_year"]),
        (&"calibrated".into(), &2.0.into())
    );
    assert!(detected["shifts"].is_array(), "{detected}");
    let said = String::from_utf8(program.run(&["detect"]).stdout).unwrap();
    assert!(said.contains("about 2 false alarms a year over all"), "{said}");

    let digest = program.json(&["digest", "--out", "out"], 0);
    assert_eq!(digest["digest"], "out/digest.html");
    let told = std::fs::read_to_string(program.folder().join("out/digest.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["method"]["promise"]["false_alarms_per_year"], 2.0);
    assert_eq!(told["detectable"]["days"], 14);
    // Each series has its part of the budget.
    assert!(told["detectable"]["false_alarms_per_series_year"].as_f64().unwrap() < 2.0);
    let page = std::fs::read_to_string(program.folder().join("out/digest.html")).unwrap();
    assert!(page.contains("采油一厂") && !page.contains("A42"));

    let verified = program.json(&["verify"], 0);
    assert_eq!(
        (
            verified["rows_in_table"].as_u64(),
            verified["rows_in_index"].as_u64(),
            verified["intact"].as_bool()
        ),
        (Some(600), Some(600), Some(true))
    );
    // Two searches and the digest were read by somebody.
    assert!(verified["audit"]["rows"].as_u64() >= Some(3));
}

#[test]
fn an_export_needs_more_people_than_a_page() {
    for (documents, is_exported) in [(150, false), (600, true)] {
        let program = Program::new();
        program.write("a.jsonl", lines(documents));
        program.json(&["import", "a.jsonl", "--source", "意见箱"], 0);
        program.json(&["digest", "--out", "out"], 0);
        let page = std::fs::read_to_string(program.folder().join("out/digest.html")).unwrap();
        assert!(page.contains("采油一厂"), "the page tells of both");
        for file in ["cells.csv", "cells.jsonl", "cells.parquet"] {
            let report = program.json(&["export", "--out", file], 0);
            assert_eq!(report["cells"].as_u64() > Some(0), is_exported, "{report}");
            let content = std::fs::read(program.folder().join(file)).unwrap();
            let unit = "采油一厂".as_bytes();
            let names_unit = content.windows(unit.len()).any(|window| window == unit);
            assert_eq!(names_unit, is_exported, "{file}");
        }
    }
    let program = Program::new();
    assert!(program.fails(&["export", "--out", "cells.doc"]).contains(".parquet"));
}

#[test]
fn bad_rows_are_quarantined_and_the_rest_goes_on() {
    let program = Program::new();
    let good = lines(20);
    program.write("a.jsonl", format!("{good}{{broken\n{{\"text\":\"没有日期\"}}\n{{\"text\":\"\",\"created_at\":\"2025-01-01\"}}\n"));
    let report = program.json(&["import", "a.jsonl", "--source", "论坛"], 1);
    let source = &report["sources"][0];
    assert_eq!(
        (source["read"].as_u64(), source["stored"].as_u64(), source["quarantined"].as_u64()),
        (Some(23), Some(20), Some(3))
    );
    assert_eq!(source["reasons"]["syntax"], 1);
}

#[test]
fn the_same_file_again_changes_nothing() {
    let program = Program::new();
    program.write("a.jsonl", lines(50));
    program.json(&["import", "a.jsonl", "--source", "论坛"], 0);
    let copy = program.write("copy.jsonl", lines(60));
    let again = program.json(&["import", copy.to_str().unwrap(), "--source", "论坛"], 0);
    let source = &again["sources"][0];
    assert_eq!(
        (source["read"].as_u64(), source["stored"].as_u64(), source["known"].as_u64()),
        (Some(60), Some(10), Some(50))
    );
}

#[test]
fn copies_in_two_imports_are_one_message() {
    let program = Program::new();
    let line = |id: u32, day: u32| {
        let text = "关于公寓热水供应的通知,因锅炉检修,倒班公寓三号楼和五号楼从周一早上停止供应热水,请大家提前做好准备";
        serde_json::json!({"id": id.to_string(), "text": text, "created_at": format!("2025-03-{day:02}"), "author": format!("A{id}")})
            .to_string()
    };
    program.write("a.jsonl", line(1, 3));
    program.write("b.jsonl", format!("{}\n{}", line(1, 3), line(2, 5)));
    let first = program.json(&["import", "a.jsonl", "--source", "论坛"], 0);
    assert_eq!(first["sources"][0]["folded"], 0);
    let second = program.json(&["import", "b.jsonl", "--source", "论坛"], 0);
    let source = &second["sources"][0];
    assert_eq!(
        (source["known"].as_u64(), source["stored"].as_u64(), source["folded"].as_u64()),
        (Some(1), Some(1), Some(1))
    );
}

#[test]
fn confidential_texts_are_not_searched_one_by_one() {
    let program = Program::new();
    program.write("a.jsonl", lines(300));
    program.json(&["import", "a.jsonl", "--source", "意见箱"], 0);
    program.json(&["digest", "--out", "out"], 0);
    let some = program.json(&["search", "第3次反映"], 0);
    let none = program.json(&["search", "根本没有的词"], 0);
    assert_eq!(some["open"]["total"], 0);
    assert_eq!(
        some["confidential"], none["confidential"],
        "one neutral answer, whether there is something or nothing"
    );
}

#[test]
fn identifiers_and_authors_reach_no_file_in_the_clear() {
    let program = Program::new();
    let line = r#"{"id":"1","text":"请联系我 13812345678,谢谢","created_at":"2025-03-04","author":"工号QX77815"}"#;
    program.write("a.jsonl", format!("{line}\n{}", lines(30)));
    let report =
        program.json(&["import", "a.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    assert_eq!(report["sources"][0]["redacted"], 1);
    let answer = program.json(&["search", "请联系我"], 0);
    assert!(answer["open"]["hits"][0]["snippet"].as_str().unwrap().contains("[手机号]"));
    for entry in walk(&program.store()) {
        let bytes = std::fs::read(&entry).unwrap();
        for secret in ["13812345678", "QX77815"] {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "{secret} in {}",
                entry.display()
            );
        }
    }
}

#[test]
fn an_erased_document_is_gone() {
    let program = Program::new();
    program.write("a.jsonl", lines(30));
    program.json(&["import", "a.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    let answer = program.json(&["search", "食堂", "--limit", "1"], 0);
    let id = answer["open"]["hits"][0]["id"].as_str().unwrap();
    assert_eq!(program.json(&["erase", id], 0)["erased"], 1);
    assert_eq!(program.json(&["search", "食堂"], 0)["open"]["total"], 4);
    assert_eq!(program.json(&["verify"], 0)["rows_in_table"], 29);
    // It does not come back with another copy of the file.
    program.write("copy.jsonl", lines(31));
    let again =
        program.json(&["import", "copy.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    let counts = &again["sources"][0];
    assert_eq!((&counts["withdrawn"], &counts["stored"]), (&1.into(), &1.into()), "{again}");
    assert_eq!(program.json(&["verify"], 0)["rows_in_table"], 30);
}

#[test]
fn closed_months_lose_their_keys_for_good() {
    let program = Program::new();
    program.write("a.jsonl", lines(120));
    program.json(&["import", "a.jsonl", "--source", "论坛"], 0);
    let keys = || {
        walk(&program.store().join("keys"))
            .iter()
            .filter(|path| path.to_string_lossy().contains("2025-"))
            .count()
    };
    assert_eq!(keys(), 12);
    let closed = program.json(&["periods", "close"], 0);
    assert_eq!((closed["closed"].as_array().map(Vec::len), keys()), (Some(12), 0));
    // A late document of a closed month is counted in the next open one, under that month's key.
    program.write("late.jsonl", lines(130));
    program.json(&["import", "late.jsonl", "--source", "论坛"], 0);
    assert_eq!(keys(), 0);
}

#[test]
fn settings_can_be_checked_and_shown() {
    let program = Program::new();
    let shown = program.json(&["config", "show"], 0);
    assert_eq!(shown["limits.k_score"][0], 5);
    assert_eq!(shown["store.dir"][1], "--dir");
}
