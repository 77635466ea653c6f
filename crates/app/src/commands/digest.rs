//! `huisheng digest`: releases what is due and writes the report of one period.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use corpus::{Direction, Period, Polarity, SeriesKey, Shift, SourceId};
use detect::Mode;
use digest::{AlarmQuotations, Detectable, DigestInput, Limits, Method, Promise};
use privacy::{Facts, QuotationSet, ReleasedTable, SourceFacts};
use serve::DigestFiles;

use super::print;
use crate::Outcome;
use crate::cli::Digest;
use crate::config::{Config, hinted};
use crate::engine::Engine;
use crate::released::{self, Release};
use crate::retrospect;

const QUOTATIONS_MAX: usize = 6;
const ALARM_QUOTATIONS_MAX: usize = 3;

/// Writes `digest.html`, `digest.csv` and `digest.json`.
pub(crate) fn run(config: Config, options: &Digest, json: bool) -> anyhow::Result<Outcome> {
    let mut engine = Engine::open(config)?;
    let release = released::release(&mut engine)?;
    let folder = options.out.clone().unwrap_or_else(|| engine.digest_dir());
    let path = write(&mut engine, &release, options.period, &folder)?;
    print(&serde_json::json!({ "digest": path }), json, |_| {
        format!("digest written to {}", path.display())
    })?;
    Ok(Outcome::Done)
}

/// Writes the digest of `period`, or of the last released one, to `folder`. Gives the path of the page.
pub(crate) fn write(
    engine: &mut Engine,
    release: &Release,
    period: Option<Period>,
    folder: &Path,
) -> anyhow::Result<PathBuf> {
    let released = &release.table.get().periods;
    let period = match period {
        Some(period) if released.contains(&period) => period,
        Some(period) => {
            let inside: Vec<String> = released
                .iter()
                .filter(|other| other.month() == period.month())
                .map(ToString::to_string)
                .collect();
            let hint = if inside.is_empty() {
                "a period is released once it is over and its grace days have passed; `huisheng periods show` lists closed ones".to_owned()
            } else {
                format!("released in this month: {}", inside.join(", "))
            };
            return Err(hinted(anyhow::anyhow!("period {period} is not released"), &hint));
        }
        None => last_of(release.table.get()).ok_or_else(|| {
            hinted(
                anyhow::anyhow!("no period is released yet"),
                "import documents of a month that is over",
            )
        })?,
    };
    engine.audit("digest", &period)?;
    let input = input(engine, release, period)?;
    let files = DigestFiles {
        period,
        html: digest::render_html(&input),
        csv: digest::render_csv(&input),
        json: digest::render_json(&input),
    };
    std::fs::create_dir_all(folder).with_context(|| format!("make folder {}", folder.display()))?;
    for (name, content) in
        [("digest.html", &files.html), ("digest.csv", &files.csv), ("digest.json", &files.json)]
    {
        let path = folder.join(name);
        std::fs::write(&path, content).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(folder.join("digest.html"))
}

/// The last period in which the organization as a whole is told of, else the last of all. A report on the week in which a month ends tells of both.
fn last_of(table: &ReleasedTable) -> Option<Period> {
    let of_whole = table.series(&SeriesKey::default()).last().map(|cell| cell.period);
    of_whole.or_else(|| table.periods.last().copied())
}

/// Reads a digest written by [`write()`] back.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Option<DigestFiles>> {
    let path = folder.join("digest.json");
    if !path.is_file() {
        return Ok(None);
    }
    let read = |name: &str| {
        std::fs::read_to_string(folder.join(name))
            .with_context(|| format!("read {}", folder.join(name).display()))
    };
    let json = read("digest.json")?;
    let parsed: serde_json::Value = serde_json::from_str(&json).context("read digest.json")?;
    let period = parsed["period"]
        .as_str()
        .unwrap_or_default()
        .parse()
        .context("read the period of digest.json")?;
    Ok(Some(DigestFiles { period, html: read("digest.html")?, csv: read("digest.csv")?, json }))
}

fn input(engine: &Engine, release: &Release, period: Period) -> anyhow::Result<DigestInput> {
    let release = &release.until(period.last_day());
    let limits = engine.config.limits;
    let lowered = limits.lowered();
    let agreed = if lowered.is_empty() {
        Vec::new()
    } else {
        crate::limits::agreed_to(&engine.ledger, limits)?
    };
    let (detector, promise) = match engine.config.detect.mode {
        Mode::Calibrated => (
            "校准模式：序贯似然比，按仿真校准",
            Promise::Calibrated {
                false_alarms_per_year: engine.config.detect.board_false_alarms_per_year,
            },
        ),
        Mode::Guaranteed { false_alarms_per_year } => (
            "保证模式：e-detector（Shiryaev–Roberts）",
            Promise::Guaranteed { false_alarms_per_year },
        ),
    };
    let (quotations, alarm_quotations) = quotations(engine, release, period)?;
    Ok(DigestInput {
        organization: engine.config.organization.clone(),
        period,
        prepared: engine.today(),
        table: release.table.clone(),
        exported: released::exported_table(engine)?,
        shifts: release.shifts.clone(),
        emerging: release.topics.clone(),
        form_shares: release.form_shares.clone(),
        parents: engine.config.units.parents(),
        quotations,
        alarm_quotations,
        changed_mixes: release.changed_mixes.clone(),
        contexts: release.contexts.clone(),
        detectable: Detectable {
            effects: release.detectable.clone(),
            days: detect::DETECTION_DAYS as u32,
            false_alarms_per_series_year: release.false_alarms_per_series_year,
        },
        regimes: retrospect::regimes(release.table.get(), period),
        facts: release.facts.clone(),
        method: Method {
            detector: detector.to_owned(),
            promise,
            effect_min: engine.config.effect_min,
            series_watched: u32::try_from(release.series_watched).unwrap_or(u32::MAX),
            limits: Limits {
                k_score: limits.values().k_score,
                k_verbatim: limits.values().k_verbatim,
                lowered,
                agreed,
            },
        },
    })
}

/// Texts behind each alarm of the period, of the side to which it moved; without any, of the month as a whole. Texts are told of once their month is closed, so a report on
/// a week quotes the last month before its end that is, and alarms that began after it have none.
fn quotations(
    engine: &Engine,
    release: &Release,
    period: Period,
) -> anyhow::Result<(QuotationSet, Vec<AlarmQuotations>)> {
    let closed = release.table.get().months.iter().rev();
    let month = closed.copied().find(|month| month.last_day() <= period.last_day());
    let month = month.unwrap_or_else(|| period.month());
    let shifts = release.shifts.get();
    let alarms = digest::alarms_of(release.table.get(), shifts, period);
    let alarms: Vec<usize> = alarms
        .into_iter()
        .filter(|alarm| shifts[*alarm].began_likely <= month.last_day())
        .collect();
    let series = |alarm: &usize| {
        let Shift { key, direction, .. } = &shifts[*alarm];
        let side = match direction {
            Direction::Worse => Polarity::Negative,
            Direction::Better => Polarity::Positive,
        };
        (key.clone(), Some(side))
    };
    let sets = |series: &[(SeriesKey, Option<Polarity>)], count_max| {
        released::quotation_sets(engine, series, month, &release.table, count_max)
    };
    let of_alarms = sets(&alarms.iter().map(series).collect::<Vec<_>>(), ALARM_QUOTATIONS_MAX)?;
    let is_quoted = of_alarms.iter().any(|set| !set.shown.get().is_empty());
    let of_month = if is_quoted { Vec::new() } else { vec![(SeriesKey::default(), None)] };
    let of_month = sets(&of_month, QUOTATIONS_MAX)?.pop();
    let of_alarms = alarms
        .into_iter()
        .zip(of_alarms)
        .map(|(shift, quotations)| AlarmQuotations { shift, quotations });
    Ok((of_month.unwrap_or_else(QuotationSet::empty), of_alarms.collect()))
}

/// What was read and what it ran on.
pub(crate) fn facts(engine: &Engine) -> anyhow::Result<Facts> {
    let mut sources = Vec::new();
    for source in engine.ledger.sources()? {
        sources.push(source_facts(engine, source)?);
    }
    let stages = &engine.stages;
    let forms = engine.forms.fingerprint();
    let versions = [
        ("huisheng", env!("CARGO_PKG_VERSION")),
        ("config", engine.config.fingerprint.as_str()),
        ("segmentation", stages.segmenter.fingerprint()),
        ("model", stages.enricher.fingerprint()),
        ("forms", forms.as_str()),
    ];
    let versions = versions.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Ok(Facts { sources, table_version: Some(engine.store.version()), versions })
}

fn source_facts(engine: &Engine, source: SourceId) -> anyhow::Result<SourceFacts> {
    let (_, checkpoint) = engine.checkpoint(&source)?;
    let counts = checkpoint.map(|checkpoint| checkpoint.counts).unwrap_or_default();
    Ok(SourceFacts {
        source,
        read: counts.read,
        stored: counts.stored,
        folded: counts.folded,
        known: counts.known,
        revised: counts.revised,
        withdrawn: counts.withdrawn,
        quarantined: counts.quarantined,
        late: counts.late,
    })
}
