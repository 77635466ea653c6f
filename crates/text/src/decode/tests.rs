//! Encodings by example.

use super::*;

const TEXT: &str = "食堂的饭菜比以前好多了，希望继续保持，宿舍的热水也请早点解决。";
const TRADITIONAL: &str = "食堂的飯菜比以前好多了，希望繼續保持，宿舍的熱水也請早點解決。";

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

fn check(bytes: &[u8], label: Option<&str>, encoding: &str, text: &str) {
    let decoded = decode_stream(bytes, label).unwrap();
    assert_eq!((decoded.text.as_str(), decoded.encoding), (text, encoding));
}

#[test]
fn encodings_are_told_apart() {
    check(TEXT.as_bytes(), None, "UTF-8", TEXT);
    check(&GB18030.encode(TEXT).0, None, "gb18030", TEXT);
    check(&BIG5.encode(TRADITIONAL).0, None, "Big5", TRADITIONAL);
    check(&utf16(TEXT, u16::to_le_bytes), None, "UTF-16LE", TEXT);
    check(&utf16(TEXT, u16::to_be_bytes), None, "UTF-16BE", TEXT);
    check(b"id,text", None, "UTF-8", "id,text");
    check(b"plain", None, "UTF-8", "plain");
    check(b"", None, "UTF-8", "");
}

#[test]
fn a_byte_order_mark_decides() {
    check(&["\u{feff}".as_bytes(), TEXT.as_bytes()].concat(), Some("gbk"), "UTF-8", TEXT);
    check(
        &[b"\xff\xfe".as_slice(), &utf16(TEXT, u16::to_le_bytes)].concat(),
        None,
        "UTF-16LE",
        TEXT,
    );
    check(
        &[b"\xfe\xff".as_slice(), &utf16(TEXT, u16::to_be_bytes)].concat(),
        None,
        "UTF-16BE",
        TEXT,
    );
}

#[test]
fn gb2312_means_gb18030() {
    let text = "镕是GBK的字，㐀和𠀀是GB18030的字";
    check(&GB18030.encode(text).0, Some("gb2312"), "gb18030", text);
    check(&GB18030.encode("中").0, Some("GBK"), "gb18030", "中");
}

#[test]
fn a_wrong_label_is_corrected_and_recorded() {
    let decoded = decode_stream(&GB18030.encode(TEXT).0, Some("utf-8")).unwrap();
    assert_eq!((decoded.text.as_str(), decoded.repairs), (TEXT, Repairs::ENCODING_CORRECTED));
}

#[test]
fn too_little_to_judge_by_is_refused() {
    // 中 in GB2312 was read as Russian by chardet (chardet#219).
    let error = decode_stream(&GB18030.encode("中").0, None).unwrap_err();
    assert!(matches!(error, DecodeError::Ambiguous { .. }), "{error}");
    assert!(decode_stream(b"\xff\xff\xff", None).is_err());
    // Two characters of UTF-16 that are also four of ASCII.
    assert!(decode_stream(&utf16("手机", u16::to_be_bytes), None).is_err());
    check(b"good", None, "UTF-8", "good");
}

#[test]
fn double_encoding_is_undone_for_the_whole_stream() {
    let read_as_gbk = GB18030.decode(TEXT.as_bytes()).0;
    // An odd number of bytes loses one: only what is reversible is restored.
    if !read_as_gbk.contains('\u{fffd}') {
        let decoded = decode_stream(read_as_gbk.as_bytes(), None).unwrap();
        assert_eq!((decoded.text.as_str(), decoded.repairs), (TEXT, Repairs::UTF8_READ_AS_GBK));
    }
    let read_as_latin = encoding_rs::WINDOWS_1252.decode_without_bom_handling(TEXT.as_bytes()).0;
    let decoded = decode_stream(read_as_latin.as_bytes(), None).unwrap();
    assert_eq!((decoded.text.as_str(), decoded.repairs), (TEXT, Repairs::UTF8_READ_AS_LATIN));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes: Vec<u8>, labelled: bool) {
        let _ = decode_stream(&bytes, labelled.then_some("gb2312"));
    }

    #[test]
    fn valid_utf8_with_a_label_comes_back(text: String) {
        if !text.contains('\0') && restore(&text).1.is_empty() {
            let decoded = decode_stream(text.as_bytes(), Some("utf-8")).unwrap();
            proptest::prop_assert_eq!(decoded.text, text.strip_prefix('\u{feff}').unwrap_or(&text));
        }
    }
}
