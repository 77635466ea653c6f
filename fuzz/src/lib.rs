//! Hostile input for what reads other people's bytes: decode, normalize and cut, the lexicon reader.
//!
//! The layout is that of cargo-fuzz, the driver is our own: libFuzzer wants nightly and a compiler that instruments, and we build with one
//! stable toolchain. So [`drive`] is blind, it mutates seeds at random for as long as it is told; it finds what many tries find, not what
//! coverage leads to. A finding panics with the input printed, to become a regression test.
#![expect(clippy::print_stdout, reason = "a driver prints")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

/// Inputs beyond this find nothing that shorter ones don't.
const INPUT_BYTES_MAX: usize = 2048;

/// Seconds of a run without an argument.
const SECONDS: u64 = 60;

/// Pieces that break things: scripts beside each other, marks that join, markup, halves of characters, other encodings.
const PIECES: [&[u8]; 40] = [
    "食堂的饭菜很好".as_bytes(),
    "發展(fā)展".as_bytes(),
    "互聯(lián)網".as_bytes(),
    "?!包h建".as_bytes(),
    "乾安縣乾隆著名看著".as_bytes(),
    "娴嬭瘯".as_bytes(),
    "æ±‰å\u{ad}—".as_bytes(),
    "²âÊÔ".as_bytes(),
    "👨\u{200d}👩\u{200d}👧".as_bytes(),
    "🇨🇳🇨".as_bytes(),
    "[哈哈][手机号][".as_bytes(),
    "𠀀𪛟㐀".as_bytes(),
    "שלום عربي".as_bytes(),
    "\u{202e}\u{2066}\u{200b}\u{feff}".as_bytes(),
    "e\u{301}\u{327}\u{fe0f}".as_bytes(),
    "ﾊﾟ㎡ﬁ①²½㈱".as_bytes(),
    "ＨＴＴＰ：／／ｗｗｗ．ａ".as_bytes(),
    "http://user:pw@a.b:80/?q#x".as_bytes(),
    "www.a.".as_bytes(),
    b"<p>&amp;&#x4e2d;&#xd800;&lt;</p><script>",
    b"<!--<div a='\"'>",
    "！！！。。。……——".as_bytes(),
    b"1,234.5%..,,%%",
    b"\r\n\t \x00\x07\x7f",
    "\u{3000}\u{a0}\u{2028}\u{85}".as_bytes(),
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xa1\xa3\xa1\xb0\xfc\x68",
    b"\xb2\xe2\xca\xd4",
    b"\xb4\xfa\xb8\xd5",
    b"\x81\x30\x81\x30\x84\x31",
    b"\xe4\xb8",
    b"\xf0\x9f",
    "井控证\t20\tn\n".as_bytes(),
    "# 注\r\n云南\t1\tns\r\n".as_bytes(),
    "\t\t\n99999999999\t-1\t".as_bytes(),
    "乾安\t乾安\n".as_bytes(),
    b"4294967296",
    b" ",
];

/// Runs `target` on mutated inputs for the seconds that the first argument names, then prints how many there were.
///
/// # Panics
/// When `target` does, after printing the input.
pub fn drive(name: &str, target: impl Fn(&[u8])) {
    let seconds =
        std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(SECONDS);
    let seed = std::env::args().nth(2).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (started, limit) = (Instant::now(), Duration::from_secs(seconds));
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut kept: Vec<Vec<u8>> = vec![Vec::new()];
    let mut runs = 0u64;
    while started.elapsed() < limit {
        let from = rng.random_range(0..kept.len());
        let input = mutated(&kept[from], &mut rng);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(&input))) {
            println!("{name}: run {runs} of seed {seed} fails on {input:02x?}");
            println!("{}", String::from_utf8_lossy(&input));
            resume_unwind(panic);
        }
        // A pool that forgets keeps inputs of all sizes on their way.
        if kept.len() < 512 {
            kept.push(input);
        } else {
            kept[from] = input;
        }
        runs += 1;
    }
    println!("{name}: {runs} inputs in {seconds} s, seed {seed}, no finding");
}

/// One to four small changes: a piece put in, bytes changed, dropped, doubled.
fn mutated(from: &[u8], rng: &mut SmallRng) -> Vec<u8> {
    let mut input = from.to_vec();
    for _ in 0..rng.random_range(1..=4) {
        let at = rng.random_range(0..=input.len());
        let end = (at + rng.random_range(0..12)).min(input.len());
        match rng.random_range(0..6) {
            0..3 => {
                let piece = PIECES[rng.random_range(0..PIECES.len())];
                input.splice(at..at, piece.iter().copied());
            }
            3 => input[at..end].iter_mut().for_each(|byte| *byte = rng.random()),
            4 => drop(input.drain(at..end)),
            _ => {
                let part = input[at..end].to_vec();
                input.splice(at..at, part);
            }
        }
    }
    if input.len() > INPUT_BYTES_MAX {
        input.drain(..input.len() / 2);
    }
    input
}
