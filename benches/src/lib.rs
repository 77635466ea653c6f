//! Yardsticks: what a pipeline is compared with.
//!
//! A figure in documents per second says little on a machine whose speed swings by a factor of two. An index as anybody writes it
//! first, and jieba alone beside our own normalization and cut, work on the same texts in the same run, so that ratios can be compared between machines
//! and days.
//!
//! This is the one place outside their owners that uses jieba and tantivy directly, because that is the point of it.

use std::time::{Duration, Instant};

use corpus::TokenBatch;
use jieba_rs::Jieba;
use tantivy::schema::{IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, IndexWriter, TantivyDocument};
use text::{Normalizer, Scratch, Segmenter};

/// Threads and memory that anybody would give the writer on two cores.
const WRITER_THREADS: usize = 2;
const WRITER_BYTES: usize = 2 * 64_000_000;

/// Jieba with its own dictionary and nothing else. Cuts without the hidden Markov model, as ours does.
pub struct Yardstick {
    jieba: Jieba,
}

impl Default for Yardstick {
    fn default() -> Self {
        Self { jieba: Jieba::new() }
    }
}

impl Yardstick {
    /// Times jieba's `cut` alone, and normalization and segmentation of the same texts, on the calling thread: batch after batch of `batch_rows` in turn,
    /// either one first as often as the other, so that whatever else the machine is doing slows both alike. Both loops stand here, compiled alike.
    pub fn cut_in_turn(
        &self,
        normalizer: &Normalizer,
        segmenter: &Segmenter,
        texts: &[String],
        batch_rows: usize,
    ) -> (Duration, Duration) {
        let (mut theirs, mut ours) = (Duration::ZERO, Duration::ZERO);
        let (mut scratch, mut tokens) = (Scratch::default(), TokenBatch::default());
        for (round, batch) in texts.chunks(batch_rows).enumerate() {
            for turn in 0..2 {
                let started = Instant::now();
                if (round + turn) % 2 == 0 {
                    for text in batch {
                        std::hint::black_box(self.jieba.cut(text, false));
                    }
                    theirs += started.elapsed();
                } else {
                    let normalized: Vec<_> =
                        batch.iter().map(|text| normalizer.normalize(text, &mut scratch)).collect();
                    let texts = normalized.iter().map(|document| document.text.as_str());
                    segmenter.tokenize_batch(texts, &mut scratch, &mut tokens);
                    std::hint::black_box(&tokens);
                    drop(normalized);
                    ours += started.elapsed();
                }
            }
        }
        (theirs, ours)
    }

    /// The index that people write first: one field, jieba in search mode as its tokenizer, text stored, positions, commit at the end.
    /// Gives the number of documents found in it.
    ///
    /// # Panics
    /// When the temporary folder cannot be written: a benchmark that did not run must not report.
    pub fn naive_index<'t>(&self, texts: impl Iterator<Item = &'t str>) -> u64 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut builder = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("jieba")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = builder
            .add_text_field("text", TextOptions::default().set_indexing_options(indexing) | STORED);
        let index = Index::create_in_dir(folder.path(), builder.build())
            .expect("a new index in an empty folder");
        index.tokenizers().register(
            "jieba",
            TextAnalyzer::from(JiebaTokenizer { jieba: std::sync::Arc::new(self.jieba.clone()) }),
        );
        let mut writer: IndexWriter = index
            .writer_with_num_threads(WRITER_THREADS, WRITER_BYTES)
            .expect("a writer of an unlocked index");
        for content in texts {
            let mut document = TantivyDocument::default();
            document.add_text(text, content);
            writer.add_document(document).expect("the writer runs");
        }
        writer.commit().expect("the folder is writable");
        index.reader().expect("a committed index").searcher().num_docs()
    }
}

#[derive(Clone)]
struct JiebaTokenizer {
    jieba: std::sync::Arc<Jieba>,
}

struct Words {
    tokens: std::vec::IntoIter<Token>,
    current: Token,
}

impl Tokenizer for JiebaTokenizer {
    type TokenStream<'a> = Words;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Words {
        let cut = self.jieba.tokenize(text, jieba_rs::TokenizeMode::Search, false);
        let tokens: Vec<Token> = cut
            .into_iter()
            .enumerate()
            .map(|(position, token)| Token {
                offset_from: token.byte_start,
                offset_to: token.byte_end,
                position,
                text: token.word.to_owned(),
                position_length: 1,
            })
            .collect();
        Words { tokens: tokens.into_iter(), current: Token::default() }
    }
}

impl TokenStream for Words {
    fn advance(&mut self) -> bool {
        match self.tokens.next() {
            Some(token) => {
                self.current = token;
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.current
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_yardsticks_do_their_work() {
        let yardstick = Yardstick::default();
        let texts = ["食堂的饭菜很好", "宿舍太吵"];
        assert_eq!(yardstick.naive_index(texts.into_iter()), 2);
        let lexicon = text::Lexicon::builtin();
        let (normalizer, segmenter) =
            (Normalizer::new(lexicon.exceptions()), Segmenter::new(&lexicon, &[]));
        let (theirs, ours) =
            yardstick.cut_in_turn(&normalizer, &segmenter, &texts.map(str::to_owned), 1);
        assert!(theirs > Duration::ZERO && ours > Duration::ZERO);
    }
}
