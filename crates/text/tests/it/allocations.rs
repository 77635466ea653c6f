//! The hot path allocates a fixed number of times a text, whatever the number of its tokens.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use corpus::TokenBatch;
use text::{Lexicon, Normalizer, Scratch, Segmenter};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[expect(
    unsafe_code,
    reason = "an allocator is unsafe by its trait; this one counts and passes on"
)]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

const SENTENCE: &str =
    "采油厂食堂的饭菜比农业发展银行的好，安装简单，共1,234人[哈哈]，3.5%，见http://t.cn吧。";

#[test]
fn cutting_allocates_one_list_a_text() {
    let segmenter = Segmenter::new(&Lexicon::builtin(), &["手机号"]);
    let (mut scratch, mut tokens) = (Scratch::default(), TokenBatch::default());
    let long = SENTENCE.repeat(60);
    segmenter.tokenize_batch([long.as_str()], &mut scratch, &mut tokens);
    assert!(tokens.word_count() > 1000);
    for text in [SENTENCE, &long] {
        let found = allocations(|| segmenter.tokenize_batch([text], &mut scratch, &mut tokens));
        assert_eq!(found, 1, "{} words", tokens.word_count());
    }
}

#[test]
fn normalizing_a_clean_text_allocates_its_two_strings() {
    let normalizer = Normalizer::new(Lexicon::builtin().exceptions());
    let mut scratch = Scratch::default();
    let clean = "采油厂食堂的饭菜很好，共1,234人[哈哈]，3.5%。";
    let long = clean.repeat(60);
    for text in [clean, &long] {
        assert_eq!(allocations(|| drop(normalizer.normalize(text, &mut scratch))), 2);
    }
}

#[test]
fn normalizing_a_traditional_text_allocates_no_more_for_a_longer_one() {
    let normalizer = Normalizer::new(Lexicon::builtin().exceptions());
    let mut scratch = Scratch::default();
    let short = "信息化時代的發展，網絡學習！";
    let long = short.repeat(60);
    normalizer.normalize(&long, &mut scratch);
    let few = allocations(|| drop(normalizer.normalize(short, &mut scratch)));
    assert_eq!(allocations(|| drop(normalizer.normalize(&long, &mut scratch))), few);
}
