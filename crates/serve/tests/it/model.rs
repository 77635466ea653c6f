//! A read model of invented figures and texts, disclosed by the guard.

use std::sync::Arc;

use corpus::{BearerCode, DocumentId, Hit, Hits, Polarity, SearchQuery, SeriesKey, Visibility};
use privacy::{ConfidentialMatches, Disclosed, Guard, ReleasedTable, SearchAnswer};
use serve::{About, DigestFiles, ReadError, ReadModel, Reader};

use crate::invented;

/// Answers 食堂 from open and confidential sources, and nothing else.
pub(crate) struct Invented {
    table: Arc<Disclosed<ReleasedTable>>,
    digest: Option<Arc<DigestFiles>>,
}

impl Invented {
    pub(crate) fn with_digest() -> Self {
        let input = invented::input();
        let files = DigestFiles {
            period: input.period,
            html: digest::render_html(&input),
            csv: digest::render_csv(&input),
            json: digest::render_json(&input),
        };
        Self { digest: Some(Arc::new(files)), ..Self::without_digest() }
    }

    pub(crate) fn without_digest() -> Self {
        Self { table: Arc::new(invented::table()), digest: None }
    }
}

impl ReadModel for Invented {
    fn search(
        &self,
        query: &SearchQuery,
        _reader: &Reader,
    ) -> Result<Disclosed<SearchAnswer>, ReadError> {
        let has_matches = query.text == "食堂";
        let (hits, candidates) = match query.text.as_str() {
            "坏" => {
                return Err(ReadError::Internal(
                    "/home/operator/store/part-1.parquet is torn".into(),
                ));
            }
            "慌" => panic!("a bug in the read"),
            "-" => return Err(ReadError::Query("减号后要有词".to_owned())),
            _ if has_matches => (open_hits(), invented::quotation_candidates()),
            // Four people are too few; nobody is nobody.
            "少数" => (Hits::default(), invented::quotation_candidates().split_off(8)),
            _ => (Hits::default(), Vec::new()),
        };
        Ok(Guard::default().disclose_search(
            query,
            &hits,
            &ConfidentialMatches { candidates },
            &self.table,
        ))
    }

    fn trend(
        &self,
        _key: &SeriesKey,
        _reader: &Reader,
    ) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError> {
        Ok(Arc::clone(&self.table))
    }

    fn released(&self) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError> {
        Ok(Arc::clone(&self.table))
    }

    fn export(&self, _reader: &Reader) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError> {
        Ok(Arc::new(invented::exported()))
    }

    fn digest(&self, _reader: &Reader) -> Result<Option<Arc<DigestFiles>>, ReadError> {
        Ok(self.digest.clone())
    }

    fn replies(&self, code: &BearerCode) -> Result<Vec<String>, ReadError> {
        let is_known = code.as_bytes() == known_code().as_bytes();
        Ok(if is_known { vec!["已转<b>后勤</b>".to_owned()] } else { Vec::new() })
    }

    fn withdraw(&self, _code: &BearerCode) -> Result<(), ReadError> {
        Ok(())
    }

    fn about(&self) -> Result<Arc<About>, ReadError> {
        let limits = Guard::default().limits().values();
        Ok(Arc::new(About {
            organization: "样例油田".to_owned(),
            limits,
            facts: invented::facts(),
        }))
    }
}

/// The code that has a reply.
pub(crate) fn known_code() -> BearerCode {
    BearerCode::from_random(&[9; 64]).expect("enough bytes")
}

fn open_hits() -> Hits {
    let hit = |id: u128, day: &str, snippet: &str, highlights: Vec<(u32, u32)>, polarity| Hit {
        id: DocumentId(id),
        score: 9.5 - id as f32,
        source: "内部论坛".parse().expect("a source name"),
        visibility: Visibility::Open,
        unit: Some("采油一厂".parse().expect("a unit name")),
        day: invented::day(day),
        snippet: snippet.to_owned(),
        highlights,
        polarity,
        topics: vec!["食堂".to_owned()],
        clauses: Vec::new(),
    };
    let hits = vec![
        hit(
            1,
            "2026-10-21",
            "新换的食堂承包商做的菜偏咸，晚班九点以后只剩两样，食堂能不能留一份热的。",
            vec![(3, 5), (25, 27)],
            Some(Polarity::Negative),
        ),
        hit(
            2,
            "2026-10-09",
            "<script>alert('x')</script>食堂窗口加了扫码，排队快多了。",
            vec![(27, 29)],
            Some(Polarity::Positive),
        ),
        hit(3, "2026-09-30", "周三食堂停电，通知在[手机号]群里发了。", vec![(2, 4)], None),
    ];
    Hits { total: 120, hits }
}
