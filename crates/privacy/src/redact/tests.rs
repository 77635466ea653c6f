use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use super::*;

fn check(text: &str, redacted: &str) {
    let redactor = Redactor::new();
    let once = redactor.redact(text);
    assert_eq!(once, redacted, "{text}");
    assert_eq!(redactor.redact(&once), once, "redaction is idempotent: {text}");
}

fn check_kept(text: &str) {
    check(text, text);
}

#[test]
fn a_mobile_number_in_any_dress() {
    for number in [
        "13812345678",
        "138-1234-5678",
        "138 1234 5678",
        "１３８１２３４５６７８",
        "+86 13812345678",
        "8613812345678",
        "138.1234.5678",
        "138 一二三四 5678",
        "一三八一二三四五六七八",
        "幺三八幺二三四五六七八",
        "138（1234）5678",
        "1 3 8 1 2 3 4 5 6 7 8",
        "138\n1234\n5678",
        "l38l2345678",
        "13812O45678",
        "①③⑧①②③④⑤⑥⑦⑧",
        "138_1234_5678",
        "138—1234—5678",
        "138/1234/5678",
        "壹叁捌壹贰叁肆伍陆柒捌",
    ] {
        let redacted = Redactor::new().redact(&format!("打我{number}就行"));
        assert!(
            redacted.contains("[手机号]") && !redacted.contains(|c: char| c.is_numeric()),
            "{number}: {redacted}"
        );
    }
    check("电话13812345678转张经理", "电话[手机号]转张经理");
}

#[test]
fn check_digits_decide() {
    check("34052419800101001X", "[身份证号]");
    check_kept("工单编号340524198001010011");
    check("身份证号340524198001010011", "身份证号[身份证号]");
    check_kept("设备资产编码6228485924586586");
}

#[test]
fn an_announcing_word_decides() {
    check("工号20213959", "工号[工号]");
    check("QQ号：585192067", "QQ号：[QQ号]");
    check_kept("流水号20213959");
    check_kept("微信公众号推送太多");
}

#[test]
fn things_stay() {
    for text in [
        "胜坨3-4-163井",
        "坨142-斜7",
        "GB/T 19001-2016",
        "版本10.0.17333",
        "2023-04-05的通知",
        "客服400-870-2405",
        "95598电力热线",
        "5号楼电梯",
        "西三路修路",
        "预算13800000000元",
        "安全帽，170块钱",
        "Q/SH 0784-2015",
    ] {
        check_kept(text);
    }
}

#[test]
fn people_and_places_go() {
    check("联系人：彭波英", "联系人：[姓名]");
    check("同事欧阳俊伟可以作证", "同事[姓名]可以作证");
    check_kept("王主任和李师傅说了不算");
    check("我家住胜采新村19号楼4单元503室，暖气不热", "我家住[地址]，暖气不热");
    check("鲁E·D86606占车位", "[车牌号]占车位");
    check("发到zhang.san(at)163点com", "发到[邮箱]");
}

#[test]
fn numbers_told_in_parts_are_taken_out() {
    for number in [
        "138然后0013然后8000",
        "138后面是0013再8000",
        "138❤0013❤8000",
        "1、3、8、0、0、1、3、8、0、0、0",
        "138，001，380，00",
        "138🌟0013🌟8000",
    ] {
        check(&format!("打我{number}谢谢"), "打我[手机号]谢谢");
    }
    check("扣扣312，345，678，谢谢", "扣扣[QQ号]，谢谢");
    check("发到lin88【@】163.com", "发到[邮箱]");
    check("发到lin88☆163.com", "发到[邮箱]");
    check("打138丨0013丨8000", "打[手机号]");
    check("送到滨苑小区12#-3-402谢谢", "送到[地址]谢谢");
    check("V❤ lin8866", "V❤ [微信号]");
}

#[test]
fn things_told_in_parts_stay() {
    for text in [
        "第138页然后第13条再加8000字",
        "3加4，再加5",
        "胜坨3-4-163然后坨142-斜7",
        "1、3、8号机组停了",
        "先打12接着打34",
        "2026年3月9日，11点50，共138人",
        "❤3❤5❤",
    ] {
        check(text, text);
    }
}

/// A number written in one of the ways that people invent.
fn dressed(digits: &str, dress: u8) -> String {
    let in_script = |script: &str| {
        digits
            .chars()
            .map(|c| script.chars().nth(c as usize - '0' as usize).unwrap())
            .collect::<String>()
    };
    let grouped = |separator: &str| {
        let (head, rest) = digits.split_at(3);
        let (middle, tail) = rest.split_at(4);
        [head, middle, tail].join(separator)
    };
    match dress {
        0 => digits.to_owned(),
        1 => in_script("零一二三四五六七八九"),
        2 => in_script("〇幺二三四五六七八九"),
        3 => in_script("０１２３４５６７８９"),
        4 => in_script("⓪①②③④⑤⑥⑦⑧⑨"),
        5 => grouped(" "),
        6 => grouped("-"),
        7 => grouped("."),
        8 => grouped("\n"),
        9 => grouped("——"),
        10 => digits.chars().map(|c| format!("{c} ")).collect(),
        _ => digits.chars().map(|c| format!("{c}\u{200b}")).collect(),
    }
}

proptest! {
    #[test]
    fn what_is_redacted_stays_redacted(before in "[食堂太贵了，。我们Ａa1 ]{0,12}", tail in "[0-9]{8}", dress in 0..12_u8, word in prop::sample::select(vec!["电话", "微信同号", "联系", "", "打我"]), after in "[，。谢谢的!2b ]{0,8}") {
        let redactor = Redactor::new();
        let separated = if before.ends_with(|c: char| c.is_alphanumeric() && !('\u{4e00}'..='\u{9fff}').contains(&c)) { "，" } else { "" };
        let number = dressed(&format!("138{tail}"), dress);
        let text = format!("{before}{separated}{word}{number}，{after}");
        let once = redactor.redact(&text);
        prop_assert!(once.contains("[手机号]"), "{text:?} → {once:?}");
        prop_assert_eq!(redactor.redact(&once), once.clone(), "idempotent");
        let compatible: String = once.nfkc().collect();
        prop_assert_eq!(redactor.redact(&compatible), compatible, "stable under NFKC");
    }

    #[test]
    fn any_text_gives_ascending_spans_on_character_boundaries(text in any::<String>(), digits in "[0-9一二三-]{0,40}") {
        let mut spans = Vec::new();
        let text = format!("{text}{digits}{text}");
        Redactor::new().find(&text, &mut spans);
        let mut end = 0;
        for span in spans {
            prop_assert!(end <= span.range.start && span.range.start < span.range.end);
            prop_assert!(text.get(span.range.clone()).is_some());
            end = span.range.end;
        }
    }
}
