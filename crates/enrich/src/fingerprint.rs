//! Fingerprints of dictionaries and weights: FNV-1a over 64 bits. They tell versions apart; nothing depends on them being hard to forge.

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Fingerprint of `bytes`.
pub(crate) fn of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}
