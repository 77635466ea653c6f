//! The similarity hash. Stored with each document, so what it gives for a text must never change.

use corpus::{Token, TokenKind};

/// 64 bits of which two texts share the more the more words and word pairs they share. Equal texts give equal bits.
///
/// Reads words, letters and numbers only: punctuation, emoticons and placeholders are the first things that copies differ in.
pub fn fingerprint(text: &str, tokens: &[Token]) -> u64 {
    let mut sums = [0i32; 64];
    let (mut last, mut words) = (0u64, 0);
    for token in tokens.iter().filter(|token| {
        matches!(token.kind, TokenKind::Word | TokenKind::Latin | TokenKind::Number)
    }) {
        let word = hash(token.text(text).as_bytes());
        add(&mut sums, mix(word));
        add(&mut sums, mix(last.rotate_left(23) ^ word.wrapping_mul(3)));
        (last, words) = (word, words + 1);
    }
    if words == 0 {
        return mix(hash(text.as_bytes()));
    }
    sums.iter().enumerate().fold(0, |bits, (bit, &sum)| bits | u64::from(sum > 0) << bit)
}

fn add(sums: &mut [i32; 64], feature: u64) {
    for (bit, sum) in sums.iter_mut().enumerate() {
        *sum += ((feature >> bit & 1) as i32) * 2 - 1;
    }
}

/// FNV-1a. Written out, because a hash from a crate may change with its version.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The finalizer of SplitMix64: spreads each bit over all others.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}
