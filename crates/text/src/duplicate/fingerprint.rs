//! The stored fingerprint: which texts are worth comparing. What it gives for a text must never change.

use corpus::{Token, TokenKind};

use super::mix;

/// How many independent chances two copies have to meet.
pub(super) const BANDS: usize = 4;

/// One odd multiplier a band: four different orders of the same shingles.
const ORDERS: [u64; BANDS] =
    [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0xd6e8_feb8_6659_fd93];

/// Four bands of 16 bits. A band of two texts agrees with the probability that a piece of three characters of either stands in both.
///
/// Reads words, letters and numbers only: punctuation, emoticons, addresses and placeholders are the first things that copies differ in.
pub fn fingerprint(text: &str, tokens: &[Token]) -> u64 {
    let mut least = [u64::MAX; BANDS];
    let (mut last, mut count) = ([0u64; 2], 0);
    let counted = |token: &&Token| {
        matches!(token.kind, TokenKind::Word | TokenKind::Latin | TokenKind::Number)
    };
    for token in tokens.iter().filter(counted) {
        for c in token.text(text).chars() {
            let c = u64::from(u32::from(c));
            count += 1;
            if count >= 3 {
                let shingle = mix(last[0] << 42 ^ last[1] << 21 ^ c);
                for (least, order) in least.iter_mut().zip(ORDERS) {
                    *least = (*least).min(shingle.wrapping_mul(order));
                }
            }
            last = [last[1], c];
        }
    }
    if count < 3 {
        return text.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
    }
    least.iter().fold(0, |bits, &least| bits << 16 | mix(least) & 0xffff)
}
