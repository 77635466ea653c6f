//! A sliding view on a byte stream, for formats that are cut into rows by looking for line breaks.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::Encoding;
use flate2::read::MultiGzDecoder;

/// One read. Large enough that the system call costs nothing, small enough to stay in the cache.
const BLOCK_BYTES: u64 = 256 << 10;

/// A row over this is skipped without being held. Texts end at 1 MB; the rest is room for escapes and other columns.
pub(crate) const ROW_BYTES_MAX: usize = 16 << 20;

/// Bytes of a stream that have been read and not yet consumed.
pub(crate) struct Window {
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    byte_position: u64,
    is_ended: bool,
}

/// A line at the start of the window.
pub(crate) struct Line {
    /// Its length without the line break.
    pub(crate) byte_len: usize,
    /// Whether the line break is there, which a file that is still written may lack at its end.
    pub(crate) is_terminated: bool,
}

impl Line {
    /// Bytes to consume to be past it.
    pub(crate) fn step(&self) -> usize {
        self.byte_len + usize::from(self.is_terminated)
    }
}

impl Window {
    /// Opens a file at `byte_position` of its unpacked, and with `transcode` its UTF-8, form.
    pub(crate) fn open(
        path: &Path,
        transcode: Option<&'static Encoding>,
        byte_position: u64,
    ) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let is_packed = is_gzip(&mut file)?;
        let mut input: Box<dyn Read + Send> = match (is_packed, transcode) {
            (false, None) => {
                file.seek(SeekFrom::Start(byte_position))?;
                return Ok(Self::over(Box::new(file), byte_position));
            }
            (false, Some(encoding)) => Box::new(Transcoder::new(Box::new(file), encoding)),
            (true, None) => Box::new(MultiGzDecoder::new(BufReader::new(file))),
            (true, Some(encoding)) => Box::new(Transcoder::new(
                Box::new(MultiGzDecoder::new(BufReader::new(file))),
                encoding,
            )),
        };
        io::copy(&mut input.by_ref().take(byte_position), &mut io::sink())?;
        Ok(Self::over(input, byte_position))
    }

    fn over(input: Box<dyn Read + Send>, byte_position: u64) -> Self {
        Self { input, buffer: Vec::new(), start: 0, byte_position, is_ended: false }
    }

    #[cfg(test)]
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self::over(Box::new(io::Cursor::new(bytes.to_vec())), 0)
    }

    /// What has been read and not consumed.
    pub(crate) fn available(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Bytes consumed since the start of the stream.
    pub(crate) fn byte_position(&self) -> u64 {
        self.byte_position
    }

    /// Whether [`Self::available`] reaches to the end of the stream.
    pub(crate) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// Reads one block more; `false` at the end of the stream.
    pub(crate) fn extend(&mut self) -> io::Result<bool> {
        if self.is_ended {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let byte_count = self.input.by_ref().take(BLOCK_BYTES).read_to_end(&mut self.buffer)?;
        self.is_ended = byte_count == 0;
        Ok(!self.is_ended)
    }

    /// Reads until `byte_count` bytes are available or the stream ends.
    pub(crate) fn extend_to(&mut self, byte_count: usize) -> io::Result<()> {
        while self.available().len() < byte_count && self.extend()? {}
        Ok(())
    }

    /// Marks bytes as done.
    pub(crate) fn consume(&mut self, byte_count: usize) {
        debug_assert!(byte_count <= self.available().len());
        self.start += byte_count;
        self.byte_position += byte_count as u64;
    }

    /// Whether everything has been consumed.
    pub(crate) fn is_exhausted(&mut self) -> io::Result<bool> {
        Ok(self.available().is_empty() && !self.extend()?)
    }

    /// The line at the start of the window, `None` at the end. A line over [`ROW_BYTES_MAX`] is given as far as it was read: see [`Self::skip_line`].
    pub(crate) fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut searched = 0;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.available()[searched..]) {
                return Ok(Some(Line { byte_len: searched + at, is_terminated: true }));
            }
            searched = self.available().len();
            if searched > ROW_BYTES_MAX {
                return Ok(Some(Line { byte_len: searched, is_terminated: false }));
            }
            if !self.extend()? {
                return Ok(
                    (searched > 0).then_some(Line { byte_len: searched, is_terminated: false })
                );
            }
        }
    }

    /// Consumes up to and with the next line break, holding one block at a time, and gives the number of bytes.
    pub(crate) fn skip_line(&mut self) -> io::Result<u64> {
        let from = self.byte_position;
        loop {
            if let Some(at) = memchr::memchr(b'\n', self.available()) {
                self.consume(at + 1);
                break;
            }
            self.consume(self.available().len());
            if !self.extend()? {
                break;
            }
        }
        Ok(self.byte_position - from)
    }
}

/// Told from the bytes, since exports are often misnamed.
fn is_gzip(file: &mut File) -> io::Result<bool> {
    let mut magic = Vec::new();
    file.by_ref().take(2).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(magic == [0x1f, 0x8b])
}

/// Turns a stream into UTF-8. What cannot be decoded becomes U+FFFD, which readers of transcoded streams refuse.
struct Transcoder {
    input: Box<dyn Read + Send>,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    decoded: String,
    byte_given: usize,
    is_ended: bool,
}

impl Transcoder {
    fn new(input: Box<dyn Read + Send>, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self {
            input,
            decoder,
            raw: Vec::new(),
            decoded: String::new(),
            byte_given: 0,
            is_ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.raw.clear();
        self.decoded.clear();
        self.byte_given = 0;
        self.is_ended = self.input.by_ref().take(BLOCK_BYTES).read_to_end(&mut self.raw)? == 0;
        let room = self
            .decoder
            .max_utf8_buffer_length(self.raw.len())
            .expect("a block is far from the address space");
        self.decoded.reserve(room);
        let (result, _, _) =
            self.decoder.decode_to_string(&self.raw, &mut self.decoded, self.is_ended);
        debug_assert_eq!(result, encoding_rs::CoderResult::InputEmpty);
        Ok(())
    }
}

impl Read for Transcoder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.byte_given == self.decoded.len() && !self.is_ended {
            self.refill()?;
        }
        let rest = &self.decoded.as_bytes()[self.byte_given..];
        let byte_count = rest.len().min(out.len());
        out[..byte_count].copy_from_slice(&rest[..byte_count]);
        self.byte_given += byte_count;
        Ok(byte_count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_across_blocks_and_without_a_last_break() {
        let long = "长".repeat(200_000);
        let mut window = Window::of_bytes(format!("a\r\n\n{long}\nend").as_bytes());
        let mut lines = Vec::new();
        while let Some(line) = window.next_line().unwrap() {
            lines.push((line.byte_len, line.is_terminated));
            window.consume(line.step());
        }
        assert_eq!(lines, [(2, true), (0, true), (600_000, true), (3, false)]);
        assert!(window.is_exhausted().unwrap());
    }

    #[test]
    fn an_overlong_line_is_skipped_and_counted() {
        let bytes = [vec![b'x'; ROW_BYTES_MAX + 10], b"\nnext\n".to_vec()].concat();
        let mut window = Window::of_bytes(&bytes);
        assert!(window.next_line().unwrap().unwrap().byte_len > ROW_BYTES_MAX);
        assert_eq!(window.skip_line().unwrap(), ROW_BYTES_MAX as u64 + 11);
        assert_eq!(window.next_line().unwrap().unwrap().byte_len, 4);
    }

    #[test]
    fn utf_16_becomes_utf_8() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let bytes: Vec<u8> = "\u{feff}内容\n好".encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(&path, bytes).unwrap();
        let mut window = Window::open(&path, Some(encoding_rs::UTF_16LE), 7).unwrap();
        window.extend_to(100).unwrap();
        assert_eq!(window.available(), "好".as_bytes());
    }
}
