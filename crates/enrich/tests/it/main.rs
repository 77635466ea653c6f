//! Sentences judged end to end: normalized, cut by the shared segmenter, judged by what is shipped.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod aspects;
mod questions;

use std::sync::OnceLock;

use corpus::{
    ContentHash, Day, DocumentBatchBuilder, DocumentId, DocumentRow, Judgement, TokenBatch,
    TokenizedBatch, Visibility,
};
use enrich::{Enricher, LabelledText, Scratch};
use text::{Lexicon, Normalizer, Segmenter};

struct Tools {
    normalizer: Normalizer,
    segmenter: Segmenter,
    enricher: Enricher,
}

fn tools() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(|| {
        let lexicon = Lexicon::builtin();
        Tools {
            normalizer: Normalizer::new(lexicon.exceptions()),
            segmenter: Segmenter::new(&lexicon, &[]),
            enricher: Enricher::builtin().unwrap(),
        }
    })
}

/// Sign of each text's score, and its topics.
fn judge(texts: &[&str]) -> Vec<(i8, Vec<String>)> {
    let asked: Vec<(Option<&str>, &str)> = texts.iter().map(|text| (None, *text)).collect();
    let judgements = judge_answers(&asked).into_iter().map(|judgement| {
        (
            if judgement.score > 0.0 { 1 } else { -1 },
            judgement.topics.iter().map(ToString::to_string).collect(),
        )
    });
    judgements.collect()
}

/// The judgement of each text, which answers a question or none.
fn judge_answers(asked: &[(Option<&str>, &str)]) -> Vec<Judgement> {
    let Tools { normalizer, segmenter, enricher } = tools();
    let mut scratch = text::Scratch::default();
    let mut normalized = |text: &str| normalizer.normalize(text, &mut scratch).text;
    let rows: Vec<(Option<String>, String)> = asked
        .iter()
        .map(|(question, text)| (question.map(&mut normalized), normalized(text)))
        .collect();
    let mut builder =
        DocumentBatchBuilder::new("意见箱".parse().unwrap(), Visibility::Confidential, rows.len());
    for (id, (question, text)) in (0..).zip(&rows) {
        builder.push(&DocumentRow {
            id: DocumentId(id),
            content: ContentHash(0),
            unit: None,
            day: Day(0),
            voice: None,
            question: question.as_deref(),
            rating: None,
            display: text,
            text,
            map: &[],
            repairs: 0,
        });
    }
    let mut tokens = TokenBatch::default();
    let texts = rows.iter().map(|(_, text)| text.as_str());
    segmenter.tokenize_batch(texts, &mut scratch, &mut tokens);
    let batch =
        TokenizedBatch { documents: builder.finish(), tokens, fingerprints: vec![0; rows.len()] };
    enricher.enrich(&batch, &mut Scratch::default()).judgements
}

fn check_signs(sign: i8, texts: &[&str]) {
    let wrong: Vec<&str> = texts
        .iter()
        .zip(judge(texts))
        .filter(|(_, (found, _))| *found != sign)
        .map(|(text, _)| *text)
        .collect();
    assert!(wrong.is_empty(), "not {sign}: {wrong:?}");
}

fn check_topics(text: &str, expected: &[&str]) {
    assert_eq!(judge(&[text])[0].1, expected, "{text}");
}

#[test]
fn complaints_without_a_word_of_complaint() {
    check_signs(
        -1,
        &[
            "不高兴",
            "呵呵",
            "一点也不满意",
            "食堂饭菜好但排队太久",
            "高兴不起来",
            "没有一次准时",
            "谁说好吃了",
            "好个屁",
        ],
    );
}

#[test]
fn praise_with_a_word_of_negation() {
    check_signs(
        1,
        &[
            "没有不满意",
            "没什么不好的",
            "从来没让我失望过",
            "不得不说真的好",
            "好得没话说",
            "不是不好",
            "一点也不差",
        ],
    );
}

/// The class of each text, not only the side that its score is on.
fn check_classes(expected: &str, texts: &[&str]) {
    let asked: Vec<(Option<&str>, &str)> = texts.iter().map(|text| (None, *text)).collect();
    let wrong: Vec<(&str, Option<&str>)> = texts
        .iter()
        .zip(judge_answers(&asked))
        .map(|(text, judgement)| (*text, judgement.polarity.map(|found| found.as_str())))
        .filter(|(_, found)| *found != Some(expected))
        .collect();
    assert!(wrong.is_empty(), "not {expected}: {wrong:?}");
}

#[test]
fn constructions_say_what_their_words_do_not() {
    check_classes(
        "negative",
        &[
            "好什么好",
            "方便什么方便，跑三趟都没办成",
            "怎么会好呢",
            "这样的安排怎么可能满意",
            "天天这样，怎么能不生气",
            "能不能别再加班了",
            "可不可以不要总在周末培训",
            "不比以前的好用",
            "绝了，又停水",
            "太好了，又要加班",
            "又断网了，真棒",
            "笑死，这也叫培训",
            "就这几张幻灯片也好意思叫课程",
            "想夸都难",
            "冇鬼用",
            "😡",
        ],
    );
    check_classes(
        "positive",
        &[
            "怎么会不好呢",
            "老师这么耐心，怎么会不满意",
            "想给差评都难",
            "想不喜欢都难",
            "不比外面的差",
            "我们食堂不比大饭店逊色",
            "好好食啊",
        ],
    );
    check_classes("neutral", &["无", "暂无。", "没有", "没什么想说的"]);
}

#[test]
fn matters_are_found_in_cut_text() {
    check_topics("食堂饭菜好但排队太久", &["食堂"]);
    check_topics("班车晚点,夜班津贴又低", &["通勤", "倒班", "薪酬"]);
    check_topics("消防通道堆满了杂物", &["安全生产"]);
}

/// Each of the sentences that nobody trained on, one by one: those that come out wrong are listed, and the list may only shrink.
#[test]
fn hard_cases_come_out_as_listed() {
    let rows: Vec<LabelledText> =
        LabelledText::read_tsv(include_str!("../../../../data/labels/hard_cases_test.tsv"))
            .map(Result::unwrap)
            .collect();
    let asked: Vec<(Option<&str>, &str)> =
        rows.iter().map(|row| (None, row.text.as_str())).collect();
    let wrong: Vec<String> = rows
        .iter()
        .zip(judge_answers(&asked))
        .filter(|(row, judgement)| judgement.polarity.map(|p| p.as_str()) != Some(&row.label))
        .map(|(row, _)| format!("{}\t{}", row.label, row.text))
        .collect();
    let listed: Vec<&str> = include_str!("hard_cases_wrong.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let new: Vec<&String> = wrong.iter().filter(|line| !listed.contains(&line.as_str())).collect();
    let mended: Vec<&&str> =
        listed.iter().filter(|line| !wrong.iter().any(|found| found == *line)).collect();
    assert!(rows.len() >= 500, "{}", rows.len());
    assert!(new.is_empty(), "right until now: {new:#?}");
    assert!(mended.is_empty(), "take these out of tests/it/hard_cases_wrong.tsv: {mended:#?}");
}
