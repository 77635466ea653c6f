//! Series and cells over a table in memory.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use corpus::{
    ContentHash, DailySeries, Day, DocumentBatchBuilder, DocumentId, DocumentRow, EnrichedBatch,
    Enrichment, Judgement, Polarity, TokenBatch, TokenizedBatch, UnitId, Visibility, Voice,
    table_schema,
};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use detect::{Error, Grain, daily_series, monthly_cells};
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Written {
    source: &'static str,
    unit: Option<&'static str>,
    day: &'static str,
    voice: Option<u64>,
    group: Option<u128>,
    polarity: Option<Polarity>,
    score: f32,
    topics: &'static [&'static str],
}

const NEGATIVE: Written = Written {
    source: "意见箱",
    unit: Some("采油一厂"),
    day: "2026-03-09",
    voice: Some(1),
    group: None,
    polarity: Some(Polarity::Negative),
    score: -0.75,
    topics: &["食堂"],
};
const POSITIVE: Written = Written { polarity: Some(Polarity::Positive), score: 0.5, ..NEGATIVE };

fn batch(id: u128, written: &Written, model: &str) -> RecordBatch {
    let mut builder =
        DocumentBatchBuilder::new(written.source.parse().unwrap(), Visibility::Confidential, 1);
    let unit = written.unit.map(|unit| UnitId::new(unit).unwrap());
    builder.push(&DocumentRow {
        id: DocumentId(id),
        content: ContentHash(id as u64),
        unit: unit.as_ref(),
        day: written.day.parse().unwrap(),
        voice: written.voice.map(Voice),
        question: None,
        rating: None,
        display: "",
        text: "",
        map: &[],
        repairs: 0,
    });
    let mut tokens = TokenBatch::default();
    tokens.end_document();
    let tokenized = TokenizedBatch { documents: builder.finish(), tokens, fingerprints: vec![0] };
    let topics = written.topics.iter().map(|topic| topic.parse().unwrap()).collect();
    let judgements = vec![Judgement { polarity: written.polarity, score: written.score, topics }];
    let enriched =
        EnrichedBatch::new(&tokenized, &Enrichment { judgements, model: model.into() }, "s");
    enriched.with_groups(&[written.group.map(DocumentId)]).record_batch().clone()
}

fn context(rows: &[Written], models: &[&str]) -> SessionContext {
    let batches = rows
        .iter()
        .enumerate()
        .map(|(i, row)| batch(i as u128 + 1, row, models[i % models.len()]))
        .collect();
    let table = MemTable::try_new(table_schema(), vec![batches]).unwrap();
    let ctx = SessionContext::new();
    ctx.register_table("documents", Arc::new(table)).unwrap();
    ctx
}

async fn series(rows: &[Written], grain: Grain) -> Vec<DailySeries> {
    daily_series(&context(rows, &["m"]), "documents", &[grain]).await.unwrap()
}

/// `key day:positive/negative/neutral ...`, with the day of the month; `-` is an outage and days without voices are left out.
fn shown(series: &[DailySeries]) -> Vec<String> {
    series
        .iter()
        .map(|series| {
            let days = series.days.iter().enumerate().filter_map(|(index, voices)| {
                let day = series.start.plus(index as i32).to_string().split_off(8);
                match voices {
                    None => Some(format!(" {day}:-")),
                    Some(voices) if voices.total() == 0 => None,
                    Some(voices) => Some(format!(
                        " {day}:{}/{}/{}",
                        voices.positive, voices.negative, voices.neutral
                    )),
                }
            });
            format!("{}{}", series.key, days.collect::<String>())
        })
        .collect()
}

#[tokio::test]
async fn a_contributor_is_one_voice_a_day_by_the_mean_of_their_texts() {
    let rows = [
        NEGATIVE,
        NEGATIVE,
        POSITIVE,
        Written { voice: Some(2), ..POSITIVE },
        Written { day: "2026-03-10", ..POSITIVE },
        // As many good texts as bad ones: in between.
        Written { day: "2026-03-11", ..POSITIVE },
        Written { day: "2026-03-11", ..NEGATIVE },
    ];
    let found = series(&rows, Grain::All).await;
    assert_eq!(shown(&found), ["全部 09:1/1/0 10:1/0/0 11:0/0/1"]);
    let score = found[0].days[0].unwrap().score_sum;
    assert!((score - (0.5 + (-0.75 - 0.75 + 0.5) / 3.0)).abs() < 1e-6, "{score}");
}

#[tokio::test]
async fn copies_are_one_voice_whoever_sends_them() {
    // Row 1 starts the group; the others are copies of it by three people.
    let copy = |voice| Written { voice: Some(voice), group: Some(1), ..NEGATIVE };
    let rows = [NEGATIVE, copy(2), copy(3), copy(4), Written { voice: Some(5), ..POSITIVE }];
    assert_eq!(shown(&series(&rows, Grain::All).await), ["全部 09:1/1/0"]);
}

#[tokio::test]
async fn a_voice_whose_texts_cancel_is_neutral_in_whatever_order_they_are_added() {
    // Groups with mean classes 1/3, -1/2, 1, 1/6 and -1.
    let classes = [&[1, 0, 0][..], &[-1, 0], &[1], &[1, 0, 0, 0, 0, 0], &[-1]];
    for turn in 0..30u128 {
        let mut rows: Vec<Written> = Vec::new();
        for (index, class) in classes.iter().enumerate() {
            let group = Some((index as u128 * 7 + turn) * 31 % 101 + 1);
            let rows_of_group = class.iter().map(|sign| Written {
                polarity: Polarity::from_sign(*sign),
                group,
                ..NEGATIVE
            });
            rows.extend(rows_of_group);
        }
        let shift = turn as usize % rows.len();
        rows.rotate_left(shift);
        assert_eq!(shown(&series(&rows, Grain::All).await), ["全部 09:0/0/1"], "turn {turn}");
    }
}

#[tokio::test]
async fn without_contributors_each_text_is_a_voice_and_unsure_is_neutral() {
    let unsure = Written { polarity: None, score: 0.1, voice: None, ..NEGATIVE };
    let rows = [Written { voice: None, ..NEGATIVE }, Written { voice: None, ..NEGATIVE }, unsure];
    assert_eq!(shown(&series(&rows, Grain::All).await), ["全部 09:0/2/1"]);
}

#[tokio::test]
async fn grains_divide_by_source_unit_and_topic() {
    let rows = [
        Written { topics: &["食堂", "通勤"], ..NEGATIVE },
        Written { unit: None, topics: &[], ..POSITIVE },
        Written { source: "论坛", unit: Some("炼化厂"), voice: None, ..POSITIVE },
    ];
    assert_eq!(shown(&series(&rows, Grain::Source).await), ["意见箱 09:0/0/1", "论坛 09:1/0/0"]);
    assert_eq!(shown(&series(&rows, Grain::Unit).await), ["炼化厂 09:1/0/0", "采油一厂 09:0/1/0"]);
    assert_eq!(shown(&series(&rows, Grain::Topic).await), ["通勤 09:0/1/0", "食堂 09:1/1/0"]);
    assert_eq!(
        shown(&series(&rows, Grain::UnitTopic).await),
        ["炼化厂 · 食堂 09:1/0/0", "采油一厂 · 通勤 09:0/1/0", "采油一厂 · 食堂 09:0/1/0"]
    );
    assert_eq!(
        shown(&series(&rows, Grain::UnitSource).await),
        ["采油一厂 · 意见箱 09:0/1/0", "炼化厂 · 论坛 09:1/0/0"]
    );
}

#[tokio::test]
async fn silence_of_a_source_is_an_outage_and_silence_on_a_topic_is_not() {
    let rows = [
        NEGATIVE,
        Written { day: "2026-03-18", ..NEGATIVE },
        Written { day: "2026-03-18", topics: &[], ..NEGATIVE },
        Written { source: "论坛", day: "2026-03-14", topics: &["通勤"], ..POSITIVE },
    ];
    assert_eq!(
        shown(&series(&rows, Grain::Source).await),
        ["意见箱 09:0/1/0 13:- 14:- 18:0/1/0", "论坛 09:- 10:- 14:1/0/0 18:-"]
    );
    assert_eq!(shown(&series(&rows, Grain::All).await), ["全部 09:0/1/0 14:1/0/0 18:0/1/0"]);
}

#[tokio::test]
async fn an_empty_table_has_no_series() {
    assert_eq!(series(&[], Grain::All).await, []);
}

#[tokio::test]
async fn rows_of_two_models_are_refused_with_advice() {
    let error =
        daily_series(&context(&[NEGATIVE, POSITIVE], &["old", "new"]), "documents", &Grain::ALL)
            .await
            .unwrap_err();
    assert!(matches!(&error, Error::MixedModels { models, .. } if models == &["new", "old"]));
    assert!(error.to_string().contains("`huisheng lexicon apply`"), "{error}");
}

#[tokio::test]
async fn a_month_counts_people_by_the_maximum_over_sources() {
    let forum = |voice, polarity| Written {
        source: "论坛",
        voice,
        polarity: Some(polarity),
        score: 0.0,
        ..NEGATIVE
    };
    let rows = [
        NEGATIVE,
        Written { day: "2026-03-20", ..NEGATIVE },
        Written { voice: Some(2), ..POSITIVE },
        Written { day: "2026-04-01", ..NEGATIVE },
        forum(None, Polarity::Neutral),
        forum(None, Polarity::Negative),
        forum(Some(9), Polarity::Negative),
    ];
    let cells = monthly_cells(&context(&rows, &["m"]), "documents", &[Grain::Unit]).await.unwrap();
    let march = &cells[0];
    assert_eq!(
        (march.key.to_string(), march.month.to_string()),
        ("采油一厂".to_owned(), "2026-03".to_owned())
    );
    assert_eq!(
        (march.people_min, march.voices, march.documents, march.sources_without_contributors),
        (3, 5, 6, 1)
    );
    assert_eq!((march.positive, march.negative, march.neutral), (1, 3, 1));
    assert!((march.score_sum - (-0.75 + 0.5)).abs() < 1e-6);
    assert_eq!(
        (cells.len(), cells[1].voices, cells[1].month.first_day()),
        (2, 1, "2026-04-01".parse::<Day>().unwrap())
    );
}

fn any_row() -> impl Strategy<Value = Written> {
    let place = (
        prop::sample::select(vec!["意见箱", "论坛"]),
        prop::sample::select(vec![None, Some("采油一厂"), Some("炼化厂")]),
        prop::sample::select(vec!["2026-03-09", "2026-03-10", "2026-03-20", "2026-04-01"]),
        prop::sample::select(vec![&[][..], &["食堂"], &["食堂", "通勤"]]),
    );
    let voice = (prop::option::of(0u64..4), prop::option::of(1u128..4), -1i8..=2, -100i8..=100);
    (place, voice).prop_map(|((source, unit, day, topics), (voice, group, polarity, score))| {
        let polarity = match polarity {
            -1 => Some(Polarity::Negative),
            0 => Some(Polarity::Neutral),
            1 => Some(Polarity::Positive),
            _ => None,
        };
        Written {
            source,
            unit,
            day,
            voice,
            group,
            polarity,
            score: f32::from(score) / 100.0,
            topics,
        }
    })
}

/// The rows dealt to partitions in any order, as files that lie on several machines.
fn dealt(rows: &[Written], order: &[usize], parts: usize) -> SessionContext {
    let mut partitions = vec![Vec::new(); parts];
    for (turn, row) in order.iter().enumerate() {
        partitions[turn % parts].push(batch(*row as u128 + 1, &rows[*row], "m"));
    }
    let table = MemTable::try_new(table_schema(), partitions).unwrap();
    let ctx = SessionContext::new();
    ctx.register_table("documents", Arc::new(table)).unwrap();
    ctx
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn however_a_table_is_partitioned_its_series_and_cells_are_the_same(
        (rows, order) in prop::collection::vec(any_row(), 1..30).prop_flat_map(|rows| {
            let order = Just((0..rows.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(rows), order)
        }),
        parts in 2usize..6,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let counted = |ctx: SessionContext| runtime.block_on(async {
            let series = daily_series(&ctx, "documents", &Grain::ALL).await.unwrap();
            (series, monthly_cells(&ctx, "documents", &Grain::ALL).await.unwrap())
        });
        let whole = counted(context(&rows, &["m"]));
        prop_assert_eq!(counted(dealt(&rows, &order, parts)), whole);
    }
}
