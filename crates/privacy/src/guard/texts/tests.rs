use corpus::{Day, DocumentId, Polarity};

use super::*;
use crate::guard::{Calendar, Contribution, ReleaseRegister, candidate_cells};

fn month() -> Month {
    "2026-03".parse().unwrap()
}

fn today() -> Day {
    "2026-11-21".parse().unwrap()
}

fn released() -> Disclosed<ReleasedTable> {
    let contributions = (0..42).map(|voice| Contribution {
        source: "意见箱".parse().unwrap(),
        visibility: Visibility::Confidential,
        day: month().first_day(),
        unit: Some(
            match voice {
                0..26 => "采油一厂",
                26..38 => "采油二厂",
                _ => "小队",
            }
            .parse()
            .unwrap(),
        ),
        wider_units: Vec::new(),
        topics: Vec::new(),
        voice,
        is_contributor: true,
        polarity: Polarity::from_sign(if voice % 2 == 0 { 1 } else { -1 }),
        score: 0.0,
    });
    Guard::default()
        .release(
            &candidate_cells(contributions, &Calendar::default()),
            &Calendar::default(),
            &ReleaseRegister::default(),
            today(),
        )
        .0
}

fn candidate(voice: u64, text: &str) -> QuotationCandidate {
    QuotationCandidate {
        text: text.to_owned(),
        source: "意见箱".parse().unwrap(),
        unit: Some("采油一厂".parse().unwrap()),
        month: month(),
        polarity: None,
        voice,
        is_contributor: true,
        style_risk: 0.0,
    }
}

fn answer(query: &SearchQuery, voices: u64) -> SearchAnswer {
    let candidates =
        (0..voices).map(|voice| candidate(voice, &format!("第{voice}条意见"))).collect();
    Guard::default()
        .disclose_search(query, &Hits::default(), &ConfidentialMatches { candidates }, &released())
        .get()
        .clone()
}

#[test]
fn nothing_and_too_few_are_the_same_bytes() {
    let query = SearchQuery { text: "食堂".into(), ..SearchQuery::default() };
    let bytes = |voices| serde_json::to_string(&answer(&query, voices)).unwrap();
    assert_eq!(bytes(0), bytes(9));
    assert_ne!(bytes(0), bytes(10));
}

#[test]
fn a_question_that_parts_sets_by_one_text_gets_no_answer() {
    for text in ["\"一句我知道的话\"", "食堂 -张三", "食堂 浴室"] {
        let query = SearchQuery { text: text.into(), ..SearchQuery::default() };
        assert_eq!(answer(&query, 40).confidential, ConfidentialAnswer::TooFew, "{text}");
    }
    let mid_month =
        SearchQuery { to: Some("2026-03-17".parse().unwrap()), ..SearchQuery::default() };
    assert_eq!(answer(&mid_month, 40).confidential, ConfidentialAnswer::TooFew);
}

#[test]
fn one_voice_is_quoted_once_and_the_order_has_nothing_to_do_with_arrival() {
    let mut candidates: Vec<_> =
        (0..12).map(|voice| candidate(voice, &format!("第{voice}条意见"))).collect();
    candidates.push(candidate(3, "同一个人的另一条"));
    let quoted = |candidates: &[QuotationCandidate]| {
        Guard::default()
            .quotations(&SeriesKey::default(), candidates, &released(), 50)
            .get()
            .clone()
    };
    let forward = quoted(&candidates);
    candidates.reverse();
    assert_eq!(forward, quoted(&candidates));
    assert_eq!(forward.len(), 12);
    assert_ne!(
        forward.iter().map(|q| q.text.clone()).collect::<Vec<_>>(),
        (0..12).map(|voice| format!("第{voice}条意见")).collect::<Vec<_>>()
    );
}

#[test]
fn a_unit_below_the_limit_is_not_named() {
    let mut candidates: Vec<_> =
        (0..12).map(|voice| candidate(voice, &format!("第{voice}条意见"))).collect();
    candidates[0].unit = Some("小队".parse().unwrap());
    let quotations =
        Guard::default().quotations(&SeriesKey::default(), &candidates, &released(), 50);
    assert_eq!(quotations.get().iter().filter(|quotation| quotation.unit.is_none()).count(), 1);
}

#[test]
fn an_open_month_is_not_quoted() {
    let candidates: Vec<_> = (0..40)
        .map(|voice| QuotationCandidate { month: month().next(), ..candidate(voice, "早了") })
        .collect();
    assert!(
        Guard::default()
            .quotations(&SeriesKey::default(), &candidates, &released(), 50)
            .get()
            .is_empty()
    );
}

#[test]
fn only_open_texts_are_given_to_be_labelled() {
    let text = |id| OpenText {
        id: DocumentId(id),
        source: "论坛".parse().unwrap(),
        text: "食堂换了窗口".into(),
        guess: Polarity::Neutral,
        uncertainty: 0.9,
    };
    let candidates = vec![(Visibility::Confidential, text(1)), (Visibility::Open, text(2))];
    assert_eq!(*Guard::default().texts_to_label(candidates).get(), [text(2)]);
}

#[test]
fn hits_of_confidential_sources_never_pass_as_open() {
    let hit = |visibility| Hit {
        id: DocumentId(1),
        score: 3.5,
        source: "论坛".parse().unwrap(),
        visibility,
        unit: None,
        day: today(),
        snippet: "食堂不错".into(),
        highlights: vec![(0, 2)],
        polarity: None,
        topics: Vec::new(),
        clauses: Vec::new(),
    };
    let hits = Hits { total: 7, hits: vec![hit(Visibility::Open), hit(Visibility::Confidential)] };
    let ask = || {
        let query = SearchQuery::default();
        Guard::default()
            .disclose_search(&query, &hits, &ConfidentialMatches::default(), &released())
            .get()
            .open
            .clone()
    };
    assert_eq!(
        (ask().hits.len(), ask().total),
        (1, 1),
        "a total over both kinds would count confidential texts"
    );
    let only_open = Hits { total: 7, hits: vec![hit(Visibility::Open)] };
    let query = SearchQuery::default();
    let answer = Guard::default().disclose_search(
        &query,
        &only_open,
        &ConfidentialMatches::default(),
        &released(),
    );
    assert_eq!(answer.get().open.total, 7);
}

#[test]
fn copies_are_quoted_once() {
    let copied = "权限新人报到当天就配齐，问都不用！没信号也能记，连上网自动传";
    let mut candidates: Vec<QuotationCandidate> = (0..12)
        .map(|voice| candidate(voice, &format!("{copied}{}", ["", "哈", "。"][voice as usize % 3])))
        .collect();
    candidates.push(candidate(12, "班车改点以后要多等四十分钟"));
    let quotations =
        Guard::default().quotations(&SeriesKey::default(), &candidates, &released(), 6);
    assert_eq!(quotations.get().len(), 2, "{:?}", quotations.get());
}

#[test]
fn several_sets_quote_nobody_twice_and_each_needs_its_own_people() {
    let unit = |name: &str| SeriesKey { unit: Some(name.parse().unwrap()), ..SeriesKey::default() };
    let texts = |voices: std::ops::Range<u64>| -> Vec<QuotationCandidate> {
        voices.map(|voice| candidate(voice, &format!("{}号窗口{voice}", voice * 7))).collect()
    };
    let sets = |first: u64, second: u64| {
        let sets = [(unit("采油一厂"), texts(0..first)), (SeriesKey::default(), texts(0..second))];
        Guard::default().quotation_sets(&sets, &released(), 6)
    };
    let found = sets(12, 24);
    let shown = |set: &QuotationSet| -> Vec<String> {
        set.shown.get().iter().map(|quotation| quotation.text.clone()).collect()
    };
    let (one, two) = (shown(&found[0]), shown(&found[1]));
    assert_eq!((one.len(), two.len()), (6, 6));
    assert!(two.iter().all(|text| !one.contains(text)), "{one:?}, {two:?}");
    // Twelve and eighteen people are enough for a page and too few for a file.
    assert!(found.iter().all(|set| set.exported.get().is_empty()));
    assert_eq!(sets(12, 26)[1].exported, sets(12, 26)[1].shown, "twenty that nobody quoted");
    // Fifteen people, six of them quoted already: nine are too few for a set of their own.
    assert!(sets(12, 15)[1].shown.get().is_empty());
    // What is not told of by unit is not quoted by it.
    let small = [(unit("小队"), texts(0..30))];
    assert!(Guard::default().quotation_sets(&small, &released(), 6)[0].shown.get().is_empty());
}
