//! 套话: what many people of a source write by form is told of the source, and their texts are judged by what else they say.

use serde_json::{Value, json};

use crate::program::Program;

const FORM: &str = "通过这次学习我受益匪浅";

/// As different as copies are not.
fn complaint(n: usize) -> String {
    let things = [
        "投影仪",
        "空调",
        "椅子",
        "麦克风",
        "教室的灯",
        "讲义",
        "食堂",
        "宿舍床铺",
        "班车",
        "签到",
        "网络",
        "茶水间",
    ];
    let faults = [
        "坏了一直没有人修",
        "差得实在让人受不了",
        "糟糕得没法用",
        "一周里有三天不能用",
        "脏得不想碰",
        "又旧又吵",
        "报修两回都没有下文",
    ];
    format!("{}{}", things[n % things.len()], faults[n % faults.len()])
}

/// A line a colleague: the form and a complaint, the form alone, or praise of one's own.
fn feedback(month: &str, people: usize) -> String {
    let line = |n: usize| {
        let text = match n % 3 {
            0 => format!("{FORM}。{}，{}", complaint(n / 3), complaint(n * 5 + 4)),
            1 => format!("{FORM}！"),
            _ => format!(
                "老师讲得很清楚，{}也比去年好多了",
                ["饭菜", "教室", "讲义", "住宿", "班车"][n % 5]
            ),
        };
        let document = json!({
            "id": format!("{month}-{n}"), "text": text, "author": format!("A{n}"),
            "created_at": format!("{month}-{:02}", n % 28 + 1), "unit": "采油一厂",
        });
        document.to_string() + "\n"
    };
    (0..people).map(line).collect()
}

fn import(program: &Program, month: &str, people: usize) {
    program.write("a.jsonl", feedback(month, people));
    program.json(&["import", "a.jsonl", "--source", "培训论坛", "--visibility", "open"], 0);
}

fn polarities(program: &Program, asked: &str) -> Vec<(Value, Value)> {
    let answer = program.json(&["search", asked, "--source", "培训论坛", "--limit", "100"], 0);
    let hits = answer["open"]["hits"].as_array().unwrap();
    assert!(!hits.is_empty(), "{answer}");
    hits.iter().map(|hit| (hit["polarity"].clone(), hit["clauses"][0]["is_form"].clone())).collect()
}

#[test]
fn texts_are_judged_by_what_they_say_beside_forms() {
    let program = Program::new();
    import(&program, "2025-03", 60);
    // One month of few people: nobody's habit is a form.
    let judged = polarities(&program, "糟糕");
    assert!(judged.iter().all(|(_, is_form)| is_form == false), "{judged:?}");

    program.json(&["digest", "--out", "out"], 0);
    let digest: Value =
        serde_json::from_slice(&std::fs::read(program.folder().join("out/digest.json")).unwrap())
            .unwrap();
    let [told] = digest["form_shares"].as_array().unwrap().as_slice() else {
        panic!("{}", digest["form_shares"])
    };
    assert_eq!((&told["source"], &told["month"]), (&json!("培训论坛"), &json!("2025-03")));
    assert_eq!(told["forms"], json!(["受益匪浅"]));
    let percent = told["percent"].as_u64().unwrap();
    assert!((30..=60).contains(&percent) && percent.is_multiple_of(5), "{percent}");
    let page = std::fs::read_to_string(program.folder().join("out/digest.html")).unwrap();
    assert!(page.contains("套话") && page.contains("受益匪浅"));

    // A passage may begin in the middle of the form.
    let is_complaint_beside_form = |judged: &[(Value, Value)]| {
        judged.iter().all(|(polarity, _)| polarity == "negative")
            && judged.iter().any(|(_, is_form)| is_form == true)
    };
    let judged = polarities(&program, "糟糕");
    assert!(is_complaint_beside_form(&judged), "{judged:?}");
    let formal_only = polarities(&program, "受益匪浅");
    assert!(formal_only.iter().any(|(polarity, _)| polarity.is_null()), "{formal_only:?}");

    // What comes later is judged so at once, and judging anew changes nothing.
    import(&program, "2025-04", 3);
    let judged = polarities(&program, "糟糕");
    assert!(is_complaint_beside_form(&judged), "{judged:?}");
    let report = program.json(&["enrich", "--rerun"], 0);
    assert_eq!(report["is_changed"], false, "{report}");
    assert_eq!(polarities(&program, "糟糕"), judged);
    // Told once: a report made again says the same.
    program.json(&["digest", "--period", "2025-03", "--out", "again"], 0);
    let again: Value =
        serde_json::from_slice(&std::fs::read(program.folder().join("again/digest.json")).unwrap())
            .unwrap();
    assert_eq!(again["form_shares"], digest["form_shares"]);
}

#[test]
fn forms_of_few_people_are_words_like_others() {
    let program = Program::new();
    import(&program, "2025-03", 12);
    program.json(&["digest", "--out", "out"], 0);
    assert!(!program.folder().join("store/forms.tsv").exists());
    let judged = polarities(&program, "受益匪浅");
    assert!(judged.iter().all(|(polarity, _)| !polarity.is_null()), "{judged:?}");
}

#[test]
fn a_damaged_list_of_forms_is_named() {
    let program = Program::new();
    import(&program, "2025-03", 3);
    program.write("store/forms.tsv", "培训论坛\tformula\t受益匪浅\n培训论坛\t受益匪浅\n");
    let said = program.fails(&["search", "投影仪"]);
    assert!(said.contains("forms.tsv, line 2") && said.contains("hint: "), "{said}");
}
