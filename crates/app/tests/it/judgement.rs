//! What a text says of which matter, and a store's own polarity model.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::program::Program;

/// `(matter, topic, polarity)` of each clause of a document.
fn said(document: &Value) -> Vec<(String, Value, Value)> {
    let clauses = document["clauses"].as_array().unwrap().iter();
    clauses
        .flat_map(|clause| {
            clause["aspects"].as_array().unwrap().iter().map(|aspect| {
                let name = aspect["name"].as_str().unwrap().to_owned();
                (name, aspect["topic"].clone(), clause["polarity"].clone())
            })
        })
        .collect()
}

#[test]
fn a_text_is_analyzed_clause_by_clause() {
    let program = Program::new();
    let analysis = program.json(&["analyze", "--text", "食堂飯菜好,但排隊太久"], 0);
    let document = &analysis["documents"][0];
    assert_eq!(document["text"], "食堂饭菜好,但排队太久");
    assert_eq!(document["topics"], json!(["食堂"]));
    assert_eq!(
        said(document),
        [
            ("饭菜".to_owned(), json!("食堂"), json!("positive")),
            ("排队".to_owned(), Value::Null, json!("negative")),
        ]
    );
    assert_eq!(document["clauses"][1]["text"], "但排队太久");
    let shown = program.run(&["analyze", "--text", "食堂饭菜好,但排队太久"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("饭菜 [食堂]") && shown.contains("negative"), "{shown}");
}

#[test]
fn a_file_is_summed_up_by_matter() {
    let program = Program::new();
    program.write(
        "a.txt",
        "班车总是晚点\n班车又晚点了,班车晚点没人管\n{\"id\":7,\"text\":\"班车很准时\"}\n",
    );
    let analysis = program.json(&["analyze", "a.txt"], 0);
    assert_eq!(analysis["documents"][2]["id"], 7);
    let matter = &analysis["matters"][0];
    assert_eq!(
        (&matter["name"], &matter["topic"], &matter["positive"], &matter["negative"]),
        (&json!("班车"), &json!("通勤"), &json!(1), &json!(2))
    );
}

#[test]
fn what_many_texts_copy_is_told_and_not_counted() {
    let program = Program::new();
    let form = "通过这次学习我受益匪浅";
    let mut lines: Vec<String> =
        (1..=12).map(|n| format!("{form},第{n}组的投影仪太暗了")).collect();
    lines.push(form.to_owned());
    program.write("a.txt", lines.join("\n"));
    let analysis = program.json(&["analyze", "a.txt"], 0);
    assert_eq!(analysis["boilerplate"], json!([{ "text": form, "documents": 13 }]));
    assert!(analysis["boilerplate_share"].as_f64().unwrap() > 0.4);
    let documents = analysis["documents"].as_array().unwrap();
    assert_eq!(documents[0]["clauses"][0]["is_boilerplate"], true);
    assert_eq!(documents[0]["polarity"], "negative", "what remains decides: {}", documents[0]);
    assert_eq!(documents[12]["polarity"], Value::Null, "nothing remains");
    let is_form = |matter: &Value| matter["name"].as_str().unwrap().contains("学习");
    assert!(!analysis["matters"].as_array().unwrap().iter().any(is_form));
}

/// Rated lines of a trade in which words mean the opposite of what they seem to (what is meant to curl should curl), and otherwise as different as a few dozen words can be.
fn rated(count: u32) -> String {
    const WORDS: [&str; 32] = [
        "一班", "二班", "炉前", "炉后", "批次", "钢号", "下线", "上线", "坯料", "轧制", "交接",
        "取样", "周一", "周五", "月初", "月底", "东跨", "西跨", "行车", "吊具", "转炉", "连铸",
        "精整", "包装", "台账", "记录", "夜里", "中午", "复检", "抽查", "堆场", "辊道",
    ];
    let mut lines = String::new();
    let mut state = 1u32;
    for number in 0..count {
        let mut text = String::new();
        for _ in 0..9 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(WORDS[(state >> 27) as usize]);
        }
        let is_praise = number.is_multiple_of(2);
        text.push_str(if is_praise { "镭浆起翘" } else { "镭浆透亮" });
        let line = json!({
            "id": number.to_string(), "text": text, "created_at": format!("2025-03-{:02}", number % 28 + 1),
            "author": format!("A{number}"), "rating": if is_praise { 5 } else { 1 },
        });
        let _ = writeln!(lines, "{line}");
    }
    lines
}

#[test]
fn a_model_from_ratings_is_installed_when_it_is_better() {
    let program = Program::new();
    program.write("rated.jsonl", rated(1500));
    let map = "id=id,text=text,posted_at=created_at,author=author,rating=rating";
    program.json(
        &["import", "rated.jsonl", "--source", "复检台账", "--visibility", "open", "--map", map],
        0,
    );
    let positive = || {
        let found = program.json(&["search", "镭浆起翘", "--polarity", "positive"], 0);
        found["open"]["total"].as_u64().unwrap()
    };
    assert!(positive() < 700, "the shipped model does not know these words");

    let looked = program.json(&["train", "polarity", "--from-store"], 0);
    assert_eq!((&looked["is_better"], &looked["is_installed"]), (&json!(true), &json!(false)));
    assert!(positive() < 700, "a comparison changes nothing");

    let installed = program.json(&["train", "polarity", "--from-store", "--install"], 0);
    assert_eq!((&installed["is_better"], &installed["is_installed"]), (&json!(true), &json!(true)));
    assert!(
        installed["candidate"]["macro_f1"].as_f64() > installed["present"]["macro_f1"].as_f64()
    );
    assert_eq!(
        installed["candidate"]["model"], looked["candidate"]["model"],
        "the same texts give the same model"
    );
    assert!(positive() >= 700, "every stored text is judged by the new model: {}", positive());

    // What comes in later is judged by the same model, else the series would be refused as mixed.
    program.write("more.jsonl", rated(1510).lines().skip(1500).collect::<Vec<_>>().join("\n"));
    program.json(
        &["import", "more.jsonl", "--source", "复检台账", "--visibility", "open", "--map", map],
        0,
    );
    program.json(&["detect"], 0);
    program.json(&["verify"], 0);
    let again = program.json(&["train", "polarity", "--from-store", "--install"], 0);
    assert_eq!(again["is_better"], false, "as good as the one in use is not better");
}

#[test]
fn training_from_a_store_without_ratings_says_what_to_do() {
    let program = Program::new();
    program.write("a.jsonl", "{\"text\":\"食堂不错\",\"created_at\":\"2025-03-01\"}\n");
    program.json(&["import", "a.jsonl", "--source", "意见箱"], 0);
    let message = program.fails(&["train", "polarity", "--from-store"]);
    assert!(message.contains("0 are clearly negative") && message.contains("hint:"), "{message}");
    let message = program.fails(&["train", "topic", "--from-store"]);
    assert!(message.contains("a rating says nothing about topics"), "{message}");
}

#[test]
fn texts_to_label_come_from_open_sources_only() {
    let program = Program::new();
    let plain = |word: &str| {
        let text = |n: i32| {
            format!(
                "{{\"text\":\"{word}的窗口换到了{n}号门那边\",\"created_at\":\"2025-03-0{n}\"}}\n"
            )
        };
        (1..9).map(text).collect::<String>()
    };
    program.write("open.jsonl", plain("食堂"));
    program.write("closed.jsonl", plain("医务室"));
    program.json(&["import", "open.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    program.json(&["import", "closed.jsonl", "--source", "意见箱"], 0);
    let chosen = program.json(&["labels", "suggest", "--count", "5"], 0);
    let chosen = chosen.as_array().unwrap();
    assert!(chosen.iter().all(|text| text["source"] == "论坛"), "{chosen:?}");
    let lines = program.run(&["labels", "suggest"]);
    let lines = String::from_utf8(lines.stdout).unwrap();
    assert!(!lines.contains("医务室") && lines.starts_with("# guess"), "{lines}");
}

#[test]
fn topics_of_a_file_keep_their_ids() {
    let program = Program::new();
    let matters = ["食堂饭菜难吃", "班车晚点半小时", "宿舍空调坏了", "机房网速很慢"];
    let mut texts = String::new();
    for round in 0..20 {
        for matter in matters {
            _ = writeln!(texts, "{matter}{}", ["啊", "呢", "吧"][round % 3]);
        }
    }
    program.write("texts.txt", &texts);
    let first = program.json(&["topics", "discover", "texts.txt", "--topics", "4"], 0);
    assert_eq!(first["topics"].as_array().unwrap().len(), matters.len());
    assert_eq!(
        first["assignments"][0],
        json!({"id": 1, "topic": first["assignments"][4]["topic"]})
    );

    program.write("first.json", first.to_string());
    program.write("more.txt", format!("{texts}食堂饭菜难吃呀\n"));
    let arguments = ["topics", "discover", "more.txt", "--previous", "first.json", "--topics", "4"];
    let next = program.json(&arguments, 0);
    assert_eq!(next["assignments"][0]["topic"], first["assignments"][0]["topic"]);

    program.write("broken.json", "[]");
    let refused = program.run(&["topics", "discover", "more.txt", "--previous", "broken.json"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("holds no topics") && said.contains("hint"), "{said}");
}
