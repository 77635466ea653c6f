//! A record as it lies in a quarantine file.

use std::io::{self, Read};

use chacha20poly1305::XNonce;
use corpus::Day;

const NONCE_BYTES: usize = 24;
/// Fixed part of a record: length, day, nonce.
const HEAD_BYTES: usize = 4 + 4 + NONCE_BYTES;
/// A row is kept up to 1 MB; more than this is a torn or foreign file.
const CIPHERTEXT_BYTES_MAX: u32 = 4 << 20;

/// A record as it lies in the file.
pub(super) struct Sealed {
    pub(super) day: Day,
    pub(super) nonce: XNonce,
    pub(super) ciphertext: Vec<u8>,
}

impl Sealed {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let byte_len = u32::try_from(self.ciphertext.len()).expect("a row is kept up to 1 MB");
        out.extend_from_slice(&byte_len.to_le_bytes());
        out.extend_from_slice(&self.day.0.to_le_bytes());
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.ciphertext);
    }

    /// The next record with its length in the file, or `None` where no whole one follows.
    pub(super) fn read(file: &mut impl Read) -> io::Result<Option<(Self, u64)>> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        file.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        let Some((byte_len, rest)) = head.split_first_chunk::<4>() else { return Ok(None) };
        let Some((day, nonce)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let Ok(nonce) = XNonce::try_from(nonce) else { return Ok(None) };
        let byte_len = u32::from_le_bytes(*byte_len);
        if byte_len > CIPHERTEXT_BYTES_MAX {
            return Ok(None);
        }
        let mut ciphertext = Vec::new();
        file.by_ref().take(u64::from(byte_len)).read_to_end(&mut ciphertext)?;
        let is_whole = ciphertext.len() == byte_len as usize;
        let record_bytes = HEAD_BYTES as u64 + u64::from(byte_len);
        Ok(is_whole.then_some((
            Self { day: Day(i32::from_le_bytes(*day)), nonce, ciphertext },
            record_bytes,
        )))
    }
}
