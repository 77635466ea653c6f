//! Measures training and the shipped model on folders of labelled JSON Lines: `NAME.train.jsonl` and `NAME.dev.jsonl`.
//!
//! `cargo run --release -p enrich --example measure -- FOLDER polarity|topic|shipped NAME...`

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use enrich::{LabelledBatch, LabelledText, Model, evaluate, train_polarity, train_topic};
use text::{Lexicon, Normalizer, Scratch, Segmenter};

struct Cutter {
    normalizer: Normalizer,
    segmenter: Segmenter,
    scratch: Scratch,
}

impl Cutter {
    fn batch(&mut self, labelled: impl Iterator<Item = LabelledText>) -> LabelledBatch {
        let normalized: Vec<LabelledText> = labelled
            .map(|text| LabelledText {
                text: self.normalizer.normalize(&text.text, &mut self.scratch).text,
                ..text
            })
            .collect();
        LabelledBatch::new(normalized, |texts, tokens| {
            self.segmenter.tokenize_batch(
                texts.iter().map(String::as_str),
                &mut self.scratch,
                tokens,
            );
        })
    }

    fn json_lines(&mut self, path: &Path) -> Result<LabelledBatch, Box<dyn Error>> {
        let content = std::fs::read_to_string(path)?;
        let lines = content
            .lines()
            .map(serde_json::from_str::<serde_json::Value>)
            .collect::<Result<Vec<_>, _>>()?;
        let field = |line: &serde_json::Value, name: &str| {
            line[name].as_str().unwrap_or_default().to_owned()
        };
        Ok(self.batch(lines.iter().map(|line| LabelledText {
            text: field(line, "text"),
            label: field(line, "label"),
            group: None,
        })))
    }

    fn labels(&mut self, folder: &Path) -> Result<LabelledBatch, Box<dyn Error>> {
        let mut files: Vec<_> = std::fs::read_dir(folder)?
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .map(|entry| entry.path())
            .collect();
        files.retain(|path| {
            path.extension().is_some_and(|end| end == "tsv")
                && !path.ends_with("hard_cases_test.tsv")
        });
        files.sort();
        let mut texts = Vec::new();
        for file in files {
            for row in LabelledText::read_tsv(&std::fs::read_to_string(file)?) {
                texts.push(row?);
            }
        }
        Ok(self.batch(texts.into_iter()))
    }
}

#[expect(clippy::print_stdout, reason = "an example prints what it measured")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, task, names @ ..] = arguments.as_slice() else {
        return Err("FOLDER polarity|topic|shipped NAME...".into());
    };
    let lexicon = Lexicon::builtin();
    let mut cutter = Cutter {
        normalizer: Normalizer::new(lexicon.exceptions()),
        segmenter: Segmenter::new(&lexicon, &[]),
        scratch: Scratch::default(),
    };
    let shipped = if task == "shipped" {
        Some(train_polarity(&cutter.labels(Path::new("data/labels"))?)?)
    } else {
        None
    };
    let (mut sum, mut count) = (0.0, 0.0);
    for name in names {
        let part = |part: &str| Path::new(folder).join(format!("{name}.{part}.jsonl"));
        let start = Instant::now();
        let model: Model = match (&shipped, task.as_str()) {
            (Some(model), _) => model.clone(),
            (None, "polarity") => train_polarity(&cutter.json_lines(&part("train"))?)?,
            (None, _) => train_topic(&cutter.json_lines(&part("train"))?)?,
        };
        let seconds = start.elapsed().as_secs_f64();
        let found = evaluate(&model, &cutter.json_lines(&part("dev"))?)?;
        println!(
            "{name:20} acc {:.2} f1 {:.2} ece {:.2} features {} train {seconds:.1} s, {:.0} docs/s",
            100.0 * found.accuracy,
            100.0 * found.macro_f1,
            100.0 * found.calibration_error,
            model.feature_count(),
            found.docs_per_s
        );
        (sum, count) = (sum + 100.0 * found.macro_f1, count + 1.0);
    }
    println!("mean f1 {:.2}", sum / count);
    Ok(())
}
