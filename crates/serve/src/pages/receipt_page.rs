//! 凭证码: for whoever left a text with a receipt.

use maud::{Markup, html};

use super::layout::{Tab, page};

/// What is said to the holder of a code.
pub(crate) enum Receipt {
    /// The replies; none is also said of a code that nobody holds.
    Replies(Vec<String>),
    /// Whatever there was is withdrawn.
    Withdrawn,
}

/// The form, below what is said.
pub(super) fn render(answer: Option<&Receipt>) -> Markup {
    let content = html! {
        h1 { "凭证码" }
        @match answer {
            None => p { "留言时拿到凭证码的人，凭码在这里看回复，或撤回留言。码在谁手里，系统不知道，也不记录谁来看过。" },
            Some(Receipt::Replies(replies)) if replies.is_empty() => p role="status" { "没有回复，或没有这个凭证码。" },
            Some(Receipt::Replies(replies)) => @for reply in replies { blockquote { (reply) } },
            Some(Receipt::Withdrawn) => p role="status" { "凡凭此码留下的文字，都已撤回，不再显示；文件里的内容随下一次处理删除。" },
        }
        form.receipt action="/receipt" method="post" {
            label { span { "凭证码" } input type="password" name="code" maxlength="64" autocomplete="off" required; }
            button type="submit" name="act" value="show" { "看回复" }
            button.quiet type="submit" name="act" value="withdraw" { "撤回留言" }
        }
    };
    page(Tab::None, "凭证码", &content)
}
