//! Cutting by example, by property and against jieba itself.

use std::sync::LazyLock;

use corpus::TokenKind::{self, Emoticon, Latin, Number, Placeholder, Punctuation, Space, Url};
use proptest::prelude::*;

use super::*;

static OURS: LazyLock<Segmenter> =
    LazyLock::new(|| Segmenter::new(&Lexicon::builtin(), &["手机号", "姓名"]));
static PLAIN: LazyLock<Segmenter> = LazyLock::new(|| Segmenter::new(&Lexicon::empty(), &[]));

fn tokens(segmenter: &Segmenter, text: &str) -> TokenBatch {
    let mut batch = TokenBatch::default();
    segmenter.tokenize_batch([text], &mut Scratch::default(), &mut batch);
    batch
}

fn words(segmenter: &Segmenter, text: &str) -> String {
    tokens(segmenter, text)
        .words(0)
        .iter()
        .map(|token| token.text(text))
        .collect::<Vec<_>>()
        .join("/")
}

fn check(text: &str, expected: &str) {
    assert_eq!(words(&OURS, text), expected);
}

fn check_kind(text: &str, word: &str, expected: TokenKind) {
    let batch = tokens(&OURS, text);
    let found =
        batch.words(0).iter().find(|token| token.text(text) == word).map(|token| token.kind);
    assert_eq!(found, Some(expected), "{word} in {}", words(&OURS, text));
}

#[test]
fn words_of_the_trade_stay_whole() {
    check("南京市长江大桥", "南京市/长江大桥");
    check("采油厂的井控证培训很好", "采油厂/的/井控证/培训/很/好");
    check("三基工作和微党课", "三基工作/和/微党课");
    check("倒班公寓的五险一金", "倒班公寓/的/五险一金");
    check("不满意食堂", "不/满意/食堂");
}

#[test]
fn each_kind_is_a_token_of_its_own() {
    check_kind("请打[手机号]找我", "[手机号]", Placeholder);
    check_kind("[哈哈]真好", "[哈哈]", Emoticon);
    check_kind("真好👨\u{200d}👩\u{200d}👧吧", "👨\u{200d}👩\u{200d}👧", Emoticon);
    check_kind("🇨🇳🇨🇳加油", "🇨🇳", Emoticon);
    check_kind("见http://t.cn吧", "http://t.cn", Url);
    check_kind("涨了3.5%左右", "3.5%", Number);
    check_kind("共1,234人", "1,234", Number);
    check_kind("用Wi-Fi上网", "Fi", Latin);
    check_kind("un café noir", "café", Latin);
    check_kind("привет мир", "привет", Latin);
    check_kind("好 的", " ", Space);
    check_kind("好。", "。", Punctuation);
    check_kind("买了T恤", "T恤", TokenKind::Word);
    check_kind("[1]见", "[", Punctuation);
}

#[test]
fn sub_words_are_found_inside_words() {
    for (text, sub_word) in [
        ("安装简单", "简单"),
        ("待处理", "处理"),
        ("在建工程", "工程"),
        ("农业发展银行", "农业"),
        ("中华人民共和国", "人民"),
    ] {
        let batch = tokens(&OURS, text);
        let found = batch
            .words(0)
            .iter()
            .chain(batch.sub_words(0))
            .any(|token| token.text(text) == sub_word);
        assert!(found, "{sub_word} in {}", words(&OURS, text));
    }
}

#[test]
fn the_fingerprint_follows_words_and_placeholders() {
    let mut lexicon = Lexicon::empty();
    assert_eq!(PLAIN.fingerprint(), Segmenter::new(&lexicon, &[]).fingerprint());
    assert_eq!(PLAIN.fingerprint().len(), 16);
    lexicon.add_words("a.tsv", "井控证\t3\tn".as_bytes()).unwrap();
    assert_ne!(PLAIN.fingerprint(), Segmenter::new(&lexicon, &[]).fingerprint());
    assert_ne!(PLAIN.fingerprint(), Segmenter::new(&Lexicon::empty(), &["姓名"]).fingerprint());
}

#[test]
fn words_for_sighan_have_the_characters_of_the_input() {
    let normalizer = crate::Normalizer::new(Lexicon::builtin().exceptions());
    let cut = |raw| OURS.cut_to_sighan(&normalizer, raw, &mut Scratch::default());
    assert_eq!(cut("占世界總數的１７％。"), "占 世界 總數 的 １７％ 。");
    assert_eq!(cut("好！！！行"), "好 ！！！ 行");
}

#[test]
fn a_word_list_is_checked_before_it_is_used() {
    let normalizer = crate::Normalizer::new(Lexicon::builtin().exceptions());
    let found = |content: &str| -> Vec<String> {
        let notices = PLAIN.check_words(&normalizer, "a.tsv", content.as_bytes());
        notices.iter().map(ToString::to_string).collect()
    };
    assert_eq!(found("井控证\t10\tn"), [] as [String; 0]);
    // Adding 云南 with a low frequency split it (jieba#267).
    assert_eq!(
        found("# 头\n云南\t1\tns\n軟件\t10\tn"),
        [
            "a.tsv, line 2: word \"云南\" with frequency 1 is still cut as 云 南; raise the frequency to 3139",
            "a.tsv, line 3: word \"軟件\" never occurs, since texts are normalized to \"软件\" first; write 软件",
        ]
    );
    assert_eq!(
        found("云南\t100\tns"),
        [
            "a.tsv, line 1: word \"云南\" has frequency 3139 already, and 100 makes it weaker; delete the line, or raise the frequency to 3139"
        ]
    );
    assert_eq!(found("云南 3 ns").len(), 1);
}

#[test]
fn the_shipped_words_are_all_cut_whole() {
    let normalizer = crate::Normalizer::new(Lexicon::builtin().exceptions());
    let content = include_str!("../../../../dictionaries/words.tsv");
    assert_eq!(PLAIN.check_words(&normalizer, "words.tsv", content.as_bytes()), []);
}

#[test]
fn the_suggested_frequency_is_just_enough() {
    let frequency = PLAIN.suggest_frequency("井控证");
    let cut_with = |frequency: u32| {
        let mut lexicon = Lexicon::empty();
        lexicon.add_words("a.tsv", format!("井控证\t{frequency}\tn").as_bytes()).unwrap();
        words(&Segmenter::new(&lexicon, &[]), "井控证")
    };
    assert_eq!(cut_with(frequency), "井控证");
}

/// Han characters, letters, digits and punctuation, without what we make atoms of.
fn plain_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[\u{4e00}-\u{9fa5}]{1,8}",
        "(我们|食堂|发展|银行|工程|处理|简单|研究生|生命|长江大桥|中华人民共和国|的|不)",
        "[，。！？、 ]",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        plain_text(),
        "[a-zA-Z0-9.,%+#-]{1,6}",
        "[👨👩👧❤😀🇨🇳\u{200d}\u{fe0f}🏽1\u{20e3}]{1,6}",
        "(\\[手机号\\]|\\[哈哈\\]|\\[|\\]|http://a.b|www\\.|\r\n|\n)",
        any::<String>().prop_map(|text| text.chars().take(6).collect::<String>()),
        "[𠀀-𠀿㐀-㐿]{1,2}",
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn without_our_words_the_cut_is_jiebas(text in plain_text()) {
        let ours = words(&PLAIN, &text);
        let theirs: Vec<&str> = PLAIN.jieba.cut(&text, false).iter().map(|token| token.word).collect();
        prop_assert_eq!(ours, theirs.join("/"));
    }

    #[test]
    fn words_tile_the_text_and_sub_words_lie_inside(text in any_text()) {
        let batch = tokens(&OURS, &text);
        let (mut bytes, mut chars) = (0, 0);
        let mut sub_words = batch.sub_words(0).iter().peekable();
        for token in batch.words(0) {
            prop_assert_eq!((token.byte_start, token.char_start), (bytes, chars));
            bytes = token.byte_end;
            chars += token.text(&text).chars().count() as u32;
            while let Some(sub_word) = sub_words.next_if(|sub_word| sub_word.byte_end <= token.byte_end) {
                prop_assert!(token.byte_start <= sub_word.byte_start);
                let start = text.get(..sub_word.byte_start as usize).unwrap().chars().count();
                prop_assert_eq!(sub_word.char_start as usize, start);
                prop_assert!(sub_word.text(&text).chars().count() >= 2);
            }
        }
        prop_assert_eq!(bytes as usize, text.len());
        prop_assert!(sub_words.next().is_none());
    }
}

#[test]
fn words_that_name_nothing_are_told_from_those_that_do() {
    let class = |word: &str| OURS.class(word);
    for word in ["没有", "到底", "什么样", "一个", "小时", "喜欢", "很多", "的", "比较", "块钱"]
    {
        assert_eq!(class(word), WordClass::Grammar, "{word}");
    }
    assert_eq!([class("饭菜"), class("打扫")], [WordClass::Noun, WordClass::Verb]);
    for word in ["更新", "高速", "北京"] {
        assert_eq!(class(word), WordClass::Other, "{word}");
    }
}
