//! The labelled sentences that the shipped model was trained on, so that a user's labels can be added to them.

use crate::model_file::content_hash;
use crate::training::LabelledText;

/// Name and content of a file of `data/labels`.
macro_rules! labels {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../data/labels/", $name)))
    };
}

/// Every file but the one that is kept for testing.
const FILES: [(&str, &str); 35] = [
    labels!("daily_chatter.tsv"),
    labels!("daily_moods.tsv"),
    labels!("daily_moods_2.tsv"),
    labels!("daily_moods_3.tsv"),
    labels!("daily_posts_plain.tsv"),
    labels!("feedback_canteen_dormitory.tsv"),
    labels!("feedback_mixed_2.tsv"),
    labels!("feedback_safety_support.tsv"),
    labels!("feedback_simple.tsv"),
    labels!("feedback_study_formal.tsv"),
    labels!("feedback_training.tsv"),
    labels!("feedback_work.tsv"),
    labels!("hard_irony.tsv"),
    labels!("hard_negation.tsv"),
    labels!("hard_negation_2.tsv"),
    labels!("long_and_neutral_4.tsv"),
    labels!("long_texts.tsv"),
    labels!("long_texts_2.tsv"),
    labels!("long_texts_3.tsv"),
    labels!("moods_irony_3.tsv"),
    labels!("neutral_mixed.tsv"),
    labels!("neutral_mixed_2.tsv"),
    labels!("review_book_computer.tsv"),
    labels!("review_hotel.tsv"),
    labels!("review_hotel_takeaway_2.tsv"),
    labels!("review_mixed_2.tsv"),
    labels!("review_moods_sentences_3.tsv"),
    labels!("review_plain.tsv"),
    labels!("review_shopping_goods.tsv"),
    labels!("review_shopping_goods_2.tsv"),
    labels!("review_shopping_things.tsv"),
    labels!("review_simple.tsv"),
    labels!("review_software_book_computer_2.tsv"),
    labels!("review_takeaway.tsv"),
    labels!("short_words.tsv"),
];

impl LabelledText {
    /// The sentences written for this project (`data/labels`, Apache-2.0), as written: to be normalized like any text.
    pub fn shipped() -> impl Iterator<Item = Self> {
        let rows = FILES.iter().flat_map(|(_, content)| Self::read_tsv(content));
        rows.map(|row| row.expect("the files are well-formed: a test reads them"))
    }

    /// Hash of these files, for a card.
    pub fn shipped_hash() -> String {
        content_hash(FILES.map(|(_, content)| content).concat().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_but_the_test_is_there() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/labels");
        let mut expected: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".tsv") && name != "hard_cases_test.tsv")
            .collect();
        expected.sort();
        assert_eq!(FILES.map(|(name, _)| name).to_vec(), expected);
        assert!(LabelledText::shipped().count() > 6000);
    }
}
