//! Which charset a text file is in: decided once per file, on its first bytes that are not ASCII.
//!
//! Rows are cut out of the undecoded bytes, since in GB18030, GBK and Big5 neither a line break, a quote, a comma, a semicolon nor a tab can be
//! the second byte of a character. So each row is decoded alone, and one broken row costs one row. UTF-16 is transcoded as a stream.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::window::Window;

/// Looked at to tell charset and columns.
pub(crate) const SAMPLE_BYTES: usize = 256 << 10;

/// The charset of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Only ASCII so far.
    Undecided,
    Utf8,
    /// Rows are decoded one by one.
    Other(&'static Encoding),
    /// The whole stream is decoded before it is cut into rows.
    Transcoded(&'static Encoding),
    /// Nothing that we can tell: only rows in ASCII are read.
    Unknown,
}

/// The bytes are not in the charset of their file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Undecodable;

/// The charset that a label of config or HTTP means; `gb2312` means GB18030, as all who write it do.
pub(crate) fn for_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes())
        .map(|encoding| if encoding == encoding_rs::GBK { GB18030 } else { encoding })
}

impl Charset {
    /// Decides on the first bytes of a file, or on the declared label.
    pub(crate) fn of_sample(sample: &[u8], label: Option<&str>) -> Self {
        if let Some((encoding, _)) = Encoding::for_bom(sample) {
            return Self::of_encoding(encoding);
        }
        if sample.is_ascii() && !sample.contains(&0) {
            return Self::Undecided;
        }
        Self::told_from(whole_lines(sample), label)
    }

    /// Decodes a row or field.
    pub(crate) fn decode<'a>(&mut self, bytes: &'a [u8]) -> Result<Cow<'a, str>, Undecodable> {
        match self {
            // The replacement character stands for what could not be decoded.
            Self::Transcoded(_) => match std::str::from_utf8(bytes) {
                Ok(text) if !text.contains('\u{fffd}') => Ok(Cow::Borrowed(text)),
                _ => Err(Undecodable),
            },
            Self::Other(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .ok_or(Undecodable),
            Self::Utf8 | Self::Unknown => {
                std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Undecodable)
            }
            Self::Undecided => match std::str::from_utf8(bytes) {
                Ok(text) => {
                    if !text.is_ascii() {
                        *self = Self::Utf8;
                    }
                    Ok(Cow::Borrowed(text))
                }
                Err(_) => {
                    *self = Self::told_from(bytes, None);
                    self.decode(bytes)
                }
            },
        }
    }

    fn of_encoding(encoding: &'static Encoding) -> Self {
        if encoding == UTF_8 {
            Self::Utf8
        } else if encoding == UTF_16LE || encoding == UTF_16BE {
            // Its line breaks are two bytes, of which one occurs inside other characters.
            Self::Transcoded(encoding)
        } else {
            Self::Other(encoding)
        }
    }

    fn told_from(bytes: &[u8], label: Option<&str>) -> Self {
        if let Some(encoding) = encoding_of(bytes, label) {
            return Self::of_encoding(encoding);
        }
        if let Some(encoding) = label.and_then(for_label) {
            return Self::of_encoding(encoding);
        }
        // One broken row among many must not make a whole file unreadable: judge by the rows that fit.
        let lines: Vec<&[u8]> =
            bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii()).collect();
        let told = [UTF_8, GB18030, BIG5].into_iter().find(|encoding| {
            let fits = |line: &&&[u8]| {
                encoding.decode_without_bom_handling_and_without_replacement(line).is_some()
            };
            let fitting: Vec<&[u8]> = lines.iter().filter(fits).copied().collect();
            fitting.len() * 10 >= lines.len() * 9
                && encoding_of(&fitting.join(&b'\n'), None) == Some(encoding)
        });
        told.map_or(Self::Unknown, Self::of_encoding)
    }
}

/// The encoding under which all the bytes can be read, when that is certain.
fn encoding_of(bytes: &[u8], label: Option<&str>) -> Option<&'static Encoding> {
    let decoded = text::decode_stream(bytes, label).ok()?;
    for_label(decoded.encoding)
}

/// Opens a text file at its start, past a byte order mark, with a sample read and its charset decided.
pub(crate) fn open_text(path: &Path, label: Option<&str>) -> io::Result<(Window, Charset)> {
    let mut window = Window::open(path, None, 0)?;
    read_sample(&mut window)?;
    if window.available().starts_with(b"PK\x03\x04") {
        return Err(io::Error::other("it is a ZIP archive, as XLSX workbooks are, and no text"));
    }
    let charset = Charset::of_sample(window.available(), label);
    if let Charset::Transcoded(encoding) = charset {
        return Ok((open_transcoded(path, encoding)?, charset));
    }
    if window.available().starts_with(b"\xef\xbb\xbf") {
        window.consume(3);
    }
    Ok((window, charset))
}

/// Opens a text file at its start, decoded.
pub(crate) fn open_transcoded(path: &Path, encoding: &'static Encoding) -> io::Result<Window> {
    let mut window = Window::open(path, Some(encoding), 0)?;
    read_sample(&mut window)?;
    Ok(window)
}

/// At least one line, however long the first one is.
fn read_sample(window: &mut Window) -> io::Result<()> {
    window.extend_to(SAMPLE_BYTES)?;
    window.next_line()?;
    Ok(())
}

impl Charset {
    /// Opens the file again where reading stopped.
    pub(crate) fn reopen(self, path: &Path, byte_position: u64) -> io::Result<Window> {
        match self {
            Self::Transcoded(encoding) => Window::open(path, Some(encoding), byte_position),
            _ => Window::open(path, None, byte_position),
        }
    }
}

/// A sample may end inside a character; its last line break is not inside one.
fn whole_lines(sample: &[u8]) -> &[u8] {
    match memchr::memrchr(b'\n', sample) {
        Some(at) if sample.len() >= SAMPLE_BYTES => &sample[..=at],
        _ => sample,
    }
}
