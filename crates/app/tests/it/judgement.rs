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
fn a_complaint_that_many_texts_copy_is_a_complaint() {
    let program = Program::new();
    program.write("a.txt", "投影仪一直是坏的没有人修\n".repeat(13));
    let analysis = program.json(&["analyze", "a.txt"], 0);
    assert_eq!(analysis["boilerplate_share"], 0.0);
    assert_eq!(analysis["documents"][0]["polarity"], "negative");
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
    assert_eq!(analysis["boilerplate"], json!([{ "text": "受益匪浅", "documents": 13 }]));
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
    program.write("few.tsv", "negative\t食堂\t凉了\n");
    let message = program.fails(&["train", "polarity", "--from-store", "--train", "few.tsv"]);
    assert!(
        message.contains("1 texts are labelled by hand") && message.contains("labels suggest"),
        "{message}"
    );
}

#[test]
fn a_thousand_texts_teach_a_network_unless_their_domains_are_named() {
    let program = Program::new();
    for (file, place) in [("plain.jsonl", "source"), ("domains.jsonl", "group")] {
        let line = |n: usize| {
            let (label, word) = [("positive", "干净"), ("negative", "太脏")][n % 2];
            let text = format!("{}号窗口的桌子{word}，第{}天", n % 40, n / 40);
            json!({ "text": text, "label": label, place: format!("{}", n % 6) }).to_string() + "\n"
        };
        program.write(file, (0..1000).map(line).collect::<String>());
        program.json(&["train", "polarity", "--train", file, "--out", place], 0);
    }
    let card = |folder: &str| {
        std::fs::read_to_string(program.folder().join(folder).join("card.toml")).unwrap()
    };
    assert!(card("source").contains("format = \"huisheng-network-1\""), "{}", card("source"));
    assert!(card("group").contains("format = \"huisheng-linear-2\""), "{}", card("group"));
}

#[test]
fn corrected_guesses_reach_the_judge() {
    let program = Program::new();
    let lines: String = rated(160)
        .lines()
        .map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line.as_object_mut().unwrap().remove("rating");
            format!("{line}\n")
        })
        .collect();
    program.write("plain.jsonl", lines);
    let map = "id=id,text=text,posted_at=created_at,author=author";
    program.json(
        &["import", "plain.jsonl", "--source", "复检台账", "--visibility", "open", "--map", map],
        0,
    );
    let mut suggested = program.json(&["labels", "suggest", "--count", "120"], 0);
    let texts = suggested.as_array_mut().unwrap();
    assert!(texts.len() >= 60, "{}", texts.len());
    for text in texts {
        let is_praise = text["text"].as_str().unwrap().contains("起翘");
        text["guess"] = json!(if is_praise { "positive" } else { "negative" });
    }
    program.write("corrected.json", suggested.to_string());
    let train = ["train", "polarity", "--from-store", "--train", "corrected.json", "--install"];
    let trained = program.json(&train, 0);
    assert_eq!((&trained["is_better"], &trained["is_installed"]), (&json!(true), &json!(true)));
    let corrected = &trained["corrected"];
    assert!(
        corrected["candidate"]["macro_f1"].as_f64() > corrected["present"]["macro_f1"].as_f64()
    );
    let card = std::fs::read_to_string(program.store().join("model/card.toml")).unwrap();
    for part in ["corrected.json", "fnv1a64:", "passes_max", "labels by hand"] {
        assert!(card.contains(part), "{part} in {card}");
    }
    assert!(!card.contains("not stated"), "{card}");
    let found = program.json(&["search", "镭浆起翘", "--polarity", "positive"], 0);
    assert!(found["open"]["total"].as_u64().unwrap() >= 75, "{found}");

    // The lines that are printed can be corrected and trained on too.
    let printed = program.run(&["labels", "suggest"]);
    program.write("corrected.txt", printed.stdout);
    program.json(&["train", "polarity", "--train", "corrected.txt", "--out", "m"], 0);
}

#[test]
fn eval_asks_for_a_model_of_the_task() {
    let program = Program::new();
    program.write("topics.jsonl", "{\"text\":\"食堂的菜凉了\",\"labels\":[\"食堂\"]}\n{\"text\":\"今天下雨\",\"labels\":[]}\n");
    let measured = program.json(&["eval", "topic", "topics.jsonl"], 0);
    assert_eq!((&measured["texts"], &measured["both"]["micro_f1"]), (&json!(2), &json!(1.0)));
    program.write("two.tsv", "negative\t凉了\npositive\t好吃\n");
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/models");
    let (topics, file) =
        (format!("{models}/topics"), format!("{models}/polarity/model.safetensors"));
    let said = program.fails(&["eval", "polarity", "two.tsv", "--model", &topics]);
    assert!(said.contains("not polarity") && said.contains("eval topic"), "{said}");
    let said = program.fails(&["eval", "polarity", "two.tsv", "--model", &file]);
    assert!(said.contains("is a file") && said.contains("folder"), "{said}");
    let measured = program.json(&["eval", "polarity", "two.tsv"], 0);
    assert!(measured["unsure_share"].is_number());
    let said = program.fails(&["eval", "topic", "two.tsv"]);
    assert!(said.contains("two.tsv, line 1"), "{said}");
}

#[test]
fn the_least_sure_texts_are_suggested_first() {
    let program = Program::new();
    let texts = [
        "食堂饭菜很好吃,非常满意",
        "太差了,难吃得要死",
        "服务态度恶劣,再也不来了",
        "窗口换到东边",
        "凑合吧,还行",
    ];
    let lines = texts
        .iter()
        .zip(1..)
        .map(|(text, day)| format!("{{\"text\":\"{text}\",\"created_at\":\"2025-03-0{day}\"}}\n"));
    program.write("open.jsonl", lines.collect::<String>());
    program.json(&["import", "open.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    let all = program.json(&["labels", "suggest"], 0);
    let unsure = |text: &Value| text["uncertainty"].as_f64().unwrap();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), texts.len(), "sure ones come too, at last: {all:?}");
    assert!(all.iter().all(|text| unsure(text) <= unsure(&all[0])), "{all:?}");
}

#[test]
fn labelled_files_that_say_nothing_are_refused() {
    let program = Program::new();
    let message = |name: &str, content: &str| {
        program.write(name, content);
        program.fails(&["eval", "polarity", name])
    };
    let said = message("empty.jsonl", "");
    assert!(said.contains("holds no labelled text") && said.contains("hint:"), "{said}");
    let said = message("a.tsv", "negative\t食堂\t凉了\n凉了\n");
    assert!(said.contains("a.tsv, line 2"), "{said}");
    let said =
        message("b.jsonl", "{\"text\":\"凉了\",\"label\":\"negative\"}\n{\"text\":\"凉了\"}\n");
    assert!(said.contains("b.jsonl, line 2"), "{said}");
    program.write("two.tsv", "negative\t凉了\npositive\t好吃\n");
    assert_eq!(
        program.json(&["eval", "polarity", "two.tsv"], 0)["texts"],
        2,
        "a group is not needed"
    );
    let said =
        program.fails(&["train", "polarity", "--train", "two.tsv", "--out", "m", "--taxonomy"]);
    assert!(said.contains("polarity knows no taxonomy"), "{said}");
}

#[test]
fn an_edited_taxonomy_labels_what_is_stored() {
    let program = Program::new();
    let mut lines = String::new();
    for n in 0..12 {
        let matter = if n % 2 == 0 { "烧烤摊" } else { "打印店" };
        let line = json!({ "text": format!("{matter}第{n}号又涨价了"), "created_at": format!("2025-03-{:02}", n + 1) });
        _ = writeln!(lines, "{line}");
    }
    program.write("a.jsonl", &lines);
    program.json(&["import", "a.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    let count = |topic: &str| {
        let found = program.json(&["search", "涨价", "--topic", topic], 0);
        found["open"]["total"].as_u64().unwrap()
    };
    let taxonomy = |words: &str| {
        format!("version = 1\nclassifier = false\n[[topic]]\nid = \"摊点\"\nwords = [{words}]\n")
    };
    let rerun = ["enrich", "--rerun", "--taxonomy", "mine.toml"];

    program.write("mine.toml", taxonomy("\"烧烤摊\""));
    assert_eq!(program.json(&rerun, 0)["is_changed"], true);
    assert_eq!(count("摊点"), 6, "what was stored before is labelled");
    assert_eq!(program.json(&["enrich", "--rerun"], 0)["is_changed"], false, "and only once");

    program.write("mine.toml", taxonomy("\"烧烤摊\", \"打印店\""));
    let edited = program.json(&rerun, 0);
    assert_eq!((&edited["is_changed"], count("摊点")), (&json!(true), 12));

    // What comes in later is judged by the same taxonomy.
    program
        .write("b.jsonl", json!({"text": "烧烤摊也涨价", "created_at": "2025-04-01"}).to_string());
    program.json(&["import", "b.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    assert_eq!(count("摊点"), 13);
    assert_eq!(program.json(&["enrich", "--rerun"], 0)["is_changed"], false);
    program.json(&["verify"], 0);

    // A text at hand is judged as the store's are.
    let analysis = program.json(&["analyze", "--text", "打印店涨价"], 0);
    assert_eq!(analysis["documents"][0]["topics"], json!(["摊点"]));

    // Who asks for the wider matter is shown the narrower.
    let wider = taxonomy("\"烧烤摊\", \"打印店\"")
        + "parent = \"生活\"\n[[topic]]\nid = \"生活\"\nwords = [\"洗衣房\"]\n";
    program.write("mine.toml", wider);
    program.json(&rerun, 0);
    assert_eq!((count("生活"), count("摊点")), (13, 13));

    program.write("mine.toml", taxonomy("\"党员\""));
    let message = program.fails(&rerun);
    assert!(message.contains("sorts people by"), "{message}");
    assert_eq!(count("摊点"), 13, "what is refused changes nothing");
}

#[test]
fn a_model_of_another_format_is_put_away_or_replaced() {
    let program = Program::new();
    program.write("rated.jsonl", rated(1500));
    let map = "id=id,text=text,posted_at=created_at,author=author,rating=rating";
    program.json(
        &["import", "rated.jsonl", "--source", "复检台账", "--visibility", "open", "--map", map],
        0,
    );
    let install = ["train", "polarity", "--from-store", "--install"];
    assert_eq!(program.json(&install, 0)["is_installed"], true);
    let weights = program.store().join("model/model.safetensors");
    let make_older = || {
        let mut bytes = std::fs::read(&weights).unwrap();
        let name = b"huisheng-linear-";
        let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
        bytes[at + name.len()] = b'1';
        std::fs::write(&weights, bytes).unwrap();
    };

    make_older();
    let message = program.fails(&["search", "镭浆"]);
    assert!(
        message.contains("huisheng-linear-1") && message.contains("--shipped-models"),
        "{message}"
    );
    let installed = program.json(&install, 0);
    assert_eq!(installed["is_installed"], true, "a new model takes the place of the old one");
    program.json(&["verify"], 0);

    make_older();
    let judged = program.json(&["enrich", "--rerun", "--shipped-models"], 0);
    assert_eq!(judged["is_changed"], true);
    assert!(!weights.exists());
    program.json(&["search", "镭浆"], 0);
    assert_eq!(program.json(&["enrich", "--rerun"], 0)["is_changed"], false);
}

#[test]
fn an_answer_is_judged_by_its_question() {
    let program = Program::new();
    let mut lines = String::new();
    for (n, question) in
        ["还有什么不足?", "您最满意的是什么?", "您在哪里用餐?"].into_iter().enumerate()
    {
        let line = json!({ "text": "食堂", "question": question, "created_at": format!("2025-03-0{}", n + 1) });
        _ = writeln!(lines, "{line}");
    }
    program.write("answers.jsonl", lines);
    let map = "text=text,posted_at=created_at,question=question";
    program.json(
        &["import", "answers.jsonl", "--source", "问卷", "--visibility", "open", "--map", map],
        0,
    );
    let count = |polarity: &str| {
        let found = program.json(&["search", "食堂", "--polarity", polarity], 0);
        found["open"]["total"].as_u64().unwrap()
    };
    assert_eq!((count("negative"), count("positive")), (1, 1));
}

#[test]
fn texts_judged_by_two_taxonomies_make_no_series() {
    let program = Program::new();
    let lines = |from: u32| {
        let line = |n: u32| {
            let (text, day) = (format!("食堂第{n}样菜又涨价了"), n % 28 + 1);
            let line = json!({ "text": text, "created_at": format!("2025-03-{day:02}"), "author": format!("A{n}") });
            format!("{line}\n")
        };
        (from..from + 30).map(line).collect::<String>()
    };
    let import = |file: &str| {
        program.json(&["import", file, "--source", "论坛", "--visibility", "open"], 0);
    };
    program.write("a.jsonl", lines(0));
    import("a.jsonl");
    program.json(&["enrich", "--rerun"], 0);
    // The store's taxonomy is edited by hand, and its texts are not judged anew.
    let taxonomy = "version = 9\n[[topic]]\nid = \"涨价\"\nwords = [\"涨价\"]\n";
    std::fs::write(program.store().join("topics.toml"), taxonomy).unwrap();
    program.write("b.jsonl", lines(100));
    import("b.jsonl");
    let message = program.fails(&["detect"]);
    assert!(message.contains("by 2 versions") && message.contains("enrich --rerun"), "{message}");
    assert_eq!(program.json(&["enrich", "--rerun"], 0)["is_changed"], true);
    program.json(&["detect"], 0);
}

/// Lines about two matters, with a word of the matter in them or without.
fn of_two_matters(from: u32, count: u32, has_word: bool) -> String {
    let mut lines = String::new();
    for n in from..from + count {
        let place = ["东头", "西头", "楼下", "门口", "坡上", "河边", "库房"][n as usize % 7];
        let (word, said, labels) = match n % 3 {
            0 => ("烧烤摊", "烟熏得睁不开眼,炭灰飘得满地", json!(["烧烤"])),
            1 => ("打印店", "墨粉糊成一片,卡住三回", json!(["打印"])),
            _ => ("", "我们几个约好周末去爬山看日出", json!([])),
        };
        let word = if has_word { word } else { "" };
        let mut line = json!({ "text": format!("{place}{word}{said}{n}"), "created_at": format!("2025-03-{:02}", n % 28 + 1) });
        if !has_word {
            line["labels"] = labels;
        }
        _ = writeln!(lines, "{line}");
    }
    lines
}

#[test]
fn a_topic_model_is_taken_when_it_adds_to_the_words() {
    let program = Program::new();
    program.write(
        "mine.toml",
        "version = 1\n[[topic]]\nid = \"烧烤\"\nwords = [\"烧烤摊\"]\n[[topic]]\nid = \"打印\"\nwords = [\"打印店\"]\n",
    );
    program.write("found.jsonl", of_two_matters(0, 90, true));
    program.write("labelled.jsonl", of_two_matters(1000, 60, false));
    let files = ["train", "topic", "--taxonomy", "mine.toml", "--train", "found.jsonl"];
    let trained =
        program.json(&[&files[..], &["--dev", "labelled.jsonl", "--out", "m"]].concat(), 0);
    assert_eq!((&trained["is_better"], &trained["held_out"]["texts"]), (&json!(true), &json!(60)));
    assert_eq!(trained["held_out"]["rules"]["micro_recall"], 0.0);
    assert!(program.folder().join("m/model.safetensors").is_file());
    let undecided = program.json(&[&files[..], &["--out", "n"]].concat(), 0);
    assert_eq!(undecided["is_better"], false, "without labels nothing speaks for it");
    assert!(!program.folder().join("n").exists());

    // The same from a store, with the store's taxonomy.
    program.write("texts.jsonl", of_two_matters(0, 90, true) + &of_two_matters(500, 30, false));
    program.json(&["import", "texts.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    program.json(&["enrich", "--rerun", "--taxonomy", "mine.toml"], 0);
    let count = || {
        let found = program.json(&["search", "炭灰", "--topic", "烧烤"], 0);
        found["open"]["total"].as_u64().unwrap()
    };
    assert_eq!(count(), 30);
    let arguments = ["train", "topic", "--from-store", "--dev", "labelled.jsonl", "--install"];
    let installed = program.json(&arguments, 0);
    assert_eq!((&installed["is_better"], &installed["is_installed"]), (&json!(true), &json!(true)));
    assert_eq!(count(), 40, "stored texts without the word are found too");
    assert_eq!(program.json(&["enrich", "--rerun"], 0)["is_changed"], false);
    let again = program.json(&arguments, 0);
    assert_eq!(again["is_better"], false, "as good as the one in use is not better");

    program.write("odd.jsonl", "{\"text\":\"烟太大\",\"labels\":[\"烤串\"]}\n");
    let message = program.fails(&["train", "topic", "--from-store", "--train", "odd.jsonl"]);
    assert!(message.contains("烤串") && message.contains("odd.jsonl, line 1"), "{message}");
}

#[test]
fn a_topic_tells_whether_a_word_gave_it() {
    let program = Program::new();
    let text = "班车又晚点了,米饭没熟,鱼也不新鲜";
    let analysis = program.json(&["analyze", "--text", text], 0);
    let document = &analysis["documents"][0];
    assert!(document["topics"].as_array().unwrap().contains(&json!("通勤")));
    assert!(!document["likely_topics"].as_array().unwrap().contains(&json!("通勤")));
    let shown = program.run(&["analyze", "--text", "炒的豆角没熟,鱼一股腥味"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("topics: likely 食堂"), "{shown}");
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
    assert_eq!(first["assignments"][0]["id"], 1);
    assert_eq!(first["assignments"][0]["topic"], first["assignments"][4]["topic"]);

    program.write("first.json", first.to_string());
    program.write("more.txt", format!("{texts}食堂饭菜难吃呀\n"));
    let arguments = ["topics", "discover", "more.txt", "--previous", "first.json", "--topics", "4"];
    let next = program.json(&arguments, 0);
    assert_eq!(next["assignments"][0]["topic"], first["assignments"][0]["topic"]);

    // Lines without ids are known by what they say, not by where they stand.
    let fewer: String = texts.lines().skip(1).map(|line| format!("{line}\n")).collect();
    program.write("fewer.txt", fewer);
    let arguments =
        ["topics", "discover", "fewer.txt", "--previous", "first.json", "--topics", "4"];
    let next = program.json(&arguments, 0);
    for line in 0..20 {
        let topic = |found: &Value, line: usize| found["assignments"][line]["topic"].clone();
        assert_eq!(topic(&next, line), topic(&first, line + 1), "line {line}");
    }
    let kinds: Vec<&Value> =
        next["lineage"].as_array().unwrap().iter().map(|step| &step["kind"]).collect();
    assert_eq!(kinds, [&json!("same"); 4]);

    program.write("others.txt", "中午开会\n下午开会\n");
    let said = program.fails(&["topics", "discover", "others.txt", "--previous", "first.json"]);
    assert!(said.contains("none of the texts") && said.contains("hint"), "{said}");

    program.write(
        "twice.jsonl",
        "{\"id\":7,\"text\":\"中午开会\"}\n{\"id\":7,\"text\":\"下午开会\"}\n",
    );
    let said = program.fails(&["topics", "discover", "twice.jsonl", "--previous", "first.json"]);
    assert!(said.contains("id 7") && said.contains("line 2") && said.contains("hint"), "{said}");

    program.write("broken.json", "[]");
    let refused = program.run(&["topics", "discover", "more.txt", "--previous", "broken.json"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("holds no topics") && said.contains("hint"), "{said}");
}

#[test]
fn a_new_matter_is_told_beside_those_that_go_on() {
    let program = Program::new();
    let texts = |matter: &str, said: [&str; 4], count: usize| -> String {
        let where_to = ["我们", "楼里", "二楼", ""];
        (0..count).map(|n| format!("{}{matter}{}\n", where_to[n / 4 % 4], said[n % 4])).collect()
    };
    let known = texts("食堂", ["饭菜太咸", "排队太久", "窗口太少", "餐具没洗"], 30)
        + &texts("班车", ["总是晚点", "座位不够", "路线绕远", "周末停运"], 30)
        + &texts("空调", ["不制冷", "夜里噪音大", "滴水没人修", "遥控器丢了"], 30)
        + &texts("网速", ["慢得打不开", "晚上总掉线", "视频会议卡", "下载要半天"], 30);
    let added = texts("消防栓", ["漏水了", "锈住打不开", "被杂物挡住", "没有水带"], 24);
    program.write("known.txt", &known);
    program.write("added.txt", format!("{known}{added}"));
    let first = program.json(&["topics", "discover", "known.txt", "--topics", "4"], 0);
    program.write("first.json", first.to_string());
    let arguments =
        ["topics", "discover", "added.txt", "--previous", "first.json", "--topics", "4"];
    let next = program.json(&arguments, 0);
    let steps = next["lineage"].as_array().unwrap();
    let new: Vec<&Value> = steps.iter().filter(|step| step["kind"] == "new").collect();
    let topic = &next["assignments"][120]["topic"];
    assert_eq!(new, [&json!({ "kind": "new", "from": [], "into": [topic] })], "{steps:?}");
    let added = &next["assignments"].as_array().unwrap()[120..];
    let in_it = added.iter().filter(|text| text["topic"] == *topic).count();
    assert!(in_it >= 20, "{in_it} of 24");
    let names = next["topics"].to_string();
    assert!(names.contains("消防栓") && !names.contains("没有"), "grammar names nothing: {names}");
    let shown = String::from_utf8(program.run(&arguments).stdout).unwrap();
    assert!(shown.contains(&format!("new  {}", topic.as_str().unwrap())), "{shown}");
}

#[test]
fn a_broken_line_of_json_is_no_text() {
    let program = Program::new();
    let check = |content: &str, at: &str| {
        program.write("texts.jsonl", content);
        for arguments in
            [["analyze", "texts.jsonl"].as_slice(), &["topics", "discover", "texts.jsonl"]]
        {
            let said = program.fails(arguments);
            let is_told = ["texts.jsonl", at, "no document", "hint: write one"];
            assert!(is_told.iter().all(|part| said.contains(part)), "{content}: {said}");
        }
    };
    check("班车晚点\n{\"text\": \"班车晚点\n", "line 2");
    check("{\"id\": 1, \"content\": \"班车晚点\"}\n", "line 1: no document: missing field `text`");
    check("{\"text\": 5}\n", "line 1");
    check("\u{feff}[\n  {\"text\": \"班车晚点\"}\n]\n", "line 1");

    program
        .write("texts.txt", "\u{feff}{\"text\": \"班车很准时\"}\n{手机号}没人接\n[微笑]班车晚点\n");
    let analysis = program.json(&["analyze", "texts.txt"], 0);
    let texts: Vec<&Value> = analysis["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| &document["text"])
        .collect();
    assert_eq!(texts, ["班车很准时", "{手机号}没人接", "[微笑]班车晚点"]);
}

/// `people` writers who each say one thing about a matter, in a month long closed.
fn about(matter: &str, said: [&str; 4], people: usize) -> String {
    let mut lines = String::new();
    for n in 0..people {
        let line = json!({
            "id": format!("{matter}{n}"), "text": format!("{matter}{},{}", said[n % 4], said[(n + 1 + n / 4) % 4]),
            "created_at": format!("2025-03-{:02}", n % 28 + 1), "author": format!("{matter}{n}"),
        });
        _ = writeln!(lines, "{line}");
    }
    lines
}

#[test]
fn topics_of_a_store_are_told_of_enough_people_only() {
    let program = Program::new();
    let canteen = ["排队太久", "饭菜太咸", "窗口太少", "价格涨了"];
    let bus = ["总是晚点", "座位不够", "路线绕远", "空调不开"];
    let closed = about("职工食堂", canteen, 60)
        + &about("通勤班车", bus, 60)
        + &about("锅炉钥匙", canteen, 4);
    program.write("closed.jsonl", closed);
    program.write("open.jsonl", about("图书阅览室", canteen, 40) + &about("健身器材", bus, 40));
    program.json(&["import", "closed.jsonl", "--source", "意见箱"], 0);
    program.json(&["import", "open.jsonl", "--source", "论坛", "--visibility", "open"], 0);

    let before = program.json(&["topics", "discover"], 0);
    assert_eq!(
        before["confidential"],
        json!({ "through": null, "topics": [] }),
        "nothing is released yet"
    );
    assert_eq!(
        before["assignments"].as_array().unwrap().len(),
        80,
        "open texts are told one by one"
    );
    assert!(before["topics"].to_string().contains("阅览室"));
    assert!(!before.to_string().contains("食堂"), "no word of a confidential text: {before}");

    program.json(&["digest"], 0);
    let told = program.json(&["topics", "discover"], 0);
    let confidential = told["confidential"].to_string();
    assert_eq!(told["confidential"]["through"], "2025-03");
    assert!(confidential.contains("食堂") && confidential.contains("班车"), "{confidential}");
    assert!(!confidential.contains("钥匙"), "four people are too few: {confidential}");
    for topic in told["confidential"]["topics"].as_array().unwrap() {
        let people = topic["people"].as_u64().unwrap();
        assert!(people >= 10 && people.is_multiple_of(5), "{topic}");
    }
    assert_eq!(told["assignments"].as_array().unwrap().len(), 80);

    // Whatever comes in until the next month is released, what was told stays.
    program.write(
        "late.jsonl",
        about("职工食堂", bus, 30).replace("2025-03", "2025-04").replace("职工食堂", "浴室热水"),
    );
    program.json(&["import", "late.jsonl", "--source", "意见箱"], 0);
    assert_eq!(program.json(&["topics", "discover"], 0)["confidential"], told["confidential"]);
    program.json(&["digest"], 0);
    let next = program.json(&["topics", "discover"], 0);
    assert_eq!(next["confidential"]["through"], "2025-04");
    assert!(next["confidential"].to_string().contains("热水"), "{next}");

    // Open topics go on from an earlier run.
    program.write("earlier.json", told.to_string());
    let again = program.json(&["topics", "discover", "--previous", "earlier.json"], 0);
    assert_eq!(again["assignments"], told["assignments"]);
    for step in again["lineage"].as_array().unwrap() {
        assert_eq!(step["kind"], "same", "{step}");
        assert_eq!(step["from"], step["into"]);
    }
    let shown = program.run(&["topics", "discover"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("confidential sources until 2025-04"), "{shown}");
}
