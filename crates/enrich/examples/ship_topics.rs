//! Trains the model of the shipped taxonomy's topics, on `data/labels` only, and writes it to `data/models/topics` with its card.
//!
//! `cargo run --release -p enrich --example ship_topics -- YYYY-MM-DD`, in the root of the repository. It is measured on `data/labels/topics/test.jsonl`,
//! which it does not learn from.

use std::error::Error;
use std::path::Path;

use corpus::TokenBatch;
use enrich::{
    CardData, ModelCard, Taxonomy, TopicComparison, TopicFigures, TopicText, content_hash,
    train_topics,
};
use text::{Lexicon, Normalizer, Scratch, Segmenter};

#[expect(clippy::print_stdout, reason = "an example prints what it measured")]
fn main() -> Result<(), Box<dyn Error>> {
    let trained_on = std::env::args().nth(1).ok_or("the day of training as YYYY-MM-DD")?;
    let taxonomy = Taxonomy::builtin()?;
    let lexicon = Lexicon::builtin();
    let (normalizer, segmenter) =
        (Normalizer::new(lexicon.exceptions()), Segmenter::new(&lexicon, &[]));
    let mut scratch = Scratch::default();
    let mut normalized = |texts: Vec<TopicText>| -> Vec<TopicText> {
        let normalize = |text: TopicText| TopicText {
            text: normalizer.normalize(&text.text, &mut scratch).text,
            ..text
        };
        texts.into_iter().map(normalize).collect()
    };
    let texts = normalized(TopicText::shipped(&taxonomy));
    let test = normalized(TopicText::shipped_test(&taxonomy));
    let cut = |texts: &[String], out: &mut TokenBatch| {
        segmenter.tokenize_batch(texts.iter().map(String::as_str), &mut Scratch::default(), out);
    };
    let training = train_topics(&taxonomy, &[], &texts, &test, None, &cut)?;
    let measured = training.held_out.ok_or("no test sentence is labelled")?;
    show(&measured);
    let contents: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
    let card = ModelCard {
        name: "topics".to_owned(),
        trained_on,
        intended_use: "naming the topics of dictionaries/topics.toml in feedback of staff and students where none of their words stands, beside those words".to_owned(),
        limits: "learned from a few thousand sentences of one author and tested on sentences of the same author, three of four of which were written without a word of their topic: figures on real feedback differ, and words alone find more there. It judges texts, never people".to_owned(),
        data: vec![CardData {
            file: format!("data/labels and data/labels/topics/train.jsonl, found by {}", taxonomy.fingerprint()),
            licence: "Apache-2.0".to_owned(),
            texts: texts.len(),
            hash: content_hash(contents.join("\n").as_bytes()),
        }],
        config: training.model.config(),
        figures: Vec::new(),
        topics: Some(measured),
    };
    training.model.save(Path::new("data/models/topics"), &card)?;
    println!("{} features", training.model.feature_count());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example prints what it measured")]
fn show(measured: &TopicComparison) {
    let judges = [("rules", measured.rules), ("model", measured.model), ("both", measured.both)];
    for (name, figures) in judges {
        let TopicFigures { micro_precision, micro_recall, micro_f1, .. } = figures;
        let TopicFigures { macro_precision, macro_recall, macro_f1, .. } = figures;
        println!(
            "{name:<6} micro P {micro_precision:.3} R {micro_recall:.3} F1 {micro_f1:.3}  macro P {macro_precision:.3} R {macro_recall:.3} F1 {macro_f1:.3}"
        );
    }
    println!("won {}, lost {}, chance {:.1e}", measured.won, measured.lost, measured.chance);
}
