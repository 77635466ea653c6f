//! Refuses topics that sort writers instead of naming a matter.
//!
//! Candid feedback exists only where it cannot be turned against its author (DESIGN, section 2). A topic on conviction, loyalty, religion, ethnicity, health
//! or politics would be a list of people to look at, so the taxonomy has no place for one. The check reads names and words of every rule;
//! it cannot read intentions, and it is deliberately strict.

/// Stems that no name or word of a topic may hold, with what they would sort people by.
const STEMS: [(&str, &[&str]); 7] = [
    (
        "conviction",
        &[
            "信仰",
            "信念",
            "三观",
            "价值观",
            "意识形态",
            "思想动态",
            "思想状况",
            "思想倾向",
            "思想问题",
            "思想汇报",
            "觉悟",
            "立场",
            "世界观",
            "异见",
            "异议人士",
            "言论倾向",
            "政审",
        ],
    ),
    (
        "loyalty",
        &[
            "忠诚",
            "不忠",
            "忠心",
            "效忠",
            "叛徒",
            "背叛组织",
            "离心离德",
            "刺头",
            "刺儿头",
            "落后分子",
            "积极分子",
            "消极分子",
            "不满分子",
            "牢骚者",
            "煽动",
            "闹事",
            "告状",
            "上访",
            "黑名单",
            "重点人员",
            "重点人",
            "维稳",
            "不稳定分子",
            "嫌疑人",
            "泄密者",
            "爆料人",
            "发帖人",
            "带头人",
            "意见领袖",
        ],
    ),
    (
        "religion",
        &[
            "宗教",
            "信教",
            "教徒",
            "信徒",
            "佛教",
            "道教",
            "基督",
            "天主教",
            "伊斯兰",
            "穆斯林",
            "教会",
            "教堂",
            "清真寺",
            "寺庙",
            "礼拜",
            "念经",
            "拜佛",
            "邪教",
            "法轮",
        ],
    ),
    (
        "ethnicity",
        &[
            "民族",
            "少数民族",
            "族群",
            "种族",
            "汉族",
            "回族",
            "藏族",
            "维吾尔",
            "维族",
            "蒙古族",
            "满族",
            "壮族",
            "苗族",
            "彝族",
            "朝鲜族",
            "哈萨克",
            "土家族",
            "籍贯",
            "外地人",
            "本地人",
            "乡下人",
            "黑人",
            "外国人",
        ],
    ),
    (
        "health or private life",
        &[
            "艾滋",
            "乙肝",
            "肝炎",
            "肺结核",
            "癌",
            "肿瘤",
            "抑郁",
            "躁郁",
            "精神病",
            "精神分裂",
            "焦虑症",
            "自杀",
            "自残",
            "残疾",
            "怀孕",
            "孕妇",
            "不孕",
            "流产",
            "性取向",
            "同性恋",
            "性病",
            "病史",
            "遗传病",
            "职业病患者",
            "慢性病人",
            "离异",
            "单亲",
        ],
    ),
    (
        "politics",
        &[
            "政治",
            "政见",
            "党员",
            "入党",
            "党派",
            "民主党派",
            "群众身份",
            "反动",
            "反党",
            "反华",
            "颠覆",
            "左派",
            "右派",
            "自由派",
            "敌对",
            "敌对势力",
            "境外势力",
            "公知",
            "五毛",
            "粉红",
            "游行",
            "示威",
            "罢工",
            "抗议",
            "选举倾向",
            "敏感人员",
            "敏感言论",
            "舆情对象",
        ],
    ),
    (
        "the writer",
        &[
            "发帖者",
            "投诉人",
            "举报人",
            "爱抱怨的人",
            "抱怨者",
            "不满者",
            "批评者",
            "反对者",
            "支持者",
            "老油条",
            "懒人",
            "坏人",
            "问题员工",
            "问题职工",
        ],
    ),
];

/// What a topic with this name or word would sort people by, and the stem that says so.
pub(crate) fn sorts_by(name: &str) -> Option<(&'static str, &'static str)> {
    STEMS.iter().find_map(|(what, stems)| {
        stems.iter().find(|stem| name.contains(*stem)).map(|stem| (*what, *stem))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(sorts_by(name).map(|(what, _)| what), expected, "{name}");
    }

    #[test]
    fn matters_pass_and_kinds_of_people_do_not() {
        check("食堂", None);
        check("清真窗口", None);
        check("心理咨询", None);
        check("职工思想动态", Some("conviction"));
        check("忠诚度", Some("loyalty"));
        check("穆斯林职工", Some("religion"));
        check("少数民族员工", Some("ethnicity"));
        check("抑郁症职工", Some("health or private life"));
        check("党员意见", Some("politics"));
        check("投诉人", Some("the writer"));
    }
}
