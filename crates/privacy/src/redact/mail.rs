//! E-mail addresses, also those written so that machines should not see them: `zhang(at)163.com`, `zhang艾特qq点com`.

use super::fold::{Flags, Folded, Unit};
use super::{Found, IdentifierKind, Strength};

/// Ways to write @ in words, longest first.
#[rustfmt::skip]
const AT_WORDS: &[&str] = &[
    "(艾特)", "[艾特]", "(圈a)", "[圈a]", "(at)", "[at]", "{at}", "<at>", "【at】", "「at」", " at ", "(a)", "[a]", "(@)", "[@]", "【@】", "「@」", "{@}", "<@>", "#at#", "_at_", "-at-", "*at*", "艾特", "爱特", "圈a",
    "圈 a", "a圈", "小老鼠", "at号", "@",
];
/// Ways to write the dot.
#[rustfmt::skip]
const DOT_WORDS: &[&str] = &[
    "(dot)", "[dot]", "{dot}", "【dot】", " dot ", "dot", "(点)", "【点】", "[点]", "(.)", "[.]", "点儿", "点", "。", ".", "·", ",", "•",
];
/// Providers that people name without the rest (`12345@qq`), and last labels.
#[rustfmt::skip]
const PROVIDERS: &[&str] = &[
    "qq", "163", "126", "139", "189", "yeah", "sina", "sohu", "gmail", "hotmail", "outlook", "foxmail", "aliyun", "tom", "21cn", "icloud", "wo",
    "vip", "sinopec", "slof", "yahoo", "msn", "live", "263", "88", "me", "cnpc",
];
#[rustfmt::skip]
const LAST_LABELS: &[&str] = &[
    "com", "cn", "net", "org", "edu", "gov", "top", "xyz", "vip", "info", "me", "io", "cc", "co", "hk", "tw", "mo", "us", "club", "tech", "con",
    "c0m", "comm", "mail",
];
const LOCAL_UNITS_MAX: usize = 40;

/// First characters of all that may stand for @.
pub(super) fn at_initials() -> String {
    AT_WORDS.iter().chain(SIGNS_FOR_AT).filter_map(|word| word.chars().next()).collect()
}

/// Adds every address.
pub(super) fn find(folded: &Folded, found: &mut Vec<Found>) {
    // Without @ there must be a provider in letters or digits, and a word for @.
    if !folded.seen(Flags::MARK) && !folded.seen(Flags::LETTER) {
        return;
    }
    let mut at = 0;
    while at < folded.units.len() {
        let word = if folded.units[at].is(Flags::AT) {
            at_word(folded, at).or_else(|| weak_at(folded, at))
        } else {
            None
        };
        let Some(word) = word else {
            at += 1;
            continue;
        };
        let after = at + word.chars().count();
        match address_around(folded, at, after, word == "@") {
            Some((start, end)) => {
                found.push(Found {
                    start,
                    end,
                    kind: IdentifierKind::Email,
                    strength: Strength::Rule,
                });
                at = end;
            }
            None => at = after,
        }
    }
}

/// Signs that stand for @ where a provider follows.
const SIGNS_FOR_AT: &[&str] = &["#", "+", "*", "&", "$", "^", "☆", "★", "◎", "©", "®"];

/// `zhang#163.com`, `zhangat163.com`: a sign for @ only where a provider and its last label follow.
fn weak_at(folded: &Folded, at: usize) -> Option<&'static str> {
    if folded.ch(at) != 'a' && !SIGNS_FOR_AT.iter().any(|sign| folded.starts_with(at, sign)) {
        return None;
    }
    let mut words = SIGNS_FOR_AT.iter().copied().chain(["at"]);
    let word = words.find(|word| folded.starts_with(at, word))?;
    let after = at + word.chars().count();
    let provider = PROVIDERS
        .iter()
        .find(|provider| provider.len() > 1 && folded.starts_with(after, provider))?;
    let dot = dot_at(folded, after + provider.chars().count())?;
    let last = after + provider.chars().count() + dot;
    LAST_LABELS.iter().any(|label| folded.starts_with(last, label)).then_some(word)
}

fn at_word(folded: &Folded, at: usize) -> Option<&'static str> {
    // Most signs that may begin a way to write @ stand for themselves: of " at " the second character tells.
    let next = folded.ch(at + 1);
    let is_alone = !matches!(folded.ch(at), '@' | 'a' | '艾' | '爱' | '圈' | '小');
    if is_alone && !matches!(next, 'a' | '@' | '艾' | '圈') {
        return None;
    }
    AT_WORDS.iter().copied().find(|word| folded.starts_with(at, word))
}

fn address_around(
    folded: &Folded,
    at: usize,
    after: usize,
    is_sign: bool,
) -> Option<(usize, usize)> {
    let start = local_start(folded, at)?;
    let end = domain_end(folded, after, is_sign)?;
    Some((start, end))
}

/// Walks left over the local part. Spaces directly before @ are allowed, and Han digits when the sign was spelled out.
fn local_start(folded: &Folded, at: usize) -> Option<usize> {
    let mut from = at;
    while from > 0 && folded.is(from - 1, Flags::SPACE) {
        from -= 1;
    }
    let mut start = from;
    while start > 0 && from - start < LOCAL_UNITS_MAX && is_local(&folded.units[start - 1]) {
        start -= 1;
    }
    // Dots spelled out: 张点三 is no local part, but zhang点san is.
    while start > 1 && matches!(folded.ch(start - 1), '点' | '杠' | '线' | '划') {
        let mut more = start - 1;
        while more > 0 && matches!(folded.ch(more - 1), '下' | '划' | '横' | '线') {
            more -= 1;
        }
        let mut next = more;
        while next > 0 && is_local(&folded.units[next - 1]) {
            next -= 1;
        }
        if next == more {
            break;
        }
        start = next;
    }
    while start < from && matches!(folded.ch(start), '.' | '-' | '+' | '%') {
        start += 1;
    }
    (start < from).then_some(start)
}

fn is_local(unit: &Unit) -> bool {
    unit.is_alphanumeric()
        || unit.is(Flags::HAN_DIGIT)
        || matches!(unit.ch, '.' | '_' | '-' | '+' | '%' | '·')
}

/// Walks right over labels joined by dots of any spelling.
fn domain_end(folded: &Folded, after: usize, is_sign: bool) -> Option<usize> {
    let mut at = after;
    while folded.is(at, Flags::SPACE) && at - after < 3 {
        at += 1;
    }
    let mut labels = 0;
    let mut end = None;
    loop {
        let label_start = at;
        while folded.at(at).is_some_and(|unit| {
            unit.is_alphanumeric() || unit.is(Flags::HAN_DIGIT) || unit.ch == '-'
        }) {
            at += 1;
        }
        if at == label_start {
            break;
        }
        labels += 1;
        let label: String = folded.units[label_start..at].iter().map(digit_or_char).collect();
        let is_last = LAST_LABELS.contains(&label.as_str());
        let is_provider = labels == 1 && (PROVIDERS.contains(&label.as_str()) || is_sign);
        if is_last && labels > 1 || is_provider {
            end = Some(at);
        } else if let Some(glued) = glued_last_label(&label).filter(|_| labels > 1 || !is_sign) {
            // "…@qq.com谢谢" ends by itself, "…@qq.comtel" does not.
            end = Some(label_start + glued);
        }
        let Some(dot) = dot_at(folded, at) else { break };
        at += dot;
        if labels > 5 {
            break;
        }
    }
    end
}

fn digit_or_char(unit: &Unit) -> char {
    match unit.digit() {
        Some(value) => char::from(b'0' + value),
        None => unit.ch,
    }
}

fn glued_last_label(label: &str) -> Option<usize> {
    ["com", "cn", "net"]
        .into_iter()
        .find(|last| label.starts_with(last) && label.len() > last.len())
        .map(str::len)
}

/// Units of a dot at `at`, spaces around it included; a plain `。` or `,` counts only before a last label.
fn dot_at(folded: &Folded, at: usize) -> Option<usize> {
    let mut spaces = 0;
    while spaces < 2 && folded.is(at + spaces, Flags::SPACE) {
        spaces += 1;
    }
    for from in [at, at + spaces] {
        for word in DOT_WORDS {
            if !folded.starts_with(from, word) {
                continue;
            }
            let mut next = from + word.chars().count();
            while folded.is(next, Flags::SPACE) && next - from < 4 {
                next += 1;
            }
            let is_plain = matches!(*word, "." | "点" | "dot" | "·");
            let leads_to_last = LAST_LABELS.iter().any(|last| folded.starts_with(next, last));
            let is_spaced = next - from > word.chars().count() || from > at;
            if leads_to_last
                || (is_plain && !is_spaced && folded.at(next).is_some_and(Unit::is_alphanumeric))
            {
                return Some(next - at);
            }
        }
    }
    None
}
