//! Trains the polarity model that is shipped, on `data/labels` only, and writes it to `data/models/polarity` with its card.
//!
//! `cargo run --release -p enrich --example ship -- YYYY-MM-DD [FOLDER]`, in the root of the repository. With a folder of labelled JSON Lines
//! (`NAME.dev.jsonl`) the card also states how the model does on each: sets that it has never seen.

use std::error::Error;
use std::fs;
use std::path::Path;

use enrich::{
    CardData, CardFigure, LabelledBatch, LabelledText, ModelCard, content_hash, evaluate,
    train_polarity,
};
use text::{Lexicon, Normalizer, Scratch, Segmenter};

const LABELS: &str = "data/labels";
const TEST_FILE: &str = "hard_cases_test.tsv";

fn main() -> Result<(), Box<dyn Error>> {
    let trained_on = std::env::args().nth(1).ok_or("the day of training as YYYY-MM-DD")?;
    let mut names: Vec<String> = fs::read_dir(LABELS)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, std::io::Error>>()?;
    names.retain(|name| name.ends_with(".tsv") && name != TEST_FILE);
    names.sort();

    let lexicon = Lexicon::builtin();
    let (normalizer, segmenter) =
        (Normalizer::new(lexicon.exceptions()), Segmenter::new(&lexicon, &[]));
    let mut scratch = Scratch::default();
    let mut batch = |labelled: Vec<LabelledText>| {
        let normalized: Vec<LabelledText> = labelled
            .into_iter()
            .map(|text| LabelledText {
                text: normalizer.normalize(&text.text, &mut scratch).text,
                ..text
            })
            .collect();
        LabelledBatch::new(normalized, |texts, tokens| {
            segmenter.tokenize_batch(texts.iter().map(String::as_str), &mut scratch, tokens)
        })
    };

    let (mut labelled, mut data) = (Vec::new(), Vec::new());
    for name in names {
        let path = Path::new(LABELS).join(&name);
        let content = fs::read_to_string(&path)?;
        let texts = LabelledText::read_tsv(&content).collect::<Result<Vec<_>, _>>()?;
        data.push(CardData {
            file: path.display().to_string(),
            licence: "Apache-2.0".into(),
            texts: texts.len(),
            hash: content_hash(content.as_bytes()),
        });
        labelled.extend(texts);
    }
    let model = train_polarity(&batch(labelled))?;
    let hard = evaluate(
        &model,
        &batch(
            LabelledText::read_tsv(&fs::read_to_string(Path::new(LABELS).join(TEST_FILE))?)
                .collect::<Result<_, _>>()?,
        ),
    )?;
    let mut figures = vec![CardFigure::new(
        "data/labels/hard_cases_test.tsv (three classes, never trained on)",
        &hard,
    )];
    if let Some(folder) = std::env::args().nth(2) {
        let mut files: Vec<_> = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_, std::io::Error>>()?;
        files.sort();
        for file in files {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(set) = name.strip_suffix(".dev.jsonl") else { continue };
            let content = fs::read_to_string(&file)?;
            let texts = content.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
            // A set whose labels are no polarities is none to measure on.
            if let Ok(found) = evaluate(&model, &batch(texts)) {
                figures
                    .push(CardFigure::new(&format!("{set}, dev part (never trained on)"), &found));
            }
        }
    }
    let card = ModelCard {
        name: "huisheng polarity".into(),
        trained_on,
        intended_use: "polarity of Chinese feedback, reviews and posts, one text at a time, as input to trends over many texts".into(),
        limits: "written for this project by few hands: weak on irony, dialect and domains without labels. Not for judging persons, not for decisions on single texts".into(),
        data,
        config: model.config(),
        figures,
        topics: None,
    };
    model.save(Path::new("data/models/polarity"), &card)?;
    Ok(())
}
