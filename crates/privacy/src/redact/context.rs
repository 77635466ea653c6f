//! Words that announce a number, and what they announce.
//!
//! The nearest word before a number decides; when two end at the same place the longer does (员工编号 is a person's, 编号 a thing's).

use super::fold::{Flags, Folded};

/// What a number is announced as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced {
    Phone,
    Landline,
    IdCard,
    BankCard,
    Account,
    Email,
    Plate,
    Passport,
    Permit,
    Wechat,
    Qq,
    EmployeeId,
    /// A number of a thing: order, meter, drawing, version, price.
    Thing,
    /// A hotline or another number that everybody may call.
    Public,
}

/// Units between the announcing word and the number.
const GAP_UNITS_MAX: usize = 9;

use Announced as A;

/// Folded words, one list a meaning. Traditional forms only where normalization has not yet been (our own callers normalize first).
const WORDS: &[(Announced, &[&str])] = &[
    (
        A::Phone,
        &[
            "手机",
            "手机号",
            "手机号码",
            "移动电话",
            "电话",
            "電話",
            "手機",
            "电话号码",
            "联系方式",
            "联系电话",
            "电联",
            "来电",
            "回电",
            "致电",
            "号码",
            "打我",
            "联系我",
            "找我",
            "有事联系",
            "短信",
            "发短信",
            "拨打",
            "拨",
            "tel",
            "phone",
            "mobile",
            "cell",
            "call",
            "mob",
            "电活",
            "手饥",
            "热线找",
            "本机",
            "常用号",
            "私人号",
            "新号",
            "老号",
            "我号",
            "呼我",
            "加我",
            "绑定",
            "留个号",
            "留号",
        ],
    ),
    (
        A::Landline,
        &[
            "座机",
            "座機",
            "固话",
            "固定电话",
            "办公电话",
            "值班电话",
            "值班室电话",
            "值班室",
            "家里电话",
            "宅电",
            "家电话",
            "单位电话",
            "传真",
            "fax",
            "分机",
            "内线",
            "小号",
            "办公室电话",
            "班组电话",
            "调度电话",
            "队部电话",
            "座机号",
            "总机",
            "电话打",
            "打办公室",
        ],
    ),
    (
        A::IdCard,
        &[
            "身份证",
            "身份證",
            "身份证号",
            "身份证号码",
            "证件号",
            "证件号码",
            "证件",
            "身份号码",
            "公民身份号码",
            "身份信息",
            "二代证",
            "sfz",
            "id号",
            "idcard",
            "身证号",
            "身份证件",
        ],
    ),
    (
        A::BankCard,
        &[
            "银行卡",
            "銀行卡",
            "卡号",
            "卡號",
            "银行卡号",
            "工资卡",
            "建行卡",
            "工行卡",
            "农行卡",
            "中行卡",
            "交行卡",
            "邮政卡",
            "邮储卡",
            "招行卡",
            "储蓄卡",
            "借记卡",
            "信用卡",
            "社保卡",
            "银行账号",
            "银行账户",
            "收款账号",
            "收款账户",
            "打卡",
            "打款",
            "转账",
            "汇款",
            "汇到",
            "打到",
            "转到",
            "账户",
            "开户行",
            "建行",
            "工行",
            "农行",
            "中行",
            "交行",
            "招行",
            "邮储",
            "昆仑银行",
            "卡里",
            "打钱",
            "报销卡",
            "工资账号",
            "工资发",
            "补贴发",
            "奖金发",
            "报销打",
            "发到",
            "打到我",
            "收款",
            "打给",
            "钱打",
            "卡",
            "bankcard",
            "card",
        ],
    ),
    (A::Account, &["账号", "帐号", "帳號", "账户号", "帐户"]),
    (A::Email, &["邮箱", "郵箱", "邮件", "email", "e-mail", "mail", "电子邮箱", "电邮", "伊妹儿"]),
    (
        A::Plate,
        &[
            "车牌",
            "車牌",
            "车牌号",
            "车牌号码",
            "牌照",
            "车号",
            "我的车",
            "私家车",
            "轿车",
            "车主",
            "挪车",
            "有辆",
            "一辆",
            "那辆",
            "这辆",
            "停着",
            "通勤车",
            "班车",
            "皮卡",
            "值班车",
            "牌号",
            "占车位",
            "面包车",
            "货车",
            "尾号",
            "送水车",
            "罐车",
        ],
    ),
    (
        A::Passport,
        &[
            "护照",
            "護照",
            "护照号",
            "护照号码",
            "因私护照",
            "因公护照",
            "普通护照",
            "passport",
            "出国证件",
            "旅行证",
            "出入境证件",
        ],
    ),
    (
        A::Permit,
        &[
            "通行证",
            "通行證",
            "港澳通行证",
            "往来港澳通行证",
            "回乡证",
            "回鄉證",
            "台胞证",
            "台胞證",
            "台湾通行证",
            "通行证号码",
            "港澳证",
            "居住证",
            "签注",
            "往来台湾",
            "港澳台证件",
            "来往内地",
            "大陆通行证",
            "入台证",
            "港澳本",
            "回乡卡",
            "台湾居民",
        ],
    ),
    (
        A::Wechat,
        &[
            "微信",
            "微信号",
            "微信名",
            "微信id",
            "wx",
            "vx",
            "v信",
            "weixin",
            "wechat",
            "威信",
            "薇信",
            "维信",
            "微心",
            "加微",
            "加v",
            "加薇",
            "我微",
            "薇",
            "绿泡泡",
            "wei信",
            "v x",
            "w x",
            "vx号",
            "加我v",
            "➕v",
            "+v",
            "徽信",
            "微❤",
            "威❤",
            "微xin",
            "卫星号",
            "加卫星",
            "v:",
            "微:",
        ],
    ),
    (
        A::Qq,
        &[
            "qq",
            "qq号",
            "扣扣",
            "叩叩",
            "企鹅",
            "企鹅号",
            "球球",
            "秋秋",
            "q号",
            "q q",
            "q:",
            "加q",
            "我q",
            "扣号",
            "蔻蔻",
            "口口号",
            "抠抠",
            "qq号码",
            "鹅号",
            "丘丘",
            "qq邮箱",
            "tencent",
        ],
    ),
    (
        A::EmployeeId,
        &[
            "工号",
            "工號",
            "员工编号",
            "员工号",
            "职工号",
            "职工编号",
            "人员编号",
            "员工代码",
            "员工id",
            "工牌",
            "工牌号",
            "胸牌",
            "胸牌号",
            "胸卡",
            "胸卡号",
            "工牌编号",
            "工卡",
            "工卡号",
            "职工证",
            "员工卡",
            "员工卡号",
            "人事编号",
            "人员编码",
            "职工编码",
            "员工编码",
            "工作证",
            "工作证号",
            "劳资号",
            "人力编号",
            "一卡通",
            "一卡通号",
            "饭卡",
            "饭卡号",
            "erp号",
            "erp编号",
            "erp账号",
            "上岗证",
            "门禁卡",
            "门禁卡号",
            "考勤号",
            "打卡号",
            "厂牌",
            "厂牌号",
            "社会保障号",
            "职号",
            "编制号",
            "用工编号",
            "内部编号",
            "staffid",
            "employeeid",
            "staffno",
            "工 号",
            "学号",
            "学员编号",
            "学员号",
            "培训证号",
            "hr编号",
            "hr号",
        ],
    ),
    (
        A::Thing,
        &[
            "单号",
            "公众号",
            "服务号",
            "订阅号",
            "小程序",
            "平台",
            "订单",
            "订单号",
            "运单",
            "运单号",
            "工单",
            "工单号",
            "工单编号",
            "流水号",
            "流水",
            "报修单",
            "报修单号",
            "编号",
            "编码",
            "资产",
            "资产编码",
            "资产编号",
            "物料",
            "物料编码",
            "条码",
            "条形码",
            "二维码",
            "序列号",
            "sn",
            "s/n",
            "型号",
            "版本",
            "版本号",
            "固件",
            "升级到",
            "合同",
            "合同号",
            "合同编号",
            "发票",
            "发票号",
            "发票号码",
            "信用代码",
            "税号",
            "读数",
            "累计",
            "合计",
            "预算",
            "金额",
            "共计",
            "总计",
            "花了",
            "价格",
            "标准",
            "文件",
            "文号",
            "批号",
            "批次",
            "井号",
            "井深",
            "井",
            "图号",
            "图纸",
            "设备",
            "设备号",
            "设备编号",
            "仪表",
            "仪表编号",
            "压力表",
            "流量计",
            "抽油机",
            "阀门",
            "泵",
            "泵号",
            "电机",
            "变压器",
            "规格",
            "件号",
            "货号",
            "库存",
            "产量",
            "注水",
            "产液",
            "产油",
            "转速",
            "温度",
            "压力",
            "电量",
            "余额",
            "快递单号",
            "快递单",
            "票号",
            "凭证",
            "凭证号",
            "单据",
            "提案",
            "期号",
            "第",
            "共",
            "约",
            "近",
            "达",
            "罚款",
            "扣了",
            "奖金",
            "工资",
            "补贴",
            "缴费",
            "收费",
            "房号",
            "库房",
            "标号",
            "钢号",
            "编号为",
            "出厂号",
            "出厂编号",
            "gb",
            "gb/t",
            "q/sh",
            "sy/t",
            "aq",
            "iso",
            "hse",
            "ht",
            "po",
            "no",
            "no.",
            "v",
            "pn",
            "dn",
            "imei",
            "ip",
            "mac",
            "端口",
            "学时",
            "课程编号",
            "课程号",
            "考试编号",
            "申请单",
            "申请号",
            "受理号",
            "许可证",
            "许可证号",
            "作业票",
            "作业票号",
            "隐患编号",
            "火车",
            "车次",
            "航班",
            "班次",
            "钢瓶",
            "气瓶",
            "灭火器",
            "管线",
            "标段",
            "项目编号",
            "项目号",
            "专利号",
            "基金",
            "股票",
            "代码",
        ],
    ),
    (
        A::Public,
        &[
            "客服",
            "热线",
            "公司热线",
            "服务热线",
            "报警",
            "查号",
            "举报电话",
            "监督电话",
            "投诉电话",
            "火警",
            "急救",
            "市长热线",
            "12345",
            "服务电话",
            "维修热线",
            "客服电话",
            "官方电话",
            "咨询热线",
            "救援电话",
            "保修电话",
        ],
    ),
];

/// Announcing words of one or more units, longest first within what ends alike: looked up by their last character.
#[derive(Debug)]
struct Word {
    text: &'static str,
    units: usize,
    means: Announced,
}

fn words_by_last_char() -> &'static rustc_hash::FxHashMap<char, Vec<Word>> {
    static BY_LAST: std::sync::OnceLock<rustc_hash::FxHashMap<char, Vec<Word>>> =
        std::sync::OnceLock::new();
    BY_LAST.get_or_init(|| {
        let mut by_last: rustc_hash::FxHashMap<char, Vec<Word>> = rustc_hash::FxHashMap::default();
        for (means, words) in WORDS {
            for text in *words {
                let last = text.chars().next_back().expect("no announcing word is empty");
                by_last.entry(last).or_default().push(Word {
                    text,
                    units: text.chars().count(),
                    means: *means,
                });
            }
        }
        for words in by_last.values_mut() {
            words.sort_by_key(|word| std::cmp::Reverse(word.units));
        }
        by_last
    })
}

/// What the nearest word before `index` announces, `None` when a clause ends or another number stands in between.
///
/// A comma right before the number is forgiven where a person's number is announced (工号，20213959), not where a thing's is (补贴，138…).
pub(super) fn announced_before(folded: &Folded, index: usize) -> Option<Announced> {
    let mut after_stop = false;
    for gap in 0..=GAP_UNITS_MAX {
        let end = index.checked_sub(gap)?;
        if let Some(means) = announced_at(folded, end) {
            let is_thing = matches!(means, Announced::Thing | Announced::Public);
            return if after_stop && is_thing { None } else { Some(means) };
        }
        let between = folded.at(end.checked_sub(1)?)?;
        let is_other_number = between.is(Flags::DIGIT) || between.is(Flags::MARK);
        let ends_clause = between.is(Flags::STOP) && (after_stop || gap > 1);
        if is_other_number || ends_clause {
            return None;
        }
        after_stop |= between.is(Flags::STOP);
    }
    None
}

/// What the word that ends right at `index` announces.
pub(super) fn announced_at(folded: &Folded, index: usize) -> Option<Announced> {
    let by_last = words_by_last_char();
    let word = word_ending_at(by_last, folded, index)?;
    // 护照编号, 通行证编码: the word before says whose number it is.
    let is_vague = matches!(word.text, "编号" | "编码" | "代码" | "编号为");
    let whose = || word_ending_at(by_last, folded, index - word.units).map(|word| word.means);
    if is_vague { whose().or(Some(word.means)) } else { Some(word.means) }
}

/// What a word after `index` announces: "20213959是我的工号", "lin5202（微信）".
pub(super) fn announced_after(folded: &Folded, index: usize) -> Option<Announced> {
    #[rustfmt::skip]
    const LINKS: &[&str] = &[
        "是我的", "这是我的", "这是我", "为我的", "是我", "是本人的", "是本人", "为本人", "这是", "为", "是", "的", "我的", "我", "(", " (", "（",
        "这个", "这",
    ];
    let link = LINKS
        .iter()
        .filter(|link| folded.starts_with(index, link))
        .map(|link| link.chars().count())
        .max()?;
    let at = index + link;
    WORDS
        .iter()
        .flat_map(|(means, words)| words.iter().map(move |word| (*means, *word)))
        .filter(|(_, word)| word.chars().count() > 1 && folded.starts_with(at, word))
        .max_by_key(|(_, word)| word.len())
        .map(|(means, _)| means)
}

fn word_ending_at<'a>(
    by_last: &'a rustc_hash::FxHashMap<char, Vec<Word>>,
    folded: &Folded,
    end: usize,
) -> Option<&'a Word> {
    let last = folded.at(end.checked_sub(1)?)?;
    let words = by_last.get(&last.ch)?;
    words.iter().find(|word| {
        folded.ends_with(end, word.text) && is_whole(folded, end - word.units, word.text)
    })
}

/// A latin word announces only when it is not the end of a longer one ("casino" is not "no").
fn is_whole(folded: &Folded, start: usize, word: &str) -> bool {
    let begins_latin = word.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let is_continued = start
        .checked_sub(1)
        .is_some_and(|before| folded.at(before).is_some_and(|unit| unit.is(Flags::LETTER)));
    !(begins_latin && is_continued)
}

/// Whether a unit of measure or counting word follows: then the number is an amount.
pub(super) fn is_amount(folded: &Folded, end: usize) -> bool {
    #[rustfmt::skip]
    const MEASURES: &[&str] = &[
        "元", "块", "方", "立方", "米", "吨", "公里", "千瓦", "度", "转", "℃", "%", "‰", "万", "亿", "桶", "兆", "个", "人", "次", "天", "小时",
        "分钟", "秒", "年", "月", "日", "多", "余", "名", "位", "份", "条", "号楼", "kg", "km", "mm", "cm", "mpa", "kw", "kwh", "m3", "m³", "rmb",
        "t/d", "bar", "hz", "rpm", "℉", "升", "公斤", "斤", "克", "平", "平米", "亩", "户", "辆", "台", "套", "件", "本", "张", "页", "字", "期",
        "届", "路", "版", "英镑", "美元", "港币", "人次", "步",
    ];
    MEASURES.iter().any(|measure| folded.starts_with(end, measure))
}
