//! What becomes of texts in every encoding at every length: right, quarantined or wrong. Shared by a test and by the example that prints it all.
//!
//! Each text is decoded as a whole stream of its own, the hardest case: a real file is longer than its cells.

use encoding_rs::{BIG5, GB18030};
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use text::decode_stream;

/// What became of the texts of one encoding and length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcomes {
    pub(crate) right: usize,
    pub(crate) quarantined: usize,
    pub(crate) wrong: usize,
}

/// An encoding with what a header says of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    label: Option<&'static str>,
    encode: fn(&str) -> Option<Vec<u8>>,
    is_traditional: bool,
}

const fn case(name: &'static str, encode: fn(&str) -> Option<Vec<u8>>) -> Case {
    Case { name, label: None, encode, is_traditional: false }
}

/// Every encoding that we read, with and without what tells it.
pub(crate) const CASES: [Case; 12] = [
    case("UTF-8", |text| Some(text.as_bytes().to_vec())),
    case("UTF-8 with BOM", |text| Some(["\u{feff}".as_bytes(), text.as_bytes()].concat())),
    case("UTF-16LE", |text| Some(utf16(text, u16::to_le_bytes))),
    case("UTF-16LE with BOM", |text| {
        Some([&[0xff, 0xfe], &utf16(text, u16::to_le_bytes)[..]].concat())
    }),
    case("UTF-16BE", |text| Some(utf16(text, u16::to_be_bytes))),
    case("UTF-16BE with BOM", |text| {
        Some([&[0xfe, 0xff], &utf16(text, u16::to_be_bytes)[..]].concat())
    }),
    case("GB18030", |text| in_encoding(GB18030, text)),
    Case {
        label: Some("gb2312"),
        ..case("GB18030 labelled gb2312", |text| in_encoding(GB18030, text))
    },
    Case {
        label: Some("utf-8"),
        ..case("GB18030 labelled utf-8", |text| in_encoding(GB18030, text))
    },
    Case { is_traditional: true, ..case("Big5", |text| in_encoding(BIG5, text)) },
    Case {
        is_traditional: true,
        label: Some("big5"),
        ..case("Big5 labelled big5", |text| in_encoding(BIG5, text))
    },
    Case {
        is_traditional: true,
        ..case("GB18030, traditional", |text| in_encoding(GB18030, text))
    },
];

impl Case {
    /// Decodes `count` pieces of `sentences` of `chars` characters each. Characters that the encoding lacks cannot be in a file of that encoding.
    pub(crate) fn measure(&self, sentences: &str, chars: usize, count: usize) -> Outcomes {
        let sentences =
            if self.is_traditional { traditional(sentences) } else { sentences.to_owned() };
        let mut buffer = [0; 4];
        let written: Vec<char> = sentences
            .chars()
            .filter(|c| (self.encode)(c.encode_utf8(&mut buffer)).is_some())
            .collect();
        // Pieces start at places that are evenly spread.
        let step = (written.len() - chars) / count;
        let mut outcomes = Outcomes::default();
        for piece in (0..count).map(|index| &written[index * step..][..chars]) {
            let piece: String = piece.iter().collect();
            let bytes = (self.encode)(&piece).expect("every character of it was encoded before");
            match decode_stream(&bytes, self.label) {
                Ok(decoded) if decoded.text == piece => outcomes.right += 1,
                Ok(_) => outcomes.wrong += 1,
                Err(_) => outcomes.quarantined += 1,
            }
        }
        outcomes
    }
}

fn traditional(text: &str) -> String {
    let opencc = OpenCC::from_config(BuiltinConfig::S2t).expect("the data is compiled in");
    opencc.convert(text)
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

fn in_encoding(encoding: &'static encoding_rs::Encoding, text: &str) -> Option<Vec<u8>> {
    let (bytes, _, has_unmappable) = encoding.encode(text);
    (!has_unmappable).then(|| bytes.into_owned())
}
