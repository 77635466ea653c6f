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
