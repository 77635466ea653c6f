//! The readers of word lists and phrase tables take any bytes: each line is used or reported with its number.

use text::{Lexicon, PhraseTable};

fn main() {
    fuzz::drive("lexicon", |bytes| {
        let mut lexicon = Lexicon::empty();
        match lexicon.add_words("a.tsv", bytes) {
            Ok(notices) => {
                assert!(notices.iter().all(|notice| !notice.problem.is_error()));
                for word in lexicon.words() {
                    assert!((2..=16).contains(&word.text.chars().count()) && word.frequency > 0);
                }
            }
            Err(error) => {
                assert!(lexicon.words().is_empty(), "a refused list leaves no trace");
                assert!(error.notices.iter().any(|notice| notice.problem.is_error()));
                assert!(!error.to_string().is_empty());
                let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
                assert!(error.notices.iter().all(|notice| (1..=lines).contains(&notice.line)));
            }
        }
        let content = String::from_utf8_lossy(bytes);
        if let Ok(table) = PhraseTable::parse("t.tsv", &content) {
            let same_length =
                |(phrase, form): (&str, &str)| phrase.chars().count() == form.chars().count();
            assert!(table.phrases().all(same_length));
        }
    });
}
