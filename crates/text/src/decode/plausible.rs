//! How much a reading of bytes looks like Chinese: the mean weight of its characters.
//!
//! A wrong reading of Chinese bytes gives Han characters too, but rare ones: of real text seven characters in ten are among the
//! 500 most frequent, of a wrong reading about one in ten.

use std::sync::LazyLock;

use encoding_rs::{BIG5, GB18030};

/// The most frequent characters of written Chinese, with their traditional forms, in no order.
const FREQUENT: &str = "\
的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看\
文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等\
几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华\
报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建\
南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区\
即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网\
香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴食堂宿舍培训班职薪饭菜价质差服客店酒买卖物快递手机电脑屏幕吧吗啊呀哦谢谢希望建议问题领导员工\
這來國個到說們為時對過後沒發當開動兩長樣現將與進實會點種聲話兒問機業間電門東氣關內產體別處總場師書員報馬張難數車應覺題愛讓認論義術結連遠資隊帶變聯\
權傳達辦運歷遠專識極臉錢黨雙導網觀爭組視濟離雖壞訓職飯價質買賣遞腦嗎謝議領還幾給從頭學裡經無麼著樂網歲歡讀寫聽醫藥費廠廳館樓環設備裝請調護壓緊";

const PUNCTUATION: &str = "，。、！？：；“”‘’（）《》【】…—·　～「」『』";

/// Two bits a character of the first plane: its weight class.
static WEIGHTS: LazyLock<Box<[u8]>> = LazyLock::new(|| {
    let mut classes = vec![0u8; 0x1_0000].into_boxed_slice();
    let mut mark = |text: &str, class: u8| {
        for c in text.chars() {
            if let Some(entry) = classes.get_mut(c as usize) {
                *entry = class;
            }
        }
    };
    // The first levels of both standards are the characters in common use: 3,755 simplified, 5,401 traditional.
    for lead in 0xa4..=0xc6u8 {
        for trail in (0x40..=0x7eu8).chain(0xa1..=0xfe) {
            mark(&BIG5.decode_without_bom_handling(&[lead, trail]).0, COMMON);
        }
    }
    for lead in 0xb0..=0xd7u8 {
        for trail in 0xa1..=0xfeu8 {
            mark(&GB18030.decode_without_bom_handling(&[lead, trail]).0, COMMON);
        }
    }
    mark(FREQUENT, FREQUENT_CLASS);
    mark(PUNCTUATION, PUNCTUATION_CLASS);
    mark("\u{fffd}", 0);
    classes
});

const COMMON: u8 = 1;
const FREQUENT_CLASS: u8 = 2;
const PUNCTUATION_CLASS: u8 = 3;

/// The mean weight of the characters outside ASCII, about 1.4 for Chinese and under 0.5 for anything else. ASCII alone gives 1.
pub(super) fn plausibility(text: &str) -> f32 {
    let (mut sum, mut chars) = (0.0, 0u32);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        sum += weight(c);
        chars += 1;
    }
    if chars == 0 { 1.0 } else { sum / chars as f32 }
}

/// Whether the character is in common use in either script. One look-up, for scanning whole texts.
pub(super) fn is_common(c: char) -> bool {
    WEIGHTS.get(c as usize).is_some_and(|&class| class != 0)
}

fn weight(c: char) -> f32 {
    match WEIGHTS.get(c as usize).copied().unwrap_or(0) {
        FREQUENT_CLASS => 2.0,
        PUNCTUATION_CLASS => 1.5,
        COMMON if ('\u{4e00}'..='\u{9fff}').contains(&c) => 0.3,
        _ => match c {
            '\u{4e00}'..='\u{9fff}' => -1.0,
            '\u{80}'..='\u{9f}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fffd}'
            | '\u{fdd0}'..='\u{fdef}' => -4.0,
            '\u{1f300}'..='\u{1faff}' | '\u{2000}'..='\u{27bf}' | '\u{ff01}'..='\u{ff5e}' => 0.5,
            _ => -1.5,
        },
    }
}

/// The plausibility below which a reading of `chars` characters is not believed.
pub(super) fn floor(chars: usize) -> f32 {
    if chars >= 30 { 0.5 } else { 0.9 }
}

/// How much more plausible than the next reading it must be: the fewer characters, the more.
pub(super) fn margin(chars: usize) -> f32 {
    0.4 + 3.0 / (chars.max(1) as f32)
}
