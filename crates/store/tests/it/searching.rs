use corpus::{Polarity, SearchQuery, Visibility};
use proptest::prelude::*;
use store::Store;

use crate::fixture::{ANALYSIS, Row, batch, batch_of, commit, found, open, row};

const ROWS: [(&str, &str, &str); 9] = [
    ("1", "2026-03-01", "安装简单,说明书清楚"),
    ("2", "2026-03-02", "还有三条建议待处理"),
    ("3", "2026-03-03", "在建工程的围挡倒了"),
    ("4", "2026-03-04", "农业发展银行的讲座不错"),
    ("5", "2026-03-05", "食堂的饭菜太贵,食堂排队太久"),
    ("6", "2026-04-01", "軟件更新以後打不開"),
    ("7", "2026-04-02", "VPN 总是掉线"),
    ("8", "2026-04-03", "职工程度不一,培训要分班"),
    ("9", "2026-04-04", "宿舍隔音差"),
];

async fn store(dir: &std::path::Path) -> Store {
    let (mut store, _) = open(dir).await;
    let mut rows: Vec<Row> = ROWS.iter().map(|(id, day, text)| row(id, day, text)).collect();
    rows[3].polarity = Some(Polarity::Positive);
    store.push(batch(&rows)).unwrap();
    commit(&mut store, 1).await.unwrap();
    store
}

fn check(store: &Store, text: &str, numbers: &[usize]) {
    let mut expected: Vec<String> =
        numbers.iter().map(|number| ROWS[number - 1].2.to_owned()).collect();
    expected.sort();
    assert_eq!(found(store, text), expected, "{text}");
}

#[tokio::test]
async fn sub_words_phrases_and_scripts_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    check(&store, "简单", &[1]);
    check(&store, "处理", &[2]);
    check(&store, "农业", &[4]);
    check(&store, "软件", &[6]);
    check(&store, "軟件", &[6]);
    check(&store, "vpn", &[7]);
    check(&store, "吵", &[]);
    check(&store, "差", &[9]);
    // A substring of the text as written, across the words of the cut: 职工程度 holds 工程.
    check(&store, "工程", &[3, 8]);
    check(&store, "\"饭菜太贵\"", &[5]);
    check(&store, "\"贵食堂\"", &[]);
    check(&store, "食堂 排队", &[5]);
    check(&store, "食堂 -排队", &[]);
    check(&store, "食堂饭菜", &[5]);
}

#[tokio::test]
async fn filters_narrow() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let total = |query: SearchQuery| store.search(&query, &*ANALYSIS).unwrap().hits.total;
    let all = SearchQuery::default();
    assert_eq!(total(all.clone()), 9);
    assert_eq!(total(SearchQuery { from: "2026-04-01".parse().ok(), ..all.clone() }), 4);
    assert_eq!(
        total(SearchQuery {
            from: "2026-03-02".parse().ok(),
            to: "2026-03-04".parse().ok(),
            ..all.clone()
        }),
        3
    );
    assert_eq!(total(SearchQuery { polarity: Some(Polarity::Positive), ..all.clone() }), 1);
    assert_eq!(total(SearchQuery { source: "别处".parse().ok(), ..all.clone() }), 0);
    assert_eq!(
        total(SearchQuery {
            unit: "采油一厂".parse().ok(),
            topic: "食堂".parse().ok(),
            ..all.clone()
        }),
        9
    );
}

#[tokio::test]
async fn a_wider_topic_holds_narrower_ones_of_open_texts_only() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    for (file, visibility) in [(1, Visibility::Open), (2, Visibility::Confidential)] {
        let row = row(if file == 1 { "1" } else { "2" }, "2026-03-01", "食堂的饭菜太贵");
        store.push(batch_of(visibility, &[row])).unwrap();
        commit(&mut store, file).await.unwrap();
    }
    let total = |topic: &str, visibility: Visibility| {
        let (topic, visibility) = (topic.parse().ok(), Some(visibility));
        let query = SearchQuery { topic, visibility, ..SearchQuery::default() };
        store.search(&query, &*ANALYSIS).unwrap().hits.total
    };
    assert_eq!(total("食堂", Visibility::Open), 1);
    assert_eq!(total("生活服务", Visibility::Open), 1);
    assert_eq!(total("住宿", Visibility::Open), 0);
    assert_eq!(total("食堂", Visibility::Confidential), 1);
    assert_eq!(total("生活服务", Visibility::Confidential), 0);
}

#[tokio::test]
async fn highlights_cover_what_was_asked_for_in_the_text_as_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    for (query, marked) in [("软件", "軟件"), ("食堂", "食堂"), ("vpn", "VPN")] {
        let query = SearchQuery { text: query.to_owned(), ..Default::default() };
        let hit = store.search(&query, &*ANALYSIS).unwrap().hits.hits.remove(0);
        let chars: Vec<char> = hit.snippet.chars().collect();
        let (from, to) = hit.highlights[0];
        assert_eq!(chars[from as usize..to as usize].iter().collect::<String>(), marked);
    }
}

/// Whatever is typed: an answer, and marks inside the snippet.
#[test]
fn no_query_breaks_search() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = runtime.block_on(store(dir.path()));
    let pieces = prop::sample::select(vec![
        "食堂",
        "\"",
        "-",
        " ",
        "“",
        "𠮷",
        "👨‍👩‍👧",
        "vpn",
        "*",
        "(",
        "AND",
        "\\",
        "\u{202e}",
        "软",
        "[手机号]",
        ":",
    ]);
    proptest!(ProptestConfig::with_cases(200), |(pieces in prop::collection::vec(pieces, 0..12))| {
        let query = SearchQuery { text: pieces.concat(), ..Default::default() };
        for hit in store.search(&query, &*ANALYSIS).unwrap().hits.hits {
            let chars = hit.snippet.chars().count() as u32;
            prop_assert!(hit.highlights.iter().all(|(from, to)| from < to && *to <= chars));
        }
    });
}

/// Every substring of a text finds it: a grep over the texts is the oracle.
#[test]
fn search_finds_what_grep_finds() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = runtime.block_on(store(dir.path()));
    for (_, _, text) in ROWS
        .iter()
        .filter(|(_, _, text)| !text.is_ascii() && !text.contains("VPN") && !text.contains('軟'))
    {
        let chars: Vec<char> = text.chars().collect();
        for start in 0..chars.len() {
            for len in 1..=4.min(chars.len() - start) {
                let needle: String = chars[start..start + len].iter().collect();
                if needle.chars().any(|c| !c.is_alphanumeric()) {
                    continue;
                }
                let expected: Vec<usize> =
                    (1..=9).filter(|number| ROWS[number - 1].2.contains(&needle)).collect();
                check(&store, &format!("\"{needle}\""), &expected);
            }
        }
    }
}
