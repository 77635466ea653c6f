//! Normal form by example and by property.

use proptest::prelude::*;

use super::*;
use crate::Lexicon;

fn normalizer() -> &'static Normalizer {
    static NORMALIZER: std::sync::LazyLock<Normalizer> =
        std::sync::LazyLock::new(|| Normalizer::new(Lexicon::builtin().exceptions()));
    &NORMALIZER
}

fn normalized(raw: &str) -> NormalizedText {
    normalizer().normalize(raw, &mut Scratch::default())
}

fn check(raw: &str, expected: &str) {
    let found = normalized(raw);
    assert_eq!(found.text, expected, "{raw:?}");
    assert_eq!(normalized(&found.text).text, found.text, "normalizing twice is normalizing once");
}

#[test]
fn debug_shows_lengths_and_no_words() {
    let shown = format!("{:?}", normalized("我叫王小明，电话13812345678"));
    assert!(shown.contains("35 bytes withheld"), "{shown}");
    assert!(!shown.contains('王') && !shown.contains("138"), "{shown}");
}

#[test]
fn a_clean_text_is_copied_with_the_identity_map() {
    for text in [
        "食堂的饭菜很好，价格也公道。",
        "A4纸、3.5%、HSE",
        "[哈哈]真好",
        "省略……破折——号",
        "https://t.cn 看",
        "",
    ] {
        let found = normalized(text);
        assert_eq!(
            (found.text.as_str(), found.display.as_str(), found.map.is_identity()),
            (text, text, true)
        );
    }
}

#[test]
fn forms_and_blanks_are_folded() {
    check("ＨＳＥ体系１２３", "HSE体系123");
    check("　食堂　　很好\r\n\r\n真的\t", "食堂 很好 真的");
    check("食\u{200b}堂\u{feff}很\u{ad}好", "食堂很好");
    check("cafe\u{301} ﬁne ㎡ ℃", "café fine m2 °C");
    check("１０² 和 ①２０２６年", "10² 和 ①2026年");
    check("ﾊﾟｿｺﾝ", "パソコン");
    check("太好了！！！！真的吗？？？。。。", "太好了！真的吗？。");
    check("嗯.......好吧～～～", "嗯...好吧~");
    check("电话138****5678，********", "电话138****5678，****");
    check("👨\u{200d}👩\u{200d}👧好❤\u{fe0f}", "👨\u{200d}👩\u{200d}👧好❤");
}

#[test]
fn addresses_keep_their_host_only() {
    check("见http://T.cn/zWaBc?u=张三，谢谢", "见http://t.cn张三，谢谢");
    check("https://user:pw@a.com:8080/x/y.html。", "https://a.com:8080。");
    check("WWW.Example.com/a", "www.example.com");
    check("http://", "http://");
    check("http://x.y/z...", "http://x.y...");
}

#[test]
fn traditional_script_becomes_simplified_by_phrase() {
    check("軟體開發與網絡發展", "软体开发与网络发展");
    check("頭髮乾燥", "头发干燥");
    check("乾安縣與乾隆年間", "乾安县与乾隆年间");
    check("看著著作著名，著急", "看着著作著名，着急");
    check("瞭解瞭望", "了解瞭望");
    check("計畫一幅畫", "计划一幅画");
    check("沈默的沈陽", "沉默的沈阳");
    check("畢昇與毕昇", "毕昇与毕昇");
}

#[test]
fn simplified_text_with_characters_of_both_scripts_stays() {
    for text in ["覆盖全部井场", "沈阳、狼藉、乾隆、什么、家具俱全", "著名著作"]
    {
        check(text, text);
    }
}

#[test]
fn what_is_shown_keeps_its_script_and_forms_but_no_controls() {
    let found = normalized("軟體\u{7}ＡＢ\u{202e}倒\r\n好");
    assert_eq!((found.display.as_str(), found.text.as_str()), ("軟體ＡＢ倒\n好", "软体AB倒 好"));
    let start = found.text.find("AB").unwrap();
    assert_eq!(found.display.get(found.map.to_display(start..start + 2)), Some("ＡＢ"));
}

#[test]
fn a_badly_converted_page_reads_clean() {
    let found = normalized("信息化的發(fā)展通過互聯(lián)網傳播。統(tǒng)一?!包h建+互聯網”是指");
    assert_eq!(found.text, "信息化的发展通过互联网传播。统一。“党建+互联网”是指");
    assert!(found.repairs.contains(Repairs::ROMANIZATION | Repairs::TORN_CHARACTERS));
    check("仡(gē)佬族真的?!", "仡(gē)佬族真的?!");
}

#[test]
fn a_replaced_span_leaves_nothing_in_either_text() {
    let found = normalized("請打１３８\u{200c}００１３８０００找張(zhāng)三");
    let start = found.text.find("13800138000").unwrap();
    let redacted = found.replace(&[(start..start + 11, "[手机号]")]);
    assert_eq!(redacted.text, "请打[手机号]找张(zhāng)三");
    assert_eq!(redacted.display, "請打[手机号]找張(zhāng)三");
}

/// OpenCC's own answer for whole texts, against ours by character and clause.
#[test]
fn characters_convert_as_opencc_converts_texts() {
    let opencc =
        ferrous_opencc::OpenCC::from_config(ferrous_opencc::config::BuiltinConfig::T2s).unwrap();
    let plain = Normalizer::new(&PhraseTable::default());
    let text = "隨著社會的進步信息化時代的到來科技的不斷發展給人們帶來了極大的便利而在黨建信息化發展的情況下憑藉項鍊瞭如指掌乾杯徵兵徵羽鉅子昇華";
    assert_eq!(plain.normalize(text, &mut Scratch::default()).text, opencc.convert(text));
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[\u{4e00}-\u{9fa5}]{1,6}",
        2 => "[發聯網乾著看瞭解沈默麼么覆畫計於俱鍾]{1,4}",
        1 => "[𠀀-𠀿㐀-㐿豈更𪚥]{1,2}",
        2 => "[ａ-ｚＡ-Ｚ０-９ ！？。，…—.!?()（）*~]{1,5}",
        1 => "(http://|www\\.|https://|HTTP://)[a-zA-Z0-9./?#@:-]{0,12}",
        1 => "[👨👩👧❤😀🇨🇳\u{200d}\u{fe0f}🏽]{1,6}",
        1 => "[שלוםمرحبا\u{200f}\u{202e}]{1,4}",
        1 => "[\u{0}-\u{20}\u{7f}-\u{a0}\u{200b}-\u{200f}\u{feff}\u{fffd}]{1,4}",
        1 => "[e\u{301}\u{308}각ᄀ\u{1161}ﬁ²①ﾊﾟ㎡´¨‼⁇]{1,4}",
        1 => "(<p>|</b|&lt;|&#x4e2d;|&amp|<!--|\\[哈哈\\]|\\(fā\\)|\\(lián\\)|\\?!包h|\\?!盎ヂ\\?)",
        1 => any::<String>().prop_map(|text| text.chars().take(6).collect::<String>()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn squeezing_gives_what_folding_gives(raw in "[好很a1。！!，,？?…—*.=~·]{0,30}") {
        let classes = &normalizer().classes;
        let raw = format!("好！！{raw}");
        if classes.scan(&raw).needs_squeezing_only() {
            let (mut squeezed, mut folded) = (String::new(), String::new());
            let map = fold::squeeze(classes, &raw, &mut squeezed).finish();
            prop_assert_eq!(map, fold::fold(classes, &raw, &mut folded).finish());
            prop_assert_eq!(squeezed, folded);
        }
    }

    #[test]
    fn normalizing_twice_is_normalizing_once(raw in any_text()) {
        let once = normalized(&raw);
        let twice = normalized(&once.text);
        prop_assert_eq!(&twice.text, &once.text);
        prop_assert_eq!(twice.display, once.text);
        prop_assert!(twice.map.is_identity());
    }

    #[test]
    fn the_map_is_monotone_and_within_bounds(raw in any_text()) {
        let found = normalized(&raw);
        let mut last = 0..0;
        for (at, c) in found.text.char_indices() {
            let shown = found.map.to_display(at..at + c.len_utf8());
            prop_assert!(found.display.get(shown.clone()).is_some());
            prop_assert!(last.start <= shown.start && last.end <= shown.end);
            last = shown;
        }
        if !found.text.is_empty() {
            prop_assert_eq!(found.map.to_display(0..found.text.len()), 0..found.display.len());
        }
    }

    #[test]
    fn unescaping_and_restoring_never_panic(raw in any_text()) {
        let (plain, _) = crate::unescape(&raw);
        let (restored, _) = crate::restore(&plain);
        normalized(&restored);
    }
}
