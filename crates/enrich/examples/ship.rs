//! Trains the polarity model that is shipped, on `data/labels` only, and writes it to `data/models/polarity` with its card.
//!
//! `cargo run --release -p enrich --example ship -- YYYY-MM-DD`, in the root of the repository.

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
        let texts: Vec<LabelledText> = LabelledText::read_tsv(&content).collect();
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
                .collect(),
        ),
    )?;
    let card = ModelCard {
        name: "huisheng polarity".into(),
        trained_on,
        intended_use: "polarity of Chinese feedback, reviews and posts, one text at a time, as input to trends over many texts".into(),
        limits: "written for this project by few hands: weak on irony, dialect and domains without labels. Not for judging persons, not for decisions on single texts".into(),
        data,
        figures: vec![CardFigure::new("data/labels/hard_cases_test.tsv (three classes, never trained on)", &hard)],
    };
    model.save(Path::new("data/models/polarity"), &card)?;
    Ok(())
}
